import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { isBadRequest, isNetworkError, isNotFound } from "@coxswain/kube/rest";
import { formatPodLogLine, logLines, type LogLinesOptions, logs, podLogs } from "@coxswain/kube/streams";
import { ApiServer } from "@coxswain/kube/testing";
import { Pod } from "@coxswain/kube/types/core/v1";
import { seededRandom } from "../../testing/seeded_random.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { formatTime, hastyClock, LogServer } from "./log_server.ts";

const START = 1_700_000_000_000_000_000n;
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];

function link(t: Cleanup, server = new LogServer()) {
  const client = new Client({ server: "http://logs.test", fetch: server.fetch, clock: hastyClock, qps: 0 });
  t.after(() => client[Symbol.asyncDispose]());
  return { server, client };
}

const ended = () => {
  throw new Error("the log has ended");
};

/** Reads lines on and on; `until(n)` resolves when there are n. */
function reading(client: Client, options: Partial<LogLinesOptions> = {}) {
  const texts: string[] = [];
  let wake = () => {};
  const done = (async () => {
    for await (
      const { text } of logLines(client, { name: "web-0", container: "main", follow: true, ...options })
    ) {
      texts.push(text);
      wake();
    }
  })();
  done.catch(() => wake());
  return {
    texts,
    done,
    until: async (count: number) => {
      while (texts.length < count) {
        await Promise.race([new Promise<void>((resolve) => wake = resolve), done.then(ended)]);
      }
    },
  };
}

describe("logs()", () => {
  it(
    "gives the bytes as they are, and asks as the API wants to be asked",
    cleaned(async (t) => {
      const { server, client } = link(t);
      server.write(START, "one");
      const log = await logs(client, {
        namespace: "shop",
        name: "web-0",
        container: "main",
        timestamps: true,
        previous: false,
        tailLines: 5,
        limitBytes: 100,
        sinceTime: new Date("2020-01-01T00:00:00Z"),
        stream: "Stdout",
      });
      assert.equal(await new Response(log).text(), `${formatTime(START)} one\n`);
      assert.equal(
        server.requests[0].pathname + server.requests[0].search,
        "/api/v1/namespaces/shop/pods/web-0/log?container=main&limitBytes=100&sinceTime=2020-01-01T00%3A00%3A00.000Z&stream=Stdout&tailLines=5&timestamps=true",
      );
    }),
  );
});

