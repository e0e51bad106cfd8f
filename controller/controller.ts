import { type Clock, onAbort } from "../async/mod.ts";
import type { Cached, Change, Informer, InformerFactory, Registration } from "../cache/mod.ts";
import type { Client } from "../client/mod.ts";
import { formatKey, type KubernetesObject, type ObjectKey, type ResourceType } from "../meta/mod.ts";
import type { Logger, Meter } from "../observe/mod.ts";
import { type ItemRateLimiter, LOW_PRIORITY, PriorityQueue } from "../workqueue/mod.ts";
import { type ControllerMetrics, controllerMetrics, type ReconcileOutcome } from "./controller_metrics.ts";
import type { EventRecorder } from "./event_recorder.ts";
import { itself, keysOf, type Mapper, ownersOf } from "./mappers.ts";
import type { Predicate } from "./predicates.ts";
import { type Reconciler, TerminalError } from "./reconciler.ts";
import { recordingClient } from "./recording_client.ts";

/** Other objects whose changes matter to a controller. {@linkcode watching} makes one with types. */
export interface Watching {
  /** The kind. */
  type: ResourceType;
  /** Which objects have to be reconciled. */
  map: Mapper;
  /** Which changes matter. Default all. */
  predicate?: Predicate;
}

/** Says that a controller looks at other objects too, and what for. */
export function watching<T extends KubernetesObject>(
  type: ResourceType<T>,
  map: Mapper<T>,
  options: { predicate?: Predicate<T> } = {},
): Watching {
  return { type, map, ...options } as unknown as Watching; // its own informer calls them, with objects of that kind
}

/** What a controller looks at, and what it does. */
export interface ControllerDefinition<T extends KubernetesObject = KubernetesObject> {
  /** What logs and metrics call it; one name for each of a manager. Default: the kind in lower case. */
  name?: string;
  /** The kind whose objects are reconciled. */
  for: ResourceType<T>;
  /** Which of their changes matter. Default all. */
  predicate?: Predicate<T>;
  /** Kinds of objects that belong to them by their controller reference: their changes lead to the owner. */
  owns?: readonly ResourceType[];
  /** Other objects whose changes matter. */
  watches?: readonly Watching[];
  /**
   * Objects that are to be looked at for reasons outside of the cluster, such as a message of a cloud: it is read from
   * the start of the caches to the end. If it throws, the controller goes on without it.
   */
  reconcileOn?: AsyncIterable<ObjectKey>;
  /** Does the work. */
  reconcile: Reconciler<T>;
}

/** How a controller works. Read once: changing the object later has no effect. */
export interface ControllerOptions {
  /** How many objects are reconciled at the same time. Default 1. */
  concurrency?: number;
  /**
   * How long one call may take until its signal aborts, in milliseconds. Default: as long as it likes. A reconciler
   * that does not heed the signal goes on, and holds its worker; metrics and `health()` show it.
   */
  reconcileTimeout?: number;
  /**
   * How long changes of an object are collected before it is reconciled, counted from the first of them, in
   * milliseconds: a burst is one call then, which comes late. Default 0: at once; what changes during a call is one call
   * afterwards in any case.
   */
  debounce?: number;
  /** How long an object waits that has failed. Default: 5 ms, doubled up to 1,000 s; 10 a second in all after 100. */
  rateLimiter?: ItemRateLimiter;
  /**
   * How often all objects are reconciled although nothing has happened, whatever predicates say, in milliseconds.
   * Default never.
   */
  resyncPeriod?: number;
}

/** How a controller is doing. */
export interface ControllerHealth {
  /** Its name. */
  readonly name: string;
  /** `starting` until the caches have synced, `standby` until it may work. */
  readonly state: "starting" | "standby" | "working" | "stopped";
  /** How many objects wait for a worker. */
  readonly queued: number;
  /** How many are being reconciled. */
  readonly active: number;
  /** How long the longest of them has been, in milliseconds; 0 when there is none. */
  readonly longest: number;
  /** What the last reconcile that failed has thrown, unless one of that object has succeeded since. */
  readonly lastError: { readonly key: string; readonly error: unknown } | undefined;
}

