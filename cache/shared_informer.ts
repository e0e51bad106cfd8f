import { type Clock, systemClock } from "../async/mod.ts";
import type { KubernetesObject, Scope } from "../meta/mod.ts";
import { type Gauge, type Histogram, type Logger, type Meter, noLogger, noMeter } from "../observe/mod.ts";
import { type Change, EntryChange } from "./change.ts";
import { type ChangesOptions, ChangeStream } from "./change_stream.ts";
import { applyDelta, type Delta } from "./delta.ts";
import { DeltaQueue } from "./delta_queue.ts";
import type { Entry } from "./entry.ts";
import type { EntryStore } from "./entry_store.ts";
import type { EventHandler, HandlerOptions, Registration } from "./event_handler.ts";
import { HandlerListener } from "./handler_listener.ts";
import type { Informer, InformerHealth, WaitOptions, WrittenObject } from "./informer.ts";
import { Latch } from "./latch.ts";
import { type Listener, type ListenerContext, type ListenerHub, resyncPeriodOf } from "./listener.ts";
import { type ListerAt, StoreLister } from "./lister.ts";
import type { ListWatch } from "./list_watch.ts";
import { Pacer } from "./pacer.ts";
import { Reflector, type ReflectorOptions } from "./reflector.ts";
import { cacheMetrics, gaugeOf } from "./reflector_metrics.ts";
import { SeenWaiters } from "./seen_waiters.ts";
import { restoreStore, saveStore } from "./snapshot.ts";
import type { Indexers } from "./value_index.ts";

/** Options of {@linkcode SharedInformer}. Read once: changing the object later has no effect. */
export interface SharedInformerOptions<T extends KubernetesObject> {
  /** Where the objects come from. */
  source: ListWatch<T>;
  /** Where they are kept. */
  store: EntryStore<T>;
  /** The clock of pauses, time-outs and resyncs. Default the runtime's. */
  clock?: Clock;
  /** Where chance comes from. Default `Math.random`. */
  random?: () => number;
  /** Where it says what happens. Default nowhere. */
  logger?: Logger;
  /** Where it reports what it measures. Default nowhere. */
  meter?: Meter;
  /** With whom the event loop is shared. Default nobody. */
  pacer?: Pacer;
  /** How often handlers are called for each object although nothing has happened, in milliseconds. Default 0: never. */
  resyncPeriod?: number;
  /** What is passed on to the {@linkcode Reflector}. */
  reflector?: Pick<
    ReflectorOptions<T>,
    "backoff" | "pageSize" | "minWatchTimeout" | "onError"
  >;
  /** What tells this cache from others: resource, namespace, selectors. For saved ones. Default its name. */
  identity?: string;
  /** Opens what was saved by an earlier run, if anything was. It is shown first, and then brought up to date. */
  resume?: () => Promise<ReadableStream<Uint8Array> | undefined>;
  /** Called with each object that is resumed, before it is stored. */
  onResumed?: (entry: Entry<T>) => void;
}

/** A listener, and what ends its reminders. */
interface Attached {
  cancelResync: () => void;
}

/**
 * One watch, one store, any number of handlers.
 *
 * The store is written, and changes are put into the buffers of handlers, in one go; handlers run afterwards, each at
 * its own pace. So the store may be ahead of what a handler is called with, and is never behind.
 *
 * @see client-go `sharedIndexInformer`, spec informers 14
 */
export class SharedInformer<
  T extends KubernetesObject,
  S extends Scope = Scope,
  Index extends string = string,
