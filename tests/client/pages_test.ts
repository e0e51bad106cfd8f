import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { isExpired } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

type Answer = { items: string[]; continue?: string } | { expired: true; continue?: string } | "hang";

/** Config maps of a server that answers as written, and what it was asked. */
function paging(...answers: Answer[]) {
  const asked: string[] = [];
  const aborted: string[] = [];
  const client = new Client({
    server: "http://coxswain.test",
    fetch: (url, init) => {
      const { searchParams } = new URL(String(url));
      const query = searchParams.toString();
      asked.push(query);
      const answer = answers.shift() ?? "hang";
      if (answer === "hang") {
        return new Promise((_, reject) => {
          init?.signal?.addEventListener("abort", () => {
            aborted.push(query);
            reject(init.signal!.reason);
          });
        });
      }
      if ("expired" in answer) {
        const metadata = { continue: answer.continue };
        const status = { kind: "Status", apiVersion: "v1", status: "Failure", code: 410, reason: "Expired" };
        return Promise.resolve(Response.json({ ...status, metadata }, { status: 410 }));
      }
      return Promise.resolve(Response.json({
        kind: "ConfigMapList",
        apiVersion: "v1",
        metadata: {
          resourceVersion: String(asked.length * 10),
          continue: answer.continue,
          remainingItemCount: answer.continue ? 7 : undefined,
        },
        items: answer.items.map((name) => ({ metadata: { name } })),
      }));
    },
  });
  return { settings: client.resource(ConfigMap), asked, aborted, client };
}

const namesOf = (list: { items: readonly ConfigMap[] }) => list.items.map(({ metadata }) => metadata?.name);
const page = (items: string, next?: string): Answer => ({ items: items.split(""), continue: next });
/** Lets all that can happen happen. */
async function settled() {
  for (let i = 0; i < 50; i++) await Promise.resolve();
  await new Promise<void>((resolve) => setTimeout(resolve));
}

describe("listAll() [rest 11]", () => {
  it("hands on a list of one page as the server sent it", async () => {
    const { settings, asked } = paging(page("ab"));
    const list = await settings.listAll();
    assert.deepEqual([list.kind, list.metadata.resourceVersion, namesOf(list)], ["ConfigMapList", "10", [
      "a",
      "b",
    ]]);
    assert.deepEqual(asked, ["limit=500"]);
  });

  it("makes one list of several pages, with the version of the first", async () => {
    const { settings, asked } = paging(page("ab", "t1"), page("cd", "t2"), page("e"));
    const list = await settings.listAll({ limit: 2, labelSelector: "x" });
    assert.deepEqual(namesOf(list), ["a", "b", "c", "d", "e"]);
    assert.deepEqual(list.metadata, { resourceVersion: "10" });
    assert.deepEqual(asked, [
      "labelSelector=x&limit=2",
      "continue=t1&labelSelector=x&limit=2",
      "continue=t2&labelSelector=x&limit=2",
    ]);
  });

  it("ends after a page that is full, when the server says that it is the last", async () => {
    const { settings, asked } = paging(page("ab", "t1"), page("cd", ""));
    assert.deepEqual(namesOf(await settings.listAll({ limit: 2 })), ["a", "b", "c", "d"]);
    assert.equal(asked.length, 2);
  });

  it("says which version it wants with the first page alone, and again when it asks for everything", async () => {
    const { settings, asked } = paging(page("a", "t1"), { expired: true }, page("abc"));
    const list = await settings.listAll({
      limit: 1,
      resourceVersion: "7",
      resourceVersionMatch: "NotOlderThan",
    });
    assert.deepEqual(namesOf(list), ["a", "b", "c"]);
    assert.equal(list.metadata.resourceVersion, "30");
    assert.deepEqual(asked, [
      "limit=1&resourceVersion=7&resourceVersionMatch=NotOlderThan",
      "continue=t1&limit=1",
      "resourceVersion=7&resourceVersionMatch=NotOlderThan",
    ]);
  });

  it("asks for everything when the token that it was given has expired", async () => {
    const { settings, asked } = paging({ expired: true }, page("ab"));
    assert.deepEqual(namesOf(await settings.listAll({ continue: "old" })), ["a", "b"]);
    assert.deepEqual(asked, ["continue=old&limit=500", ""]);
  });

  it("fails when the first page has expired, when it is told to, or when all at once fails too", async () => {
    await assert.rejects(paging({ expired: true }).settings.listAll(), isExpired);
    const told = paging(page("a", "t1"), { expired: true });
    await assert.rejects(told.settings.listAll({ onExpired: "throw" }), isExpired);
    assert.equal(told.asked.length, 2);
    await assert.rejects(
      paging(page("a", "t1"), { expired: true }, { expired: true }).settings.listAll(),
      isExpired,
    );
  });
});

