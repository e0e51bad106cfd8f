import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bytesCodec, type Codec, JsonScanner, ObjectBytes, RestResponse } from "@coxswain/kube/rest";
import { seededRandom } from "../../testing/seeded_random.ts";
import { overwritten } from "./bodies.ts";

const encoder = new TextEncoder();
const fatal = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** An object of bytes, copied, since the bytes are there for one call alone. */
const codec = bytesCodec((object) =>
  Object.assign(new ObjectBytes(), object, { bytes: object.bytes.slice(), prefix: object.prefix.slice() })
);

/** What a value becomes in a cache, as text. */
function textOf(object: ObjectBytes, managedFields: "keep" | "drop"): string {
  const bytes = new Uint8Array(object.lengthAs(managedFields));
  object.copyTo(bytes, 0, managedFields);
  return fatal.decode(bytes);
}

const withoutManagedFields = (value: unknown) => {
  const copy = structuredClone(value) as { metadata?: { managedFields?: unknown } };
  if (typeof copy?.metadata === "object" && copy.metadata !== null) delete copy.metadata.managedFields;
  return copy;
};

/** An object of bytes as the object that it is, after a look at what has been read of it. */
function parsed(item: unknown): unknown {
  if (!(item instanceof ObjectBytes)) {
    const { object } = (item ?? {}) as { object?: unknown };
    return object instanceof ObjectBytes ? { ...item as object, object: parsed(object) } : item;
  }
  const object = JSON.parse(textOf(item, "keep"));
  const { apiVersion = "", kind = "", metadata } = object;
  const { name, namespace = "", uid = "", resourceVersion = "" } = metadata;
  assert.deepEqual(
    [item.apiVersion, item.kind, item.name, item.namespace, item.uid, item.resourceVersion],
    [apiVersion, kind, name, namespace, uid, resourceVersion],
  );
  assert.deepEqual(
    JSON.parse(fatal.decode(item.bytes.subarray(item.metadataFrom, item.metadataTo))),
    metadata,
  );
  assert.deepEqual(JSON.parse(textOf(item, "drop")), withoutManagedFields(object));
  return object;
}

/** What a reader makes of bytes that come in pieces: items or events, and how it ended. */
async function read(
  bytes: Uint8Array,
  size: number,
  open: (response: RestResponse) => { nextBatch(): Promise<unknown[] | undefined>; head?: unknown },
): Promise<{ items: unknown[]; head: unknown; error: string | undefined }> {
  const items: unknown[] = [];
  const body = overwritten(copies(bytes, size));
  const reader = open(new RestResponse({ status: 200, headers: JSON_HEADERS }, body, "GET /pods"));
  try {
    for (let batch = await reader.nextBatch(); batch !== undefined; batch = await reader.nextBatch()) {
      for (const item of batch) items.push(parsed(item));
    }
    return { items, head: { ...reader.head as object }, error: undefined };
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return { items, head: undefined, error: String(error) };
  }
}

const JSON_HEADERS = new Headers({ "content-type": "application/json" });

/** Copies, since nothing may be read beyond a chunk. */
function* copies(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
}

const readList = (bytes: Uint8Array, size: number, json?: Codec) =>
  read(bytes, size, (answer) => answer.list(json));
const readWatch = (bytes: Uint8Array, size: number, json?: Codec) =>
  read(bytes, size, (answer) => answer.watch(json));

/** Values as a server, or somebody who wants to break in, may send them. */
class Writer {
  readonly #roll: () => number;

  constructor(roll: () => number) {
    this.#roll = roll;
  }

