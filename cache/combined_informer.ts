import type { KubernetesObject, Scope } from "../meta/mod.ts";
import { type Change, EntryChange } from "./change.ts";
import { type ChangesOptions, ChangeStream } from "./change_stream.ts";
import { CombinedLister } from "./combined_lister.ts";
import type { EventHandler, HandlerOptions, Registration } from "./event_handler.ts";
import { HandlerListener } from "./handler_listener.ts";
import type { Informer, InformerHealth, WaitOptions, WrittenObject } from "./informer.ts";
import type { Listener, ListenerContext, ListenerHub } from "./listener.ts";
import type { ListerAt } from "./lister.ts";
import type { Indexers } from "./value_index.ts";

/** Several informers behind one face. */
export interface CombinedInformer<
  T extends KubernetesObject,
  S extends Scope = Scope,
  Index extends string = string,
> extends Informer<T, S, Index> {
  /** The informers by their names, which changes carry as their `source`: namespaces, or clusters. */
  readonly sources: ReadonlyMap<string, Informer<T, S, Index>>;
  /** The health of the worst of them; that of each is with {@linkcode CombinedInformer.sources}. */
  health(): InformerHealth;
}

/**
 * Makes one informer of several of the same kind, such as of some namespaces, or of several clusters. A handler gets
 * the changes of all, one after the other, each with its `source`. Where the same key is in two of them, as may be
 * with clusters, `lister.byKey()` shows the first: ask one of the `sources` instead.
 *
 * It starts and stops them all. Combining those of a factory leaves them with the factory too.
 *
 * @throws {TypeError} If one of them was not made by this package.
 * @example Two clusters
 * ```ts
 * import assert from "node:assert/strict";
 * import { combineInformers, InformerFactory } from "@coxswain/kube/cache";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const servers = [new ApiServer(), new ApiServer()];
 * for (const server of servers) {
 *   server.load({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "shop", name: "settings" } });
 * }
 * const [one, two] = servers.map((server) => new InformerFactory(new Client(server.restConfig())));
 * const settings = combineInformers({ one: one.informer(ConfigMap), two: two.informer(ConfigMap) });
 * settings.start();
 * await settings.waitForSync();
 * assert.equal(settings.lister.list().length, 2);
 * await settings[Symbol.asyncDispose]();
 * ```
 */
export function combineInformers<T extends KubernetesObject, S extends Scope, Index extends string>(
  sources: Readonly<Record<string, Informer<T, S, Index>>>,
): CombinedInformer<T, S, Index> {
  return new Combined(new Map(Object.entries(sources)));
}