describe("pages() and items() [rest 11]", () => {
  it("hand out the pages in order, with how many come after", async () => {
    const { settings, asked } = paging(page("ab", "t1"), page("c"));
    const seen: unknown[] = [];
    for await (const list of settings.pages({ limit: 2, resourceVersion: "7" })) {
      seen.push([namesOf(list), list.metadata.remainingItemCount]);
    }
    assert.deepEqual(seen, [[["a", "b"], 7], [["c"], undefined]]);
    assert.deepEqual(asked, ["limit=2&resourceVersion=7", "continue=t1&limit=2"]);
  });

  it("ask for nothing before they are read, and for one page ahead of the one in use", async () => {
    const { settings, asked } = paging(page("a", "t1"), page("b", "t2"), page("c", "t3"), page("d"));
    const pages = settings.pages();
    await settled();
    assert.equal(asked.length, 0);
    await pages.next();
    await settled();
    assert.equal(asked.length, 2);
    await pages.next();
    await settled();
    assert.equal(asked.length, 3);
    await pages.return!();
  });

  for (const [prefetch, expected] of [[0, [1, 2, 3]], [2, [3, 4, 4]], [10, [4, 4, 4]]] as const) {
    it(`ask for ${prefetch} pages ahead, and no more`, async () => {
      const { settings, asked } = paging(page("a", "t1"), page("b", "t2"), page("c", "t3"), page("d"));
      const pages = settings.pages({ prefetch });
      const counts: number[] = [];
      for (const _ of expected) {
        await pages.next();
        await settled();
        counts.push(asked.length);
      }
      assert.deepEqual(counts, expected);
      await pages.return!();
    });
  }

  it("tell of a failure after the pages before it [each item: no full list]", async () => {
    const { settings } = paging(page("ab", "t1"), { expired: true, continue: "t2" });
    const seen: string[] = [];
    const reading = (async () => {
      for await (const { metadata } of settings.items({ prefetch: 5 })) seen.push(metadata.name);
    })();
    await assert.rejects(reading, isExpired);
    assert.deepEqual(seen, ["a", "b"]);
  });

  it("go on in the present state when they are told to, with the token that the server then gives", async () => {
    const { settings, asked } = paging(
      page("a", "t1"),
      { expired: true, continue: "t2" },
      page("b", "t3"),
      page("c"),
    );
    const items = await Array.fromAsync(settings.items({ limit: 1, onExpired: "continue" }));
    assert.deepEqual(namesOf({ items }), ["a", "b", "c"]);
    assert.deepEqual(asked.slice(1), ["continue=t1&limit=1", "continue=t2&limit=1", "continue=t3&limit=1"]);
    const without = paging(page("a", "t1"), { expired: true });
    await assert.rejects(Array.fromAsync(without.settings.items({ onExpired: "continue" })), isExpired);
  });

  it("end what is under way when they are left early", async () => {
    const { settings, asked, aborted } = paging(page("ab", "t1"), "hang");
    for await (const _ of settings.items()) {
      await settled();
      assert.equal(asked.length, 2);
      break;
    }
    assert.deepEqual(aborted, ["continue=t1&limit=500"]);
  });

  it("end with the signal's reason", async () => {
    const { settings, asked } = paging("hang");
    const controller = new AbortController();
    const reading = assert.rejects(
      Array.fromAsync(settings.pages({ signal: controller.signal })),
      (reason) => reason === "stop",
    );
    await settled();
    assert.equal(asked.length, 1);
    controller.abort("stop");
    await reading;
    await assert.rejects(
      Array.fromAsync(settings.items({ signal: controller.signal })),
      (reason) => reason === "stop",
    );
    assert.equal(asked.length, 1);
  });

  it("pass on what the loop throws, and end what is under way", async () => {
    const { settings, aborted } = paging(page("ab", "t1"), "hang");
    const reading = (async () => {
      for await (const _ of settings.items()) {
        await settled();
        throw new Error("enough");
      }
    })();
    await assert.rejects(reading, /enough/);
    assert.equal(aborted.length, 1);
  });

  it("refuse to look back", async () => {
    await assert.rejects(Array.fromAsync(paging().settings.pages({ prefetch: -1 })), RangeError);
  });

  it("ask for all at once with a limit of 0, and hand it out as it comes", async () => {
    const { settings, asked } = paging(page("abc"));
    assert.deepEqual(namesOf({ items: await Array.fromAsync(settings.items({ limit: 0 })) }), [
      "a",
      "b",
      "c",
    ]);
    assert.deepEqual(asked, [""]);
  });

  it("survive a token that expires on the way, against a server that forgets", async () => {
    const server = new ApiServer();
    const client = new Client(server.restConfig());
    const settings = client.resource(ConfigMap).namespace("default");
    for (const name of "abcdef") await settings.create({ metadata: { name } });
    const seen: string[] = [];
    for await (const { metadata } of settings.items({ limit: 2, prefetch: 0, onExpired: "continue" })) {
      if (seen.push(metadata.name) === 2) {
        await settings.create({ metadata: { name: "e0" } });
        server.compact();
      }
    }
    assert.deepEqual(seen, ["a", "b", "c", "d", "e", "e0", "f"]);
    await client[Symbol.asyncDispose]();
    await server[Symbol.asyncDispose]();
  });
});
