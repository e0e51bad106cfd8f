import type { Condition } from "./condition.ts";
import { formatTime } from "./time.ts";

/** A condition to set: when it changed is found out, unless it is said. */
export type NewCondition =
  & Omit<Condition, "lastTransitionTime">
  & Partial<Pick<Condition, "lastTransitionTime">>;

/**
 * Sets a condition in the list of an object's status. `lastTransitionTime` changes only when `status` does; reason,
 * message and generation are taken over in any case.
 *
 * @param now The moment of a change that does not say its own.
 * @returns A new list; the list itself if nothing in it changes.
 * @see client-go `meta.SetStatusCondition`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { isConditionTrue, setCondition } from "@coxswain/kube/meta";
 * const ready = { type: "Ready", status: "True", reason: "AllUp", message: "" };
 * const conditions = setCondition([], ready, new Date("2026-01-01T00:00:00Z"));
 * assert.ok(isConditionTrue(conditions, "Ready"));
 * assert.equal(setCondition(conditions, ready, new Date("2026-01-01T00:05:00Z")), conditions);
 * ```
 */
export function setCondition(
  conditions: Condition[] | undefined,
  condition: NewCondition,
  now: Date,
): Condition[];
/** The same for a list that is only looked at, such as one from a cache. */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  now: Date,
): readonly Condition[];
export function setCondition(
  conditions: readonly Condition[] | undefined,
  condition: NewCondition,
  now: Date,
): readonly Condition[] {
  const list = conditions ?? [];
  const index = list.findIndex(({ type }) => type === condition.type);
  const lastTransitionTime = condition.lastTransitionTime ?? formatTime(now);
  if (index === -1) return [...list, { ...condition, lastTransitionTime }];
  const old = list[index];
  const { observedGeneration, reason, message, status } = condition;
  if (
    old.status === status && old.reason === reason && old.message === message &&
    (old.observedGeneration ?? 0) === (observedGeneration ?? 0)
  ) {
    return list;
  }
  const { observedGeneration: _, ...rest } = old;
  return list.with(index, {
    ...rest,
    status,
    ...(observedGeneration !== undefined && { observedGeneration }),
    lastTransitionTime: old.status === status ? old.lastTransitionTime : lastTransitionTime,
    reason,
    message,
  });
}

/**
 * Takes the condition of a type from a list.
 *
 * @returns A new list; the list itself if it has no such condition.
 */
export function removeCondition(conditions: Condition[] | undefined, type: string): Condition[];
/** The same for a list that is only looked at, such as one from a cache. */
export function removeCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): readonly Condition[];
export function removeCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): readonly Condition[] {
  const list = conditions ?? [];
  const others = list.filter((condition) => condition.type !== type);
  return others.length === list.length ? list : others;
}

/** The least that any condition has, also those of pods and nodes that are older than {@linkcode Condition}. */
export interface AnyCondition {
  /** Which fact. */
  readonly type: string;
  /** Whether it is the case: `True`, `False` or `Unknown`. */
  readonly status: string;
}

/** The condition of a type, of any kind of conditions, such as a pod's `Ready`; `undefined` if there is none. */
export function findCondition<T extends AnyCondition>(
  conditions: readonly T[] | undefined,
  type: string,
): T | undefined {
  return conditions?.find((condition) => condition.type === type);
}

/** Whether the condition of a type is there and `True`. */
export function isConditionTrue(conditions: readonly AnyCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "True";
}

/** Whether the condition of a type is there and `False`. One that is absent or `Unknown` is neither. */
export function isConditionFalse(conditions: readonly AnyCondition[] | undefined, type: string): boolean {
  return findCondition(conditions, type)?.status === "False";
}
