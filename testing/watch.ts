import type { Clock } from "../async/mod.ts";
import type { Status } from "../meta/mod.ts";
import { joinBytes } from "../rest/mod.ts";
import type { ApiObject } from "./api_object.ts";
import { expired } from "./refusal.ts";
import { CHUNK_SIZE } from "./byte_chunks.ts";
import { converted } from "./conversion.ts";
import { type Collection, encodeJson, type Revision } from "./store.ts";

/** What a watch starts with. */
export interface WatchStart {
  /** Objects that are sent first, as ADDED. */
  readonly initial: readonly Revision[];
  /** Whether a bookmark marks the end of those. */
  readonly marksInitialEnd: boolean;
  /** Changes after this version follow. */
  readonly resourceVersion: number;
}

/** Options of {@linkcode Watch}. */
export interface WatchOptions {
  readonly clock: Clock;
  /** In which version objects are sent. */
  readonly apiVersion: string;
  readonly bookmarks: boolean;
  /** Milliseconds after which the watch ends by itself. Undefined: never. */
  readonly timeout: number | undefined;
  readonly matches: ((object: ApiObject) => boolean) | undefined;
  /** The version of the newest write to any resource: what a bookmark may tell. */
  readonly current: () => number;
  /** Called once, however the watch ends. */
  readonly onEnd: () => void;
}

/** How often a bookmark is sent, in milliseconds: the server's `bookmarkFrequency`. */
const BOOKMARK_INTERVAL = 60_000;
/** How long before the end of a watch the last bookmark is sent, in milliseconds, as the server does. */
const LAST_BOOKMARK = 2_000;

const encoder = new TextEncoder();
const LINE_END = encoder.encode("}\n");
const LINE_START = {
  ADDED: encoder.encode('{"type":"ADDED","object":'),
  MODIFIED: encoder.encode('{"type":"MODIFIED","object":'),
  DELETED: encoder.encode('{"type":"DELETED","object":'),
  BOOKMARK: encoder.encode('{"type":"BOOKMARK","object":'),
  ERROR: encoder.encode('{"type":"ERROR","object":'),
};

/**
 * One open watch. It keeps no queue: it has a position in the collection's log, and reads on from there when
 * the client does. A client that is too slow for the history loses the watch, as on a real server.
 */
export class Watch {
  /** The body of the answer. */
  readonly stream: ReadableStream<Uint8Array<ArrayBuffer>>;
  readonly #collection: Collection;
  readonly #prefix: string;
  readonly #options: WatchOptions;
  readonly #initial: Iterator<Revision>;
  readonly #started: number; // on the clock
  readonly #apiVersion: string;
  readonly #after: number; // a version, which may not have come yet
  #marksInitialEnd: boolean;
  #position: number;
  #bookmarkDue = false;
  #dropsBookmarks = false;
  #isWaiting = false; // for something to send; the client waits too
  #asked: PromiseWithResolvers<void> | undefined;
  #lastWords: Status | undefined;
  #state: "open" | "ending" | "ended" = "open";
  #controller!: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;
  #wake = () => {};
  #stopListening = () => {};
  #cancelTimer = () => {};

  constructor(collection: Collection, prefix: string, start: WatchStart, options: WatchOptions) {
    this.#collection = collection;
    this.#prefix = prefix;
    this.#options = options;
    this.#apiVersion = options.apiVersion;
    this.#initial = start.initial.values();
    this.#marksInitialEnd = start.marksInitialEnd;
    this.#after = start.resourceVersion;
    this.#position = collection.positionAfter(start.resourceVersion);
    this.#started = options.clock.now();
    this.stream = new ReadableStream({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => this.#pull(),
      cancel: () => this.#finish(),
    }, { highWaterMark: 0 });
    this.#stopListening = collection.onChange(() => this.#wake());
    this.#setTimer();
  }

