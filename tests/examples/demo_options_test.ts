import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOptions, type Surroundings } from "../../examples/demo/options.ts";

function parse(args: string, surroundings: Partial<Surroundings> = {}) {
  const options = parseOptions(args.split(" ").filter(Boolean), { terminal: true, ...surroundings });
  assert.ok(options !== "help");
  return options;
}

describe("parseOptions()", () => {
  for (
    const { name, args = "", surroundings = {}, cluster } of [
      { name: "in memory without KUBECONFIG", cluster: "in-memory" },
      { name: "in memory with an empty KUBECONFIG", surroundings: { KUBECONFIG: "" }, cluster: "in-memory" },
      { name: "KUBECONFIG's", surroundings: { KUBECONFIG: "/k" }, cluster: "kubeconfig" },
      { name: "--kubeconfig's", args: "--kubeconfig /k", cluster: "kubeconfig" },
      { name: "--context's", args: "--context=prod", cluster: "kubeconfig" },
      {
        name: "in memory with --in-memory",
        args: "--in-memory",
        surroundings: { KUBECONFIG: "/k" },
        cluster: "in-memory",
      },
    ]
  ) {
    it(`chooses a cluster: ${name}`, () => assert.equal(parse(args, surroundings).cluster, cluster));
  }

  for (
    const { name, args = "", surroundings = {}, duration } of [
      { name: "in a terminal until it is left", duration: undefined },
      { name: "for 5 s in memory without one", surroundings: { terminal: false }, duration: 5_000 },
      {
        name: "on a cluster without one until it is left",
        surroundings: { terminal: false, KUBECONFIG: "/k" },
        duration: undefined,
      },
      { name: "for 5 s in CI", surroundings: { CI: "true", KUBECONFIG: "/k" }, duration: 5_000 },
      { name: "until it is left if CI says false", surroundings: { CI: "false" }, duration: undefined },
      { name: "as long as --for says", args: "--for 0.5", surroundings: { CI: "1" }, duration: 500 },
    ]
  ) {
    it(`runs ${name}`, () => assert.equal(parse(args, surroundings).duration, duration));
  }

  it("shows a table in a terminal that can do it, in colour unless NO_COLOR is set", () => {
    assert.deepEqual([parse("").output, parse("").colour], ["table", true]);
    assert.equal(parse("", { NO_COLOR: "1" }).colour, false);
    assert.equal(parse("", { NO_COLOR: "" }).colour, true);
    for (const surroundings of [{ terminal: false }, { TERM: "dumb" }, { CI: "true" }]) {
      assert.equal(parse("", surroundings).output, "lines");
    }
  });

  it("takes options after --, as npm users write them", () => {
    assert.equal(parse("-- --namespace shop").namespace, "shop");
  });

  for (
    const [args, expected] of [
      ["--nope", /^Unknown option '--nope'$/],
      ["-x", /^Unknown option '-x'$/],
      ["pods", /^Unexpected argument 'pods'/],
      ["--for", /^Option '--for <value>' argument missing$/],
      ["--for 0", /above 0, got '0'$/],
      ["--for=-1", /above 0, got '-1'$/],
      ["--for=", /above 0, got ''$/],
      ["--for 1h", /above 0, got '1h'$/],
      ["--context=", /^Option '--context' is empty$/],
      ["--in-memory --kubeconfig /k", /makes no sense/],
    ] as [string, RegExp][]
  ) {
    it(`refuses ${args}`, () => assert.throws(() => parse(args), { message: expected }));
  }
});
