import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { isForbidden, isNetworkError, ListReader, RestClient } from "@coxswain/kube/rest";
import { seededRandom } from "../../testing/seeded_random.ts";
import { bodyOf, overwritten, pieces } from "./bodies.ts";

const WHAT = "GET http://coxswain.test/list";
const SIZES = [1, 2, 3, 7, 64, 100_000];

function readerOf(text: string, size = 100_000): ListReader {
  return new ListReader(overwritten(pieces(text, size)), WHAT);
}

function names(items: KubernetesObject[]): (string | undefined)[] {
  return items.map(({ metadata }) => metadata?.name);
}

const pods = ["a", "b", "c"].map((name) => ({ metadata: { name }, spec: { note: "π ≈ 3, 🙂" } }));
const podList = {
  kind: "PodList",
  apiVersion: "v1",
  metadata: { resourceVersion: "7", continue: "next" },
  items: pods,
};
const named = pods.map((pod) => ({ apiVersion: "v1", kind: "Pod", ...pod }));

describe("ListReader", () => {
  for (const size of SIZES) {
    it(`gives the items whole when bytes come ${size} at a time, through characters and keys`, async () => {
      const list = await readerOf(JSON.stringify(podList), size).collect();
      assert.deepEqual(list, { ...podList, items: named });
    });

    it(`reads an indented list ${size} bytes at a time`, async () => {
      const list = await readerOf(JSON.stringify(podList, undefined, 2), size).collect();
      assert.deepEqual(list, { ...podList, items: named });
    });
  }

  it("gives each item its apiVersion and kind, in the order in which people write them", async () => {
    const [pod] = (await readerOf(JSON.stringify(podList)).collect()).items;
    assert.deepEqual(Object.keys(pod), ["apiVersion", "kind", "metadata", "spec"]);
  });

  it("leaves what items say of themselves", async () => {
    const items = [
      { apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "a" } },
      { metadata: { name: "b" }, kind: "Other", apiVersion: "example.com/v2" },
      { kind: "Third", metadata: { name: "c" } },
    ];
    const list = await readerOf(JSON.stringify({ kind: "WebAppList", apiVersion: "example.com/v1", items }))
      .collect();
    assert.deepEqual(list.items.map(({ kind, apiVersion }) => [apiVersion, kind]), [
      ["example.com/v1", "WebApp"],
      ["example.com/v2", "Other"],
      ["example.com/v1", "Third"],
    ]);
  });

  it("does not make up a kind for a list that does not name one", async () => {
    const text = `{"kind":"List","apiVersion":"v1","items":[{"metadata":{"name":"a"}}]}`;
    assert.deepEqual((await readerOf(text).collect()).items, [{ metadata: { name: "a" } }]);
  });

  for (
    const [what, text, expected] of [
      ["no items", `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[]}`, []],
      ["items that are null", `{"kind":"PodList","apiVersion":"v1","metadata":{},"items":null}`, []],
      ["no items field", `{"kind":"PodList","apiVersion":"v1"}`, []],
      [
        "metadata after the items",
        `{"items":[{"metadata":{"name":"a"}}],"metadata":{"resourceVersion":"7"}}`,
        ["a"],
      ],
      [
        "an items field deeper down",
        `{"metadata":{"items":[{"metadata":{"name":"no"}}]},"items":[{"metadata":{"name":"a"}}]}`,
        ["a"],
      ],
      ["empty items", `{"items":[{},{},{"metadata":{"name":"c"}}]}`, [undefined, undefined, "c"]],
      [
        "items that begin with different keys",
        `{"items":[{"metadata":{"name":"a"}},{"spec":{},"metadata":{"name":"b"}},{"metadata":{"name":"c"}}]}`,
        ["a", "b", "c"],
      ],
      [
        "a first key with an escape",
        `{"items":[{"a\\"b":1,"metadata":{"name":"a"}},{"a\\"b":1,"metadata":{"name":"b"}}]}`,
        ["a", "b"],
      ],
    ] as [string, string, (string | undefined)[]][]
  ) {
    for (const size of [1, 1_000]) {
      it(`reads a list with ${what}, ${size} bytes at a time`, async () => {
        const list = await readerOf(text, size).collect();
        assert.deepEqual(names(list.items), expected);
      });
    }
  }

  it("is not misled by objects within an item that begin like items", async () => {
    const claim = (name: string) => ({ metadata: { name }, spec: { text: `},{"metadata":{"name":"x"}}` } });
    const items = ["a", "b"].map((name) => ({
      metadata: { name },
      spec: { claims: [claim("1"), claim("2"), claim("3")] },
    }));
    for (const size of SIZES) {
      const list = await readerOf(JSON.stringify({ kind: "SetList", apiVersion: "v1", items }), size)
        .collect();
      assert.deepEqual(
        list.items.map(({ metadata, ...rest }) => ({ metadata, spec: (rest as { spec?: unknown }).spec })),
        items,
      );
    }
  });

  it("hands items out before the list has ended", async () => {
    const text = JSON.stringify(podList);
    const split = text.indexOf(`{"metadata":{"name":"c"`);
    let release = () => {};
    const released = new Promise<void>((resolve) => release = resolve);
    const body = new ReadableStream<Uint8Array>({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode(text.slice(0, split + 20)));
        await released;
        controller.enqueue(new TextEncoder().encode(text.slice(split + 20)));
        controller.close();
      },
    });
    const response = new Response(body);
    const client = new RestClient({ server: "http://coxswain.test", fetch: () => Promise.resolve(response) });
    const reader = (await client.get().resource("pods").send()).list();
    assert.deepEqual(names((await reader.nextBatch())!), ["a", "b"]);
    assert.equal(reader.head.metadata?.resourceVersion, "7");
    release();
    assert.deepEqual(names((await reader.nextBatch())!), ["c"]);
    assert.equal(await reader.nextBatch(), undefined);
    await client[Symbol.asyncDispose]();
  });

  it("throws the refusal that came in place of a list", async () => {
    const status = {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason: "Forbidden",
      code: 403,
      message: "no",
    };
    await assert.rejects(readerOf(JSON.stringify(status)).collect(), isForbidden);
  });

  const whole = JSON.stringify(podList);
  for (
    const end of [1, 10, whole.indexOf("["), whole.indexOf(`"b"`), whole.lastIndexOf("]"), whole.length - 1]
  ) {
    it(`refuses a list that was cut after ${end} characters, without repeating its text`, async () => {
      await assert.rejects(readerOf(whole.slice(0, end)).collect(), (error: Error) => {
        assert.equal(error.name, "SyntaxError");
        assert.match(error.message, /^GET http:\/\/coxswain\.test\/list failed: /);
        assert.doesNotMatch(error.message, /metadata|resourceVersion|PodList/);
        return true;
      });
    });
  }

  for (
    const [what, text] of [["a page of a proxy", "<html>login</html>"], ["nothing", ""], [
      "a bare word",
      "null",
    ], ["numbers", `{"items":[1]}`]]
  ) {
    it(`refuses ${what} in place of a list`, async () => {
      await assert.rejects(readerOf(text).collect(), SyntaxError);
    });
  }

  it("refuses bytes that are no UTF-8", async () => {
    await assert.rejects(
      new ListReader(bodyOf([new Uint8Array([0x7b, 0xff, 0xfe])]), WHAT).collect(),
      /not UTF-8/,
    );
  });

  it("treats __proto__ as a key like any other", async () => {
    const text =
      `{"__proto__":{"polluted":1},"items":[{"__proto__":{"polluted":1},"metadata":{"name":"a"}}]}`;
    const list = await readerOf(text).collect();
    assert.equal(({} as { polluted?: number }).polluted, undefined);
    assert.equal((list.items[0] as { polluted?: number }).polluted, undefined);
  });

  it("lets go of the body when the loop is left", async () => {
    let ended = false;
    const reader = new ListReader(bodyOf(pieces(whole, 50), { onEnd: () => ended = true }), WHAT);
    for await (const _ of reader) break;
    assert.ok(ended);
    assert.equal(await reader.nextBatch().catch((error) => error.name), "SyntaxError");
  });

  it("reports a body that breaks off as the network's failure", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode(whole.slice(0, 100)));
        controller.error(new TypeError("terminated"));
      },
    });
    const client = new RestClient({
      server: "http://coxswain.test",
      fetch: () => Promise.resolve(new Response(body)),
    });
    const reader = (await client.get().resource("pods").send()).list();
    await assert.rejects(reader.collect(), isNetworkError);
    await client[Symbol.asyncDispose]();
  });

  const SEED = 20_261;
  it(`agrees with JSON.parse on lists made from seed ${SEED}, however they are written and cut`, async () => {
    const random = seededRandom(SEED);
    const pick = <V>(...values: V[]): V => values[Math.floor(random() * values.length)];
    const text = () =>
      pick("a", "\\", '"', `},{"metadata":`, "]", "ü", "🙂", "\u2028", "\n", "{", "") + pick("", "x", "\\\\");
    const value = (depth: number): unknown =>
      depth === 0 || random() < 0.3
        ? pick<unknown>(text(), random() * 100 - 50, true, null, -0, 1e21)
        : random() < 0.5
        ? Array.from({ length: random() * 4 }, () => value(depth - 1))
        : object(depth);
    const object = (depth: number): Record<string, unknown> =>
      Object.fromEntries(
        Array.from(
          { length: random() * 4 },
          () => [pick("metadata", "spec", "items", "kind2", text()), value(depth - 1)],
        ),
      );
    for (let round = 0; round < 300; round++) {
      const items = Array.from(
        { length: random() * 6 },
        () => pick<Record<string, unknown>>(object(4), { metadata: object(3), ...object(3) }),
      );
      const fields = pick([["metadata", object(2)], ["items", items]], [["items", items], [
        "metadata",
        object(2),
      ]]);
      const list = Object.fromEntries(fields as [string, unknown][]);
      const written = JSON.stringify(list, undefined, pick<number | undefined>(undefined, undefined, 1, 2));
      const read = await readerOf(written, pick(1, 2, 5, 17, 1_000)).collect();
      assert.deepEqual(read.items, JSON.parse(written).items, `round ${round}: ${written}`);
      assert.deepEqual(read.metadata, JSON.parse(written).metadata);
    }
  });
});