> implements Informer<T, S, Index>, ListenerHub<T> {
  readonly name: string;
  readonly lister: ListerAt<T, S, Index>;
  readonly context: ListenerContext;
  readonly resyncPeriod: number;
  readonly upstreams = 1;
  readonly #source: ListWatch<T>;
  readonly #store: EntryStore<T>;
  readonly #clock: Clock;
  readonly #random: (() => number) | undefined;
  readonly #logger: Logger;
  readonly #meter: Meter;
  readonly #reflectorOptions: SharedInformerOptions<T>["reflector"];
  readonly #resume: SharedInformerOptions<T>["resume"];
  readonly #onResumed: (entry: Entry<T>) => void;
  readonly #identity: string;
  /** What is shown is of an earlier run; no server has been asked yet whether it still holds. */
  #resuming: Delta<T> | undefined;
  readonly #queue = new DeltaQueue<T>();
  readonly #listeners = new Map<Listener<T>, Attached>();
  readonly #synced = new Latch();
  readonly #seen: SeenWaiters;
  readonly #stop = new AbortController();
  readonly #labels: { readonly name: string };
  readonly #queuedItems: Gauge;
  readonly #processingLatency: Histogram;
  readonly #storeSize: Gauge;
  readonly #storeVersion: Gauge;
  #reflector: Reflector<T>;
  #running: Promise<void> | undefined; // never rejects
  #draining: Promise<void> | undefined; // never rejects

  /** Opens nothing yet. */
  constructor(options: SharedInformerOptions<T>) {
    const { source, store, clock = systemClock, logger = noLogger, meter = noMeter } = options;
    const { pacer = new Pacer(clock), resyncPeriod = 0 } = options;
    this.name = source.name;
    this.#source = source;
    this.#store = store;
    this.#clock = clock;
    this.#random = options.random;
    this.#logger = logger;
    this.#meter = meter;
    this.context = { clock, logger, pacer };
    this.resyncPeriod = resyncPeriodOf(resyncPeriod);
    this.#reflectorOptions = options.reflector;
    this.#resume = options.resume;
    this.#onResumed = options.onResumed ?? (() => {});
    this.#identity = options.identity ?? source.name;
    this.#labels = { name: source.name };
    this.#queuedItems = meter.gauge(cacheMetrics.queuedItems);
    this.#processingLatency = meter.histogram(cacheMetrics.processingLatency);
    this.#storeSize = meter.gauge(cacheMetrics.storeSize);
    this.#storeVersion = meter.gauge(cacheMetrics.storeResourceVersion);
    this.#seen = new SeenWaiters(this.name);
    this.#reflector = this.#newReflector();
    this.lister = new StoreLister(store) as object as ListerAt<T, S, Index>;
  }

  get hasSynced(): boolean {
    return this.#synced.isDone;
  }

  get resourceVersion(): string {
    return this.#store.resourceVersion;
  }

  /** How often the reflector has gone from one state to another, by `from → to`. */
  get transitions(): ReadonlyMap<string, number> {
    return this.#reflector.transitions;
  }

  /** What it holds. To be read alone. */
  get store(): Omit<EntryStore<T>, "set" | "delete" | "replacing"> {
    return this.#store;
  }

  start(): void {
    this.#checkOpen("start");
    this.#running ??= this.#run(this.#stop.signal);
  }

  waitForSync(options: WaitOptions = {}): Promise<void> {
    return this.#synced.wait(options);
  }

  addEventHandler(handler: EventHandler<T>, options: HandlerOptions<T> = {}): Registration {
    this.#checkOpen("add a handler to");
    const listener = new HandlerListener(handler, options, this.context, {
      resyncPeriod: this.resyncPeriod,
      upstreams: 1,
      onRemove: (one) => this.detach(one),
    });
    this.attach(listener);
    return listener;
  }

  changes(options: ChangesOptions = {}): AsyncIterableIterator<Change<T>> {
    this.#checkOpen("follow");
    const stream = new ChangeStream<T>(options, this.context, (one) => this.detach(one));
    if (options.signal?.aborted !== true) this.attach(stream);
    return stream;
  }

  addIndexers<More extends string>(indexers: Indexers<T, More>): Informer<T, S, Index | More> {
    this.#checkOpen("add indexes to");
    this.#store.addIndexers(indexers);
    return this as object as Informer<T, S, Index | More>;
  }

  seen({ metadata }: WrittenObject, { signal }: WaitOptions = {}): Promise<void> {
    const { name = "", namespace, uid = "", resourceVersion = "" } = metadata ?? {};
    if (resourceVersion === "") {
      throw new TypeError("Cannot wait for an object: it has no metadata.resourceVersion");
    }
    const key = namespace ? `${namespace}/${name}` : name;
    const { uid: heldUid, resourceVersion: held } = this.#store.get(key) ?? {};
    if (held === resourceVersion && (uid === "" || heldUid === uid)) return Promise.resolve();
    return this.#seen.wait({ key, uid, resourceVersion }, this.resourceVersion, signal);
  }

  health(): InformerHealth {
    const health = this.#reflector.health();
    return { name: this.name, hasSynced: this.hasSynced, size: this.#store.size, ...health };
  }

  save(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return saveStore(this.#store, this.#identity);
  }

  /** Adds a listener, which first gets what is there. */
  attach(listener: Listener<T>): void {
    const attached: Attached = { cancelResync: () => {} };
    this.#listeners.set(listener, attached);
    // What came before the first sync is a part of it, so that there is nothing to hand out till then.
    if (this.#store.size > 0) {
      const flags = { isInInitialList: true };
      listener.push(
        Array.from(this.#store.entries(), (entry) => new EntryChange("ADDED", entry, undefined, flags)),
      );
    }
    if (this.hasSynced) listener.upstreamSynced();
    if (this.#running !== undefined) this.#scheduleResync(listener, attached);
  }

  /** Takes a listener away; it gets nothing more. */
  detach(listener: Listener<T>): void {
    this.#listeners.get(listener)?.cancelResync();
    this.#listeners.delete(listener);
  }

  /**
   * Stops, for good, and lets go of its connection: first the watch, then the handlers, whose calls that go on are
   * waited for. So a handler must not wait for it. What is known stays readable. Idempotent.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#stop.signal.aborted) {
      this.#stop.abort(new DOMException(`The informer of ${this.name} was stopped`, "AbortError"));
      const stopped = new TypeError(`The informer of ${this.name} was stopped`);
      this.#synced.fail(stopped);
      this.#seen.fail(stopped);
    }
    await this.#running;
    await this.#draining;
    const listeners = [...this.#listeners.keys()];
    for (const listener of listeners) this.detach(listener);
    await Promise.all(listeners.map((listener) => listener.close()));
  }

  #checkOpen(what: string): void {
    if (this.#stop.signal.aborted) {
      throw new TypeError(`Cannot ${what} the informer of ${this.name}: it has been stopped already`);
    }
  }

  #newReflector(resourceVersion = ""): Reflector<T> {
    return new Reflector({
      ...this.#reflectorOptions,
      onConnected: () => this.#onConnected(),
      source: this.#source,
      clock: this.#clock,
      random: this.#random,
      logger: this.#logger,
      meter: this.#meter,
      pacer: this.context.pacer,
      resourceVersion,
      target: {
        replacing: () => this.#store.replacing(),
        push: (deltas) => this.#push(deltas),
      },
    });
  }

  async #run(signal: AbortSignal): Promise<void> {
    await undefined; // handlers that are added in the same breath are there from the beginning
    for (const [listener, attached] of this.#listeners) this.#scheduleResync(listener, attached);
    const known = await this.#resumed(signal);
    if (known !== undefined && !signal.aborted) {
      this.#resuming = known;
      this.#push([known]);
      this.#reflector = this.#newReflector(known.resourceVersion);
    }
    await this.#reflector.run({ signal }).catch((error) => {
      this.#logger.error(`The cache of ${this.name} has ended, which is a mistake in it`, { error });
    });
    if (signal.aborted) return;
    this.#logger.info(`The client of the cache of ${this.name} was closed, so it stops`);
    void this[Symbol.asyncDispose](); // nobody is to wait for what does not come, and no timer is to stay
  }

  async #resumed(signal: AbortSignal): Promise<Delta<T> & { type: "ReplacedAll" } | undefined> {
    try {
      const saved = await this.#resume?.();
      if (saved === undefined) return undefined;
      return await restoreStore(this.#store, saved, {
        of: this.#identity,
        pacer: this.context.pacer,
        signal,
        onObject: this.#onResumed,
      });
    } catch (error) {
      if (!signal.aborted) {
        this.#logger.warn(`Cannot resume the cache of ${this.name}: it is read anew`, { error });
      }
      return undefined;
    }
  }

  #push(deltas: readonly Delta<T>[]): Promise<void> | undefined {
    this.#queue.push(deltas);
    this.#drain();
    return this.#queue.room(this.#stop.signal);
  }

  /** Applies what is in the queue; what is too much for one turn, in turns. */
  #drain(): void {
    if (this.#draining !== undefined) return;
    const { pacer } = this.context;
    while (this.#queue.length > 0) {
      if (pacer.isDue() && this.#queue.length > 0) {
        this.#draining = pacer.pause().then(() => {
          this.#draining = undefined;
          if (this.#stop.signal.aborted) return;
          this.#apply();
          this.#drain();
        });
        return;
      }
      this.#apply();
    }
  }

  /** Applies one batch: to the store, and to the buffers of all listeners. Nothing else runs meanwhile. */
  #apply(): void {
    const began = this.#clock.now();
    const changes: EntryChange<T>[] = [];
    let hasSynced = this.hasSynced;
    for (const delta of this.#queue.take()) {
      for (const change of applyDelta(this.#store, delta, !hasSynced)) changes.push(change);
      if (delta.type === "ReplacedAll") hasSynced ||= delta !== this.#resuming;
      if (delta.type === "ReplacedAll" || delta.type === "Bookmark") {
        this.#store.resourceVersion = delta.resourceVersion;
      } else if (this.#seen.size > 0) this.#seen.passed(delta.entry, delta.type === "Deleted");
    }
    if (changes.length > 0) { for (const listener of this.#listeners.keys()) listener.push(changes); }
    if (hasSynced) this.#hasSynced();
    if (this.#seen.size > 0) this.#seen.reached(this.resourceVersion, (key) => this.#store.get(key));
    this.#measure(began);
  }

  #hasSynced(): void {
    if (this.hasSynced) return;
    for (const listener of this.#listeners.keys()) listener.upstreamSynced();
    this.#logger.debug(`Cache of ${this.name} has synced`, { size: this.#store.size });
    this.#synced.done();
  }

  /** The server has taken the version that was resumed from, or all has been read anew. */
  #onConnected(): void {
    if (this.#resuming !== undefined) this.#hasSynced();
    this.#resuming = undefined;
  }

  #measure(began: number): void {
    this.#queuedItems.set(this.#queue.length, this.#labels);
    this.#processingLatency.record((this.#clock.now() - began) / 1_000, this.#labels);
    this.#storeSize.set(this.#store.size, this.#labels);
    const version = gaugeOf(this.resourceVersion);
    if (version !== undefined) this.#storeVersion.set(version, this.#labels);
  }

  #scheduleResync(listener: Listener<T>, attached: Attached): void {
    const period = listener.resyncPeriod;
    if (period === 0) return;
    attached.cancelResync(); // it may have been added while this was starting
    attached.cancelResync = this.#clock.schedule(() => {
      this.#resync(listener);
      this.#scheduleResync(listener, attached);
    }, period);
  }

  #resync(listener: Listener<T>): void {
    // Who has not even seen what has changed needs no reminder of what has not.
    if (!this.hasSynced || listener.pending > 0) return;
    listener.push(Array.from(this.#store.entries(), (entry) => new EntryChange("SYNC", entry, entry)));
  }
}
