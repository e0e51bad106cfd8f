import type { KubernetesObject } from "../meta/mod.ts";
import type { Delta } from "./delta.ts";
import { type Entry, ObjectEntry } from "./entry.ts";
import type { EntryStore } from "./entry_store.ts";
import type { Pacer } from "./pacer.ts";

const FORMAT = "coxswain-cache/1";
/** Objects in one chunk of a saved cache: some hundred kilobytes. */
const AT_ONCE = 50;

interface Head {
  readonly format: typeof FORMAT;
  /** What is in the cache: resource, namespace, selectors. */
  readonly of: string;
  readonly resourceVersion: string;
  readonly count: number;
}

interface Line {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly object: KubernetesObject;
}

/** What a store holds at this moment, as lines of JSON, written while they are read. */
export function saveStore<T extends KubernetesObject>(
  store: EntryStore<T>,
  of: string,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const entries = [...store.entries()];
  const { resourceVersion } = store;
  const encoder = new TextEncoder();
  let at = 0;
  return new ReadableStream({
    start(controller) {
      const head: Head = { format: FORMAT, of, resourceVersion, count: entries.length };
      controller.enqueue(encoder.encode(`${JSON.stringify(head)}\n`));
    },
    pull(controller) {
      const lines = entries.slice(at, at += AT_ONCE).map(lineOf);
      if (lines.length === 0) controller.close();
      else controller.enqueue(encoder.encode(lines.join("")));
    },
  }, { highWaterMark: 0 });
}

function lineOf(entry: Entry<KubernetesObject>): string {
  const { key, uid, resourceVersion, json } = entry;
  if (json === undefined) return `${JSON.stringify({ key, uid, resourceVersion, object: entry.object })}\n`;
  return `${JSON.stringify({ key, uid, resourceVersion }).slice(0, -1)},"object":${json}}\n`;
}

/** How a saved cache is read. */
export interface RestoreOptions<T extends KubernetesObject> {
  /** What the cache is of; another one is not read. */
  of: string;
  pacer: Pacer;
  signal: AbortSignal;
  /** Called with each object before it is stored. */
  onObject: (entry: Entry<T>) => void;
}

/**
 * Reads what {@linkcode saveStore} has written.
 *
 * @returns A replacement of everything by it.
 * @throws {TypeError} If it is no saved cache, not one of this, or not all of it.
 * @throws {SyntaxError} If it cannot be read; the message holds none of it.
 */
export async function restoreStore<T extends KubernetesObject>(
  store: EntryStore<T>,
  saved: ReadableStream<Uint8Array>,
  { of, pacer, signal, onObject }: RestoreOptions<T>,
): Promise<Delta<T> & { type: "ReplacedAll" }> {
  const replacement = store.replacing();
  let head: Head | undefined;
  for await (const line of linesOf(saved, signal)) {
    const value = parse(line);
    if (head === undefined) head = headOf(value, of);
    else {
      const { key, uid, resourceVersion, object } = value as Line;
      const entry = new ObjectEntry(object as T, { uid, resourceVersion }, key);
      onObject(entry);
      replacement.set(entry);
    }
    if (pacer.isDue()) await pacer.pause();
  }
  if (head === undefined || replacement.size !== head.count) {
    throw new TypeError(
      `Cannot resume a cache: it ends after ${replacement.size} of ${head?.count ?? 0} objects`,
    );
  }
  return { type: "ReplacedAll", replacement, resourceVersion: head.resourceVersion };
}

function headOf(value: unknown, of: string): Head {
  const head = value as Partial<Head> | null;
  if (head?.format !== FORMAT || typeof head.resourceVersion !== "string" || head.resourceVersion === "") {
    throw new TypeError("Cannot resume a cache: this is none that was saved, or it had not synced");
  }
  if (head.of !== of) throw new TypeError(`Cannot resume a cache: this is one of ${head.of}, not of ${of}`);
  return head as Head;
}

async function* linesOf(stream: ReadableStream<Uint8Array>, signal: AbortSignal): AsyncGenerator<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) {
      signal.throwIfAborted();
      const lines = (rest + decoder.decode(read.value, { stream: true })).split("\n");
      rest = lines.pop()!;
      yield* lines;
    }
    if (rest !== "") yield rest;
  } finally {
    await reader.cancel().catch(() => {}); // it may have ended, or failed, which is told already
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new SyntaxError("Cannot resume a cache: a line of it is not JSON");
  }
}
