/**
 * What all Kubernetes objects share: metadata, lists, keys, selectors, `Status`, watch events, and
 * the descriptor of a resource. Client-go's `apimachinery`.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatKey, matchesLabels, parseLabelSelector } from "@coxswain/kube/meta";
 * assert.equal(formatKey({ namespace: "shop", name: "web-0" }), "shop/web-0");
 * assert.ok(matchesLabels(parseLabelSelector("app in (web, api)"), { app: "api" }));
 * ```
 *
 * @module
 */
export type {
  Applied,
  AppliedMeta,
  ApplyConfiguration,
  Atomic,
  atomic,
  MapList,
  mergeKeys,
} from "./apply_configuration.ts";
export type { Condition } from "./condition.ts";
export type { EmbeddedObject } from "./embedded_object.ts";
export { compareVersions } from "./compare_versions.ts";
export {
  formatLabelSelector,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorRequirement,
  matchesLabels,
  parseLabelSelector,
} from "./label_selector.ts";
export { formatMicroTime, parseMicroTime } from "./micro_time.ts";
export { formatKey, type ObjectKey, parseKey } from "./object_key.ts";
export type {
  Guaranteed,
  Guarantees,
  guarantees,
  InNamespace,
  KubernetesObject,
  List,
  ListMeta,
  ManagedFieldsEntry,
  ObjectMeta,
  OwnerReference,
  Stored,
  StoredMeta,
} from "./object_meta.ts";
export {
  apiVersionOf,
  defineResource,
  parseApiVersion,
  type ResourceDefinition,
  type ResourceType,
  type Scope,
  type Verb,
} from "./resource_type.ts";
export { isStatus, type Status, type StatusCause, type StatusDetails } from "./status.ts";
export type { Bookmark, WatchEvent } from "./watch_event.ts";
export type { Base64, IntOrString, MicroTime, OpenEnum, Quantity, Time } from "./wire_types.ts";