/** What all controllers of a manager share. */
export interface ControllerSurroundings {
  client: Client;
  informers: InformerFactory;
  recorder: EventRecorder;
  logger: Logger;
  meter: Meter;
  clock: Clock;
}

/** What a controller heeds while it works. */
export interface WorkOptions {
  /** Take nothing new any more. */
  stop: AbortSignal;
  /** Break off what goes on. */
  abort: AbortSignal;
  fencingToken?: number;
}

/** How long caches are waited for after a write, in milliseconds: the next reconcile may see what was before it. */
const SEEN_LIMIT = 5_000;

/** One controller: from changes to a queue to a reconciler. */
export class Controller<T extends KubernetesObject = KubernetesObject> {
  /** Its name. */
  readonly name: string;
  readonly #definition: ControllerDefinition<T>;
  readonly #options: ControllerOptions;
  readonly #shared: ControllerSurroundings;
  readonly #logger: Logger;
  readonly #metrics: ControllerMetrics;
  readonly #queue: PriorityQueue<ObjectKey>;
  readonly #informers = new Map<string, Informer<KubernetesObject>>();
  readonly #registrations: Registration[] = [];
  /** When each object that is being reconciled began to be. */
  readonly #active = new Map<string, number>();
  /** Reconciles that wait for a cache to show what they have deleted. */
  readonly #onNextChange: (() => void)[] = [];
  /** What says which objects are to be looked at for reasons outside of the cluster. */
  #outside: AsyncIterator<ObjectKey> | undefined;
  #state: ControllerHealth["state"] = "starting";
  #lastError: ControllerHealth["lastError"];

