import { define, isJsonObject, type JsonObject } from "./api_object.ts";
import { BUILT_IN_PROTOBUF } from "./built_in_protobuf.ts";

/** What bodies in Protobuf begin with: `k8s` and a zero. */
const MAGIC = [0x6b, 0x38, 0x73, 0];

const decoder = new TextDecoder();

/** A field: its name in JSON, empty if its fields belong to the message around it, and its type. */
interface Field {
  readonly name: string;
  readonly type: string;
  /** A zero value is kept: Go has a pointer there, or writes it always. */
  readonly keepsZero: boolean;
}

/** Fields by their numbers, of the messages that have been needed. */
const messages: Map<string, ReadonlyMap<number, Field>> = new Map();
let lines: ReadonlyMap<string, string> | undefined;

/**
 * Reads an object as Go's typed clients send it, kubectl among them.
 *
 * @returns The object as JSON has it; undefined for what this cannot read: custom kinds have no Protobuf.
 */
export function decodeProtobuf(bytes: Uint8Array): JsonObject | undefined {
  if (MAGIC.some((byte, index) => bytes[index] !== byte)) return undefined;
  const envelope = readFields(bytes.subarray(MAGIC.length));
  const [kindOf, raw] = [envelope.get(1)?.[0], envelope.get(2)?.[0]];
  if (!(kindOf instanceof Uint8Array) || !(raw instanceof Uint8Array)) return undefined;
  const texts = readFields(kindOf);
  const [apiVersion, kind] = [1, 2].map((number) => decoder.decode(texts.get(number)?.[0] as Uint8Array));
  const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
  const name = `${group.split(".")[0]}_${version}.${kind}`;
  if (messageOf(name) === undefined && messageOf(`meta_v1.${kind}`) === undefined) return undefined;
  const object = readMessage(raw, messageOf(name) === undefined ? `meta_v1.${kind}` : name);
  return { kind, apiVersion, ...object };
}

function messageOf(name: string): ReadonlyMap<number, Field> | undefined {
  lines ??= new Map(BUILT_IN_PROTOBUF.trim().split("\n").map((line) => [/^\S+/.exec(line)![0], line]));
  const line = lines.get(name);
  if (line === undefined) return undefined;
  let message = messages.get(name);
  if (message === undefined) {
    message = new Map(
      line.split(" ").slice(1).map((text) => {
        const [, number, name, mark, type] = /^(\d+):([^:]*):(\*?)(.*)$/.exec(text)!;
        return [Number(number), { name, type, keepsZero: mark === "*" }];
      }),
    );
    messages.set(name, message);
  }
  return message;
}

/** A value as it comes: a number, or the bytes of something longer. */
type Raw = bigint | Uint8Array;

function readFields(bytes: Uint8Array): Map<number, Raw[]> {
  const fields = new Map<number, Raw[]>();
  const reader = new Reader(bytes);
  while (!reader.isDone) {
    const key = Number(reader.varint());
    const values = fields.get(key >>> 3) ?? [];
    values.push(reader.value(key & 7));
    fields.set(key >>> 3, values);
  }
  return fields;
}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get isDone(): boolean {
    return this.#at >= this.#bytes.length;
  }

  varint(): bigint {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = this.#bytes[this.#at++];
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80 || byte === undefined) return value;
    }
  }

  value(wire: number): Raw {
    if (wire === 0) return this.varint();
    const length = wire === 2 ? Number(this.varint()) : wire === 1 ? 8 : 4;
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}

function readMessage(bytes: Uint8Array, name: string): JsonObject {
  const message: JsonObject = {};
  const known = messageOf(name)!; // the table is whole
  for (const [number, values] of readFields(bytes)) {
    const field = known.get(number);
    if (field === undefined) continue;
    const value = readValue(values, field.type);
    if (field.name === "") Object.assign(message, value);
    else if (field.keepsZero || !isZero(value)) define(message, field.name, value);
  }
  return message;
}

/** @param type As in the table: a message, or what is told at each case. */
function readValue(values: readonly Raw[], type: string): unknown {
  const last = values.at(-1)!;
  const bytes = last instanceof Uint8Array ? last : new Uint8Array();
  switch (type[0]) {
    case "[": // a list
      return values.map((value) => readValue([value], type.slice(1, -1)));
    case "<": // a list that is a message of its own
      return (readFields(bytes).get(1) ?? []).map((value) => readValue([value], type.slice(1, -1)));
    case "{": { // a map with texts as keys
      const map: JsonObject = {};
      for (const entry of values as Uint8Array[]) {
        const fields = readFields(entry);
        const value = fields.get(2) ?? [new Uint8Array()];
        define(map, decoder.decode(fields.get(1)?.[0] as Uint8Array), readValue(value, type.slice(1, -1)));
      }
      return map;
    }
  }
  switch (type) {
    case "s":
      return decoder.decode(bytes);
    case "i":
      return Number(BigInt.asIntN(64, last as bigint));
    case "b":
      return last === 1n;
    case "d":
      return new DataView(bytes.buffer, bytes.byteOffset).getFloat64(0, true);
    case "y": // bytes
      return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    case "Q": // a quantity
      return decoder.decode(readFields(bytes).get(1)?.[0] as Uint8Array);
    case "I": { // a number or a text
      const fields = readFields(bytes);
      return fields.get(1)?.[0] === 1n
        ? decoder.decode(fields.get(3)?.[0] as Uint8Array)
        : Number(BigInt.asIntN(32, (fields.get(2)?.[0] ?? 0n) as bigint));
    }
    case "T": { // a time
      const fields = readFields(bytes);
      if (fields.size === 0) return null;
      const [seconds, nanoseconds] = [1, 2].map((number) =>
        Number(BigInt.asIntN(64, (fields.get(number)?.[0] ?? 0n) as bigint))
      );
      const time = new Date(seconds * 1_000).toISOString();
      return nanoseconds === 0
        ? time.replace(/\.\d+/, "")
        : time.replace(/\.\d+/, `.${String(Math.trunc(nanoseconds / 1_000)).padStart(6, "0")}`);
    }
    case "R": { // JSON inside
      const raw = readFields(bytes).get(1)?.[0];
      return raw instanceof Uint8Array && raw.length > 0 ? JSON.parse(decoder.decode(raw)) : null;
    }
    default:
      return readMessage(bytes, type);
  }
}

/** What Go leaves out in JSON where the field is said to be left out when empty. Structs are never left out. */
function isZero(value: unknown): boolean {
  if (Array.isArray(value)) return value.length === 0;
  return !isJsonObject(value) && !value;
}
