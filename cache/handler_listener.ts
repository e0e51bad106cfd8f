import type { KubernetesObject } from "../meta/mod.ts";
import { type Change, EntryChange } from "./change.ts";
import { ChangeBuffer } from "./change_buffer.ts";
import type { EventHandler, HandlerOptions, Registration } from "./event_handler.ts";
import { Latch } from "./latch.ts";
import { type Listener, type ListenerContext, resyncPeriodOf } from "./listener.ts";
import type { Entry } from "./entry.ts";

const BUFFER_SIZE = 10_000;

/**
 * Calls a handler, one change after the other. It runs only while there is something to do, and lets others have the
 * event loop in between.
 */
export class HandlerListener<T extends KubernetesObject> implements Listener<T>, Registration {
  readonly name: string;
  readonly resyncPeriod: number;
  readonly #handler: EventHandler<T>;
  readonly #options: HandlerOptions<T>;
  readonly #context: ListenerContext;
  readonly #buffer: ChangeBuffer<T>;
  readonly #synced = new Latch();
  readonly #onRemove: (listener: HandlerListener<T>) => void;
  /** How many informers have yet to say that all of their beginning has been pushed. */
  #upstreams: number;
  #isCalling = false;
  #closed = false;
  #running: Promise<void> | undefined; // never rejects

  constructor(
    handler: EventHandler<T>,
    options: HandlerOptions<T>,
    context: ListenerContext,
    { resyncPeriod, upstreams, onRemove }: {
      resyncPeriod: number;
      upstreams: number;
      onRemove: (listener: HandlerListener<T>) => void;
    },
  ) {
    const { bufferSize = BUFFER_SIZE } = options;
    if (!(bufferSize >= 1)) {
      throw new RangeError(`Cannot add a handler: bufferSize must be at least 1, got ${bufferSize}`);
    }
    this.#handler = handler;
    this.#options = options;
    this.#context = context;
    this.#buffer = new ChangeBuffer(bufferSize);
    this.#upstreams = upstreams;
    this.#onRemove = onRemove;
    this.name = options.name ?? nameOf(handler);
    this.resyncPeriod = resyncPeriodOf(options.resyncPeriod ?? resyncPeriod);
  }

  get hasSynced(): boolean {
    return this.#synced.isDone;
  }

  get pending(): number {
    return this.#buffer.length;
  }

  waitForSync(options: { signal?: AbortSignal } = {}): Promise<void> {
    return this.#synced.wait(options);
  }

  push(changes: readonly EntryChange<T>[]): void {
    if (this.#closed) return;
    this.#buffer.push(changes);
    if (this.#buffer.length > 0) this.#running ??= this.#run();
  }

  upstreamSynced(): void {
    if (this.#upstreams > 0) this.#upstreams--;
    this.#checkSynced();
  }

  remove(): Promise<void> {
    this.#onRemove(this);
    return this.close();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#buffer.clear();
    this.#synced.fail(new TypeError(`Cannot sync the handler ${this.name}: it was removed before`));
    await this.#running;
  }

  async #run(): Promise<void> {
    await undefined; // the cache is to have written all it is about to write
    const { pacer } = this.#context;
    for (let change = this.#buffer.shift(); change !== undefined; change = this.#buffer.shift()) {
      this.#isCalling = true;
      try {
        const result = this.#call(change);
        if (isThenable(result)) await result;
      } catch (error) {
        this.#report(error, change);
      }
      this.#isCalling = false;
      if (!this.#synced.isDone) this.#checkSynced();
      if (pacer.isDue() && this.#buffer.length > 0) await pacer.pause();
    }
    this.#running = undefined;
    this.#checkSynced();
  }

  #call(change: EntryChange<T>): unknown {
    const passing = this.#filtered(change);
    if (passing === undefined) return undefined;
    const { type } = passing;
    const handler = this.#handler;
    if (handler.onChange === undefined) {
      // The usual case: one function, whose promise is awaited by the caller.
      return type === "ADDED"
        ? handler.onAdd?.(passing.object, passing)
        : type === "DELETED"
        ? handler.onDelete?.(passing.object, passing)
        : handler.onUpdate?.(passing.old ?? passing.object, passing.object, passing);
    }
    const special = type === "ADDED"
      ? handler.onAdd
      : type === "DELETED"
      ? handler.onDelete
      : handler.onUpdate;
    if (special === undefined) return handler.onChange(passing);
    return (async () => {
      await handler.onChange!(passing);
      if (type === "ADDED") await handler.onAdd!(passing.object, passing);
      else if (type === "DELETED") await handler.onDelete!(passing.object, passing);
      else await handler.onUpdate!(passing.old ?? passing.object, passing.object, passing);
    })();
  }

  /** What a change is to this handler, which sees only the objects that pass (spec informers 13.4). */
  #filtered(change: EntryChange<T>): EntryChange<T> | undefined {
    const { filter, filterMetadata } = this.#options;
    if (filter === undefined && filterMetadata === undefined) return change;
    const { type, entry, before } = change;
    const isIn = this.#passes(entry);
    if (type !== "MODIFIED" || before === undefined) return isIn ? change : undefined;
    const wasIn = this.#passes(before);
    if (isIn && wasIn) return change;
    if (isIn) return new EntryChange("ADDED", entry, undefined, { source: change.source });
    return wasIn ? new EntryChange("DELETED", before, undefined, { source: change.source }) : undefined;
  }

  #passes(entry: Entry<T>): boolean {
    const { filter = () => true, filterMetadata = () => true } = this.#options;
    return filterMetadata(entry.metadata) && filter(entry.object);
  }

  #checkSynced(): void {
    if (this.#upstreams === 0 && this.#buffer.initial === 0 && !this.#isCalling) this.#synced.done();
  }

  #report(error: unknown, change: Change<T>): void {
    const { onError } = this.#options;
    const { logger } = this.#context;
    try {
      if (onError !== undefined) return onError(error, change);
      logger.error(`The handler ${this.name} failed`, { key: change.key, type: change.type, error });
    } catch (second) {
      logger.error(`The onError of the handler ${this.name} failed`, { key: change.key, error: second });
    }
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}

/** The names of a handler's functions, as far as they say more than what they are. */
function nameOf(handler: EventHandler<never>): string {
  const functions = [handler.onAdd, handler.onUpdate, handler.onDelete, handler.onChange];
  const names = functions.flatMap((one) => one === undefined || one.name === "" ? [] : [one.name]);
  const own = handler.constructor?.name;
  return own !== undefined && own !== "Object" ? own : [...new Set(names)].join("+") || "without a name";
}