class Combined<T extends KubernetesObject, S extends Scope, Index extends string>
  implements CombinedInformer<T, S, Index>, ListenerHub<T> {
  readonly name: string;
  readonly lister: ListerAt<T, S, Index>;
  readonly sources: ReadonlyMap<string, Informer<T, S, Index>>;
  readonly context: ListenerContext;
  readonly resyncPeriod: number;
  readonly upstreams: number;
  readonly resourceVersion = "";
  readonly #hubs: ReadonlyMap<string, ListenerHub<T>>;
  readonly #attached = new Map<Listener<T>, Map<string, Listener<T>>>();
  #stopped = false;

  constructor(sources: ReadonlyMap<string, Informer<T, S, Index>>) {
    if (sources.size === 0) throw new TypeError("Cannot combine informers: there are none");
    this.#hubs = new Map(Array.from(sources, ([label, informer]) => [label, hubOf<T>(informer)]));
    const [hub] = this.#hubs.values();
    const [{ name }] = sources.values();
    this.name = name;
    this.sources = sources;
    this.context = hub.context;
    this.resyncPeriod = hub.resyncPeriod;
    this.upstreams = [...this.#hubs.values()].reduce((sum, { upstreams }) => sum + upstreams, 0);
    const listers = Array.from(sources.values(), ({ lister }) => lister as object as ListerAt<T, Scope>);
    this.lister = new CombinedLister(listers) as object as ListerAt<T, S, Index>;
  }

  get hasSynced(): boolean {
    return this.#every.every(({ hasSynced }) => hasSynced);
  }

  start(): void {
    for (const informer of this.#every) informer.start();
  }

  async waitForSync(options: WaitOptions = {}): Promise<void> {
    await Promise.all(this.#every.map((informer) => informer.waitForSync(options)));
  }

  addEventHandler(handler: EventHandler<T>, options: HandlerOptions<T> = {}): Registration {
    const { resyncPeriod, upstreams } = this;
    const listener = new HandlerListener(handler, options, this.context, {
      resyncPeriod,
      upstreams,
      onRemove: (one) => this.detach(one),
    });
    this.#checkOpen("add a handler to");
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
    for (const informer of this.#every) informer.addIndexers(indexers);
    return this as object as Informer<T, S, Index | More>;
  }

  async seen(object: WrittenObject, options: WaitOptions = {}): Promise<void> {
    const source = this.sources.get(object.metadata?.namespace ?? "");
    if (source === undefined) {
      throw new TypeError(
        `Cannot tell which of the informers of ${this.name} is to see it: ask one of "sources"`,
      );
    }
    await source.seen(object, options);
  }

  save(): never {
    throw new TypeError(`Cannot save several informers of ${this.name} as one: save each of its "sources"`);
  }

  health(): InformerHealth {
    const all = this.#every.map((informer) => informer.health());
    const worst = all.reduce((one, other) => isWorse(other, one) ? other : one);
    const size = all.reduce((sum, { size }) => sum + size, 0);
    return { ...worst, name: this.name, hasSynced: this.hasSynced, size };
  }

  attach(listener: Listener<T>): void {
    const labelled = new Map(
      Array.from(this.#hubs.keys(), (label) => [label, labelledListener(listener, label)]),
    );
    this.#attached.set(listener, labelled);
    for (const [label, hub] of this.#hubs) hub.attach(labelled.get(label)!);
  }

  detach(listener: Listener<T>): void {
    const labelled = this.#attached.get(listener);
    if (labelled === undefined) return;
    this.#attached.delete(listener);
    for (const [label, hub] of this.#hubs) hub.detach(labelled.get(label)!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#every.map((informer) => informer[Symbol.asyncDispose]()));
  }

  get #every(): Informer<T, S, Index>[] {
    return [...this.sources.values()];
  }

  #checkOpen(what: string): void {
    if (this.#stopped) {
      throw new TypeError(`Cannot ${what} the informers of ${this.name}: they have been stopped already`);
    }
  }
}

function hubOf<T extends KubernetesObject>(informer: object): ListenerHub<T> {
  if ("attach" in informer && "detach" in informer && "upstreams" in informer) {
    return informer as ListenerHub<T>;
  }
  throw new TypeError("Cannot combine informers: one of them does not come from an InformerFactory");
}

/** A listener that says where changes come from. */
function labelledListener<T extends KubernetesObject>(listener: Listener<T>, label: string): Listener<T> {
  return {
    name: listener.name,
    resyncPeriod: listener.resyncPeriod,
    pending: 0, // what comes from the others is no reason not to remind of these
    push: (changes) =>
      listener.push(
        changes.map(({ type, entry, before, isInInitialList, finalStateUnknown, source }) =>
          new EntryChange(type, entry, before, {
            isInInitialList,
            finalStateUnknown,
            source: source === "" ? label : `${label}/${source}`,
          })
        ),
      ),
    upstreamSynced: () => listener.upstreamSynced(),
    close: () => listener.close(),
  };
}

function isWorse(one: InformerHealth, other: InformerHealth): boolean {
  if (one.hasSynced !== other.hasSynced) return !one.hasSynced;
  return one.staleFor > other.staleFor;
}
