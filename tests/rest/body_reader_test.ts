import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BodyReader, type BodyReaderOptions, type ByteSource, NetworkError } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (chunks: readonly Uint8Array[] | undefined) =>
  chunks?.map((chunk) => new TextDecoder().decode(chunk));

/** A source that brings what a test says, when it says so. */
class Source implements ByteSource {
  /** Why it was let go of, once for each time. */
  readonly cancelled: unknown[] = [];
  #chunks: Uint8Array[] = [];
  #end: { failure?: Error } | undefined;
  #ready = () => {};

  bring(...chunks: string[]): void {
    this.#chunks.push(...chunks.map(bytes));
    this.#ready();
  }

  end(failure?: Error): void {
    this.#end = { failure };
    this.#ready();
  }

  take(): Uint8Array[] | undefined {
    if (this.#chunks.length > 0) return this.#chunks.splice(0);
    if (this.#end?.failure !== undefined) throw this.#end.failure;
    return this.#end === undefined ? [] : undefined;
  }

  wait(ready: () => void): void {
    this.#ready = ready;
  }

  cancel(reason?: unknown): void {
    this.cancelled.push(reason);
  }
}

function readerOf(options: Partial<BodyReaderOptions> = {}) {
  const source = new Source();
  const clock = new ManualClock();
  const ends: unknown[] = [];
  const onEnd = (length: number) => ends.push(length);
  const what = "GET http://coxswain.test/list";
  const body = new BodyReader(source, { what, idle: 60_000, clock, onEnd, ...options });
  return { source, clock, ends, body };
}

const isNetworkError = (reason: string) => (error: unknown) => {
  assert.ok(error instanceof NetworkError, String(error));
  assert.deepEqual([error.reason, error.phase], [reason, "body"]);
  return true;
};

describe("A body", () => {
  it("is read by all that has come, by pieces, or both in turns", async () => {
    const { source, body, ends } = readerOf();
    source.bring("a", "b");
    assert.deepEqual(text(await body.readMany()), ["a", "b"]);
    const next = body.readMany();
    source.bring("c");
    assert.deepEqual(text(await next), ["c"]);
    source.bring("d", "e", "f");
    assert.deepEqual(text([(await body.read())!]), ["d"]);
    assert.deepEqual(text(await body.readMany()), ["e", "f"]);
    source.bring("g", "h");
    assert.deepEqual(text([(await body.read())!, (await body.read())!]), ["g", "h"]);
    source.end();
    assert.deepEqual([await body.readMany(), await body.read()], [undefined, undefined]);
    assert.deepEqual(ends, [8]);
  });

  it("that is here as a whole needs no timer", async () => {
    const { source, body, clock } = readerOf();
    source.bring("a", "b");
    source.end();
    const read = body.text();
    assert.equal(clock.timers, 0);
    assert.equal(await read, "ab");
  });

  it("has one timer, however often somebody waits for it, and none after its end", async () => {
    const { source, body, clock } = readerOf();
    for (let time = 0; time < 10; time++) {
      const next = body.read();
      assert.equal(clock.timers, 1);
      source.bring("a");
      await next;
    }
    body.close();
    assert.equal(clock.timers, 0);
  });

  it("is told when all of it is wanted, and of what, before anybody waits; and not by who wants a part", async () => {
    for (const isObject of [undefined, true]) {
      const { source, body } = readerOf({ isObject });
      const told: unknown[] = [];
      const gather = (isObject: boolean) => told.push(isObject);
      const wait = source.wait.bind(source);
      Object.assign(source, { gather, wait: (ready: () => void) => void (told.push("wait"), wait(ready)) });
      const reading = body.bytes();
      assert.deepEqual(told, [isObject ?? false, "wait"]);
      source.end();
      await reading;
    }
    for (const read of [(body: BodyReader) => body.bytes(100), (body: BodyReader) => body.readMany()]) {
      const { source, body } = readerOf();
      Object.assign(source, { gather: () => assert.fail("a part is wanted") });
      source.end();
      await read(body);
    }
  });

  it("fails when it is silent for too long while somebody waits, and not otherwise", async () => {
    const { source, body, clock, ends } = readerOf();
    source.bring("a");
    await body.read();
    await clock.advance(120_000); // nobody asks for more
    let next = body.read();
    await clock.advance(59_999);
    source.bring("b");
    assert.deepEqual(text([(await next)!]), ["b"]);
    next = body.read();
    next.catch(() => {});
    await clock.advance(59_999);
    source.bring("c");
    assert.deepEqual(text([(await next)!]), ["c"]);
    next = body.read();
    const failed = assert.rejects(next, isNetworkError("timeout"));
    await clock.advance(60_000);
    await failed;
    assert.deepEqual([source.cancelled.length, clock.timers, ends], [1, 0, [3]]);
  });

  it("hands out what came before it broke off, then says so each time", async () => {
    const { source, body } = readerOf();
    source.bring("a", "b");
    source.end(Object.assign(new Error("gone"), { code: "ECONNRESET" }));
    assert.deepEqual(text(await body.readMany()), ["a", "b"]);
    await assert.rejects(body.readMany(), isNetworkError("cut"));
    await assert.rejects(body.read(), isNetworkError("cut"));
    await assert.rejects(body.bytes(), isNetworkError("cut"));
  });

  it("ends with the signal's reason, for the read that waits and all others, whatever lies there", async () => {
    const controller = new AbortController();
    const { source, body } = readerOf({ signal: controller.signal });
    const reason = new Error("enough");
    const next = body.readMany();
    controller.abort(reason);
    await assert.rejects(next, reason);
    source.bring("late");
    await assert.rejects(body.read(), reason);
    assert.deepEqual(source.cancelled, [reason]);
  });

  it("ends where it is closed: what was not read is dropped, and closing twice is fine", async () => {
    const { source, body, ends } = readerOf();
    source.bring("a", "b");
    await body.read();
    body.close();
    body.close();
    assert.deepEqual([await body.read(), await body.readMany()], [undefined, undefined]);
    assert.deepEqual([source.cancelled.length, ends], [1, [2]]);
  });

  it("gives the end to a read that waits when it is closed", async () => {
    const { body } = readerOf();
    const next = body.read();
    body.close();
    assert.equal(await next, undefined);
  });

  it("is read no further than is wanted of it", async () => {
    const { source, body } = readerOf();
    const read = body.text(3);
    source.bring("ab");
    await undefined;
    source.bring("cd");
    assert.equal(await read, "abcd");
    assert.equal(source.cancelled.length, 1);
  });
});
