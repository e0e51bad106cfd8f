/**
 * What all Kubernetes objects share: metadata, lists, keys, selectors, owner references, conditions, quantities, times,
 * `Status`, watch events, and the descriptor of a resource. Client-go's `apimachinery`. What changes an object returns a
 * copy, and the object itself if there is nothing to change.
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
export {
  type Applied,
  type AppliedMeta,
  type ApplyConfiguration,
  type Atomic,
  atomic,
  type MapList,
  mergeKeys,
} from "./apply_configuration.ts";
export type { Condition } from "./condition.ts";
export {
  type AnyCondition,
  findCondition,
  isConditionFalse,
  isConditionTrue,
  type NewCondition,
  removeCondition,
  setCondition,
} from "./conditions.ts";
export { compareVersions } from "./compare_versions.ts";
export type { EmbeddedObject } from "./embedded_object.ts";
export {
  type FieldRequirement,
  formatFieldSelector,
  matchesFields,
  parseFieldSelector,
} from "./field_selector.ts";
export { addFinalizer, hasFinalizer, type ReadonlyFinalized, removeFinalizer } from "./finalizers.ts";
export {
  formatGroupKind,
  formatGroupResource,
  type GroupVersionKind,
  groupVersionKindOf,
  isSameGroupKind,
} from "./group_version_kind.ts";
export { isSemanticallyEqual } from "./is_semantically_equal.ts";
export {
  labelRequirements,
  labelSelectorOf,
  matchesLabelSelector,
  type ReadonlyLabelSelector,
} from "./label_requirements.ts";
export {
  formatLabelSelector,
  type LabelRequirement,
  type LabelSelector,
  type LabelSelectorRequirement,
  matchesLabels,
  parseLabelSelector,
} from "./label_selector.ts";
export { formatMicroTime, parseMicroTime } from "./micro_time.ts";
export {
  dns1035LabelProblems,
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelKeyProblems,
  labelValueProblems,
} from "./name_problems.ts";
export { formatKey, type ObjectKey, parseKey } from "./object_key.ts";
export {
  type Guaranteed,
  type Guarantees,
  guarantees,
  type InNamespace,
  type KubernetesObject,
  type List,
  type ListMeta,
  type ManagedFieldsEntry,
  type ObjectMeta,
  type OwnerReference,
  type Stored,
  type StoredMeta,
} from "./object_meta.ts";
export {
  AlreadyOwnedError,
  controllerOf,
  isControlledBy,
  type Owner,
  type OwnerReferenceOptions,
  type ReadonlyDependent,
  removeOwnerReference,
  setControllerReference,
  setOwnerReference,
} from "./owner_references.ts";
export { patternProblem } from "./pattern_problem.ts";
export { type Amount, formatQuantity, parseQuantity, type QuantityFormat } from "./quantity.ts";
export {
  addQuantities,
  compareQuantities,
  multiplyQuantity,
  subtractQuantities,
} from "./quantity_arithmetic.ts";
export { quantityIn, quantityToNumber, type QuantityUnit } from "./quantity_units.ts";
export { resolveIntOrPercent } from "./resolve_int_or_percent.ts";
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
export { formatTime, parseTime } from "./time.ts";
export type { Bookmark, WatchEvent } from "./watch_event.ts";
export type { Base64, IntOrString, MicroTime, OpenEnum, Quantity, Time } from "./wire_types.ts";
