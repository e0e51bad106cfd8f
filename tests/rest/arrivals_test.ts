import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Arrivals } from "../../rest/arrivals.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** Reads at most so many bytes, as text. */
async function read(arrivals: Arrivals, most = 100): Promise<string | null> {
  const bytes = new Uint8Array(most);
  const length = await arrivals.read(bytes);
  return length === null ? null : new TextDecoder().decode(bytes.subarray(0, length));
}

describe("What arrives", () => {
  it("goes to who reads already, and the rest to who reads next", async () => {
    const arrivals = new Arrivals(() => {});
    const first = read(arrivals, 2);
    arrivals.add(encode("hello"));
    assert.deepEqual([await first, await read(arrivals, 1), await read(arrivals)], ["he", "l", "lo"]);
  });

  it("is read together where several pieces wait", async () => {
    const arrivals = new Arrivals(() => {});
    for (const piece of ["he", "l", "lo"]) arrivals.add(encode(piece));
    assert.deepEqual([await read(arrivals, 4), await read(arrivals)], ["hell", "o"]);
  });

  it("may be overwritten as soon as it has been taken", async () => {
    const arrivals = new Arrivals(() => {});
    const memory = encode("one");
    const first = read(arrivals, 1);
    arrivals.add(memory);
    memory.set(encode("two"));
    arrivals.add(memory);
    memory.fill(0);
    assert.deepEqual([await first, await read(arrivals)], ["o", "netwo"]);
  });

  it("comes before the end, and before what broke it off", async () => {
    for (const failure of [undefined, new Error("cut")]) {
      const arrivals = new Arrivals(() => {});
      arrivals.add(encode("last"));
      arrivals.end(failure);
      arrivals.end(new Error("too late"));
      assert.equal(await read(arrivals), "last");
      for (let again = 0; again < 2; again++) {
        if (failure === undefined) assert.equal(await read(arrivals), null);
        else await assert.rejects(read(arrivals), failure);
      }
    }
  });

  it("ends for who waits", async () => {
    const [ended, cut] = [new Arrivals(() => {}), new Arrivals(() => {})];
    const reads = [read(ended), assert.rejects(read(cut), { message: "cut" })];
    ended.end();
    cut.end(new Error("cut"));
    assert.equal(await reads[0], null);
    await reads[1];
  });

  it("is too much from 256 kB on, until all of it has been read", async () => {
    let rooms = 0;
    const arrivals = new Arrivals(() => rooms++);
    const half = new Uint8Array(128 * 1024);
    assert.deepEqual([arrivals.add(half), arrivals.add(half)], [true, false]);
    const memory = new Uint8Array(half.length);
    assert.deepEqual([await arrivals.read(memory), rooms], [half.length, 0]);
    assert.deepEqual([await arrivals.read(memory), rooms], [half.length, 1]);
    assert.equal(arrivals.add(half), true);
  });

  it("is forgotten when nobody wants it any more, and who waits hears of it", async () => {
    const arrivals = new Arrivals(() => {});
    arrivals.add(encode("x"));
    arrivals.drop();
    await assert.rejects(read(arrivals), { message: "the connection is closed" });
    assert.equal(arrivals.add(new Uint8Array(1 << 20)), true);
    const waiting = new Arrivals(() => {});
    const ended = assert.rejects(read(waiting), { message: "the connection is closed" });
    waiting.drop();
    waiting.drop();
    await ended;
  });
});
