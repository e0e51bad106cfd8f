import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { clusterServer, differences, memoryServer, run, type Server } from "./conformance.ts";
import { ACCEPTED, differencesTable } from "./conformance_accepted.ts";
import { corpus } from "./conformance_corpus.ts";

describe("the server in memory answers as a real one", () => {
  const ours = memoryServer(new ApiServer());
  let theirs: Server;
  let prefix: string;

  before(async () => {
    theirs = await clusterServer();
    const made = await theirs({
      method: "POST",
      path: "/api/v1/namespaces",
      body: { metadata: { generateName: "conformance-" } },
    });
    prefix = JSON.parse(made.text).metadata.name;
  });

  for (const [index, sequence] of corpus().entries()) {
    const { name, steps } = sequence;
    const isAccepted = Object.hasOwn(ACCEPTED, name);
    it(`${name}${isAccepted ? ", but for what is known" : ""}`, async () => {
      const namespace = `${prefix}-${index}`;
      const expected = await run(theirs, sequence, namespace);
      const actual = await run(ours, sequence, namespace);
      const found = steps.flatMap(({ method }, step) =>
        differences(actual[step], expected[step], `step ${step + 1}, ${method}`)
      );
      if (isAccepted) assert.notDeepEqual(found, [], "it no longer differs: take it out of ACCEPTED");
      else assert.deepEqual(found, []);
    });
  }

  it("but for what docs/testing-differences.md says", () => {
    const known = corpus().map(({ name }) => name);
    assert.deepEqual(Object.keys(ACCEPTED).filter((name) => !known.includes(name)), []);
    const url = new URL("../../docs/testing-differences.md", import.meta.url);
    const message = "run tests/cluster/conformance_accepted.ts";
    assert.equal(normal(readFileSync(url, "utf8")), normal(differencesTable()), message);
  });
});

/** Without what a formatter does to a table. */
function normal(markdown: string): string {
  return markdown.replace(/\s+/g, " ").replace(/-{3,}/g, "---");
}
