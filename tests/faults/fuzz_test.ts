import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import {
  formatLabelSelector,
  type KubernetesObject,
  type LabelRequirement,
  matchesLabels,
  parseLabelSelector,
  type WatchEvent,
} from "@coxswain/kube/meta";
import * as rest from "@coxswain/kube/rest";
import { ListReader, NetworkError, RestClient, StatusError, WatchReader } from "@coxswain/kube/rest";
import { seededRandom } from "../../testing/seeded_random.ts";
import { bodyOf, pieces } from "../rest/bodies.ts";
import { FaultClock } from "./fault_clock.ts";
import { Chance } from "./random_values.ts";

/** One test each. Which one failed is in its name, and what it was about in the message. */
const SEEDS = [20_260_726, 1, 2, 3];
const ROUNDS = 400;

let keysBefore: readonly PropertyKey[] = [];
beforeEach(() => void (keysBefore = Reflect.ownKeys(Object.prototype)));
afterEach(() => {
  assert.deepEqual(Reflect.ownKeys(Object.prototype), keysBefore);
  assert.ok(!("polluted" in {}));
});

/** Runs `round` many times, and says which one failed. */
function fuzz(name: string, round: (chance: Chance) => unknown): void {
  for (const seed of SEEDS) {
    it(`${name}, seed ${seed}`, async () => {
      const chance = new Chance(seededRandom(seed));
      for (let n = 0; n < ROUNDS; n++) {
        try {
          await round(chance);
        } catch (error) {
          throw new Error(`round ${n} of seed ${seed}`, { cause: error });
        }
      }
    });
  }
}

const WHAT = "GET http://coxswain.test/x";

const STATUS = {
  apiVersion: "v1",
  kind: "Status",
  metadata: {},
  status: "Failure",
  message: 'pods "web" not found',
  reason: "NotFound",
  details: {
    name: "web",
    kind: "pods",
    uid: "1",
    causes: [{ reason: "FieldValueInvalid", message: "is bad", field: "spec.a" }, {
      reason: "UnexpectedServerResponse",
    }],
    retryAfterSeconds: 7,
  },
  code: 404,
};

/** Every function that takes an error apart. */
const predicates = Object.entries(rest).filter(([name]) => /^is[A-Z]/.test(name) && name !== "isString").map((
  [, value],
) => value as (error: unknown) => boolean);

/** Errors that were not foreseen are those that nobody can handle. */
function checkError(error: unknown): void {
  const known = error instanceof StatusError || error instanceof NetworkError || error instanceof SyntaxError;
  assert.ok(known, error instanceof Error ? error.stack : String(error));
  assert.equal(typeof error.message, "string");
  for (const predicate of predicates) assert.equal(typeof predicate(error), "boolean");
  assert.ok(rest.statusCauseOf(error, "NoSuchReason") === undefined);
  const delay = rest.suggestedDelayOf(error);
  assert.ok(delay === undefined || Number.isFinite(delay), `a delay of ${delay}`);
  if (!(error instanceof StatusError)) return;
  assert.ok(error.message !== "");
  assert.deepEqual([typeof error.code, typeof error.reason], ["number", "string"]);
  for (const cause of error.details?.causes ?? []) {
    for (const field of Object.values({ ...cause, reason: cause.reason ?? "" })) {
      void String(JSON.stringify(field));
    }
    assert.ok(["string", "undefined"].includes(typeof cause.message));
  }
}

async function outcomeOf<T>(work: () => Promise<T>): Promise<{ value: T } | undefined> {
  try {
    return { value: await work() };
  } catch (error) {
    checkError(error);
    return undefined;
  }
}

/** What a header can hold, as bytes. */
const HEADER = [
  ...'0123456789 ,;=/"\\-+:*qe\t\x80\xff',
  '299 - "a"',
  "text/",
  "json",
  "charset=",
  "1e3",
  "9".repeat(30),
];

