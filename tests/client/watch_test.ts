import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, type WatchOptions } from "@coxswain/kube/client";
import { isExpired, isForbidden, isNetworkError, isUnauthorized } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

/** What the server does with one connection: lines, and how it ends. */
type Turn = {
  lines?: string[];
  end?: "close" | "cut" | "hang";
  status?: number;
  body?: unknown;
  refuse?: boolean;
};

const object = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } });
const event = (type: string, name: string, version: string) =>
  `${JSON.stringify({ type, object: object(name, version) })}\n`;
const list = (...names: string[]): Turn => ({
  body: {
    kind: "ConfigMapList",
    apiVersion: "v1",
    metadata: { resourceVersion: "10" },
    items: names.map((name, index) => object(name, String(index + 1))),
  },
});
const refusal = (code: number, reason: string, retryAfterSeconds?: number): Turn => ({
  status: code,
  body: {
    kind: "Status",
    apiVersion: "v1",
    status: "Failure",
    code,
    reason,
    message: reason,
    details: { retryAfterSeconds },
  },
});
const errorLine = (code: number, reason: string) =>
  `${
    JSON.stringify({
      type: "ERROR",
      object: { kind: "Status", status: "Failure", code, reason, message: reason },
    })
  }\n`;

/** Follows config maps of a server that acts as written, until `count` events came or the watch failed. */
async function follow(turns: Turn[], count: number, options: WatchOptions = {}) {
  const clock = new ManualClock();
  const asked: { at: number; query: Record<string, string> }[] = [];
  const queue = [...turns];
  const client = new Client({
    server: "http://coxswain.test",
    clock,
    random: () => 0,
    fetch: (url, init) => {
      asked.push({ at: clock.now(), query: Object.fromEntries(new URL(String(url)).searchParams) });
      const { lines = [], end = "close", status = 200, body, refuse } = queue.shift() ?? { end: "hang" };
      if (refuse) return Promise.reject(new TypeError("fetch failed", { cause: new Error("ECONNREFUSED") }));
      const left = body === undefined ? [...lines] : [JSON.stringify(body)];
      const stream = new ReadableStream<Uint8Array>({
        pull(controller) {
          if (left.length > 0) controller.enqueue(new TextEncoder().encode(left.shift()));
          else if (end === "close") controller.close();
          else if (end === "cut") controller.error(new TypeError("terminated"));
          else {return new Promise<void>((resolve) =>
              init?.signal?.addEventListener("abort", () => resolve())
            );}
        },
      });
      return Promise.resolve(new Response(stream, { status }));
    },
  });
  const events: string[] = [];
  let error: unknown;
  let done = false;
  const following = (async () => {
    for await (const { type, object } of client.resource(ConfigMap).watch(options)) {
      events.push(
        `${type} ${(object.metadata as { name?: string }).name ?? object.metadata.resourceVersion}`,
      );
      if (events.length === count) break;
    }
  })().catch((reason) => error = reason).finally(() => done = true);
  // Pauses between connections are passed by moving the clock to the next timer.
  for (let rounds = 0; !done && rounds < 2_000; rounds++) await clock.advance(100);
  assert.ok(done, "the watch went on for longer than was foreseen");
  await following;
  await client[Symbol.asyncDispose]();
  assert.equal(clock.timers, 0);
  return { events, asked, error };
}

