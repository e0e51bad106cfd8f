import assert from "node:assert/strict";
import { request } from "node:https";
import { describe, it } from "node:test";
import { setImmediate } from "node:timers";
import { ApiServer, type Listener } from "@coxswain/kube/testing";
import { type Answer, CONFIG_MAPS, configMap, openWatch, ORIGIN, send } from "./exchange.ts";
import { CA_CERT, SERVER_CERT, SERVER_KEY } from "./tls_fixture.ts";

/** Sends requests to a socket as the helpers send them to a server in memory. */
function over({ url }: Listener): Pick<ApiServer, "fetch"> {
  return {
    fetch: ((input: string, init: RequestInit) => fetch(input.replace(ORIGIN, url), init)) as typeof fetch,
  };
}

async function withListener(use: (listener: Listener, server: ApiServer) => Promise<void>): Promise<void> {
  const server = new ApiServer();
  const listener = await server.listen();
  try {
    await use(listener, server);
  } finally {
    await server[Symbol.asyncDispose]();
  }
}

describe("ApiServer.listen()", () => {
  it("answers on a socket what it answers in memory", () =>
    withListener(async (listener, server) => {
      assert.match(listener.url, /^http:\/\/127\.0\.0\.1:\d+$/);
      const exchanges: [string, string, unknown?][] = [
        ["POST", CONFIG_MAPS, configMap("a", { data: { text: "grün" } })],
        ["GET", `${CONFIG_MAPS}/a`],
        ["GET", `${CONFIG_MAPS}?limit=1`],
        ["GET", "/nope"],
      ];
      for (const [method, path, body] of exchanges) {
        const answer = await send(over(listener), method, path, { body });
        if (method !== "GET") {
          assert.equal(answer.code, 201);
          continue;
        }
        const expected: Answer = await send(server, method, path);
        assert.deepEqual([answer.code, answer.text], [expected.code, expected.text]);
        assert.equal(answer.headers.get("content-type"), expected.headers.get("content-type"));
      }
    }));

  it("delivers watch events as they happen, large lists whole", () =>
    withListener(async (listener, server) => {
      const watch = await openWatch(over(listener), `${CONFIG_MAPS}?resourceVersion=4`);
      server.load(configMap("a"));
      assert.deepEqual(await watch.take(1), ["ADDED a@5"]);
      server.load(configMap("b"));
      assert.deepEqual(await watch.take(1), ["ADDED b@6"]);
      await watch.close();
      const filler = "x".repeat(100_000);
      for (let index = 0; index < 50; index++) server.load(configMap(`n${index}`, { data: { filler } }));
      assert.equal((await send(over(listener), "GET", CONFIG_MAPS)).body.items.length, 52);
    }));

  it("ends a watch when the client goes away", () =>
    withListener(async (listener, server) => {
      const watch = await openWatch(over(listener), CONFIG_MAPS);
      server.load(configMap("a"));
      await watch.take(1);
      assert.equal(server.openWatches, 1);
      await watch.close();
      await until(() => server.openWatches === 0);
    }));

  it("holds back when the client does not read, and so loses a client that is too slow", async () => {
    const server = new ApiServer({ historySize: 10 });
    const listener = await server.listen();
    const watch = await openWatch(over(listener), `${CONFIG_MAPS}?resourceVersion=4`);
    const filler = "x".repeat(100_000);
    for (let count = 0; count < 400; count++) { // 40 MB, more than all buffers on the way hold
      server.load(configMap("a", { data: { filler } }));
      await turn();
    }
    let events = 0;
    while (await watch.next() !== undefined) events++;
    assert.ok(events > 0 && events < 400, `expected a part of the events, got ${events}`);
    await listener.close();
  });

  it("breaks connections off on disconnect()", () =>
    withListener(async (listener, server) => {
      const watch = await openWatch(over(listener), CONFIG_MAPS);
      server.load(configMap("a"));
      await watch.take(1);
      server.disconnect();
      await assert.rejects(watch.next());
    }));

  it("close() ends open watches and stops listening", async () => {
    const server = new ApiServer();
    const listener = await server.listen();
    const watch = await openWatch(over(listener), CONFIG_MAPS);
    await Promise.all([listener.close(), listener[Symbol.asyncDispose]()]);
    await watch.next().catch(() => {}); // ended or broken off, as the runtime sees it
    await until(() => server.openWatches === 0);
    await assert.rejects(fetch(`${listener.url}/healthz`));
    assert.equal((await send(server, "GET", "/healthz")).code, 200); // in memory it goes on
  });

  it("gives a kubeconfig that leads to it", async () => {
    const server = new ApiServer({ users: [{ name: "admin", token: "secret-token" }] });
    const listener = await server.listen();
    const { clusters, users, contexts, ...rest } = JSON.parse(listener.kubeconfig());
    assert.deepEqual(clusters, [{ name: "coxswain", cluster: { server: listener.url } }]);
    assert.deepEqual(users, [{ name: "coxswain", user: { token: "secret-token" } }]);
    assert.deepEqual(contexts[0].context, { cluster: "coxswain", user: "coxswain", namespace: "default" });
    assert.equal(rest["current-context"], "coxswain");
    await listener.close();
  });

  it("serves HTTPS", async () => {
    const server = new ApiServer();
    const listener = await server.listen({ tls: { cert: SERVER_CERT, key: SERVER_KEY, ca: CA_CERT } });
    assert.match(listener.url, /^https:/);
    assert.equal(await getOverTls(`${listener.url}/healthz`, CA_CERT), "ok");
    const { cluster } = JSON.parse(listener.kubeconfig()).clusters[0];
    assert.equal(atob(cluster["certificate-authority-data"]), CA_CERT);
    await listener.close();
  });

  it("says when it cannot listen", async () => {
    const server = new ApiServer();
    const { url, close } = await server.listen();
    await assert.rejects(server.listen({ port: Number(new URL(url).port) }));
    await close();
  });
});

function getOverTls(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request(url, { ca, agent: false }, (response) => {
      let text = "";
      response.on("data", (chunk) => text += chunk).on("end", () => resolve(text)).on("error", reject);
    }).on("error", reject).end();
  });
}

/** Lets the sockets work until something is so. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await turn();
}

/** One turn of the event loop. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
