import type { Change } from "../cache/mod.ts";
import { isSemanticallyEqual, type KubernetesObject } from "../meta/mod.ts";

/**
 * Whether a controller cares about a change. What is new or gone it always should: predicates here let `ADDED` and
 * `DELETED` pass, and look at what has changed in between.
 *
 * @see controller-runtime `pkg/predicate`, spec informers 24.3
 * @example One of your own
 * ```ts
 * import type { Predicate } from "@coxswain/kube/controller";
 * const inShop: Predicate = ({ metadata }) => metadata.namespace === "shop";
 * console.log(inShop.length);
 * ```
 */
export type Predicate<T extends KubernetesObject = KubernetesObject> = (change: Change<T>) => boolean;

/** The generation has changed: what is wanted, not what is the case. Kinds without generations never pass. */
export function generationChanged(change: Change<KubernetesObject>): boolean {
  return isNewOrGone(change) || change.oldMetadata?.generation !== change.metadata.generation;
}

/** An annotation has come, gone or changed. */
export function annotationsChanged(change: Change<KubernetesObject>): boolean {
  return isNewOrGone(change) || differ(change.oldMetadata?.annotations, change.metadata.annotations);
}

/** A label has come, gone or changed. */
export function labelsChanged(change: Change<KubernetesObject>): boolean {
  return isNewOrGone(change) || differ(change.oldMetadata?.labels, change.metadata.labels);
}

/** A finalizer has come or gone. */
export function finalizersChanged(change: Change<KubernetesObject>): boolean {
  return isNewOrGone(change) || differ(change.oldMetadata?.finalizers, change.metadata.finalizers);
}

/** Anything has changed: leaves out only what resyncs show again. */
export function resourceVersionChanged(change: Change<KubernetesObject>): boolean {
  return isNewOrGone(change) || change.oldMetadata?.resourceVersion !== change.metadata.resourceVersion;
}

/** At least one of the predicates passes. */
export function anyOf<T extends KubernetesObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.some((predicate) => predicate(change));
}

/** All predicates pass. */
export function allOf<T extends KubernetesObject>(...predicates: readonly Predicate<T>[]): Predicate<T> {
  return (change) => predicates.every((predicate) => predicate(change));
}

/** The predicate does not pass. */
export function not<T extends KubernetesObject>(predicate: Predicate<T>): Predicate<T> {
  return (change) => !predicate(change);
}

function isNewOrGone({ type }: Change<KubernetesObject>): boolean {
  return type === "ADDED" || type === "DELETED";
}

function differ(one: unknown, other: unknown): boolean {
  return !isSemanticallyEqual(one, other);
}