describe("logLines()", () => {
  it(
    "parses the time of each line, and keeps what has none",
    cleaned(async (t) => {
      const raw =
        "2026-01-02T03:04:05.123456789Z one\r\n2026-01-02T03:04:05+02:00 \nno time\n\n2026-01-02T03:04:06Z last";
      const other = new Client({ server: "http://a.test", fetch: () => Promise.resolve(new Response(raw)) });
      t.after(() => other[Symbol.asyncDispose]());
      const lines = await Array.fromAsync(logLines(other, { name: "a" }), ({ time, text }) => [time, text]);
      assert.deepEqual(lines, [
        ["2026-01-02T03:04:05.123456789Z", "one"],
        ["2026-01-02T03:04:05+02:00", ""],
        ["", "no time"],
        ["", ""],
        ["2026-01-02T03:04:06Z", "last"],
      ]);
    }),
  );

  it(
    "cuts a line without end, in bounded memory",
    cleaned(async (t) => {
      let left = 40;
      const body = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          if (left-- > 0) controller.enqueue(new Uint8Array(100_000).fill(97));
          else {
            controller.enqueue(new TextEncoder().encode("\nnext\n"));
            controller.close();
          }
        },
      });
      const other = new Client({ server: "http://a.test", fetch: () => Promise.resolve(new Response(body)) });
      t.after(() => other[Symbol.asyncDispose]());
      const lines = await Array.fromAsync(
        logLines(other, { name: "a" }),
        ({ text, isCut }) => [text.length, isCut],
      );
      assert.deepEqual(lines, [[1024 * 1024, true], [4, false]]);
    }),
  );

  it(
    "goes on after cuts within a line, and refusals, with each line once",
    cleaned(async (t) => {
      const { server, client } = link(t);
      server.write(START, "one");
      server.write(START, "two at the same time");
      const { texts, until, done } = reading(client);
      await until(2);
      server.cut("2023-11-14T22:13:21.000000001Z thr");
      server.write(START + 1_000_000_001n, "three");
      server.refusals = 2;
      await until(3);
      await server.followed();
      server.cut();
      server.write(START + 1_000_000_001n, "four at the same time");
      await until(4);
      server.isOver = true;
      server.end();
      await done;
      assert.deepEqual(texts, ["one", "two at the same time", "three", "four at the same time"]);
    }),
  );

  it(
    "goes on after a restart, with what the container said before it while nobody listened",
    cleaned(async (t) => {
      const { server, client } = link(t);
      server.write(START, "one");
      const { texts, until, done } = reading(client);
      await until(1);
      server.cut();
      server.write(START + 5n, "last words");
      server.restart();
      server.write(START + 9n, "born again");
      await until(3);
      server.isGone = true;
      server.cut();
      await done;
      assert.deepEqual(texts, ["one", "last words", "born again"]);
    }),
  );

  for (const seed of SEEDS) {
    it(
      `shows a counter complete, in order, once, through restarts, cuts and refusals: seed ${seed}`,
      cleaned(async (t) => {
        const random = seededRandom(seed);
        const pick = (count: number) => Math.floor(random() * count);
        const { server, client } = link(t);
        const { texts, until, done } = reading(client);
        let time = START;
        let written = 0;
        await server.followed();
        for (let step = 0; step < 150; step++) {
          for (let lines = pick(8); lines > 0; lines--) {
            time += [0n, 1n, 300_000_000n, 1_000_000_000n][pick(4)];
            // The two outputs of a container may be written a little out of order.
            const shown = pick(10) === 0 && time > START + 2n ? time - 2n : time;
            server.write(shown, `${written++}`);
          }
          switch (pick(6)) {
            case 0:
              server.cut();
              break;
            case 1:
              server.cut(`${formatTime(time)} ha`);
              break;
            case 2:
              server.refusals = pick(3);
              server.cut();
              break;
            case 3:
              server.restart();
              time += 1_000n; // no two containers write at the same time
              // Servers keep one container before the last restart.
              await until(written);
              await server.followed();
              break;
            default:
              await until(written - pick(written + 1));
          }
        }
        await until(written);
        await server.followed();
        server.isOver = true;
        server.end();
        await done;
        assert.deepEqual(texts, Array.from({ length: written }, (_, index) => `${index}`));
      }),
    );
  }

  it(
    "begins where it was asked to, and asks for the rest from there on",
    cleaned(async (t) => {
      const { server, client } = link(t);
      for (let index = 0; index < 10; index++) {
        server.write(START + BigInt(index) * 1_000_000_000n, `${index}`);
      }
      const { texts, until, done } = reading(client, { tailLines: 3 });
      await until(3);
      server.cut();
      await server.followed();
      server.isOver = true;
      server.end();
      await done;
      assert.deepEqual(texts, ["7", "8", "9"]);
      const [first, second] = server.requests.map(({ searchParams }) => searchParams);
      assert.deepEqual([first.get("tailLines"), first.get("sinceTime")], ["3", null]);
      assert.deepEqual([second.get("tailLines"), second.get("sinceTime")], [null, "2023-11-14T22:13:28Z"]);
    }),
  );

  it(
    "ends with the signal's reason, also while it waits",
    cleaned(async (t) => {
      const { server, client } = link(t);
      const controller = new AbortController();
      const { done } = reading(client, { signal: controller.signal });
      await server.followed();
      controller.abort("enough");
      await assert.rejects(done, (reason) => reason === "enough");
    }),
  );

  it(
    "fails where asking again would not help, and at once without follow",
    cleaned(async (t) => {
      const { server, client } = link(t);
      await assert.rejects(
        Array.fromAsync(logLines(client, { name: "web-0", previous: true })),
        isBadRequest,
      );
      server.isGone = true;
      await assert.rejects(reading(client).done, isNotFound);
      const cutting = new Client({
        server: "http://a.test",
        fetch: () => Promise.reject(new TypeError("terminated")),
        maxRetries: 0,
      });
      t.after(() => cutting[Symbol.asyncDispose]());
      await assert.rejects(Array.fromAsync(logLines(cutting, { name: "a" })), isNetworkError);
    }),
  );
});

/** Pods of a server in memory, each with a log of its own. */
function linkPods(t: Cleanup) {
  const api = new ApiServer();
  const servers = new Map<string, LogServer>();
  const { fetch } = api.restConfig();
  const client = new Client({
    ...api.restConfig(),
    clock: hastyClock,
    qps: 0,
    fetch: (input, init) => {
      const name = /pods\/([^/?]+)/.exec(String(input))?.[1];
      const isRead = (init?.method ?? "GET") === "GET";
      const server = name === undefined || !isRead ? undefined : servers.get(name);
      return server === undefined ? fetch!(input, init) : server.fetch(input, init);
    },
  });
  t.after(() => client[Symbol.asyncDispose]());
  const pods = client.resource(Pod).namespace("default");
  const add = async (name: string, app = "web", server = new LogServer()) => {
    server.write(START, `hello from ${name}`);
    await pods.create({
      metadata: { name, labels: { app } },
      spec: { containers: [{ name: "main", image: "a" }] },
    });
    servers.set(name, server);
    const status = { containerStatuses: [{ name: "main", state: { running: {} } }] };
    await (await client.rest.patch().resource("pods").namespace("default").name(name).subresource("status")
      .patch("merge", { status }).send()).text();
    return server;
  };
  return { api, client, pods, servers, add };
}

