/**
 * A Kubernetes client for the web-standard runtimes: the names that most programs use. Everything else is in
 * the folders, such as `@coxswain/kube/rest`; kinds are in `@coxswain/kube/types/…`.
 *
 * Importing this does no work: no file, no environment, no global of a runtime is touched before a call.
 *
 * @example
 * ```ts
 * import { Client } from "@coxswain/kube";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig()); // or: await connect()
 * for await (const pod of client.resource(Pod).namespace("default").items()) console.log(pod.metadata.name);
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export { InformerFactory, type InformerFactoryOptions } from "./cache/mod.ts";
export {
  applyConflicts,
  ApplyManifestsError,
  Client,
  type DynamicObject,
  ManifestError,
  retryOnConflict,
  WaitTimeoutError,
} from "./client/mod.ts";
export type { LoadConfigOptions } from "./config/mod.ts";
export { connect } from "./connect.ts";
export {
  Manager,
  type ManagerOptions,
  type Reconciler,
  runController,
  type RunControllerOptions,
  runUntilSignal,
  TerminalError,
} from "./controller/mod.ts";
export {
  LeaderElector,
  type LeaderElectorOptions,
  type Leadership,
  LeaseLock,
  type LeaseLockOptions,
} from "./leader/mod.ts";
export {
  defineResource,
  type KubernetesObject,
  type List,
  type ObjectMeta,
  type ResourceType,
  type Status,
  type Stored,
  type WatchEvent,
} from "./meta/mod.ts";
export {
  ConfigError,
  isAlreadyExists,
  isConfigError,
  isConflict,
  isExpired,
  isForbidden,
  isInvalid,
  isNetworkError,
  isNotFound,
  isTooManyRequests,
  isUnauthorized,
  NetworkError,
  RestConfig,
  type RestConfigInit,
  StatusError,
} from "./rest/mod.ts";
export { RateLimitingQueue, type RateLimitingQueueOptions } from "./workqueue/mod.ts";
