import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { undoing } from "./cleanup.ts";

describe("undoing()", () => {
  it("undoes what was done, the last first, whether it went well or not", async () => {
    for (const error of [undefined, new Error("no")]) {
      const undone: number[] = [];
      const used = undoing((t) => {
        for (const n of [1, 2, 3]) t.after(() => undone.push(n));
        if (error !== undefined) throw error;
      });
      if (error === undefined) await used;
      else await assert.rejects(used, (thrown) => thrown === error);
      assert.deepEqual(undone, [3, 2, 1]);
    }
  });

  it("undoes what was done by a test that takes too long, which would keep the process alive", async () => {
    const controller = new AbortController();
    let undone = false;
    const used = undoing((t) => {
      t.after(() => undone = true);
      return new Promise(() => {});
    }, { signal: controller.signal });
    controller.abort("too long");
    await assert.rejects(used, (reason) => reason === "too long");
    assert.ok(undone);
  });
});
