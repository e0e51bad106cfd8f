import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { JsonWatchDecoder } from "../../rest/json_watch_decoder.ts";

describe("a decoder of watches that gives memory back", () => {
  const documents = ["a", "b\u00e9", "c\u{1f600}".repeat(20)].map((name) => ({
    type: "ADDED",
    object: { name },
  }));
  const bytes = new TextEncoder().encode(documents.map((one) => `${JSON.stringify(one)}\n`).join(""));

  for (const length of [1, 2, 7, 64, bytes.length]) {
    it(`needs nothing any more of what it has given back, in pieces of ${length} bytes`, () => {
      const decoder = new JsonWatchDecoder();
      const read: unknown[] = [];
      const given: Uint8Array[] = [];
      for (let from = 0; from < bytes.length; from += length) {
        const chunk = bytes.slice(from, from + length);
        decoder.push(chunk, (one) => read.push(one), (back) => void given.push(back.fill(0)));
        assert.equal(given.pop(), chunk);
      }
      assert.ok(decoder.finish(() => assert.fail()));
      assert.deepEqual(read, documents);
    });
  }
});
