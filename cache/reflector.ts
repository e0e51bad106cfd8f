import { Backoff, type Clock, systemClock } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import { type Logger, type Meter, noLogger } from "../observe/mod.ts";
import { isExpired, isNotFound, NetworkError, type QueryParameters } from "../rest/mod.ts";
import type { Delta } from "./delta.ts";
import type { Replacement } from "./entry_store.ts";
import type { EntryEvent, ListPage, ListWatch, WatchStream } from "./list_watch.ts";
import { Pacer } from "./pacer.ts";
import { PageAhead } from "./page_ahead.ts";
import { gaugeOf, type ReflectorMetrics, reflectorMetrics } from "./reflector_metrics.ts";
import {
  type Activity,
  type Knowledge,
  nextState,
  NoInitialEnd,
  type Outcome,
  type ReflectorState,
  syncing,
} from "./reflector_state.ts";
import { isTooOld } from "./version_errors.ts";

/** Objects per request of a list, as client-go's pager asks for. */
const PAGE_SIZE = 500;
/** Each watch is asked to last this long at least, in milliseconds, and up to twice that: they spread out. */
const LEAST_WATCH_TIMEOUT = 300_000;
/** A watch that ends sooner and without an event was none, in milliseconds. */
const SHORT_WATCH = 1_000;
/** A watch that has lasted this long, in milliseconds, is healthy: failures from then on begin with short pauses. */
const HEALTHY_AFTER = 30_000;
/** Servers that send bookmarks do so each minute: after three that have not come, the connection is taken for dead. */
const LONGEST_SILENCE = 180_000;
/** How long a server may take between two initial events before somebody is told, in milliseconds. */
const SLOW_INITIAL_EVENTS = 10_000;
/** And before it is taken for one that does not know how to mark their end. */
const NO_INITIAL_END = 30_000;

/** What a reflector fills. */
export interface ReflectorTarget<T extends KubernetesObject> {
  /** Begins a replacement of all content; it is committed by a `ReplacedAll` delta. */
  replacing(): Replacement<T>;
  /** Takes deltas. @returns A promise of room for more, if there is none. */
  push(deltas: readonly Delta<T>[]): Promise<void> | undefined;
}

/** Options of {@linkcode Reflector}. Read once: changing the object later has no effect. */
export interface ReflectorOptions<T extends KubernetesObject> {
  /** Where the objects come from. */
  source: ListWatch<T>;
  /** What is filled with them. */
  target: ReflectorTarget<T>;
  /** The clock of pauses and time-outs. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from. Default `Math.random`. */
  random?: () => number;
  /** Where transitions and failures are logged. Default nowhere. */
  logger?: Logger;
  /** Where lists and watches are counted. Default nowhere. */
  meter?: Meter;
  /** With whom the event loop is shared. Default nobody. */
  pacer?: Pacer;
  /** Pauses after failures. Default 0.8 s to 30 s, doubling, with jitter. */
  backoff?: Backoff;
  /** Objects per request of a list; 0 for all at once. Default 500, and all at once where a server's cache has them. */
  pageSize?: number;
  /** Each watch is asked to last this long at least, in milliseconds. Default, and least, 300,000. */
  minWatchTimeout?: number;
  /** A version whose state the target has already: only changes since then are asked for. Default: none. */
  resourceVersion?: string;
  /** Called after each failure, also those that are dealt with. It must not throw. */
  onError?: (error: unknown) => void;
  /** Called each time that a watch is open. It must not throw. */
  onConnected?: () => void;
}

/** How a reflector is doing. */
export interface ReflectorHealth {
  /** What it is doing. */
  readonly state: ReflectorState["at"];
  /** Up to which version it knows the collection; empty at first. */
  readonly resourceVersion: string;
  /** Whether it is connected to the server now: a watch is open. */
  readonly isConnected: boolean;
  /** For how long it has not been, in milliseconds; 0 while it is. What is known may be that old. */
  readonly staleFor: number;
  /** When all was read last; absent if never. */
  readonly lastSync: Date | undefined;
  /** Whether the server has said that it does not serve this kind. It is asked again. */
  readonly isServed: boolean;
  /** What went wrong last; absent once a watch is open again. */
  readonly error: unknown;
}

interface OpenWatch<T extends KubernetesObject> {
  readonly stream: WatchStream<T>;
  readonly openedAt: number;
  events: number;
}

