import { isString, JsonScanner } from "../rest/mod.ts";

/**
 * Where in an object a value stands: `"spec.nodeName"`, or `"spec.volumes[].configMap.name"`, where `[]` is each item of
 * a list. Names with dots in them are given in a list: `["metadata", "labels", "app.kubernetes.io/name"]`. What is text,
 * a number or a boolean is a value, as text; all else is none.
 */
export type FieldPath = string | readonly string[];

const [OPEN_LIST, OPEN_OBJECT] = [91, 123];
/** How `null` begins, and nothing else. */
const NULL = 110;

/** Each item of a list. */
const EACH = "[]";

/** The steps of a path. */
export function stepsOf(path: FieldPath): readonly string[] {
  if (typeof path !== "string") return path;
  return path.split(".").flatMap((step) => {
    const lists = /(?:\[\])*$/.exec(step)![0];
    const name = step.slice(0, step.length - lists.length);
    return [...name === "" ? [] : [name], ...Array<string>(lists.length / EACH.length).fill(EACH)];
  });
}

/** The values at a path of an object. */
export function valuesAt(object: unknown, steps: readonly string[]): string[] {
  const values: string[] = [];
  collect(object, steps, 0, values);
  return values;
}

function collect(value: unknown, steps: readonly string[], at: number, values: string[]): void {
  if (at === steps.length) {
    if (typeof value !== "object" && value !== undefined) values.push(String(value));
  } else if (typeof value !== "object" || value === null) {
    return;
  } else if (Array.isArray(value)) {
    if (steps[at] === EACH) { for (const item of value) collect(item, steps, at + 1, values); }
  } else if (steps[at] !== EACH && Object.hasOwn(value, steps[at])) {
    collect((value as Record<string, unknown>)[steps[at]], steps, at + 1, values);
  }
}

/** Reads the values at paths from the bytes of objects, of which nothing is made. */
export class FieldReader {
  readonly #json = new JsonScanner();
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #encoder = new TextEncoder();
  /** The bytes of each step, by path. */
  readonly #keys = new Map<readonly string[], readonly Uint8Array[]>();
  #bytes: Uint8Array = new Uint8Array();
  #end = 0;
  #steps: readonly string[] = [];
  #stepBytes: readonly Uint8Array[] = [];
  #values: string[] = [];

  /** The same as {@linkcode valuesAt} of the object that the bytes are, which are known to be JSON. */
  valuesAt(bytes: Uint8Array, from: number, to: number, steps: readonly string[]): string[] {
    let keys = this.#keys.get(steps);
    if (keys === undefined) {
      keys = steps.map((step) => this.#encoder.encode(step));
      this.#keys.set(steps, keys);
    }
    this.#bytes = bytes;
    this.#end = to;
    this.#steps = steps;
    this.#stepBytes = keys;
    const values = this.#values = [];
    // What is nested too deeply for the scanner has been accepted all the same.
    return this.#read(from, 0) < 0 ? valuesAt(JSON.parse(this.#decode(from, to)), steps) : values;
  }

  /** @returns Position after the value. */
  #read(at: number, step: number): number {
    const bytes = this.#bytes;
    const end = this.#end;
    at = this.#json.skipSpace(bytes, at, end);
    const first = bytes[at];
    if (step === this.#steps.length) {
      const after = this.#json.endOfValue(bytes, at, end);
      if (first !== OPEN_OBJECT && first !== OPEN_LIST && first !== NULL) {
        this.#values.push(this.#textOf(at, after));
      }
      return after;
    }
    const isEach = this.#steps[step] === EACH;
    if (isEach && first === OPEN_LIST) {
      return this.#json.endOfList(bytes, at, end, (item) => this.#read(item, step + 1));
    }
    if (isEach || first !== OPEN_OBJECT) return this.#json.endOfValue(bytes, at, end);
    const key = this.#stepBytes[step];
    const count = this.#values.length;
    return this.#json.endOfObject(bytes, at, end, (member, value) => {
      if (!this.#isKey(member, key, this.#steps[step])) return this.#json.endOfValue(bytes, value, end);
      this.#values.length = count; // of several members with one key the last one counts
      return this.#read(value, step + 1);
    });
  }

  #isKey(at: number, key: Uint8Array, text: string): boolean {
    const bytes = this.#bytes;
    if (!this.#json.isPlain) {
      return JSON.parse(this.#decode(at, this.#json.endOfString(bytes, at, this.#end))) === text;
    }
    return isString(bytes, at, key);
  }

  /** The text of a string, a number or a boolean. */
  #textOf(from: number, to: number): string {
    return String(JSON.parse(this.#decode(from, to)));
  }

  #decode(from: number, to: number): string {
    return this.#decoder.decode(this.#bytes.subarray(from, to) as Uint8Array<ArrayBuffer>);
  }
}