  pick<T>(from: readonly T[]): T {
    return from[Math.floor(this.#roll() * from.length)];
  }

  space(): string {
    return this.#roll() < 0.9 ? "" : this.pick([" ", "\t", "  ", "\r", " \t "]);
  }

  text(): string {
    return this.pick([
      '""',
      '"web"',
      '"a-b.c/d"',
      '"ü€🙂"',
      String.raw`"\u0041\n\"}],{[\\"`,
      String.raw`"\\\\\""`,
      '"managedFields"',
      String.raw`"\ud83d"`,
      '"},{\\"metadata\\":{"',
      `"${"long ".repeat(50)}"`,
    ]);
  }

  value(depth = 0): string {
    const kind = Math.floor(this.#roll() * (depth > 3 ? 5 : 8));
    switch (kind) {
      case 0:
      case 1:
        return this.text();
      case 2:
        return this.pick(["0", "-0", "12", "-1.5e+10", "1E9", "0.25", "9007199254740993", "1e400"]);
      case 3:
        return this.pick(["true", "false", "null"]);
      case 4:
        return this.pick(["{}", "[]", "{ }", "[ ]"]);
      case 5:
        return `[${this.#several(() => this.value(depth + 1))}]`;
      default:
        return `{${this.#several(() => this.member(this.text(), this.value(depth + 1)))}}`;
    }
  }

  #several(one: () => string): string {
    return Array.from({ length: 1 + Math.floor(this.#roll() * 3) }, () => this.space() + one() + this.space())
      .join();
  }

  member(key: string, value: string): string {
    return `${key}${this.space()}:${this.space()}${value}`;
  }

  metadata(): string {
    const members = [
      this.member('"name"', this.#roll() < 0.95 ? this.pick(['"web-0"', '"w"']) : this.value()),
      ...this.#sometimes(0.8, '"namespace"', () => this.pick(['"shop"', '""', '"billing"'])),
      ...this.#sometimes(0.8, '"uid"', () => '"1-2-3"'),
      ...this.#sometimes(0.8, '"resourceVersion"', () => this.pick(['"1"', '"20"', '""', "7"])),
      ...this.#sometimes(0.6, '"labels"', () => this.value()),
      ...this.#sometimes(0.6, '"managedFields"', () => this.value()),
      ...this.#sometimes(0.05, '"managedFields"', () => this.value()),
      ...this.#sometimes(0.05, '"name"', () => '"again"'),
      ...this.#sometimes(0.05, String.raw`"\u006eame"`, () => '"escaped"'),
      ...this.#sometimes(0.05, '"__proto__"', () => this.value()),
    ];
    if (this.#roll() < 0.3) members.reverse();
    return `{${this.space()}${members.join(this.space() + "," + this.space())}${this.space()}}`;
  }

  object(saysKind: number): string {
    const members = [
      ...this.#sometimes(saysKind, '"apiVersion"', () => '"v1"'),
      ...this.#sometimes(saysKind, '"kind"', () => '"Pod"'),
      this.member('"metadata"', this.#roll() < 0.97 ? this.metadata() : this.value()),
      ...this.#sometimes(0.9, '"spec"', () => this.value()),
      ...this.#sometimes(0.5, '"status"', () => this.value()),
      ...this.#sometimes(0.03, '"metadata"', () => this.metadata()),
      ...this.#sometimes(0.03, String.raw`"metad\u0061ta"`, () => this.metadata()),
    ];
    if (this.#roll() < 0.2) members.reverse();
    return `{${this.space()}${members.join(this.space() + ",")}${this.space()}}`;
  }

  list(): string {
    const items = Array.from(
      { length: Math.floor(this.#roll() * 6) },
      () => this.object(this.pick([0, 1, 0.5])),
    );
    const members = [
      ...this.#sometimes(0.9, '"kind"', () => this.pick(['"PodList"', '"List"', '"Pod"'])),
      ...this.#sometimes(0.9, '"apiVersion"', () => '"v1"'),
      ...this.#sometimes(0.9, '"metadata"', () => '{"resourceVersion":"9","continue":""}'),
      this.member(
        '"items"',
        this.#roll() < 0.97 ? `[${this.space()}${items.join(`${this.space()},`)}]` : this.value(),
      ),
    ];
    if (this.#roll() < 0.2) members.reverse();
    return `{${members.join()}}${this.pick(["", "\n"])}`;
  }

  watch(): string {
    return Array.from({ length: 1 + Math.floor(this.#roll() * 5) }, () => {
      const members = [
        this.member(
          '"type"',
          this.pick(['"ADDED"', '"MODIFIED"', '"DELETED"', '"BOOKMARK"', '"ERROR"', this.text()]),
        ),
        this.member('"object"', this.#roll() < 0.95 ? this.object(1) : this.value()),
        ...this.#sometimes(0.03, '"object"', () => this.object(1)),
        ...this.#sometimes(0.03, '"type"', () => '"DELETED"'),
        ...this.#sometimes(0.03, '"more"', () => this.value()),
      ];
      if (this.#roll() < 0.2) members.reverse();
      return `{${members.join()}}${this.#roll() < 0.95 ? "\n" : this.pick(["", " ", "\r\n", "\n\n"])}`;
    }).join("");
  }

  /** The same with something wrong in a place or two. */
  broken(text: string): Uint8Array {
    const bytes = encoder.encode(text);
    let result = bytes;
    for (let times = 1 + Math.floor(this.#roll() * 2); times > 0; times--) {
      const at = Math.floor(this.#roll() * result.length);
      const byte = this.pick([
        34,
        92,
        123,
        125,
        91,
        93,
        44,
        58,
        10,
        0,
        0x80,
        0xff,
        0xe2,
        48,
        45,
        101,
        32,
        117,
      ]);
      switch (Math.floor(this.#roll() * 4)) {
        case 0:
          result = Uint8Array.from(result, (one, index) => index === at ? byte : one);
          break;
        case 1:
          result = new Uint8Array([...result.subarray(0, at), ...result.subarray(at + 1)]);
          break;
        case 2:
          result = new Uint8Array([...result.subarray(0, at), byte, ...result.subarray(at)]);
          break;
        default:
          result = result.slice(0, at);
      }
    }
    return result;
  }

  #sometimes(share: number, key: string, value: () => string): string[] {
    return this.#roll() < share ? [this.member(key, value())] : [];
  }
}

const isJson = (bytes: Uint8Array): boolean => {
  try {
    JSON.parse(fatal.decode(bytes));
    return true;
  } catch {
    return false;
  }
};

/** How often each is thrown dice for. */
const ROUNDS = 300;
/** Bytes in a piece. */
const SIZES = [3, 40, 700, 100_000];

describe("JSON that is left as bytes", () => {
  it("is found to be JSON where JSON.parse takes it, and nowhere else", () => {
    const roll = seededRandom(1);
    const writer = new Writer(roll);
    const scanner = new JsonScanner();
    const counts = { json: 0, none: 0 };
    for (let round = 0; round < 9 * ROUNDS; round++) {
      const text = `{"":${writer.value()}}`;
      const bytes = roll() < 0.3 ? encoder.encode(text) : writer.broken(text);
      if (bytes.some((byte) => byte >= 128) || bytes[0] !== 123) continue; // UTF-8 is looked at elsewhere
      const expected = isJson(bytes);
      counts[expected ? "json" : "none"]++;
      const end = scanner.endOfValue(bytes, 0, bytes.length);
      const found = end >= 0 && scanner.skipSpace(bytes, end, bytes.length) === bytes.length;
      assert.equal(found, expected, JSON.stringify(fatal.decode(bytes)));
      // Cut anywhere, it is never taken for the whole.
      const cut = bytes.subarray(0, Math.floor(roll() * bytes.length));
      if (expected) assert.equal(scanner.endOfValue(cut, 0, cut.length) < 0 || isJson(cut), true);
    }
    assert.ok(counts.json > ROUNDS && counts.none > ROUNDS, JSON.stringify(counts));
  });

  it("is the same list as parsing makes of it, in whatever pieces it comes (spec rest 5)", async () => {
    const roll = seededRandom(2);
    const writer = new Writer(roll);
    for (let round = 0; round < ROUNDS; round++) {
      const text = writer.list();
      const bytes = encoder.encode(text);
      const size = writer.pick(SIZES);
      const [expected, found] = [await readList(bytes, size), await readList(bytes, size, codec)];
      // What stands before a mistake may have been handed out or not.
      if (expected.error === undefined) assert.deepEqual(found, expected, JSON.stringify({ text, size }));
      else assert.equal(found.error, expected.error, JSON.stringify({ text, size }));
    }
  });

  it("is no list if it is no JSON, or not UTF-8", async () => {
    const roll = seededRandom(3);
    const writer = new Writer(roll);
    let refused = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const bytes = writer.broken(writer.list());
      const size = writer.pick(SIZES);
      const [expected, found] = [await readList(bytes, size), await readList(bytes, size, codec)];
      const shown = JSON.stringify({ text: new TextDecoder().decode(bytes), size });
      if (expected.error === undefined) assert.deepEqual(found, expected, shown);
      else if (isJson(bytes)) assert.equal(found.error, expected.error, shown);
      else if (found.error === undefined) assert.deepEqual(found.items, expected.items, shown);
      else refused++;
    }
    assert.ok(refused > ROUNDS / 2, String(refused));
  });

  it("is the same watch as parsing makes of it, in whatever pieces and lines it comes (spec rest 6)", async () => {
    const roll = seededRandom(4);
    const writer = new Writer(roll);
    for (let round = 0; round < ROUNDS; round++) {
      const text = writer.watch();
      const bytes = roll() < 0.6 ? encoder.encode(text) : writer.broken(text);
      const size = writer.pick(SIZES);
      const [expected, found] = [await readWatch(bytes, size), await readWatch(bytes, size, codec)];
      assert.deepEqual(found, expected, JSON.stringify({ text: new TextDecoder().decode(bytes), size }));
    }
  });
});