/**
 * Keeps a target equal to a collection of a server. It never ends by itself; whatever goes wrong, it goes on from
 * where it was, or begins anew where that would lose something.
 *
 * ```
 *               ┌───────────────────────────────────────────┐
 *               │ list, where a watch cannot begin with     │
 *  idle ──► streaming ──┐  what is there                    ▼
 *   │           ▲       │ all initial events            listing
 *   │           │       ▼                                 │ │
 *   └─ known ─► │   watching ◄────── all pages ───────────┘ │
 *    version    │    │   ▲  └─ ended: again, at once        │
 *               │    ▼   │ refused, cut at once             │
 *               └── waiting ◄───────── failed ──────────────┘
 *          too old: reads all anew         (any ──► stopped, when the signal aborts)
 * ```
 *
 * - **streaming**: a watch that begins with what is there (WatchList). Its connection goes on as the watch.
 * - **listing**: the same with a list, in pages that are decoded as they arrive, while the next one is asked for; then a
 *   watch from its version.
 *   For servers that refuse the first, which is learned once, and where it has failed.
 * - **watching**: each change, and each bookmark, moves the version from which it goes on after the connection ends.
 * - **waiting**: a pause after a failure: 0.8 s to 30 s and jitter, or as long as the server asks for. It begins small
 *   again once a watch has lasted for 30 s.
 *
 * Where this differs from client-go, it reads less: a watch that could not be opened, since the server is away or
 * overloaded or a token has expired, is opened again from the last version, three times before all is read anew.
 *
 * @see client-go `tools/cache.Reflector`, spec informers 9
 */
export class Reflector<T extends KubernetesObject> {
  readonly #source: ListWatch<T>;
  readonly #target: ReflectorTarget<T>;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #logger: Logger;
  readonly #pacer: Pacer;
  readonly #backoff: Backoff;
  readonly #pageSize: number | undefined;
  readonly #minWatchTimeout: number;
  readonly #onError: (error: unknown) => void;
  readonly #onConnected: () => void;
  readonly #metrics: ReflectorMetrics;
  readonly #labels: { readonly name: string };
  readonly #transitions = new Map<string, number>();
  #state: ReflectorState = { at: "idle" };
  #knowledge: Knowledge;
  /** A watch that goes on when all initial events have come; in the state `watching` the one that is read. */
  #watch: OpenWatch<T> | undefined;
  #isConnected = false;
  #disconnectedAt: number;
  #lastSync: Date | undefined;
  #error: unknown;
  #isServed = true;
  /** A list of version "0" came in pages, so the server has no cache of it: later ones are asked for in pages too. */
  #paginated = false;

