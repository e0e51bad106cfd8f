import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { type Answer, differences, run, type Sequence, titlesOf } from "./conformance.ts";
import { ACCEPTED, differencesTable } from "./conformance_accepted.ts";
import { corpus } from "./conformance_corpus.ts";
import { clusterServer, memoryServer, type Server } from "./conformance_servers.ts";

/** So many sequences run at the same time: a real server takes its time for some answers. */
const AT_ONCE = 24;
/** All sequences run on Deno, one in so many on the other runtimes: what answers is the same there. */
const SHARE = "Deno" in globalThis ? 1 : 5;

const sequences = corpus().filter((_, index) => index % SHARE === 0);

/** The answers of the real server and of ours, or why there are none. */
const answers = new Map<Sequence, Promise<{ theirs: Answer[]; ours: Answer[] }>>();

describe("the server in memory answers as a real one", () => {
  const options = { seed: 1, garbageCollection: false }; // as kube-apiserver by itself
  const memory = new ApiServer(options);
  let real: Server;

  before(async () => {
    real = await clusterServer();
    const ours = memoryServer(memory);
    const prefix = `conformance-${Date.now().toString(36)}`;
    const both = async (sequence: Sequence, namespace: string) => ({
      theirs: await run(real, sequence, namespace),
      ours: await run(ours, sequence, namespace),
    });
    const waiting = sequences.entries().filter(([, { isAlone }]) => !isAlone);
    const work = async (entries: Iterable<[number, Sequence]>): Promise<void> => {
      for (const [index, sequence] of entries) {
        const done = both(sequence, `${prefix}-${index}`);
        answers.set(sequence, done);
        await done.catch(() => {}); // the sequence's own test tells
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, () => work(waiting)));
    await work(sequences.entries().filter(([, { isAlone }]) => isAlone));
  });

  after(async () => {
    real.close();
    await memory[Symbol.asyncDispose]();
  });

  for (const sequence of sequences) {
    const { name } = sequence;
    const isAccepted = Object.hasOwn(ACCEPTED, name);
    it(`${name}${isAccepted ? ", but for what is known" : ""}`, async () => {
      const { ours, theirs } = await answers.get(sequence)!;
      const found = titlesOf(sequence).flatMap((title, step) => differences(ours[step], theirs[step], title));
      if (isAccepted) assert.notDeepEqual(found, [], "it no longer differs: take it out of ACCEPTED");
      else assert.deepEqual(found, []);
    });
  }

  it("but for what docs/testing-differences.md says", () => {
    const known = corpus().map(({ name }) => name);
    assert.equal(new Set(known).size, known.length, "two sequences have the same name");
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
