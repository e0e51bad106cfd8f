import { type Clock, systemClock } from "../async/mod.ts";
import type { Client } from "../client/mod.ts";
import { formatTime } from "../meta/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import { isNotFound } from "../rest/mod.ts";
import { Event } from "../types/core_v1.ts";
import { deliverEvent } from "./deliver_event.ts";
import { type Correlated, EventCorrelator, type EventCorrelatorOptions } from "./event_correlator.ts";
import { eventNames } from "./event_name.ts";
import { type EventDetails, type EventRecorder, type EventSubject, problemOf } from "./event_recorder.ts";
import { referenceTo } from "./object_reference.ts";
import { WriteQueue } from "./write_queue.ts";

/** Options of {@linkcode CoreEventRecorder}. Read once: changing the object later has no effect. */
export interface CoreEventRecorderOptions extends EventCorrelatorOptions {
  /** Who reports, such as `webapp-operator`. */
  component: string;
  /** Where it runs, such as the name of a node or pod. */
  host?: string;
  /** Hears of events that were dropped. Default: nobody. */
  logger?: Logger;
  /** The clock. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from: a number from 0 up to 1. Default `Math.random`. */
  random?: () => number;
}

/** How long to wait before another try, in milliseconds; the first time less, at random (spec rest 23.1). */
const RETRY_DELAY = 10_000;
/** Events that wait to be written at most (spec rest 23.1). */
const QUEUE_SIZE = 1_000;

/**
 * Records events of `v1`: an event that is repeated is counted, ten that differ in their message become one, and of an
 * object that has too many only some are written. Close it to write what waits.
 *
 * @see client-go `tools/record`, spec rest 23. Counts are changed with merge patches instead of strategic ones, which
 * come to the same for them. What is combined keeps annotations and reporters.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { CoreEventRecorder } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap, Event } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * const recorder = new CoreEventRecorder(client, { component: "shop" });
 * for (const _ of [1, 2]) recorder.event(settings, { type: "Normal", reason: "Read", message: "Settings were read" });
 * await recorder[Symbol.asyncDispose]();
 * const { items: [event] } = await client.resource(Event).namespace("default").list();
 * assert.deepEqual([event.reason, event.count], ["Read", 2]);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class CoreEventRecorder implements EventRecorder, AsyncDisposable {
  readonly #client: Client;
  readonly #component: string;
  readonly #host: string | undefined;
  readonly #logger: Logger;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #nameOf: (subject: string, date: Date) => string;
  readonly #correlator: EventCorrelator;
  readonly #closing = new AbortController();
  readonly #writes: WriteQueue;

  /** Asks for nothing yet. */
  constructor(client: Client, options: CoreEventRecorderOptions) {
    const { component, host, logger = noLogger, clock = systemClock, random = Math.random } = options;
    this.#client = client;
    this.#component = component;
    this.#host = host;
    this.#logger = logger;
    this.#clock = clock;
    this.#random = random;
    this.#nameOf = eventNames(random);
    this.#correlator = new EventCorrelator(clock, this.#nameOf, options);
    // One after the other: each may be about the same event as the one before.
    this.#writes = new WriteQueue({ size: QUEUE_SIZE, workers: 1, clock });
  }

  /** Records an event. */
  event(regarding: EventSubject, details: EventDetails): void {
    const reference = referenceTo(regarding);
    const problem = this.#closing.signal.aborted ? "the recorder is closed" : problemOf(reference, details);
    if (problem !== undefined || reference === undefined) {
      return this.#logger.error(`dropped an event: ${problem}`, { reason: details.reason });
    }
    const date = this.#clock.date();
    const namespace = reference.namespace || "default";
    const event: Event = {
      metadata: {
        name: this.#nameOf(reference.name ?? "", date),
        namespace,
        ...details.annotations ? { annotations: { ...details.annotations } } : {},
      },
      involvedObject: reference,
      type: details.type,
      reason: details.reason,
      message: details.message,
      firstTimestamp: formatTime(date),
      lastTimestamp: formatTime(date),
      count: 1,
      source: { component: this.#component, ...this.#host ? { host: this.#host } : {} },
      reportingComponent: this.#component,
      reportingInstance: this.#host ?? "",
    };
    const isQueued = this.#writes.add(() => this.#write(this.#correlator.correlate(event)));
    if (!isQueued) this.#logger.error("dropped an event: too many wait", { reason: details.reason });
  }

  /**
   * Takes no more events, writes those that wait, each once, and resolves when that is done or has taken 5 s. Closing
   * twice is fine. Close it before the client.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#writes.close();
  }

  async #write(correlated: Correlated): Promise<void> {
    if (correlated.write === "nothing") return;
    const { event, key } = correlated;
    const events = this.#client.resource(Event).namespace(event.metadata.namespace!); // set above
    const { signal } = this.#writes;
    const create = () => {
      const { resourceVersion: _, ...metadata } = event.metadata;
      return events.create({ ...event, metadata }, { signal });
    };
    const patch = () => {
      const { count, lastTimestamp, message, metadata: { name = "" } } = event;
      return events.patch(name, { merge: { count, lastTimestamp, message } }, { signal });
    };
    const isNew = correlated.write === "create";
    const written = await deliverEvent(
      isNew ? create : () => patch().catch((error) => isNotFound(error) ? create() : Promise.reject(error)),
      {
        clock: this.#clock,
        logger: this.#logger,
        signal: this.#closing.signal,
        delayOf: (attempt) => attempt === 1 ? RETRY_DELAY * this.#random() : RETRY_DELAY,
      },
    );
    if (written !== undefined) this.#correlator.written(key, written);
  }
}
