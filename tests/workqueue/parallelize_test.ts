import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parallelize } from "@coxswain/kube/workqueue";

describe("parallelize() (spec informers 19.6)", () => {
  for (
    const [pieces, workers, chunkSize] of [[1000, 10, 1], [1000, 10, 10], [1000, 10, 100], [999, 10, 13], [
      0,
      3,
      1,
    ]]
  ) {
    it(`does ${pieces} pieces with ${workers} workers, ${chunkSize} at once, each exactly once [WQ-16]`, async () => {
      const seen: number[] = new Array(pieces).fill(0);
      let [running, most] = [0, 0];
      await parallelize(pieces, async (piece) => {
        most = Math.max(most, ++running);
        await undefined;
        seen[piece]++;
        running--;
      }, { workers, chunkSize });
      assert.ok(seen.every((count) => count === 1));
      assert.equal(most, Math.min(workers, Math.ceil(pieces / chunkSize)));
    });
  }

  it("begins no further piece after an abort", async () => {
    const controller = new AbortController();
    const seen: number[] = [];
    const work = (piece: number) => {
      seen.push(piece);
      if (piece === 3) controller.abort("enough");
    };
    const done = parallelize(100, work, { workers: 1, chunkSize: 10, signal: controller.signal });
    await assert.rejects(done, (reason) => reason === "enough");
    assert.deepEqual(seen, [0, 1, 2, 3]);
  });

  it("waits for what has begun when a piece fails, and throws the first failure", async () => {
    let [begun, ended] = [0, 0];
    const done = parallelize(100, async (piece) => {
      begun++;
      await undefined;
      ended++;
      if (piece < 2) throw new Error(`piece ${piece}`);
    }, { workers: 4 });
    await assert.rejects(done, /piece 0/);
    assert.equal(begun, ended);
    assert.ok(begun < 100);
  });

  for (const options of [{ workers: 0 }, { workers: 1, chunkSize: 0 }]) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      await assert.rejects(parallelize(1, () => {}, options), RangeError);
    });
  }
});