  constructor(
    definition: ControllerDefinition<T>,
    options: ControllerOptions,
    shared: ControllerSurroundings,
  ) {
    const { concurrency = 1, reconcileTimeout, debounce = 0, rateLimiter } = options;
    const { clock, meter } = shared;
    if (!(concurrency >= 1)) {
      throw new RangeError(`Cannot control: concurrency must be at least 1, got ${concurrency}`);
    }
    if (reconcileTimeout !== undefined && !(reconcileTimeout > 0)) {
      throw new RangeError(`Cannot control: reconcileTimeout must be above 0 ms, got ${reconcileTimeout}`);
    }
    if (!(debounce >= 0)) {
      throw new RangeError(`Cannot control: debounce must be at least 0 ms, got ${debounce}`);
    }
    this.name = definition.name ?? definition.for.kind.toLowerCase();
    this.#definition = definition;
    this.#options = { ...options, concurrency };
    this.#shared = shared;
    this.#logger = loggerAbout(shared.logger, { controller: this.name });
    this.#metrics = controllerMetrics(this.name, concurrency, meter);
    this.#queue = new PriorityQueue<ObjectKey>({
      name: this.name,
      key: formatKey,
      rateLimiter,
      clock,
      meter,
    });
  }

  /** Listens to the caches: from now on the queue fills. */
  connect(): void {
    const { for: type, predicate, owns = [], watches = [], reconcileOn } = this.#definition;
    this.#listen(type, itself, predicate);
    for (const owned of owns) this.#listen(owned, ownersOf(type), undefined);
    for (const { type, map, predicate } of watches) this.#listen(type, map, predicate);
    if (reconcileOn !== undefined) void this.#heed(reconcileOn[Symbol.asyncIterator]());
  }

  /** Takes objects from outside. Never rejects. */
  async #heed(source: AsyncIterator<ObjectKey>): Promise<void> {
    this.#outside = source;
    try {
      for (let next = await source.next(); !next.done; next = await source.next()) this.#add(next.value, 0);
    } catch (error) {
      this.#logger.error("the objects from outside have ended", { error });
    }
  }

  #add(key: ObjectKey, priority: number): void {
    const { debounce = 0 } = this.#options;
    if (debounce > 0) this.#queue.addAfter(key, debounce, { priority });
    else this.#queue.add(key, { priority });
  }

  /** Resolves when all that there was at the beginning is in the queue. */
  async waitForSync({ signal }: { signal: AbortSignal }): Promise<void> {
    await Promise.all(this.#registrations.map((registration) => registration.waitForSync({ signal })));
    this.#state = "standby";
  }

  /** Reconciles, until told to stop; resolves when all that went on has ended. */
  async work({ stop, abort, fencingToken }: WorkOptions): Promise<void> {
    this.#state = "working";
    const halt = new AbortController();
    const forget = [
      onAbort(stop, (reason) => halt.abort(reason)),
      onAbort(abort, (reason) => halt.abort(reason)),
    ];
    const worker = async () => {
      for (;;) {
        let key: ObjectKey | undefined;
        try {
          key = await this.#queue.get({ signal: halt.signal });
        } catch {
          return; // it rejects when told to stop, and for nothing else
        }
        if (key === undefined) return;
        await this.#handle(key, abort, fencingToken);
      }
    };
    await Promise.all(Array.from({ length: this.#options.concurrency ?? 1 }, worker));
    for (const one of forget) one();
    this.#state = "standby";
  }

  /** Ends for good. */
  stop(): void {
    this.#state = "stopped";
    this.#queue.shutDown();
    this.#outside?.return?.().catch(() => {}); // it may end when it likes, or not
    for (const registration of this.#registrations) void registration.remove();
  }

  /** How it is doing. */
  health(): ControllerHealth {
    const { name } = this;
    const now = this.#shared.clock.now();
    const longest = Math.max(0, ...[...this.#active.values()].map((began) => now - began));
    const [queued, active] = [this.#queue.length, this.#active.size];
    return { name, state: this.#state, queued, active, longest, lastError: this.#lastError };
  }

  #listen<K extends KubernetesObject>(
    type: ResourceType<K>,
    map: Mapper<K>,
    predicate: Predicate<K> | undefined,
  ): void {
    const informer = this.#shared.informers.informer(type) as unknown as Informer<K>;
    this.#informers.set(nameOf(type), informer as unknown as Informer<KubernetesObject>);
    const { resyncPeriod } = this.#options;
    const options = {
      name: `${this.name}/${type.plural}`,
      ...resyncPeriod === undefined ? {} : { resyncPeriod },
    };
    const onChange = (change: Change<K>) => {
      for (const wake of this.#onNextChange.splice(0)) wake();
      if (predicate !== undefined && change.type !== "SYNC" && !predicate(change)) return;
      // What is merely listed, or shown again, waits for what has changed.
      const priority = change.isInInitialList || change.type === "SYNC" ? LOW_PRIORITY : 0;
      for (const key of keysOf(map, change)) this.#add(key, priority);
    };
    this.#registrations.push(informer.addEventHandler({ onChange }, options));
  }

  /** Reconciles one object, and decides when it is looked at again. Never rejects. */
  async #handle(key: ObjectKey, abort: AbortSignal, fencingToken: number | undefined): Promise<void> {
    const { clock } = this.#shared;
    const name = formatKey(key);
    const began = clock.now();
    this.#active.set(name, began);
    this.#metrics.active(this.#active.size);
    const priority = this.#queue.priorityOf(key);
    const ending = new AbortController();
    const forget = onAbort(abort, (reason) => ending.abort(reason));
    let isLate = false;
    const { reconcileTimeout } = this.#options;
    const cancel = reconcileTimeout === undefined ? () => {} : clock.schedule(() => {
      isLate = true;
      ending.abort(
        new DOMException(`Reconciling ${name} took more than ${reconcileTimeout} ms`, "TimeoutError"),
      );
    }, reconcileTimeout);
    let outcome: ReconcileOutcome | "broken off" = "success";
    try {
      const requeueAfter = await this.#reconcile(key, ending.signal, fencingToken);
      this.#queue.forget(key);
      if (this.#lastError?.key === name) this.#lastError = undefined;
      if (requeueAfter !== undefined) {
        outcome = "requeue_after";
        this.#queue.addAfter(key, requeueAfter, { priority });
      }
    } catch (error) {
      if (abort.aborted) {
        outcome = "broken off";
        this.#queue.add(key, { priority }); // for when it may work again
      } else {
        this.#lastError = { key: name, error };
        outcome = error instanceof TerminalError ? "terminal_error" : isLate ? "timeout" : "error";
        if (outcome === "terminal_error") this.#queue.forget(key);
        else this.#queue.addRateLimited(key, { priority });
        this.#logger.error("reconciling failed", { key: name, error, outcome });
      }
    } finally {
      cancel();
      forget();
      this.#active.delete(name);
      this.#metrics.active(this.#active.size);
      if (outcome !== "broken off") this.#metrics.ended(outcome, clock.now() - began);
      this.#queue.done(key);
    }
  }

  /** @returns After how many milliseconds to look again, if the reconciler wants that. */
  async #reconcile(
    key: ObjectKey,
    signal: AbortSignal,
    fencingToken: number | undefined,
  ): Promise<number | undefined> {
    const { client, informers, recorder } = this.#shared;
    const name = formatKey(key);
    const cache = this.#informers.get(nameOf(this.#definition.for)) as unknown as Informer<T> | undefined;
    const awaited: Awaited[] = [];
    let object: { read: Cached<T> | undefined } | undefined;
    const result = await this.#definition.reconcile(key, {
      signal,
      // Not before it is asked for: a cache may have to make it from bytes.
      get object() {
        return (object ??= { read: cache?.lister.byKey(name) }).read;
      },
      client: recordingClient(client, {
        written: (type, written) => {
          const informer = this.#informers.get(nameOf(type));
          if (informer !== undefined) awaited.push({ informer, written });
        },
        deleted: (type, object, uid) => {
          const informer = this.#informers.get(nameOf(type));
          const key = formatKey(object);
          const known = informer?.lister.byKey(key)?.metadata.uid;
          if (informer !== undefined) awaited.push({ informer, deleted: { key, uid: uid ?? known } });
        },
      }),
      informers,
      recorder,
      logger: loggerAbout(this.#logger, { key: name }),
      failures: this.#queue.numRequeues(key),
      fencingToken,
    });
    await this.#untilSeen(awaited, signal);
    const { requeueAfter } = result ?? {};
    if (requeueAfter === undefined) return undefined;
    if (requeueAfter > 0 && Number.isFinite(requeueAfter)) return requeueAfter;
    throw new TerminalError(
      `Cannot reconcile ${name} again: requeueAfter must be above 0 ms, got ${requeueAfter}`,
    );
  }

  /** Waits until the caches show what was written and deleted, though not for long. */
  async #untilSeen(awaited: readonly Awaited[], signal: AbortSignal): Promise<void> {
    if (awaited.length === 0) return;
    const limit = new AbortController();
    const cancel = this.#shared.clock.schedule(() => limit.abort("too late"), SEEN_LIMIT);
    const forget = onAbort(signal, (reason) => limit.abort(reason));
    try {
      await Promise.all(
        awaited.map(({ informer, written }) => written && informer.seen(written, { signal: limit.signal })),
      );
      // Afterwards: what was both made and deleted is not there before, either.
      while (awaited.some(isStillShown)) await this.#nextChange(limit.signal);
    } catch (error) {
      signal.throwIfAborted();
      this.#logger.debug("a cache does not show yet what was written", { error });
    } finally {
      cancel();
      forget();
    }
  }

  /** Resolves when a cache has changed. */
  async #nextChange(signal: AbortSignal): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const forget = onAbort(signal, reject);
    this.#onNextChange.push(resolve);
    await promise.finally(forget);
  }
}

/** Something that was written, or deleted, and that a cache is to show. */
interface Awaited {
  informer: Informer<KubernetesObject>;
  written?: KubernetesObject;
  deleted?: { key: string; uid: string | undefined };
}

/** Whether a cache still shows an object as if it had not been deleted; another of that name is another matter. */
function isStillShown({ informer, deleted }: Awaited): boolean {
  const shown = deleted && informer.lister.byKey(deleted.key)?.metadata;
  return shown !== undefined && shown.uid === deleted?.uid && !shown.deletionTimestamp;
}

function nameOf({ group, version, plural }: ResourceType): string {
  return `${plural}.${version}.${group}`;
}

/** A logger that says with each line what it is about. */
function loggerAbout(logger: Logger, about: Record<string, unknown>): Logger {
  const line =
    (level: "debug" | "info" | "warn" | "error") => (message: string, fields?: Record<string, unknown>) =>
      logger[level](message, { ...about, ...fields });
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