describe("Whatever an answer says", () => {
  fuzz("ends as documented, with any status, headers and Status", async (chance) => {
    let value: unknown = STATUS;
    for (let change = chance.below(4); change > 0; change--) value = chance.replaced(value);
    let body = JSON.stringify(value) ?? "";
    if (chance.is(0.3)) body = chance.mangled(body);
    const headers = new Headers();
    for (const name of ["Content-Type", "Retry-After", "Warning", "Content-Length"]) {
      if (chance.is(0.5)) headers.append(name, chance.text(HEADER));
    }
    const clock = new FaultClock();
    const client = new RestClient({
      server: "http://coxswain.test",
      onWarning: ({ text }) => assert.equal(typeof text, "string"),
      clock,
      maxRetries: 2,
      fetch: () =>
        Promise.resolve(
          new Response(body, {
            status: chance.of([200, 201, 206, 207, 301, 400, 403, 404, 409, 410, 422, 429, 500, 503, 599]),
            headers,
          }),
        ),
    });
    const ask = () => client.get().resource("pods").name("web").send();
    await outcomeOf(async () => await (await ask()).json());
    await outcomeOf(async () => await (await ask()).list().collect());
    await outcomeOf(async () => {
      for await (const event of (await ask()).watch()) assert.equal(typeof event.object, "object");
    });
    assert.equal(clock.timers, 0);
    assert.ok(clock.pauses.every((pause) => pause >= 0), String(clock.pauses));
  });

  it("a Status as servers send it arrives as it is", async () => {
    const fetch = () => Promise.resolve(Response.json(STATUS, { status: 404 }));
    const client = new RestClient({ server: "http://coxswain.test", fetch });
    await assert.rejects(client.get().resource("pods").name("web").send(), (error) => {
      assert.ok(error instanceof StatusError);
      assert.deepEqual(error.status, STATUS);
      return true;
    });
  });

  for (
    const [what, change] of Object.entries({
      "a message that is no text": { message: { toString: null, valueOf: null } },
      "a reason that is no text": { reason: { toString: null, valueOf: null } },
      "a reason that is every object's": { reason: "__proto__" },
      "a code that is no number": { code: "404" },
      "details that are no object": { details: [1] },
      "causes that are no list": { details: { causes: { find: 1 } } },
      "causes that are no objects": { details: { causes: [null, 1, "x"] } },
      "a delay that is no number": { details: { retryAfterSeconds: {} } },
      "a delay without end": { details: { retryAfterSeconds: 1e300 } },
    })
  ) {
    it(`a Status with ${what} is an error like others`, async () => {
      for (const status of [200, 500]) {
        const fetch = () => Promise.resolve(Response.json({ ...STATUS, ...change }, { status }));
        const client = new RestClient({ server: "http://coxswain.test", fetch });
        const ask = () => client.get().resource("pods").send();
        for (
          const read of [
            async () => await (await ask()).json(),
            async () => await (await ask()).list().collect(),
            async () => await (await ask()).watch().nextBatch(),
          ]
        ) assert.equal(await outcomeOf(read), undefined);
      }
    });
  }
});

const TYPES = ["ADDED", "MODIFIED", "DELETED", "BOOKMARK"];

describe("Whatever a watch says", () => {
  const eventOf = (chance: Chance) => ({ type: chance.of(TYPES), object: chance.object() });

  async function read(chunks: Iterable<Uint8Array>): Promise<WatchEvent[]> {
    const events: WatchEvent[] = [];
    for await (const event of new WatchReader(bodyOf(chunks), WHAT)) events.push(event);
    return events;
  }

  fuzz("events arrive as they were sent, however they are written and cut", async (chance) => {
    const sent = Array.from({ length: chance.below(5) }, () => eventOf(chance));
    const written = sent.map((event) =>
      JSON.stringify(event, null, chance.of([0, 0, 1, "\t"])) + chance.of(["\n", "\n", "\r\n", "", " \n\n"])
    );
    const last = chance.is(0.5) ? "" : chance.of(["\n", " ", "\r\n\r\n"]);
    assert.deepEqual(await read(chance.pieces(written.join("") + last)), JSON.parse(JSON.stringify(sent)));
  });

  fuzz("what is no event is refused", async (chance) => {
    const values: unknown[] = Array.from({ length: 1 + chance.below(3) }, () => eventOf(chance));
    if (chance.is(0.3)) values.push({ type: "ERROR", object: chance.replaced(STATUS) });
    const texts = values.map((value) => JSON.stringify(chance.is(0.5) ? chance.replaced(value) : value));
    let text = `${texts.join("\n")}\n`;
    for (let change = chance.below(4); change > 0; change--) text = chance.mangled(text);
    const found = await outcomeOf(() => read(chance.pieces(text)));
    for (const { type, object } of found?.value ?? []) {
      assert.ok(TYPES.includes(type) && typeof object === "object" && object !== null);
    }
  });
});