  /** Opens nothing yet. */
  constructor(options: ReflectorOptions<T>) {
    const { source, target, clock = systemClock, random = Math.random, logger = noLogger } = options;
    const { minWatchTimeout = 0, resourceVersion = "", onError = () => {}, onConnected = () => {} } = options;
    this.#source = source;
    this.#target = target;
    this.#clock = clock;
    this.#random = random;
    this.#logger = logger;
    this.#pacer = options.pacer ?? new Pacer(clock);
    this.#backoff = options.backoff ?? new Backoff({ random });
    this.#pageSize = options.pageSize;
    this.#minWatchTimeout = Math.max(minWatchTimeout, LEAST_WATCH_TIMEOUT);
    this.#onError = onError;
    this.#onConnected = onConnected;
    this.#metrics = reflectorMetrics(options.meter);
    this.#labels = { name: source.name };
    this.#knowledge = {
      resourceVersion,
      watchList: source.supportsWatchList ?? true,
      unavailable: false,
    };
    this.#disconnectedAt = clock.now();
  }

  /** What it is doing. */
  get state(): ReflectorState {
    return this.#state;
  }

  /** Up to which version it knows the collection; empty at first. */
  get resourceVersion(): string {
    return this.#knowledge.resourceVersion;
  }

  /** How often it has gone from one state to another, by `from → to`. */
  get transitions(): ReadonlyMap<string, number> {
    return this.#transitions;
  }

  /** How it is doing, for a probe. */
  health(): ReflectorHealth {
    return {
      state: this.#state.at,
      resourceVersion: this.resourceVersion,
      isConnected: this.#isConnected,
      staleFor: this.#isConnected ? 0 : this.#clock.now() - this.#disconnectedAt,
      lastSync: this.#lastSync,
      isServed: this.#isServed,
      error: this.#error,
    };
  }

  /**
   * Works until the signal aborts, or the program has closed the source; then it resolves. Never rejects for what a
   * server or a network does.
   *
   * @throws {TypeError} If it has been started before.
   */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state.at !== "idle") throw new TypeError("Cannot run a reflector twice: make another one");
    this.#disconnectedAt = this.#clock.now();
    this.#go(
      this.resourceVersion === "" ? syncing(this.#knowledge) : { at: "watching", failures: 0 },
      signal,
    );
    try {
      while (!signal.aborted) {
        const state = this.state;
        if (state.at === "idle" || state.at === "stopped") break;
        if (state.at === "waiting") {
          const pause = Math.max(this.#backoff.next(), state.atLeast);
          await this.#clock.sleep(pause, { signal });
          this.#go(state.then, signal);
          continue;
        }
        const outcome = await this.#perform(state, signal);
        if (signal.aborted || this.#source.isClosed) break;
        const step = nextState(state, outcome, this.#knowledge);
        this.#knowledge = step.knowledge;
        if (outcome.is === "failed") this.#report(outcome.error, step.state);
        this.#go(step.state, signal);
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      this.#closeWatch();
      this.#go({ at: "stopped" });
    }
  }

  #go(state: ReflectorState, signal?: AbortSignal): void {
    if (signal?.aborted) return;
    const from = this.#state.at;
    this.#state = state;
    if (from === state.at) return;
    const name = `${from} → ${state.at}`;
    this.#transitions.set(name, (this.#transitions.get(name) ?? 0) + 1);
    this.#metrics.transitions.add(1, { ...this.#labels, from, to: state.at });
    this.#logger.debug(`Cache of ${this.#source.name}: ${name}`, { resourceVersion: this.resourceVersion });
  }

  #report(error: unknown, next: ReflectorState): void {
    this.#error = error;
    this.#isServed = !isNotFound(error);
    if (isTooOld(error)) {
      this.#logger.debug(`Cache of ${this.#source.name}: its version is too old`, { error });
    } else if (next.at === "watching") {
      this.#logger.info(`The watch of ${this.#source.name} was cut, and goes on`, { error });
    } else {
      this.#logger.warn(`Failed to watch ${this.#source.name}`, { error, then: next.at });
    }
    try {
      this.#onError(error);
    } catch (second) {
      this.#logger.error(`The onError of the cache of ${this.#source.name} failed`, { error: second });
    }
  }

  async #perform(state: Activity, signal: AbortSignal): Promise<Outcome> {
    switch (state.at) {
      case "streaming":
        return await this.#stream(state.resourceVersion, signal);
      case "listing":
        return await this.#list(state.resourceVersion, signal);
      case "watching":
        return await this.#follow(signal);
    }
  }

  async #list(resourceVersion: string, signal: AbortSignal): Promise<Outcome> {
    const began = this.#clock.now();
    this.#metrics.lists.add(1, this.#labels);
    try {
      const isOfCache = resourceVersion !== "" && resourceVersion !== "0";
      const limit = this.#pageSize ?? (isOfCache && !this.#paginated ? 0 : PAGE_SIZE);
      const { replacement, version, pages } = await this.#pages(resourceVersion, limit, signal)
        .catch((error) => {
          // The first page does not expire: it is a later one, of a list that took too long (spec informers 6).
          if (!isExpired(error) || !(error instanceof LaterPage)) throw unwrapped(error);
          return this.#pages(resourceVersion, 0, signal).catch((error) => {
            throw unwrapped(error);
          });
        });
      if (resourceVersion === "0" && pages > 1) this.#paginated = true;
      this.#metrics.itemsPerList.record(replacement.size, this.#labels);
      await this.#replaced(replacement, version, []);
      return { is: "synced" };
    } catch (error) {
      return { is: "failed", error, atStart: true, short: false };
    } finally {
      this.#metrics.listDuration.record((this.#clock.now() - began) / 1_000, this.#labels);
    }
  }

  /** Reads a list, page by page: the next one is asked for as soon as a page says that there is one. */
  async #pages(
    resourceVersion: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ replacement: Replacement<T>; version: string; pages: number }> {
    const replacement = this.#target.replacing();
    const ahead = new PageAhead(this.#source, signal);
    let version = "";
    let pages = 0;
    let asked = ahead.ask({ resourceVersion: resourceVersion || undefined }, limit);
    try {
      for (;;) {
        let page: ListPage<T> | undefined;
        try {
          page = await asked;
          for (let batch = await page.nextBatch(); batch !== undefined; batch = await page.nextBatch()) {
            ahead.askAhead(page.metadata.continue ?? "", limit);
            for (const entry of batch) replacement.set(entry);
            if (this.#pacer.isDue()) await this.#pacer.pause();
          }
        } catch (error) {
          throw pages > 0 && !signal.aborted ? new LaterPage(error) : error;
        } finally {
          page?.close();
        }
        const { resourceVersion: listed = "", continue: token = "" } = page.metadata;
        if (pages++ === 0) version = listed;
        if (token === "") return { replacement, version, pages };
        // The token says which state it belongs to: a version beside it would be refused (PG-03).
        asked = ahead.next(token, limit);
      }
    } finally {
      await ahead.close();
    }
  }

  async #stream(resourceVersion: string, signal: AbortSignal): Promise<Outcome> {
    const replacement = this.#target.replacing();
    const watch = await this.#open({
      resourceVersion: resourceVersion || undefined,
      sendInitialEvents: true,
      resourceVersionMatch: "NotOlderThan",
    }, signal);
    if ("is" in watch) return watch;
    const silence = this.#guardInitialEvents(watch);
    let isSynced = false;
    try {
      for (;;) {
        const batch = await watch.stream.nextBatch();
        if (batch === undefined) {
          if (silence.isOver) throw new NoInitialEnd(`${this.#source.name}: the initial events have no end`);
          return { is: "ended", short: this.#isShort(watch) };
        }
        const end = batch.events.findIndex((event) => event.type === "BOOKMARK" && event.endsInitialEvents);
        const initial = end === -1 ? batch.events : batch.events.slice(0, end);
        watch.events += batch.events.length;
        for (const event of initial) {
          if (event.type === "BOOKMARK") continue;
          silence.heard();
          if (event.type === "DELETED") replacement.delete(event.entry.key);
          else replacement.set(event.entry);
        }
        if (end !== -1) {
          const bookmark = batch.events[end] as EntryEvent<T> & { type: "BOOKMARK" };
          silence.end();
          isSynced = true;
          await this.#replaced(
            replacement,
            bookmark.resourceVersion,
            batch.events.slice(end + 1),
            batch.resourceVersion,
          );
          return { is: "synced" };
        }
        if (this.#pacer.isDue()) await this.#pacer.pause();
      }
    } catch (error) {
      isSynced = false;
      return { is: "failed", error, atStart: false, short: this.#isShort(watch) };
    } finally {
      silence.end();
      if (!isSynced) this.#closeWatch();
    }
  }

  async #follow(signal: AbortSignal): Promise<Outcome> {
    const from = this.resourceVersion;
    const watch = this.#watch ?? await this.#open({ resourceVersion: from || undefined }, signal);
    if ("is" in watch) return watch;
    this.#connected();
    this.#onConnected();
    let sendsBookmarks = false;
    const silence = new Silence(this.#clock, LONGEST_SILENCE, () => {
      if (sendsBookmarks) watch.stream.close();
      return sendsBookmarks;
    });
    // A watch from no version begins with what is there, in no order: none of those versions is a place to go on from.
    let isOrdered = from !== "" && from !== "0";
    try {
      for (;;) {
        const batch = await watch.stream.nextBatch();
        if (batch === undefined) {
          if (silence.isOver) throw silent(this.#source.name);
          return { is: "ended", short: this.#isShort(watch) };
        }
        watch.events += batch.events.length;
        silence.heard();
        sendsBookmarks ||= batch.events.some(({ type }) => type === "BOOKMARK");
        isOrdered ||= batch.events.some(({ type }) => type !== "ADDED");
        await this.#push(deltasOf(batch.events), isOrdered ? batch.resourceVersion : "");
        if (this.#pacer.isDue()) await this.#pacer.pause();
      }
    } catch (error) {
      return { is: "failed", error, atStart: false, short: this.#isShort(watch) };
    } finally {
      silence.end();
      if (this.#clock.now() - watch.openedAt >= HEALTHY_AFTER) this.#backoff.reset();
      this.#closeWatch();
    }
  }

  async #open(query: QueryParameters, signal: AbortSignal): Promise<OpenWatch<T> | Outcome> {
    const openedAt = this.#clock.now();
    const timeoutSeconds = Math.floor(this.#minWatchTimeout * (1 + this.#random()) / 1_000);
    this.#metrics.watches.add(1, this.#labels);
    try {
      const stream = await this.#source.watch({ ...query, allowWatchBookmarks: true, timeoutSeconds }, {
        signal,
      });
      return this.#watch = { stream, openedAt, events: 0 };
    } catch (error) {
      return { is: "failed", error, atStart: true, short: true };
    }
  }

  async #replaced(
    replacement: Replacement<T>,
    resourceVersion: string,
    events: readonly EntryEvent<T>[],
    last: string = resourceVersion,
  ): Promise<void> {
    const deltas: Delta<T>[] = [{ type: "ReplacedAll", replacement, resourceVersion }, ...deltasOf(events)];
    this.#lastSync = this.#clock.date();
    this.#isServed = true;
    if (this.#watch !== undefined) this.#connected();
    await this.#push(deltas, last || resourceVersion);
    if (this.#watch !== undefined) this.#onConnected();
    // A list that says no version is followed by a watch that begins with what is there.
    if (last === "") this.#knowledge = { ...this.#knowledge, resourceVersion: "" };
  }

  async #push(deltas: Delta<T>[], resourceVersion: string): Promise<void> {
    if (resourceVersion !== "") deltas.push({ type: "Bookmark", resourceVersion });
    const room = this.#target.push(deltas);
    if (resourceVersion !== "") {
      this.#knowledge = { ...this.#knowledge, resourceVersion };
      const value = gaugeOf(resourceVersion);
      if (value !== undefined) this.#metrics.lastResourceVersion.set(value, this.#labels);
    }
    if (room !== undefined) await room;
  }

  #connected(): void {
    this.#isConnected = true;
    this.#error = undefined;
    this.#isServed = true;
  }

  #closeWatch(): void {
    const watch = this.#watch;
    if (watch === undefined) return;
    this.#watch = undefined;
    watch.stream.close();
    if (this.#isConnected) this.#disconnectedAt = this.#clock.now();
    this.#isConnected = false;
    const seconds = (this.#clock.now() - watch.openedAt) / 1_000;
    this.#metrics.watchDuration.record(seconds, this.#labels);
    this.#metrics.itemsPerWatch.record(watch.events, this.#labels);
    if (this.#isShort(watch)) this.#metrics.shortWatches.add(1, this.#labels);
  }

  #isShort({ openedAt, events }: OpenWatch<T>): boolean {
    return events === 0 && this.#clock.now() - openedAt < SHORT_WATCH;
  }

  /** Says when initial events do not come, and ends a watch whose end of them does not (RF-32). */
  #guardInitialEvents(watch: OpenWatch<T>): Silence {
    const { name } = this.#source;
    return new Silence(this.#clock, SLOW_INITIAL_EVENTS, (since) => {
      if (since >= NO_INITIAL_END) {
        watch.stream.close();
        return true;
      }
      const said = watch.events === 0 ? "no initial event has come" : "the initial events have stopped";
      this.#logger.warn(`Cache of ${name}: ${said}`, { seconds: Math.round(since / 1_000) });
      return false;
    });
  }
}

