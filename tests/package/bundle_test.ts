import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { bundleProgram } from "../../tools/bundle_program.ts";
import { pack } from "../../tools/pack.ts";
import { run } from "../../tools/project.ts";

const client = (how: string): string =>
  `${how} import { Pod } from "@coxswain/kube/types/core/v1";
for await (const pod of client.resource(Pod).items()) console.log(pod.metadata.name);`;

/**
 * Programs, and how many bytes each may load at once when it is minified: what it was when this was written, and a
 * tenth more. Who makes one larger for a good reason changes its number; who makes one smaller, too.
 */
const PROGRAMS: Readonly<Record<string, { source: string; most: number }>> = {
  "lists pods with connect()": {
    source: client(`import { connect } from "@coxswain/kube"; const client = await connect();`),
    most: 37_000,
  },
  "lists pods with a Client": {
    source: client(
      `import { Client } from "@coxswain/kube"; const client = new Client({ server: "https://k8s" });`,
    ),
    most: 36_900,
  },
  "asks what an error is": {
    source: `import { isNotFound } from "@coxswain/kube"; console.log(isNotFound(new Error()));`,
    most: 1_000,
  },
  "uses a kind": {
    source: `import { Pod } from "@coxswain/kube/types/core/v1"; console.log(Pod.plural);`,
    most: 925,
  },
  ...Object.fromEntries(
    ([
      ["async", "TokenBucket", 1_320],
      ["cache", "InformerFactory", 76_400],
      ["client", "applyConflicts", 1_500],
      ["config", "loadConfig", 82_800],
      ["controller", "runController", 118_000],
      ["discovery", "RestMapper", 8_800],
      ["leader", "LeaderElector", 8_900],
      ["meta", "parseQuantity", 2_136],
      ["observe", "PrometheusMeter", 4_600],
      ["rest", "RestClient", 21_900],
      ["streams", "exec", 17_000],
      ["testing", "ManualClock", 3_500],
      ["workqueue", "Queue", 5_900],
      ["yaml", "parseManifests", 3_900],
    ] as const).map(([folder, name, most]) => [
      `uses ${name} of ${folder}`,
      { source: `import { ${name} } from "@coxswain/kube/${folder}"; console.log(${name});`, most },
    ]),
  ),
};

describe("The packed package in a bundle: a program", () => {
  let folder: string;
  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "coxswain-bundle-" });
    await pack(`${folder}/package.tgz`);
    const home = `${folder}/node_modules/@coxswain/kube`;
    await Deno.mkdir(home, { recursive: true });
    const unpacked = await run(["tar", "-xzf", `${folder}/package.tgz`, "-C", home, "--strip-components=1"]);
    assert.equal(unpacked.code, 0);
  });
  after(() => Deno.remove(folder, { recursive: true }));

  for (const [what, { source, most }] of Object.entries(PROGRAMS)) {
    it(`that ${what} loads at most ${most} bytes at once`, async () => {
      const { atOnce, first } = await bundleProgram(source, folder);
      assert.ok(atOnce <= most, `it loads ${atOnce} bytes`);
      assert.ok(atOnce > most / 1.5, `it loads ${atOnce} bytes only: lower the number`);
      for (const chunk of first) {
        assert.doesNotMatch(chunk, /(from|import)\s*"(node:|ws|yaml)/, "it needs more");
      }
    });
  }

  it("that uses nothing of an entry loads nothing of it", async () => {
    const { exports } = JSON.parse(
      await Deno.readTextFile(`${folder}/node_modules/@coxswain/kube/package.json`),
    );
    for (const path of Object.keys(exports)) {
      const { atOnce } = await bundleProgram(`import "@coxswain/kube${path.slice(1)}";`, folder);
      assert.equal(atOnce, 0, path);
    }
  });
});