describe("Whatever a list says", () => {
  const collect = (chunks: Iterable<Uint8Array>) => new ListReader(bodyOf(chunks), WHAT).collect();

  function textOf(chance: Chance): string {
    const items = Array.from({ length: chance.below(5) }, () => chance.object());
    const { metadata, ...rest } = {
      kind: "PodList",
      apiVersion: "v1",
      metadata: { resourceVersion: "7", continue: chance.text() },
      ...(chance.is(0.2) && { extra: chance.json() }),
    };
    const list = chance.is(0.7) ? { ...rest, metadata, items } : { items, ...rest, metadata };
    return JSON.stringify(list, null, chance.of([0, 0, 1, "\t"]));
  }

  /** What the text is as a list, when it is read as a whole. */
  function expectedOf(text: string): { items: unknown[]; metadata: unknown } | undefined {
    const { apiVersion, kind, metadata = {}, items } = JSON.parse(text);
    if (!Array.isArray(items)) return undefined;
    const own = typeof kind === "string" && /.List$/.test(kind) && typeof apiVersion === "string";
    const filled = items.map((item) => {
      const said = own
        ? { apiVersion: item.apiVersion ?? apiVersion, kind: item.kind ?? kind.slice(0, -4) }
        : {};
      return { ...item, ...said };
    });
    return { metadata, items: filled };
  }

  fuzz("it arrives as it was sent, however it is written and cut", async (chance) => {
    const text = textOf(chance);
    const { metadata, items } = await collect(chance.pieces(text));
    // The order in which a list says what it is decides whether its items know what they are.
    const plain = text.indexOf('"kind"') > text.indexOf('"items"') ? JSON.parse(text) : expectedOf(text);
    assert.deepEqual({ metadata, items }, { metadata: plain!.metadata, items: plain!.items });
  });

  fuzz("what is no list is refused, and never taken for an empty one", async (chance) => {
    let text = textOf(chance);
    if (chance.is(0.3)) text = JSON.stringify(chance.replaced(JSON.parse(text)));
    for (let change = chance.below(4); change > 0; change--) text = chance.mangled(text);
    const found = await outcomeOf(() => collect(chance.pieces(text)));
    if (found === undefined) return;
    // It was JSON, but for characters that pass for white space here.
    const { items } = JSON.parse(text.toWellFormed().replaceAll("\0", " ").trim());
    assert.equal(found.value.items.length, items?.length ?? 0);
  });

  for (
    const [what, text] of [
      ["an object of another kind", '{"kind":"Pod","apiVersion":"v1","metadata":{}}'],
      ["an object of no kind", "{}"],
      ["what a proxy has to say", '{"message":"try again"}'],
      ["items that are no list", '{"kind":"PodList","items":{}}'],
      ["items that are there twice", '{"kind":"PodList","items":[],"items":[{}]}'],
      ["a name of items that is written oddly", '{"kind":"PodList","\\u0069tems":[{}]}'],
    ]
  ) {
    it(`${what} is no list`, () => assert.rejects(collect(pieces(text, 5)), SyntaxError));
  }

  for (
    const [what, text] of [
      ["null, as Go writes no items", '{"kind":"PodList","items":null}'],
      ["no items, where the kind is a list's", '{"kind":"PodList"}'],
    ]
  ) {
    it(`${what} is an empty list`, async () => assert.deepEqual((await collect(pieces(text, 5))).items, []));
  }

  it("a list that has failed does not end well when it is asked again", async () => {
    const chunks = [new TextEncoder().encode('{"kind":"PodList","items":[]}'), new Uint8Array([0xff])];
    const reader = new ListReader<KubernetesObject>(bodyOf(chunks), WHAT);
    for (let n = 0; n < 3; n++) await assert.rejects(reader.nextBatch(), /the text is not UTF-8/);
  });
});