/** Notices that nothing comes. One timer each interval, however much comes. */
class Silence {
  /** Whether the silence was too long, so that something was done about it. */
  isOver = false;
  readonly #clock: Clock;
  readonly #interval: number;
  readonly #onSilence: (since: number) => boolean;
  #heardAt: number;
  #cancel: () => void;

  /** @param onSilence Called when nothing has come for an interval or more. Returns whether that is the end of it. */
  constructor(clock: Clock, interval: number, onSilence: (since: number) => boolean) {
    this.#clock = clock;
    this.#interval = interval;
    this.#onSilence = onSilence;
    this.#heardAt = clock.now();
    this.#cancel = clock.schedule(() => this.#check(), interval);
  }

  heard(): void {
    this.#heardAt = this.#clock.now();
  }

  end(): void {
    this.#cancel();
  }

  #check(): void {
    const since = this.#clock.now() - this.#heardAt;
    if (since >= this.#interval && this.#onSilence(since)) {
      this.isOver = true;
      return;
    }
    // Looks again when an interval of silence could be full.
    const left = since >= this.#interval ? this.#interval : this.#interval - since;
    this.#cancel = this.#clock.schedule(() => this.#check(), left);
  }
}

/** A page of a list after the first could not be read. */
class LaterPage extends Error {
  constructor(cause: unknown) {
    super("Cannot read a further page of the list", { cause });
    this.name = "LaterPage";
  }
}

const unwrapped = (error: unknown) => error instanceof LaterPage ? error.cause : error;

function silent(name: string): NetworkError {
  const message = `The watch of ${name} failed: no bookmark has come for ${LONGEST_SILENCE / 60_000} minutes`;
  return new NetworkError(message, { reason: "timeout", phase: "body" });
}

function deltasOf<T extends KubernetesObject>(events: readonly EntryEvent<T>[]): Delta<T>[] {
  const deltas: Delta<T>[] = [];
  for (const event of events) {
    switch (event.type) {
      case "ADDED":
        deltas.push({ type: "Added", entry: event.entry });
        break;
      case "MODIFIED":
        deltas.push({ type: "Updated", entry: event.entry });
        break;
      case "DELETED":
        deltas.push({ type: "Deleted", entry: event.entry });
        break;
    }
  }
  return deltas;
}
