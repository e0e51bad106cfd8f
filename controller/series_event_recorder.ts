import { type Clock, systemClock } from "../async/mod.ts";
import type { Client } from "../client/mod.ts";
import { formatMicroTime, parseMicroTime } from "../meta/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import { isAlreadyExists, isNotFound } from "../rest/mod.ts";
import { Event } from "../types/events_v1.ts";
import { deliverEvent } from "./deliver_event.ts";
import { eventNames } from "./event_name.ts";
import { type EventDetails, type EventRecorder, type EventSubject, problemOf } from "./event_recorder.ts";
import { referenceTo } from "./object_reference.ts";
import { WriteQueue } from "./write_queue.ts";

/** Options of {@linkcode SeriesEventRecorder}. Read once: changing the object later has no effect. */
export interface SeriesEventRecorderOptions {
  /** Who reports, such as `example.com/webapp-operator`. */
  controller: string;
  /** Which of its processes, in at most 128 characters. Default: the controller with a random suffix. */
  instance?: string;
  /** Hears of events that were dropped. Default: nobody. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** A series is written again so often while it goes on, in milliseconds (spec rest 24). */
const REFRESH = 30 * 60_000;
/** A series without a new event for so long has ended, in milliseconds (spec rest 24). */
const FINISH = 6 * 60_000;
const RETRY_DELAY = 10_000;
const RETRY_JITTER = 0.25;
const QUEUE_SIZE = 1_000;
const WORKERS = 8;
/** What the server takes of a note, in bytes. */
const NOTE_SIZE = 1_024;

/** What is known of an event, by all that makes it the same one when it happens again. */
interface Known {
  event: Event;
  /** Occurrences that were written. */
  written: number;
  /** The write before, so that those of one event do not overtake each other. */
  writing: Promise<void>;
}

/**
 * Records events of `events.k8s.io/v1`: one that is repeated becomes a series, which is written when it begins, each
 * half an hour, and when nothing was added for six minutes. Close it to write what waits, and for its timer to go.
 *
 * @see client-go `tools/events`, spec rest 24. Series are changed with merge patches instead of strategic ones, which
 * come to the same for them.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { SeriesEventRecorder } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * import { Event } from "@coxswain/kube/types/events/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * const recorder = new SeriesEventRecorder(client, { controller: "example.com/shop" });
 * for (const _ of [1, 2, 3]) recorder.event(settings, { type: "Normal", reason: "Read", message: "Settings were read" });
 * await recorder[Symbol.asyncDispose]();
 * const { items: [event] } = await client.resource(Event).namespace("default").list();
 * assert.deepEqual([event.reason, event.series?.count], ["Read", 3]);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class SeriesEventRecorder implements EventRecorder, AsyncDisposable {
  readonly #client: Client;
  readonly #controller: string;
  readonly #instance: string;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #nameOf: (subject: string, date: Date) => string;
  readonly #known = new Map<string, Known>();
  readonly #closing = new AbortController();
  readonly #writes: WriteQueue;
  #refreshedAt: number;
  #cancelTimer: (() => void) | undefined;

  /** Asks for nothing yet. */
  constructor(client: Client, options: SeriesEventRecorderOptions) {
    const { controller, logger = noLogger, clock = systemClock, random = Math.random } = options;
    const { instance = `${controller}-${crypto.randomUUID().slice(0, 8)}` } = options;
    this.#client = client;
    this.#controller = controller;
    this.#instance = instance;
    this.#logger = logger;
    this.#clock = clock;
    this.#random = random;
    this.#nameOf = eventNames(random);
    this.#refreshedAt = clock.now();
    this.#writes = new WriteQueue({ size: QUEUE_SIZE, workers: WORKERS, clock });
  }

