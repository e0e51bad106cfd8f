import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { defineResource } from "@coxswain/kube/meta";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, openWatch, PODS, send } from "./exchange.ts";

/** Config maps `a` and `b`, versions 5 and 6. */
function serverWithTwo(clock = new ManualClock()): ApiServer {
  const server = new ApiServer({ clock });
  server.load(configMap("a"), configMap("b"));
  return server;
}

describe("watch", () => {
  it("tells of all changes after a version, with kind and apiVersion", async () => {
    const server = serverWithTwo();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    const first = await watch.next();
    assert.equal(first?.type, "ADDED");
    assert.deepEqual(Object.keys(first.object), ["kind", "apiVersion", "metadata"]);
    server.load(configMap("a", { data: { x: "1" } }));
    await send(server, "DELETE", `${CONFIG_MAPS}/b`);
    server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { name: "far", namespace: "kube-system" } });
    server.load(configMap("b"));
    assert.deepEqual(await watch.take(3), ["MODIFIED a@7", "DELETED b@8", "ADDED b@10"]);
    await watch.close();
  });

  for (
    const { query, events } of [
      { query: "", events: ["ADDED a@5", "ADDED b@6"] },
      { query: "?resourceVersion=0", events: ["ADDED a@5", "ADDED b@6"] },
      { query: "?resourceVersion=5", events: ["ADDED b@6"] },
      { query: "?resourceVersion=6", events: [] },
      { query: "?resourceVersion=7", events: [] },
      {
        query: "?allowWatchBookmarks=true",
        events: ["ADDED a@5", "ADDED b@6", "BOOKMARK @6 initial-events-end"],
      },
      {
        query: "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true",
        events: ["ADDED a@5", "ADDED b@6", "BOOKMARK @6 initial-events-end"],
      },
      {
        query:
          "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=5&fieldSelector=metadata.name%3Db&allowWatchBookmarks=1",
        events: ["ADDED b@6", "BOOKMARK @6 initial-events-end"],
      },
      {
        query: "?sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
        events: ["ADDED a@5", "ADDED b@6"],
      },
      { query: "?sendInitialEvents=false&resourceVersionMatch=NotOlderThan", events: [] },
    ]
  ) {
    it(`${query || "without options"} begins with ${events.join(", ") || "nothing"} [informers 9]`, async () => {
      const server = serverWithTwo();
      const watch = await openWatch(server, `${CONFIG_MAPS}${query}`);
      server.load(configMap("b"), configMap("b")); // versions 7 and 8
      const later = query.includes("Version=7") ? ["MODIFIED b@8"] : ["MODIFIED b@7", "MODIFIED b@8"];
      assert.deepEqual(await watch.take(events.length + later.length), [...events, ...later]);
      await watch.close();
    });
  }

  it("marks the initial events of an empty collection too", async () => {
    const watch = await openWatch(new ApiServer(), `${PODS}?allowWatchBookmarks=true`);
    assert.deepEqual(await watch.take(1), ["BOOKMARK @4 initial-events-end"]);
    await watch.close();
  });

  it("gives up on a version that is too old with an event, not with a status code [rest 8]", async () => {
    const server = serverWithTwo();
    server.load(configMap("c"));
    server.compact();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    const event = await watch.next();
    assert.equal(event?.type, "ERROR");
    const { code, reason, message } = event.object;
    assert.deepEqual([code, reason, message], [410, "Expired", "too old resource version: 5 (7)"]);
    assert.equal(await watch.next(), undefined);
    const fromNow = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=7`);
    server.load(configMap("d"));
    assert.deepEqual(await fromNow.take(1), ["ADDED d@8"]);
    await fromNow.close();
  });

  it("forgets the oldest changes by itself", async () => {
    const server = new ApiServer({ historySize: 2 });
    for (let count = 0; count < 5; count++) server.load(configMap("a")); // versions 5 to 9
    const late = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=6`);
    assert.equal((await late.next())?.object.message, "too old resource version: 6 (7)");
    const timely = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=7`);
    assert.deepEqual(await timely.take(2), ["MODIFIED a@8", "MODIFIED a@9"]);
    await timely.close();
  });

  it("loses a client that is slower than the history", async () => {
    const server = new ApiServer({ historySize: 2 });
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=4`);
    for (let count = 0; count < 5; count++) server.load(configMap("a"));
    assert.equal(await watch.next(), undefined);
    assert.equal(server.openWatches, 0);
  });

  it("refuses the future with an event if it is to send initial events", async () => {
    const query = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=99";
    const event = await (await openWatch(serverWithTwo(), `${CONFIG_MAPS}?${query}`)).next();
    assert.deepEqual([event?.type, event?.object.code], ["ERROR", 504]);
    assert.equal(event?.object.message, "Timeout: Too large resource version: 99, current: 6");
  });

  for (
    const { query, code, message } of [
      {
        query: "sendInitialEvents=true",
        code: 422,
        message:
          /resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan$/,
      },
      {
        query: "sendInitialEvents=true&resourceVersionMatch=Exact",
        code: 422,
        message:
          /is invalid: \[.*, resourceVersionMatch: Unsupported value: "Exact": supported values: "NotOlderThan"\]$/,
      },
      {
        query: "resourceVersionMatch=NotOlderThan",
        code: 422,
        message: /resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided$/,
      },
      { query: "resourceVersion=abc", code: 500, message: /^resourceVersion: Invalid value: "abc"/ },
    ]
  ) {
    it(`refuses ${query}: ${code}`, async () => {
      const answer = await new ApiServer().fetch(`http://coxswain.test${CONFIG_MAPS}?watch=true&${query}`);
      assert.equal(answer.status, code);
      assert.match((await answer.json()).message, message);
    });
  }
});

