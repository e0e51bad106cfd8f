import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { connect } from "node:net";
import { setImmediate } from "node:timers";
import { ApiServer, type ApiServerOptions, type FaultStep, ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { CONFIG_MAPS, configMap, openWatch, ORIGIN, PODS, send } from "./exchange.ts";

interface Reached extends Pick<ApiServer, "fetch"> {
  /** What comes of an answer's body, and how it ends. */
  read(path: string): Promise<Read>;
}

interface Read {
  readonly text: string;
  readonly end: "end" | "cut";
}

/** The two ways to a server. */
const ROADS = ["in memory", "on a socket"] as const;

async function open(
  t: Cleanup,
  road: typeof ROADS[number],
  options: ApiServerOptions = {},
): Promise<{ server: ApiServer; reached: Reached }> {
  const server = new ApiServer(options);
  t.after(() => server[Symbol.asyncDispose]());
  if (road === "in memory") {
    return {
      server,
      reached: { fetch: server.fetch, read: async (path) => readAll(await server.fetch(ORIGIN + path)) },
    };
  }
  const { url } = await server.listen();
  // Streams, because a runtime may send a body of text once more by itself when a connection dies.
  const sent = ({ body, ...init }: RequestInit = {}) =>
    typeof body === "string" ? { ...init, body: new Blob([body]).stream(), duplex: "half" } : init;
  const reached = {
    fetch:
      ((input: string, init?: RequestInit) => fetch(input.replace(ORIGIN, url), sent(init))) as typeof fetch,
    read: (path: string) => readSocket(url, path),
  };
  return { server, reached };
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What a socket carries, since clients may drop what came last before a connection breaks. */
function readSocket(url: string, path: string): Promise<Read> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  let received = "";
  socket.setEncoding("utf8").on("data", (text) => received += text).on("error", () => {}); // it breaks: so it should
  return new Promise((resolve) =>
    socket.on("close", () => {
      const body = received.slice(received.indexOf("\r\n\r\n") + 4);
      const parts = body.split(/[0-9a-f]+\r\n(?=\{)|\r\n/).filter((part) => part !== "");
      resolve({
        text: parts.filter((part) => part !== "0").join(""),
        end: parts.at(-1) === "0" ? "end" : "cut",
      });
    })
  );
}

/** What could be read of an answer's body, and how it ended. */
async function readAll(response: Response): Promise<Read> {
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  let text = "";
  try {
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      text += decoder.decode(part.value, { stream: true });
    }
    return { text, end: "end" };
  } catch {
    return { text, end: "cut" };
  }
}

for (const road of ROADS) {
  describe(`faults of a plan, ${road}`, () => {
    const planned = (t: Cleanup, ...faults: FaultStep[]) => open(t, road, { faults });
    const create = (reached: Reached, name: string) =>
      send(reached, "POST", CONFIG_MAPS, { body: configMap(name) });

    it(
      "cut: the connection breaks, and nothing was done",
      cleaned(async (t) => {
        const { server, reached } = await planned(t, { fault: "cut", verb: "create" });
        await assert.rejects(create(reached, "a"));
        assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 404);
        assert.equal((await create(reached, "a")).code, 201);
      }),
    );

    it(
      "loseResponse: the connection breaks, and it was done all the same",
      cleaned(async (t) => {
        const { reached } = await planned(t, { fault: "loseResponse", verb: "create", nth: 2, times: 2 });
        assert.equal((await create(reached, "a")).code, 201);
        await assert.rejects(create(reached, "b"));
        await assert.rejects(create(reached, "c"));
        assert.equal((await create(reached, "b")).code, 409);
        assert.equal((await create(reached, "c")).code, 409);
      }),
    );

    for (const afterBytes of [0, 1, 50]) {
      it(
        `cut after ${afterBytes} bytes: so much of the answer comes, and then an error`,
        cleaned(async (t) => {
          const { server, reached } = await planned(t, { fault: "cut", verb: "list", afterBytes });
          const read = await reached.read(PODS);
          const { text } = await send(server, "GET", PODS);
          assert.deepEqual(read, {
            text: text.slice(0, afterBytes),
            end: "cut",
          });
        }),
      );
    }

    it(
      "cut after 1.5 lines of a watch: an event, and half of the next",
      cleaned(async (t) => {
        const { server, reached } = await planned(t, { fault: "cut", verb: "watch", afterLines: 1.5 });
        server.load(configMap("a"), configMap("b"), configMap("c"));
        const path = `${CONFIG_MAPS}?watch=true&resourceVersion=0`;
        const { text, end } = await reached.read(path);
        const [first, second, ...more] = text.split("\n");
        assert.equal(JSON.parse(first).object.metadata.name, "a");
        assert.throws(() => JSON.parse(second));
        assert.match(second, /^\{"type":"ADDED"/);
        assert.deepEqual([end, more], ["cut", []]);
      }),
    );

    it(
      "hang: no answer ever comes, until the client gives up",
      cleaned(async (t) => {
        const { reached } = await planned(t, { fault: "hang", resource: "pods" });
        const stop = new AbortController();
        const answer = send(reached, "GET", PODS, { signal: stop.signal });
        let isOver = false;
        answer.catch(() => isOver = true);
        assert.equal((await send(reached, "GET", CONFIG_MAPS)).code, 200); // all others work
        assert.equal(isOver, false);
        stop.abort(new Error("enough"));
        await assert.rejects(answer);
      }),
    );

    it(
      "hang after lines: the watch falls silent and stays open",
      cleaned(async (t) => {
        const { server, reached } = await planned(t, { fault: "hang", verb: "watch", afterLines: 1 });
        const stop = new AbortController();
        const watch = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`, { signal: stop.signal });
        server.load(configMap("a"), configMap("b"));
        assert.deepEqual(await watch.take(1), ["ADDED a@5"]);
        const next = watch.next();
        next.catch(() => {});
        for (let round = 0; round < 20; round++) await turn();
        assert.equal(server.openWatches, 1);
        stop.abort();
        await assert.rejects(next);
        while (server.openWatches > 0) await turn();
      }),
    );

    it(
      "error: 429 as the server's flow control has it",
      cleaned(async (t) => {
        const { reached } = await planned(t, { fault: "error", code: 429, retryAfterSeconds: 7 });
        const { code, headers, text } = await send(reached, "GET", PODS);
        assert.deepEqual([code, headers.get("retry-after")], [429, "7"]);
        assert.equal(text, "Too many requests, please try again later.\n");
        assert.equal((await send(reached, "GET", PODS)).code, 200);
      }),
    );

    it(
      "error: 5xx as a Status, as text, as the page of a proxy",
      cleaned(async (t) => {
        const { reached } = await planned(
          t,
          { fault: "error", code: 503, retryAfterSeconds: 1 },
          { fault: "error", code: 500, message: "etcdserver: leader changed", body: "text" },
          { fault: "error", code: 502, body: "html" },
        );
        const { body, headers } = await send(reached, "GET", PODS);
        assert.deepEqual([body.kind, body.reason, body.code, headers.get("retry-after")], [
          "Status",
          "ServiceUnavailable",
          503,
          "1",
        ]);
        assert.equal(body.details?.retryAfterSeconds, 1);
        const text = await send(reached, "GET", PODS);
        assert.deepEqual([text.code, text.text], [500, "etcdserver: leader changed\n"]);
        const html = await send(reached, "GET", PODS);
        assert.deepEqual([html.code, html.headers.get("content-type")], [502, "text/html"]);
        assert.match(html.text, /<h1>502 Bad Gateway<\/h1>/);
      }),
    );

    it(
      "expire: what asks for a version that may be forgotten gets 410, the rest does not",
      cleaned(async (t) => {
        const { server, reached } = await planned(t, { fault: "expire", times: Infinity });
        server.load(configMap("a"), configMap("b"));
        assert.equal((await send(reached, "GET", CONFIG_MAPS)).code, 200);
        assert.equal((await send(reached, "GET", `${CONFIG_MAPS}?resourceVersion=5`)).code, 200);
        const exact = `${CONFIG_MAPS}?resourceVersion=5&resourceVersionMatch=Exact`;
        assert.equal((await send(reached, "GET", exact)).body.reason, "Expired");
        const first = await send(reached, "GET", `${CONFIG_MAPS}?limit=1`);
        const second = `${CONFIG_MAPS}?limit=1&continue=${first.body.metadata.continue}`;
        assert.equal((await send(reached, "GET", second)).code, 410);
        const watch = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=5`);
        assert.equal((await watch.next())?.object.code, 410);
        assert.equal(await watch.next(), undefined);
        const fresh = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=0`);
        assert.deepEqual(await fresh.take(1), ["ADDED a@5"]);
        await fresh.close();
      }),
    );

    it(
      "restart: cut, refused while it is down, back with all objects and an empty watch cache",
      cleaned(async (t) => {
        const clock = new ManualClock();
        const faults: FaultStep[] = [{ fault: "restart", down: 5_000, verb: "get", resource: "pods" }];
        const { server, reached } = await open(t, road, { clock, faults });
        await create(reached, "a");
        const watch = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`);
        assert.deepEqual(await watch.take(1), ["ADDED a@5"]);
        await assert.rejects(send(reached, "GET", `${PODS}/web`));
        await assert.rejects(watch.next());
        await assert.rejects(send(reached, "GET", CONFIG_MAPS));
        assert.equal(server.openWatches, 0);
        await clock.advance(5_000);
        let answer = await send(reached, "GET", `${CONFIG_MAPS}/a`).catch(() => undefined);
        while (answer === undefined) { // the socket opens in its own time
          await turn();
          answer = await send(reached, "GET", `${CONFIG_MAPS}/a`).catch(() => undefined);
        }
        assert.equal(answer.code, 200);
        const late = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`);
        assert.equal((await late.next())?.object.message, "too old resource version: 4 (5)");
        const exact = `${CONFIG_MAPS}?resourceVersion=4&resourceVersionMatch=Exact`;
        assert.deepEqual((await send(reached, "GET", exact)).body.items, []); // what is not of the cache is still there
      }),
    );
  });

  describe(`faults at once, ${road}`, () => {
    it(
      "cut and hang touch the open answers that match, and no others",
      cleaned(async (t) => {
        const { server, reached } = await open(t, road);
        const pods = await openWatch(reached, `${PODS}?resourceVersion=4`);
        const maps = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`);
        await server.faults.now({ fault: "cut", resource: "pods" });
        await assert.rejects(pods.next());
        server.load(configMap("a"));
        assert.deepEqual(await maps.take(1), ["ADDED a@5"]);
        await server.faults.now({ fault: "cut", afterLines: 0.5 });
        server.load(configMap("b"));
        await assert.rejects(maps.next());
      }),
    );

    it(
      "expire: an open watch gets 410 and ends, and cannot go on",
      cleaned(async (t) => {
        const { server, reached } = await open(t, road);
        const watch = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`);
        server.load(configMap("a"));
        await server.faults.now({ fault: "expire" });
        assert.deepEqual(await watch.take(1), ["ADDED a@5"]);
        const last = await watch.next();
        assert.deepEqual([last?.type, last?.object.reason], ["ERROR", "Expired"]);
        assert.equal(await watch.next(), undefined);
        const again = await openWatch(reached, `${CONFIG_MAPS}?resourceVersion=4`);
        assert.equal((await again.next())?.object.code, 410);
      }),
    );

    it(
      "restart: with sockets closed and opened again when it resolves",
      cleaned(async (t) => {
        const { server, reached } = await open(t, road);
        const watch = await openWatch(reached, CONFIG_MAPS);
        await server.faults.now({ fault: "restart" });
        await assert.rejects(watch.next());
        assert.equal((await send(reached, "GET", CONFIG_MAPS)).code, 200);
        await server.faults.now({ fault: "restart", down: Infinity });
        await assert.rejects(send(reached, "GET", CONFIG_MAPS));
        await server.faults.clear();
        assert.equal((await send(reached, "GET", CONFIG_MAPS)).code, 200);
      }),
    );
  });
}

describe("faults by the clock", () => {
  it("slow: so many bytes a second", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock, faults: [{ fault: "slow", bytesPerSecond: 100, verb: "list" }] });
    const whole = (await send(new ApiServer(), "GET", PODS)).text;
    const response = await server.fetch(ORIGIN + PODS);
    const reading = readAll(response);
    let isRead = false;
    void reading.then(() => isRead = true);
    await clock.advance(whole.length * 10 - 1); // 10 ms for each byte
    assert.equal(isRead, false);
    await clock.advance(1);
    assert.deepEqual(await reading, { text: whole, end: "end" });
  });

  it("dropBookmarks: none but that of the initial events", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock, faults: [{ fault: "dropBookmarks" }] });
    const query = "resourceVersionMatch=NotOlderThan&sendInitialEvents=true&allowWatchBookmarks=true";
    const watch = await openWatch(server, `${CONFIG_MAPS}?${query}`);
    assert.deepEqual(await watch.take(1), ["BOOKMARK @4 initial-events-end"]);
    const next = watch.take(1);
    await clock.advance(600_000);
    server.load(configMap("a"));
    assert.deepEqual(await next, ["ADDED a@5"]);
    const other = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5&allowWatchBookmarks=true`);
    const bookmark = other.take(1);
    await clock.advance(60_000);
    assert.deepEqual(await bookmark, ["BOOKMARK @5"]);
  });

  it("lag: reads and watches of the cache see the old state until it has caught up", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    server.load(configMap("a"));
    await server.faults.now({ fault: "lag", duration: 2_000 });
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=0`);
    server.load(configMap("a", { data: { key: "new" } }), configMap("b"));
    const names = async (query: string) => {
      const { body } = await send(server, "GET", CONFIG_MAPS + query);
      return [body.metadata.resourceVersion, ...body.items.map(({ metadata }) => metadata.name)];
    };
    assert.deepEqual(await names("?resourceVersion=0"), ["5", "a"]);
    assert.deepEqual(await names("?resourceVersion=5"), ["5", "a"]);
    assert.deepEqual(await names(""), ["7", "a", "b"]); // a consistent read is not of the cache
    const old = await send(server, "GET", `${CONFIG_MAPS}/a?resourceVersion=0`);
    assert.equal(old.body.metadata.resourceVersion, "5");
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/b?resourceVersion=0`)).code, 404);
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/b`)).code, 200);
    const newer = names("?resourceVersion=7"); // waits for the cache
    assert.deepEqual(await watch.take(1), ["ADDED a@5"]);
    const events = watch.take(2);
    await clock.advance(1_999);
    await clock.advance(1);
    assert.deepEqual(await events, ["MODIFIED a@6", "ADDED b@7"]);
    assert.deepEqual(await newer, ["7", "a", "b"]);
  });

  it("lag: who asks for what the cache does not get in three seconds is told so", async () => {
    const clock = new ManualClock();
    const server = new ApiServer({ clock });
    await server.faults.now({ fault: "lag" });
    server.load(configMap("a"));
    const list = send(server, "GET", `${CONFIG_MAPS}?resourceVersion=5`);
    await clock.advance(3_000);
    const { code, body } = await list;
    assert.equal(code, 504);
    assert.equal(body.message, "Timeout: Too large resource version: 5, current: 4");
    server.faults.catchUp();
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}?resourceVersion=5`)).code, 200);
  });

  it("lag of one resource leaves the others alone", async () => {
    const server = new ApiServer();
    await server.faults.now({ fault: "lag", resource: "configmaps" });
    server.load(configMap("a"), { apiVersion: "v1", kind: "Secret", metadata: { name: "s" } });
    assert.deepEqual((await send(server, "GET", `${CONFIG_MAPS}?resourceVersion=0`)).body.items, []);
    const secrets = "/api/v1/namespaces/default/secrets?resourceVersion=0";
    assert.equal((await send(server, "GET", secrets)).body.items.length, 1);
  });
});