  /** Records an event. */
  event(regarding: EventSubject, details: EventDetails): void {
    const reference = referenceTo(regarding);
    const problem = this.#closing.signal.aborted ? "the recorder is closed" : problemOf(reference, details);
    if (problem !== undefined || reference === undefined) {
      return this.#logger.error(`dropped an event: ${problem}`, { reason: details.reason });
    }
    const related = details.related && referenceTo(details.related);
    if (details.related && !related) this.#logger.debug("recorded an event without its related object");
    const { type, reason, action = reason } = details;
    const key = JSON.stringify([type, action, reason, sorted(reference), related && sorted(related)]);
    const known = this.#known.get(key);
    const now = formatMicroTime(this.#clock.date().getTime() * 1_000);
    if (known !== undefined) return this.#again(key, known, now);
    const event: Event = {
      metadata: {
        name: this.#nameOf(reference.name ?? "", this.#clock.date()),
        namespace: reference.namespace || "default",
        ...details.annotations ? { annotations: { ...details.annotations } } : {},
      },
      eventTime: now,
      reportingController: this.#controller,
      reportingInstance: this.#instance,
      ...{ type, reason, action, regarding: reference, note: cut(details.message) },
      ...related ? { related } : {},
    };
    const fresh: Known = { event, written: 0, writing: Promise.resolve() };
    this.#known.set(key, fresh);
    this.#queue(key, fresh);
    this.#setTimer();
  }

  /**
   * Takes no more events, writes those that wait and the latest of each series, each once, and resolves when that is
   * done or has taken 5 s. Closing twice is fine. Close it before the client.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#closing.signal.aborted) {
      this.#closing.abort();
      this.#cancelTimer?.();
      for (const [key, known] of this.#known) if (occurrences(known) > known.written) this.#queue(key, known);
    }
    await this.#writes.close();
  }

  #again(key: string, known: Known, now: string): void {
    const isFirst = known.event.series === undefined;
    const count = occurrences(known) + 1;
    known.event = { ...known.event, series: { count, lastObservedTime: now } };
    if (isFirst) this.#queue(key, known);
  }

  #queue(key: string, known: Known): void {
    const before = known.writing;
    const isQueued = this.#writes.add(() => known.writing = before.then(() => this.#write(known)));
    if (isQueued) return;
    this.#logger.error("dropped an event: too many wait", { reason: known.event.reason });
    if (known.written === 0) this.#known.delete(key); // else it would never be created
  }

  async #write(known: Known): Promise<void> {
    const { event } = known; // what happens from now on is for the next time
    const count = occurrences(known);
    if (count === known.written) return; // a write before this one has said it
    const { name = "", namespace = "" } = event.metadata ?? {};
    const events = this.#client.resource(Event).namespace(namespace);
    const { signal } = this.#writes;
    const { series } = event;
    const create = () => events.create(event, { signal });
    const patch = () => events.patch(name, { merge: { series } }, { signal });
    const otherwise = <T>(isSo: (error: unknown) => boolean, write: () => Promise<T>) => (error: unknown) =>
      isSo(error) ? write() : Promise.reject(error);
    const createOrPatch = () => create().catch(otherwise(isAlreadyExists, patch));
    const patchOrCreate = () => patch().catch(otherwise(isNotFound, create));
    const stored = await deliverEvent(
      series === undefined ? create : known.written === 0 ? createOrPatch : patchOrCreate,
      {
        clock: this.#clock,
        logger: this.#logger,
        signal: this.#closing.signal,
        delayOf: () => RETRY_DELAY * (1 + this.#random() * RETRY_JITTER),
        isRetriable: (error) => series !== undefined && isAlreadyExists(error), // created meanwhile
      },
    );
    if (stored !== undefined) known.written = count;
  }

  #setTimer(): void {
    if (this.#cancelTimer !== undefined || this.#known.size === 0) return;
    this.#cancelTimer = this.#clock.schedule(() => {
      this.#cancelTimer = undefined;
      this.#sweep();
      this.#setTimer();
    }, FINISH);
  }

  /** Forgets what has ended, a series after having written it for the last time; writes all series now and then. */
  #sweep(): void {
    const now = this.#clock.now();
    const isRefresh = now - this.#refreshedAt >= REFRESH;
    if (isRefresh) this.#refreshedAt = now;
    const date = this.#clock.date().getTime();
    for (const [key, known] of this.#known) {
      const { series, eventTime } = known.event;
      const last = parseMicroTime(series?.lastObservedTime ?? eventTime ?? "") / 1_000;
      const hasEnded = date - last > FINISH;
      if (hasEnded) this.#known.delete(key);
      if ((hasEnded || isRefresh) && occurrences(known) > known.written) this.#queue(key, known);
    }
  }
}

function occurrences({ event }: Known): number {
  return event.series?.count ?? 1;
}

/** A reference with its fields in one order: two that say the same are the same. */
function sorted(reference: object): [string, unknown][] {
  return Object.entries(reference).sort(([one], [other]) => one < other ? -1 : 1);
}

/** Cut at a character, not in one. */
function cut(note: string): string {
  const bytes = new TextEncoder().encode(note);
  if (bytes.length <= NOTE_SIZE) return note;
  return new TextDecoder().decode(bytes.subarray(0, NOTE_SIZE - 3)).replace(/\uFFFD+$/, "") + "…";
}
