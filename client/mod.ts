/**
 * Resources as values: `client.resource(Pod).namespace("shop")` reads, watches and changes pods, and one
 * client serves every kind, built-in or custom.
 *
 * @example Following a namespace
 * ```ts
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const server = new ApiServer();
 * const client = new Client(server.restConfig());
 * const pods = client.resource(Pod).namespace("default");
 * await pods.create({ metadata: { name: "web-0" }, spec: { containers: [{ name: "main", image: "nginx" }] } });
 * for await (const event of pods.watch()) {
 *   if (event.type !== "BOOKMARK") console.log(event.type, event.object.metadata.name);
 *   break;
 * }
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export { type ApplyConflict, applyConflicts } from "./apply_conflicts.ts";
export type { ApplyManifestsOptions, ManifestResult, PruneOptions } from "./apply_manifests.ts";
export { ApplyManifestsError } from "./apply_manifests_error.ts";
export { Client, type ClientOptions } from "./client.ts";
export { extractApplied, type ExtractOptions } from "./extract_applied.ts";
export type { DynamicObject, ObjectOf } from "./dynamic_object.ts";
export { ManifestError, type ManifestMistake } from "./manifest_error.ts";
export type {
  ApplyOptions,
  CallOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  GetOptions,
  ItemsOptions,
  ListAllOptions,
  ListOptions,
  ModifyOptions,
  PagesOptions,
  PatchOptions,
  SelectorOptions,
  VersionOptions,
  WatchOnceOptions,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
export type { PartialObjectMetadata } from "./partial_object_metadata.ts";
export type { JsonPatchOperation, MergePatch, Patch } from "./patch.ts";
export type {
  AllNamespaces,
  ClientOf,
  CollectionClient,
  MethodsOf,
  Named,
  ObjectClient,
  Offered,
  Readable,
  ResourceAt,
  ResourceClient,
} from "./resource_client.ts";
export { retryOnConflict, type RetryOptions } from "./retry_on_conflict.ts";
export type {
  Bindable,
  CreatedToken,
  Evictable,
  HasSubresources,
  Scalable,
  ScaleClient,
  StatusWriter,
  SubresourceClient,
  SubresourceObject,
  Subresources,
  TokenSource,
} from "./subresource_client.ts";
export type {
  Table,
  TableClient,
  TableCollection,
  TableColumn,
  TableEvent,
  TableOptions,
  TableRow,
  TableWatchOptions,
} from "./table.ts";
export type { WaitCondition, WaitOptions } from "./wait_for.ts";
export { WaitTimeoutError, type WaitTimeoutErrorInit } from "./wait_timeout_error.ts";
export { watchListOptions } from "./watch_list_options.ts";
