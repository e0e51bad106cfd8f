import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { WatchEvent } from "@coxswain/kube/meta";
import {
  BodyReader,
  isExpired,
  isForbidden,
  isNetworkError,
  isUnexpectedServerError,
  statusCauseOf,
  WatchReader,
} from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { bodyOf, pieces } from "./bodies.ts";

const WHAT = "GET http://coxswain.test/watch";

function readerOf(text: string, size = 100_000): WatchReader {
  return new WatchReader(bodyOf(pieces(text, size)), WHAT);
}

async function read(reader: WatchReader): Promise<{ events: WatchEvent[]; error?: unknown }> {
  const events: WatchEvent[] = [];
  try {
    for await (const event of reader) events.push(event);
    return { events };
  } catch (error) {
    return { events, error };
  }
}

const object = (name: string) => ({
  kind: "Pod",
  apiVersion: "v1",
  metadata: { name, resourceVersion: "7" },
});
const line = (type: string, name = "web-0") => JSON.stringify({ type, object: object(name) }) + "\n";
const expired = {
  kind: "Status",
  apiVersion: "v1",
  status: "Failure",
  reason: "Expired",
  code: 410,
  message: "too old resource version: 1 (7)",
};

describe("WatchReader [rest 6]", () => {
  for (const size of [1, 2, 3, 7, 64, 100_000]) {
    it(`gives events whole when bytes come ${size} at a time, through characters`, async () => {
      const text = line("ADDED", "ü🙂") + line("MODIFIED") + line("DELETED") + line("BOOKMARK");
      const { events, error } = await read(readerOf(text, size));
      assert.equal(error, undefined);
      assert.deepEqual(events.map(({ type }) => type), ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"]);
      assert.equal((events[0].object as { metadata: { name?: string } }).metadata.name, "ü🙂");
    });
  }

  it("skips empty lines", async () => {
    const { events } = await read(readerOf(`\n\r\n${line("ADDED")}\n\n${line("DELETED")}\n`));
    assert.equal(events.length, 2);
  });

  it("reads a line of several megabytes", async () => {
    const text = JSON.stringify({ type: "ADDED", object: { metadata: { name: "x".repeat(5_000_000) } } }) +
      "\n";
    const { events } = await read(readerOf(text, 65_536));
    assert.equal((events[0].object.metadata as { name: string }).name.length, 5_000_000);
  });

  it("refuses a line that no server would send, before memory is full of it", async () => {
    function* endless() {
      for (let i = 0; i < 100; i++) yield new Uint8Array(1024 * 1024).fill(32);
    }
    const { error } = await read(new WatchReader(bodyOf(endless()), WHAT));
    assert.ok(isUnexpectedServerError(error));
  });

  it("reads documents that are not a line each", async () => {
    const pretty = JSON.stringify({ type: "ADDED", object: object("c") }, undefined, 2);
    const text = `${line("ADDED", "a").trim()}${line("ADDED", "b").trim()}\n${pretty}\n${line("ADDED", "d")}`;
    for (const size of [1, 1_000]) {
      const { events, error } = await read(readerOf(text, size));
      assert.equal(error, undefined);
      assert.deepEqual(events.map(({ object }) => (object.metadata as { name?: string }).name), [
        "a",
        "b",
        "c",
        "d",
      ]);
    }
  });

  it("reads a last event that has no newline", async () => {
    const { events, error } = await read(readerOf(line("ADDED") + line("DELETED").trim()));
    assert.deepEqual([events.length, error], [2, undefined]);
  });

  it("tells a stream that was cut in the middle of a line from one that ended", async () => {
    const whole = line("ADDED");
    for (const cut of [1, 20, whole.length - 3]) {
      const { events, error } = await read(readerOf(whole + whole.slice(0, cut)));
      assert.equal(events.length, 1);
      assert.ok(isNetworkError(error) && error.reason === "cut" && error.phase === "body", String(error));
    }
  });

  it("is cut, not garbled, when the stream ends within a character", async () => {
    const bytes = new TextEncoder().encode(`{"type":"ADDED","object":{"metadata":{"name":"🙂`);
    const { error } = await read(new WatchReader(bodyOf([bytes.subarray(0, bytes.length - 2)]), WHAT));
    assert.ok(isNetworkError(error));
  });

  it("throws an ERROR event as a refusal, after the events before it", async () => {
    const { events, error } = await read(
      readerOf(line("ADDED") + JSON.stringify({ type: "ERROR", object: expired }) + "\n"),
    );
    assert.equal(events.length, 1);
    assert.ok(isExpired(error));
    assert.equal((error as Error).message, expired.message);
  });

  it("throws a Status that came in place of events", async () => {
    const { error } = await read(
      readerOf(JSON.stringify({ ...expired, reason: "Forbidden", code: 403 }) + "\n"),
    );
    assert.ok(isForbidden(error));
  });

  it("keeps throwing once it has failed", async () => {
    const reader = readerOf(JSON.stringify({ type: "ERROR", object: expired }) + "\n");
    await assert.rejects(reader.nextBatch(), isExpired);
    await assert.rejects(reader.nextBatch(), isExpired);
  });

  for (
    const [what, text] of [
      ["an unknown type", `{"type":"RENAMED","object":{}}\n`],
      ["no type", `{}\n`],
      ["an event without object", `{"type":"ADDED"}\n`],
      ["an ERROR without Status", `{"type":"ERROR","object":{}}\n`],
      ["what is no JSON", `hunter2\n`],
      ["JSON with a mistake", `{"type":"ADDED","object":{"data":hunter2}}\n`],
      ["a list", `[]\n`],
      ["null", `null\n`],
    ]
  ) {
    it(`refuses ${what}, in client-go's words and without the text itself`, async () => {
      const { events, error } = await read(readerOf(text));
      assert.equal(events.length, 0);
      assert.match(String(error), /unable to decode an event from the watch stream/);
      assert.doesNotMatch(String(error), /hunter2/);
      assert.ok(statusCauseOf(error, "ClientWatchDecoding"));
      assert.ok(statusCauseOf(error, "UnexpectedServerResponse"));
    });
  }

  it("refuses bytes that are no UTF-8", async () => {
    const { error } = await read(new WatchReader(bodyOf([new Uint8Array([0x7b, 0xff, 0x7d, 0x0a])]), WHAT));
    assert.match(String(error), /not UTF-8/);
  });

  it("passes on the reason of an abort, whatever it is", async () => {
    for (const reason of [new SyntaxError("mine"), new TypeError("mine"), "mine", undefined]) {
      const controller = new AbortController();
      const silent = new ReadableStream<Uint8Array>();
      const clock = new ManualClock();
      const body = new BodyReader(silent, { what: WHAT, idle: 0, clock, signal: controller.signal });
      const reading = new WatchReader(body, WHAT).nextBatch();
      controller.abort(reason);
      await assert.rejects(reading, (error) => error === controller.signal.reason);
    }
  });

  it("ends the body when the loop is left, and gives nothing afterwards", async () => {
    let ended = 0;
    const reader = new WatchReader(
      bodyOf(pieces(line("ADDED") + line("ADDED"), 10), { onEnd: () => ended++ }),
      WHAT,
    );
    for await (const _ of reader) break;
    assert.equal(ended, 1);
    await reader[Symbol.asyncDispose]();
    assert.equal(ended, 1);
  });
});

describe("BodyReader", () => {
  it("ends a body that falls silent while somebody waits, and only then", async () => {
    const clock = new ManualClock();
    let send: ReadableStreamDefaultController<Uint8Array>;
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (send = controller) });
    const body = new BodyReader(stream, { what: WHAT, idle: 1_000, clock });
    await clock.advance(5_000); // nobody reads: that is the program's time, not the server's
    send!.enqueue(new Uint8Array([1]));
    assert.deepEqual(await body.read(), new Uint8Array([1]));
    const reading = body.read();
    reading.catch(() => {});
    await clock.advance(999);
    assert.equal(clock.timers, 1);
    await clock.advance(1);
    await assert.rejects(
      reading,
      (error) => isNetworkError(error) && error.reason === "timeout" && error.phase === "body",
    );
    await assert.rejects(body.read(), isNetworkError);
    assert.equal(clock.timers, 0);
  });

  it("gives the end to a read that waits when it is closed", async () => {
    const body = new BodyReader(new ReadableStream(), { what: WHAT, idle: 1_000, clock: new ManualClock() });
    const reading = body.read();
    body.close();
    body.close();
    assert.equal(await reading, undefined);
  });
});