  /** Whether the client has all that there is, and asks for more. */
  get isDelivered(): boolean {
    if (this.#state === "ended") return true;
    const revision = this.#collection.revisionAt(this.#position);
    const hasMore = revision !== undefined &&
      (revision === "forgotten" || revision.resourceVersion <= this.#collection.visible);
    return this.#isWaiting && !hasMore && !this.#bookmarkDue && this.#state === "open";
  }

  /** Resolves when the client next has all that there is, or the watch ends. */
  whenAsked(): Promise<void> {
    if (this.#state === "ended") return Promise.resolve();
    return (this.#asked ??= Promise.withResolvers<void>()).promise;
  }

  /** Ends the watch as a server does that has had enough: what has happened so far is still delivered. */
  end(): void {
    if (this.#state === "open") this.#state = "ending";
    this.#wake();
  }

  /** Ends the watch with the event that its history is forgotten. */
  expire(): void {
    if (this.#state !== "open") return;
    this.#lastWords = expired("too old resource version");
    this.end();
  }

  /** From now on there are no bookmarks but the one after the initial events. */
  dropBookmarks(): void {
    this.#dropsBookmarks = true;
  }

  /** Breaks the watch off, as a connection that is lost. */
  fail(reason: unknown): void {
    if (this.#state === "ended") return;
    this.#finish();
    this.#controller.error(reason);
  }

  async #pull(): Promise<void> {
    while (this.#state !== "ended") {
      const pieces: Uint8Array[] = [];
      let size = 0;
      for (let line = this.#next(); line !== undefined; line = size < CHUNK_SIZE ? this.#next() : undefined) {
        pieces.push(...line);
        size += line.reduce((sum, piece) => sum + piece.length, 0);
      }
      if (size > 0) return this.#controller.enqueue(joinBytes(pieces));
      if (this.#lastWords !== undefined) {
        const event = errorEvent(this.#lastWords);
        this.#lastWords = undefined;
        return this.#controller.enqueue(event);
      }
      if (this.#state === "ending") {
        this.#finish();
        return this.#controller.close();
      }
      const woken = new Promise<void>((resolve) => this.#wake = resolve);
      this.#isWaiting = true;
      this.#asked?.resolve();
      this.#asked = undefined;
      await woken;
      this.#isWaiting = false;
    }
  }

  /** The next line, in pieces, if there is one by now. */
  #next(): Uint8Array[] | undefined {
    const initial = this.#initial.next();
    if (!initial.done) return line("ADDED", initial.value.json(this.#apiVersion));
    if (this.#marksInitialEnd) {
      this.#marksInitialEnd = false;
      // Changes since then are still to come: the version is the one of the initial events.
      return this.#bookmark(this.#after, { "k8s.io/initial-events-end": "true" });
    }
    for (;;) {
      const revision = this.#collection.revisionAt(this.#position);
      if (revision === "forgotten") {
        this.#state = "ending"; // too slow
        return undefined;
      }
      if (revision === undefined || revision.resourceVersion > this.#collection.visible) break;
      this.#position++;
      const event = this.#event(revision);
      if (event !== undefined) return event;
    }
    if (!this.#bookmarkDue) return undefined;
    this.#bookmarkDue = false;
    if (this.#dropsBookmarks) return undefined;
    const { visible } = this.#collection;
    return this.#bookmark(Math.min(this.#options.current(), visible)); // all changes up to it have been sent
  }

  /** What a change is to this watch: its selectors turn some changes into ADDED or DELETED, and hide others. */
  #event(revision: Revision): Uint8Array[] | undefined {
    const { type, key, object, previous, resourceVersion } = revision;
    if (!key.startsWith(this.#prefix) || resourceVersion <= this.#after) return undefined;
    const { matches } = this.#options;
    if (matches === undefined) return line(type, revision.json(this.#apiVersion));
    const isIn = type !== "DELETED" && matches(object);
    const wasIn = previous !== undefined && previous.type !== "DELETED" && matches(previous.object);
    if (!isIn && !wasIn) return undefined;
    if (isIn) return line(wasIn ? "MODIFIED" : "ADDED", revision.json(this.#apiVersion));
    if (type === "DELETED" || previous === undefined) return line("DELETED", revision.json(this.#apiVersion));
    const metadata = { ...previous.object.metadata, resourceVersion: String(resourceVersion) };
    const left = converted({ ...previous.object, metadata }, this.#apiVersion);
    return line("DELETED", encodeJson(left));
  }

  #bookmark(version: number, annotations?: Record<string, string>): Uint8Array[] {
    const { kind, builtIn } = this.#collection.resource;
    const apiVersion = this.#apiVersion;
    const resourceVersion = String(version);
    return line(
      "BOOKMARK",
      encodeJson(
        builtIn
          ? { kind, apiVersion, metadata: { resourceVersion, annotations } }
          : { apiVersion, kind, metadata: { annotations, resourceVersion } },
      ),
    );
  }

  /** One timer for what comes first: the next bookmark or the end. */
  #setTimer(): void {
    const { clock, bookmarks, timeout = Infinity } = this.#options;
    const left = this.#started + timeout - clock.now();
    const untilBookmark = left > LAST_BOOKMARK ? Math.min(BOOKMARK_INTERVAL, left - LAST_BOOKMARK) : Infinity;
    const untilNext = Math.min(left, bookmarks ? untilBookmark : Infinity);
    if (untilNext === Infinity) return;
    this.#cancelTimer = clock.schedule(() => {
      if (untilNext === left) return this.end();
      this.#bookmarkDue = true;
      this.#wake();
      this.#setTimer();
    }, untilNext);
  }

  #finish(): void {
    if (this.#state === "ended") return;
    this.#state = "ended";
    this.#stopListening();
    this.#cancelTimer();
    this.#wake();
    this.#asked?.resolve();
    this.#options.onEnd();
  }
}

/** The body of a watch that cannot be: one ERROR event. */
export function errorEvent(status: Status): Uint8Array<ArrayBuffer> {
  const pieces = line("ERROR", encodeJson(status));
  return joinBytes(pieces);
}

function line(type: keyof typeof LINE_START, json: Uint8Array): Uint8Array[] {
  return [LINE_START[type], json, LINE_END];
}