describe("watch with selectors", () => {
  const label = (name: string, app: string) => configMap(name, { metadata: { labels: { app } } });

  it("calls it ADDED when an object begins to match, DELETED when it ceases to", async () => {
    const server = new ApiServer();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=4&labelSelector=app%3Dweb`);
    for (const app of ["api", "web", "web", "api", "api", "web"]) server.load(label("a", app)); // versions 5 to 10
    await send(server, "DELETE", `${CONFIG_MAPS}/a`);
    assert.deepEqual(await watch.take(3), ["ADDED a@6", "MODIFIED a@7", "DELETED a@8"]);
    assert.deepEqual(await watch.take(2), ["ADDED a@10", "DELETED a@11"]);
    await watch.close();
  });

  it("shows what ceases to match as it was when it did, with the new version", async () => {
    const server = new ApiServer();
    server.load(label("a", "web"));
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5&labelSelector=app%3Dweb`);
    server.load(label("a", "api"));
    const event = await watch.next();
    assert.deepEqual([event?.type, event?.object.metadata.labels], ["DELETED", { app: "web" }]);
    assert.equal(event?.object.metadata.resourceVersion, "6");
    await watch.close();
  });

  it("hides what never matches, and watches one object by its name", async () => {
    const server = new ApiServer();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=4&fieldSelector=metadata.name%3Db`);
    server.load(configMap("a"), configMap("b"), configMap("a"));
    await send(server, "DELETE", `${CONFIG_MAPS}/b`);
    assert.deepEqual(await watch.take(2), ["ADDED b@6", "DELETED b@8"]);
    await watch.close();
  });
});

describe("the end of a watch", () => {
  it("comes after timeoutSeconds on the clock, with a bookmark two seconds before", async () => {
    const clock = new ManualClock();
    const server = serverWithTwo(clock);
    const query = "resourceVersion=6&timeoutSeconds=150&allowWatchBookmarks=true";
    const watch = await openWatch(server, `${CONFIG_MAPS}?${query}`);
    const seen: string[] = [];
    const reading = (async () => {
      for (let line = await watch.next(); line !== undefined; line = await watch.next()) {
        seen.push(`${line.type}@${line.object.metadata.resourceVersion} at ${clock.now()}`);
      }
      seen.push(`end at ${clock.now()}`);
    })();
    await clock.advance(100_000);
    server.load({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } }); // moves the version on
    await clock.advance(50_000);
    await reading;
    assert.deepEqual(seen, [
      "BOOKMARK@6 at 60000",
      "BOOKMARK@7 at 120000",
      "BOOKMARK@7 at 148000",
      "end at 150000",
    ]);
    assert.deepEqual([clock.timers, server.openWatches], [0, 0]);
  });

  it("is never, and no timer runs, if nobody asks for a time-out or bookmarks", async () => {
    const clock = new ManualClock();
    const watch = await openWatch(serverWithTwo(clock), CONFIG_MAPS);
    assert.equal(clock.timers, 0);
    await watch.close();
  });

  it("comes when the client cancels, and leaves nothing behind", async () => {
    const clock = new ManualClock();
    const server = serverWithTwo(clock);
    const watch = await openWatch(server, `${CONFIG_MAPS}?timeoutSeconds=60`);
    assert.deepEqual([clock.timers, server.openWatches], [1, 1]);
    await watch.close();
    assert.deepEqual([clock.timers, server.openWatches], [0, 0]);
  });

  it("comes with the signal's reason when the client aborts", async () => {
    const server = serverWithTwo();
    const controller = new AbortController();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=6`, { signal: controller.signal });
    const next = watch.next();
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(next, (error) => error === reason);
    assert.equal(server.openWatches, 0);
  });

  it("comes with an error when the connection is lost", async () => {
    const server = serverWithTwo();
    const watches = [
      await openWatch(server, CONFIG_MAPS),
      await openWatch(server, `${PODS}?resourceVersion=6`),
    ];
    await watches[0].take(2);
    server.disconnect();
    for (const watch of watches) await assert.rejects(watch.next(), TypeError);
    const again = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=5`);
    assert.deepEqual(await again.take(1), ["ADDED b@6"]);
    await again.close();
  });

  it("comes after all that has happened when the server closes", async () => {
    const server = serverWithTwo();
    const watch = await openWatch(server, `${CONFIG_MAPS}?resourceVersion=6`);
    server.load(configMap("c"));
    await server[Symbol.asyncDispose]();
    assert.deepEqual(await watch.take(2), ["ADDED c@7", "end"]);
  });
});

describe("many watches", () => {
  it("all see all changes, in order, and hold back for slow readers", async () => {
    const server = new ApiServer();
    const watches = await Promise.all(
      Array.from({ length: 50 }, () => openWatch(server, `${CONFIG_MAPS}?resourceVersion=4`)),
    );
    const expected: string[] = [];
    for (let version = 5; version < 205; version++) {
      server.load(configMap(`n${version}`));
      expected.push(`ADDED n${version}@${version}`);
    }
    for (const watch of watches) assert.deepEqual(await watch.take(200), expected);
    await Promise.all(watches.map((watch) => watch.close()));
    assert.equal(server.openWatches, 0);
  });

  it("of custom objects get bookmarks in alphabetical order too", async () => {
    const WebApp = defineResource({ group: "example.com", version: "v1", kind: "WebApp", plural: "webapps" });
    const server = new ApiServer({ resources: [WebApp] });
    const watch = await openWatch(server, "/apis/example.com/v1/webapps?allowWatchBookmarks=true");
    const bookmark = await watch.next();
    assert.equal(
      JSON.stringify(bookmark?.object),
      '{"apiVersion":"example.com/v1","kind":"WebApp","metadata":{"annotations":{"k8s.io/initial-events-end":"true"},"resourceVersion":"4"}}',
    );
    await watch.close();
  });
});