describe("podLogs()", () => {
  it(
    "follows the pods that are there, and those that come and go",
    cleaned(async (t) => {
      const { client, servers, add } = linkPods(t);
      const first = await add("web-0");
      await add("other", "db");
      const seen: string[] = [];
      for await (const line of podLogs(client, { labelSelector: "app=web" })) {
        seen.push(formatPodLogLine(line));
        if (seen.length === 1) await add("web-1");
        if (seen.length === 2) {
          first.isGone = true;
          first.end();
          await add("web-2");
        }
        if (seen.length === 3) break;
      }
      assert.deepEqual(seen, [
        "[pod/web-0/main] hello from web-0",
        "[pod/web-1/main] hello from web-1",
        "[pod/web-2/main] hello from web-2",
      ]);
      assert.equal([...servers.values()].reduce((sum, { followers }) => sum + followers.size, 0), 0);
    }),
  );

  for (const seed of SEEDS.slice(0, 4)) {
    it(
      `shows a counter of each pod complete, in order, once, while pods come and go, restart and are cut: seed ${seed}`,
      cleaned(async (t) => {
        const random = seededRandom(seed);
        const pick = (count: number) => Math.floor(random() * count);
        const { api, client, pods, add } = linkPods(t);
        const seen = new Map<string, string[]>();
        const written = new Map<string, string[]>();
        const alive = new Map<string, LogServer>();
        const controller = new AbortController();
        let wake = () => {};
        const reading = (async () => {
          for await (
            const { pod, text } of podLogs(client, { labelSelector: "app=web", signal: controller.signal })
          ) {
            if (!seen.has(pod)) seen.set(pod, []);
            seen.get(pod)!.push(text);
            wake();
          }
        })();
        reading.catch(() => wake());
        const until = async (name: string) => {
          while ((seen.get(name)?.length ?? 0) < written.get(name)!.length) {
            await Promise.race([
              new Promise<void>((resolve) => wake = resolve),
              reading.then(ended),
            ]);
          }
        };
        let count = 0;
        let time = START;
        for (let step = 0; step < 120; step++) {
          const names = [...alive.keys()];
          const name = names[pick(names.length)];
          const server = alive.get(name);
          const what = pick(10);
          if (server === undefined || (what === 0 && names.length < 8)) {
            const added = `web-${count++}`;
            written.set(added, [`hello from ${added}`]);
            alive.set(added, await add(added));
            continue;
          }
          for (let lines = pick(12); lines > 0; lines--) {
            time += [1n, 300_000_000n, 1_000_000_000n][pick(3)];
            const text = `${written.get(name)!.length}`;
            written.get(name)!.push(text);
            server.write(time, text);
          }
          if (what === 1) {
            if (pick(2) === 0) api.compact(); // what the watch missed cannot be had any more
            api.disconnect();
          } else if (what === 2) server.cut(`${formatTime(time)} ha`);
          else if (what === 3) {
            server.refusals = pick(3);
            server.cut();
          } else if (what === 4) {
            await until(name); // servers keep one container before the last restart
            await server.followed();
            server.restart();
            time += 1_000n;
            await server.followed();
          } else if (what === 5) {
            await until(name);
            await server.followed();
            alive.delete(name);
            await pods.delete(name);
            server.isGone = true;
            server.end();
          }
        }
        for (const name of written.keys()) await until(name);
        controller.abort("enough");
        await assert.rejects(reading, (reason) => reason === "enough");
        assert.deepEqual(Object.fromEntries(seen), Object.fromEntries(written));
        for (const { followers } of alive.values()) assert.equal(followers.size, 0);
      }),
    );
  }

  it(
    "takes in a thousand lines at most that nobody reads, of all pods together",
    cleaned(async (t) => {
      let given = 0;
      /** Prints without end, as fast as it is read. */
      class EndlessLog extends LogServer {
        override readonly fetch: typeof globalThis.fetch = (input, init) => {
          if (!String(input).includes("/log")) return this.#answer(input, init);
          const body = new ReadableStream<Uint8Array>({
            pull: (controller) => {
              given += 10;
              controller.enqueue(
                new TextEncoder().encode(`${formatTime(START + BigInt(given))} line\n`.repeat(10)),
              );
            },
          }, { highWaterMark: 0 });
          return Promise.resolve(new Response(body));
        };
        readonly #answer = new LogServer().fetch;
      }
      const { client, add } = linkPods(t);
      for (const name of ["web-0", "web-1", "web-2"]) await add(name, "web", new EndlessLog());
      const lines = podLogs(client, { labelSelector: "app=web" });
      await lines.next();
      for (let turn = 0, before = 0; turn < 50 && given < 100_000; turn++) {
        if (given !== before) [turn, before] = [0, given];
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      assert.ok(given >= 1_000 && given < 1_200, `${given} lines were taken in`);
      for (let line = 0; line < 5_000; line++) await lines.next();
      assert.ok(given < 6_500, `${given} lines were taken in`);
      await lines.return();
    }),
  );
});