describe("a plan", () => {
  it("hits what it matches: verb, resource with its group, subresource, namespace, name", async () => {
    const server = new ApiServer();
    const hit = async (step: object, method: string, path: string) => {
      const planned = server.faults.add({ fault: "error", code: 500, ...step });
      const { code } = await send(server, method, path, method === "GET" ? {} : { body: {} });
      planned.remove();
      planned.remove();
      return code === 500 && planned.hits === 1;
    };
    const deployments = "/apis/apps/v1/namespaces/shop/deployments";
    assert.equal(await hit({ resource: "deployments" }, "GET", deployments), true);
    assert.equal(await hit({ resource: "deployments.apps" }, "GET", deployments), true);
    assert.equal(await hit({ resource: "deployments.example.com" }, "GET", deployments), false);
    assert.equal(await hit({ resource: "deployments" }, "GET", `${deployments}/web/status`), false);
    assert.equal(await hit({ resource: "deployments/status" }, "GET", `${deployments}/web/status`), true);
    assert.equal(await hit({ verb: ["list", "watch"] }, "GET", deployments), true);
    assert.equal(await hit({ verb: ["list", "watch"] }, "GET", `${deployments}/web`), false);
    assert.equal(await hit({ namespace: "shop", name: "web" }, "GET", `${deployments}/web`), true);
    assert.equal(await hit({ namespace: "other" }, "GET", `${deployments}/web`), false);
    assert.equal(await hit({ verb: "deletecollection" }, "DELETE", deployments), true);
    assert.equal(
      await hit({ matches: ({ path }: { path: string }) => path === "/version" }, "GET", "/version"),
      true,
    );
  });

  it("gives each request to the first step that hits it, so that steps follow one another", async () => {
    const faults: FaultStep[] = [
      { fault: "error", code: 500, nth: 2, times: 2 },
      { fault: "error", code: 503 },
    ];
    const server = new ApiServer({ faults });
    const codes: number[] = [];
    for (let count = 0; count < 5; count++) codes.push((await send(server, "GET", PODS)).code);
    assert.deepEqual(codes, [503, 500, 500, 200, 200]);
  });

  it("rolls the dice by the seed", async () => {
    const run = async (seed: number) => {
      const faults: FaultStep[] = [{ fault: "error", code: 500, times: Infinity, chance: 0.5 }];
      const server = new ApiServer({ seed, faults });
      let codes = "";
      for (let count = 0; count < 40; count++) {
        codes += (await send(server, "GET", PODS)).code === 200 ? "." : "x";
      }
      return codes;
    };
    const first = await run(1);
    assert.match(first, /x.*\.|\..*x/);
    assert.equal(await run(1), first);
    assert.notEqual(await run(2), first);
  });

  it("says which numbers make no sense", () => {
    const server = new ApiServer();
    for (
      const step of [
        { fault: "cut", nth: 0 },
        { fault: "cut", times: 0 },
        { fault: "cut", chance: 2 },
        { fault: "cut", afterBytes: -1 },
        { fault: "hang", afterLines: NaN },
        { fault: "slow", bytesPerSecond: 0 },
        { fault: "error", code: 42 },
      ] as FaultStep[]
    ) {
      assert.throws(() => server.faults.add(step), {
        name: "RangeError",
        message: /Cannot plan the fault "/,
      });
    }
  });
});