/** What makes readers slow that begin anew with each piece, or go back for each part. */
describe("Much of anything takes no more than its time:", () => {
  const deep = (n: number) => `${'{"a":['.repeat(n)}${"]}".repeat(n)}`;
  const lines = "[\n" + "1,\n".repeat(1_000_000) + "1]";
  for (
    const [what, text] of [
      ["one event in many lines", `{"type":"ADDED","object":{"a":${lines}}}\n`],
      ["an event without end", `{"type":"ADDED","object":{"a":${lines}`],
      ["many events in one line", '{"type":"ADDED","object":{}}'.repeat(50_000)],
      ["brackets in an event", `{"type":"ADDED","object":${deep(50_000)}}\n`],
      ["brackets in lines", `{"type":"ADDED","object":${deep(50_000).replaceAll("[", "[\n")}}\n`],
    ]
  ) {
    it(what, async () => {
      await outcomeOf(async () => {
        for await (const _event of new WatchReader(bodyOf(pieces(text, 16_384)), WHAT));
      });
    });
  }

  for (
    const [what, text] of [
      ["something large that is no list", `{"kind":"PodList","metadata":${lines}}`],
      ["something large before the items", `{"kind":"PodList","metadata":${lines},"items":[]}`],
      ["an item in many lines", `{"kind":"PodList","items":[ { "a":${lines}} ]}`],
      ["brackets in a list", `{"kind":"PodList","items":[${deep(50_000)}]}`],
      ["items alike inside and out", `{"items":[{"metadata":[${'{"metadata":{}},'.repeat(100_000)}1]}]}`],
    ]
  ) {
    it(
      what,
      async () => void await outcomeOf(() => new ListReader(bodyOf(pieces(text, 500)), WHAT).collect()),
    );
  }

  for (
    const text of [
      "a=".repeat(100_000),
      "a,".repeat(100_000),
      "!".repeat(100_000),
      `a${"-".repeat(100_000)}`,
      " ".repeat(100_000),
    ]
  ) {
    it(`${JSON.stringify(text.slice(0, 3))}, again and again, as a label selector`, () => {
      try {
        parseLabelSelector(text);
      } catch (error) {
        assert.ok(error instanceof SyntaxError);
      }
    });
  }
});

describe("Whatever a label selector says", () => {
  const PARTS = [
    ..."!=<>(),-._/ \t\u00a0é9",
    ...[
      "a",
      "app",
      "in",
      "notin",
      "exists",
      "==",
      "!=",
      "in (",
      "notin (",
      "example.com/",
      "7",
      "-7",
      "__proto__",
    ],
    ...["constructor", "a=b", "a in (b, c)", "a>1", "x".repeat(64)],
  ];
  const LABELS: Record<string, string>[] = [{}, { a: "b" }, { a: "7", app: "" }, {
    constructor: "7",
    in: "9",
  }, { "example.com/a": "-7" }];

  fuzz("it is read, or refused with a SyntaxError, and reads the same when it is written", (chance) => {
    const text = chance.text(PARTS, 10);
    let requirements: LabelRequirement[];
    try {
      requirements = parseLabelSelector(text);
    } catch (error) {
      assert.ok(error instanceof SyntaxError, String(error));
      return;
    }
    const written = formatLabelSelector(requirements);
    assert.deepEqual(
      parseLabelSelector(written),
      requirements,
      `${JSON.stringify(text)} as ${JSON.stringify(written)}`,
    );
    for (const labels of LABELS) {
      assert.equal(typeof matchesLabels(requirements, labels), "boolean");
    }
  });
});
