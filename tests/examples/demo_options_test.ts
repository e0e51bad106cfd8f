import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseOptions, type Surroundings } from "../../examples/demo/options.ts";

function parse(args: string, surroundings: Partial<Surroundings> = {}) {
  const options = parseOptions(args.split(" ").filter(Boolean), { terminal: true, ...surroundings });
  assert.ok(options !== "help");
  return options;
}

describe("parseOptions()", () => {
  it("plays on a server in memory, and on a cluster only when told to", () => {
    assert.equal(parse("").cluster, "in-memory");
    assert.equal(parse("--cluster").cluster, "kubeconfig");
    assert.equal(parse("-- --cluster").cluster, "kubeconfig"); // as npm users write it
  });

  it("shows a board in a terminal that can do it, in colour unless NO_COLOR is set", () => {
    assert.deepEqual([parse("").output, parse("").colour], ["board", true]);
    assert.equal(parse("", { NO_COLOR: "1" }).colour, false);
    assert.equal(parse("", { NO_COLOR: "" }).colour, true);
    assert.equal(parse("", { CI: "false" }).output, "board");
    for (const surroundings of [{ terminal: false }, { TERM: "dumb" }, { CI: "true" }]) {
      assert.equal(parse("", surroundings).output, "lines");
    }
    assert.equal(parse("--lines").output, "lines");
  });

  it("knows when help is asked for", () => {
    for (const arg of ["--help", "-h"]) assert.equal(parseOptions([arg], { terminal: true }), "help");
  });

  for (
    const [args, expected] of [
      ["--nope", /^Unknown option '--nope'$/],
      ["-x", /^Unknown option '-x'$/],
      ["pods", /^Unexpected argument 'pods'/],
      ["--cluster=prod", /'--cluster' does not take an argument/],
    ] as [string, RegExp][]
  ) {
    it(`refuses ${args}`, () => assert.throws(() => parse(args), { message: expected }));
  }
});
