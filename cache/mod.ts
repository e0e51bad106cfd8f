/**
 * Objects of a server, kept here as they are there: informers that never end by themselves, what they know at hand by
 * key, namespace, selector and index, and what happens to it for handlers and loops. Client-go's `tools/cache`,
 * `informers` and `listers`.
 *
 * @example Following what happens
 * ```ts
 * import { InformerFactory } from "@coxswain/kube/cache";
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const informers = new InformerFactory(client);
 * const settings = informers.informer(ConfigMap);
 * informers.start();
 * await client.resource(ConfigMap).namespace("default").create({ metadata: { name: "shop" } });
 * for await (const change of settings.changes()) {
 *   console.log(change.type, change.key); // ADDED default/shop
 *   break;
 * }
 * await informers[Symbol.asyncDispose]();
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export type { Change, ChangeType } from "./change.ts";
export type { ChangesOptions } from "./change_stream.ts";
export { type CombinedInformer, combineInformers } from "./combined_informer.ts";
export { compareVersions } from "./compare_versions.ts";
export { type Cached, copyOf, type DeepReadonly, type Primitive, type Writable } from "./deep_readonly.ts";
export type { Delta } from "./delta.ts";
export { type Entry, entryOf, keyOf } from "./entry.ts";
export type { EntryStore, Replacement, WriteListener } from "./entry_store.ts";
export type { EventHandler, HandlerOptions, Registration } from "./event_handler.ts";
export type { FieldPath } from "./field_path.ts";
export type { Informer, InformerHealth, WaitOptions, WrittenObject } from "./informer.ts";
export {
  type CommonInformerOptions,
  InformerFactory,
  type InformerFactoryOptions,
  type InformerOf,
  type InformerOptions,
} from "./informer_factory.ts";
export type {
  EntryEvent,
  ListPage,
  ListPageMeta,
  ListWatch,
  ListWatchOptions,
  WatchBatch,
  WatchStream,
} from "./list_watch.ts";
export {
  type Lister,
  type ListerAt,
  type ListerOptions,
  type NamedLister,
  NAMESPACE_INDEX,
  type NamespacedLister,
} from "./lister.ts";
export { ObjectStore, type ObjectStoreOptions } from "./object_store.ts";
export { Pacer } from "./pacer.ts";
export { Reflector, type ReflectorHealth, type ReflectorOptions, type ReflectorTarget } from "./reflector.ts";
export { cacheMetrics } from "./reflector_metrics.ts";
export type { Activity, ReflectorState } from "./reflector_state.ts";
export { type Shard, shardOf } from "./shard.ts";
export { ShardGroup, type ShardGroupOptions } from "./shard_group.ts";
export type { Indexer, Indexers, IndexFunction } from "./value_index.ts";
