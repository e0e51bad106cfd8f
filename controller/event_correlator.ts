import { type Clock, TokenBucket } from "../async/mod.ts";
import { formatTime } from "../meta/mod.ts";
import type { Event } from "../types/core_v1.ts";
import { LruMap } from "./lru_map.ts";

/** How many events become few. Read once: changing the object later has no effect. */
export interface EventCorrelatorOptions {
  /** So many events that differ in their message alone become one. Default 10. */
  maxEvents?: number;
  /** Milliseconds without a similar event after which they are counted anew. Default 600,000. */
  maxInterval?: number;
  /** Events about one object, of one source and type, that are written at once at most. Default 25. */
  burst?: number;
  /** How many more each second. Default 1/300. */
  qps?: number;
  /** How many events, groups of similar ones and objects are remembered, of each. Default 4,096. */
  cacheSize?: number;
}

/** What to do about an event. */
export type Correlated =
  | { write: "create" | "patch"; event: Event; key: string }
  | { write: "nothing" };

interface Similar {
  messages: Set<string>;
  last: number;
}

/** What is remembered of an event that was written. */
interface Known {
  name: string;
  resourceVersion: string | undefined;
  firstTimestamp: Event["firstTimestamp"];
  count: number;
}

const PREFIX = "(combined from similar events): ";

/** Makes few events of many: similar ones one, equal ones a number, too many nothing. (spec rest 23.3) */
export class EventCorrelator {
  readonly #clock: Clock;
  readonly #options: Required<EventCorrelatorOptions>;
  readonly #nameOf: (subject: string, date: Date) => string;
  readonly #similar: LruMap<Similar>;
  readonly #known: LruMap<Known>;
  readonly #buckets: LruMap<TokenBucket>;

  constructor(
    clock: Clock,
    nameOf: (subject: string, date: Date) => string,
    options: EventCorrelatorOptions,
  ) {
    const { maxEvents = 10, maxInterval = 600_000, burst = 25, qps = 1 / 300, cacheSize = 4_096 } = options;
    this.#options = { maxEvents, maxInterval, burst, qps, cacheSize };
    this.#clock = clock;
    this.#nameOf = nameOf;
    this.#similar = new LruMap(cacheSize);
    this.#known = new LruMap(cacheSize);
    this.#buckets = new LruMap(cacheSize);
  }

  correlate(event: Event): Correlated {
    const { event: one, key } = this.#aggregate(event);
    const observed = this.#observe(one, key);
    return this.#isSpam(one) ? { write: "nothing" } : observed;
  }

  /** What the server has made of an event: the next of its kind changes that. */
  written(key: string, { metadata, firstTimestamp, count = 1 }: Event): void {
    const { name = "", resourceVersion } = metadata;
    this.#known.set(key, { name, resourceVersion, firstTimestamp, count });
  }

  #aggregate(event: Event): { event: Event; key: string } {
    const group = aggregateKey(event);
    const message = event.message ?? "";
    const now = this.#clock.now();
    let similar = this.#similar.get(group);
    if (similar === undefined || now - similar.last > this.#options.maxInterval) {
      similar = { messages: new Set(), last: now };
      this.#similar.set(group, similar);
    }
    similar.messages.add(message);
    similar.last = now;
    if (similar.messages.size < this.#options.maxEvents) return { event, key: fullKey(event) };
    const [one] = similar.messages; // it need not remember more than tell it that there are many
    similar.messages.delete(one);
    const date = this.#clock.date();
    const name = this.#nameOf(event.involvedObject.name ?? "", date);
    const combined: Event = {
      ...event,
      metadata: { ...event.metadata, name },
      message: PREFIX + message,
      count: 1,
      firstTimestamp: formatTime(date),
      lastTimestamp: formatTime(date),
    };
    return { event: combined, key: group };
  }

  #observe(event: Event, key: string): Correlated {
    const known = this.#known.get(key);
    if (known === undefined) {
      this.written(key, event);
      return { write: "create", event, key };
    }
    const metadata = { ...event.metadata, name: known.name, resourceVersion: known.resourceVersion };
    const again = { ...event, metadata, firstTimestamp: known.firstTimestamp, count: known.count + 1 };
    this.written(key, again); // before it is: the next one comes sooner
    return { write: "patch", event: again, key };
  }

  #isSpam(event: Event): boolean {
    const key = spamKey(event);
    let bucket = this.#buckets.get(key);
    if (bucket === undefined) {
      const { qps, burst } = this.#options;
      bucket = new TokenBucket({ qps, burst, clock: this.#clock });
      this.#buckets.set(key, bucket);
    }
    return !bucket.tryAccept();
  }
}

const join = (...parts: (string | undefined)[]) => JSON.stringify(parts);

function spamKey(
  { source, involvedObject: { kind, namespace, name, uid, apiVersion }, type }: Event,
): string {
  return join(source?.component, source?.host, kind, namespace, name, uid, apiVersion, type);
}

function aggregateKey(event: Event): string {
  return join(spamKey(event), event.reason, event.reportingComponent, event.reportingInstance);
}

function fullKey(event: Event): string {
  return join(spamKey(event), event.involvedObject.fieldPath, event.reason, event.message);
}