describe("watch() [rest 25.1]", () => {
  it("begins with what exists, and goes on from the list's version", async () => {
    const { events, asked } = await follow([list("a", "b"), { lines: [event("ADDED", "c", "11")] }], 3);
    assert.deepEqual(events, ["ADDED a", "ADDED b", "ADDED c"]);
    assert.deepEqual(asked[1].query, {
      watch: "true",
      allowWatchBookmarks: "true",
      resourceVersion: "10",
      timeoutSeconds: "300",
    });
  });

  it("begins after a version, without a list", async () => {
    const { events, asked } = await follow([{ lines: [event("DELETED", "a", "8")] }], 1, {
      resourceVersion: "7",
    });
    assert.deepEqual([events, asked.length, asked[0].query.resourceVersion], [["DELETED a"], 1, "7"]);
  });

  it("passes its selectors to the list and to each watch", async () => {
    const selectors = { labelSelector: "app=web", fieldSelector: "metadata.name=a" };
    const { asked } = await follow(
      [list("a"), { lines: [] }, { lines: [event("MODIFIED", "a", "11")] }],
      2,
      selectors,
    );
    for (const { query } of asked) {
      assert.deepEqual([query.labelSelector, query.fieldSelector], Object.values(selectors));
    }
  });

  it("goes on after the last event when a connection ends, is cut, or is refused for the moment", async () => {
    const { events, asked, error } = await follow([
      list(),
      { lines: [event("ADDED", "a", "11")], end: "close" },
      { lines: [event("ADDED", "b", "12"), event("ADDED", "half", "13").slice(0, 20)], end: "close" },
      { lines: [event("ADDED", "c", "14")], end: "cut" },
      { refuse: true },
      refusal(503, "ServiceUnavailable"),
      refusal(429, "TooManyRequests"),
      { lines: [errorLine(500, "InternalError")] },
      { lines: [errorLine(504, "Timeout")] },
      { lines: [errorLine(0, "Odd")] },
      { lines: ['{"type":"ERROR","object":{"kind":"Pod"}}\n'] },
      { lines: [event("ADDED", "d", "15")] },
    ], 4);
    assert.equal(error, undefined);
    assert.deepEqual(events, ["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
    assert.deepEqual(asked.slice(1).map(({ query }) => query.resourceVersion), [
      "10",
      "11",
      "12",
      ...Array(8).fill("14"),
    ]);
  });

  it("moves on with bookmarks, and hands them out only when asked", async () => {
    const turns =
      () => [list(), { lines: [event("BOOKMARK", "", "20")] }, { lines: [event("ADDED", "a", "21")] }];
    const silent = await follow(turns(), 1);
    assert.deepEqual([silent.events, silent.asked[2].query.resourceVersion], [["ADDED a"], "20"]);
    const { events } = await follow(turns(), 3, { bookmarks: true });
    assert.deepEqual(events, ["BOOKMARK 10", "BOOKMARK ", "ADDED a"]);
  });

  it("marks the end of what exists with a bookmark, as a WatchList does", async () => {
    const { events } = await follow([list("a"), { lines: [event("ADDED", "b", "11")] }], 3, {
      bookmarks: true,
    });
    assert.deepEqual(events, ["ADDED a", "BOOKMARK 10", "ADDED b"]);
    const from = await follow([{ lines: [event("ADDED", "b", "11")] }], 1, {
      bookmarks: true,
      resourceVersion: "10",
    });
    assert.deepEqual(from.events, ["ADDED b"]);
  });

  it("says when and why it was interrupted, and how long the pause is", async () => {
    const pauses: [string, number][] = [];
    const onInterrupted = ({ error, pause }: { error?: unknown; pause: number }) =>
      pauses.push([error === undefined ? "ended" : (error as Error).name, pause]);
    const turns: Turn[] = [list(), {}, { refuse: true }, { lines: [event("ADDED", "a", "11")] }];
    await follow(turns, 1, { onInterrupted });
    assert.deepEqual(pauses, [["ended", 1_000], ["NetworkError", 1_000]]);
  });

  it("connects at most once a second, and ever less often while it fails", async () => {
    const { asked } = await follow([list(), {}, {}, { refuse: true }, { refuse: true }, { refuse: true }, {
      lines: [event("ADDED", "a", "11")],
    }], 1);
    const starts = asked.slice(1).map(({ at }) => at);
    assert.deepEqual(starts.slice(1).map((at, index) => at - starts[index]), [
      1_000,
      1_000,
      1_000,
      1_600,
      3_200,
    ]);
  });

  it("waits as long as the server asks", async () => {
    const { asked } = await follow([
      list(),
      { lines: [event("ADDED", "a", "11")] },
      refusal(429, "TooManyRequests", 7),
      { lines: [event("ADDED", "b", "12")] },
    ], 2);
    assert.equal(asked[3].at - asked[2].at, 7_000);
  });

  for (
    const [what, turn, predicate] of [
      ["its version has expired while it was away", refusal(410, "Expired"), isExpired],
      ["an event says that its version has expired", { lines: [errorLine(410, "Expired")] }, isExpired],
      ["it may no longer watch", refusal(403, "Forbidden"), isForbidden],
      ["its credentials are no longer good", refusal(401, "Unauthorized"), isUnauthorized],
    ] as [string, Turn, (error: unknown) => boolean][]
  ) {
    it(`throws when ${what}`, async () => {
      const { events, error } = await follow([list(), { lines: [event("ADDED", "a", "11")] }, turn], 9);
      assert.deepEqual(events, ["ADDED a"]);
      assert.ok(predicate(error), String(error));
    });
  }

  for (
    const [what, turns] of [
      ["an event without a version", [list(), { lines: [event("ADDED", "a", "")] }]],
      ["an event without metadata", [list(), { lines: [`{"type":"ADDED","object":{}}\n`] }]],
      ["a list without a version", [{
        body: { kind: "ConfigMapList", apiVersion: "v1", metadata: {}, items: [] },
      }]],
    ] as [string, Turn[]][]
  ) {
    it(`throws at ${what}, from which it could not go on`, async () => {
      const { events, error } = await follow(turns, 9);
      assert.deepEqual(events, []);
      assert.match(String(error), /Cannot follow: .* no metadata\.resourceVersion/);
    });
  }

  it("throws at once when it could not even begin", async () => {
    assert.ok(isNetworkError((await follow([{ refuse: true }], 1)).error));
    assert.ok(isNetworkError((await follow([{ refuse: true }], 1, { resourceVersion: "1" })).error));
    assert.ok(isForbidden((await follow([refusal(403, "Forbidden")], 1)).error));
    assert.ok(isExpired((await follow([refusal(410, "Expired")], 1, { resourceVersion: "1" })).error));
  });

  it("reads the initial state in pages", async () => {
    const page = (name: string, more?: string): Turn => ({
      body: {
        kind: "ConfigMapList",
        apiVersion: "v1",
        metadata: { resourceVersion: "10", continue: more },
        items: [object(name, "1")],
      },
    });
    const { events, asked } = await follow([page("a", "t1"), page("b", "t2"), page("c", ""), {
      lines: [event("ADDED", "d", "11")],
    }], 4);
    assert.deepEqual(events, ["ADDED a", "ADDED b", "ADDED c", "ADDED d"]);
    assert.deepEqual(asked.map(({ query }) => query.continue), [undefined, "t1", "t2", undefined]);
    assert.equal(asked[3].query.resourceVersion, "10");
  });

  it("lets a cache answer the list when the version is 0", async () => {
    const { asked } = await follow([list("a")], 1, { resourceVersion: "0" });
    assert.equal(asked[0].query.resourceVersion, "0");
  });

  it("ends with the signal's reason, before it starts, while it waits and while it reads", async () => {
    for (const turns of [[], [list(), { end: "hang" as const }], [list(), {}, { refuse: true }]]) {
      const controller = new AbortController();
      const clock = new ManualClock();
      if (turns.length === 0) controller.abort("stop");
      const queue: Turn[] = [...turns];
      const client = new Client({
        server: "http://coxswain.test",
        clock,
        fetch: () => {
          const { body, refuse, end } = queue.shift() ?? { end: "hang" };
          if (refuse) return Promise.reject(new TypeError("ECONNREFUSED"));
          if (body !== undefined) return Promise.resolve(new Response(JSON.stringify(body)));
          return Promise.resolve(new Response(end === "hang" ? new ReadableStream() : ""));
        },
      });
      const following = (async () => {
        for await (const _ of client.resource(ConfigMap).watch({ signal: controller.signal }));
      })();
      const ended = assert.rejects(following, (reason) => reason === "stop");
      for (let rounds = 0; turns.length > 0 && queue.length > 0 && rounds < 50; rounds++) {
        await clock.advance(100);
      }
      if (turns.length > 0) await clock.waitForTimer();
      controller.abort("stop");
      await ended;
      assert.equal(clock.timers, 0);
      await client[Symbol.asyncDispose]();
    }
  });
});
