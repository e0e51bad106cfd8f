import type { KubernetesObject } from "../meta/mod.ts";

/** The conditions of an object, whatever kind it is; none if it has none of that form. */
export function conditionsOf(object: KubernetesObject | undefined): ConditionLike[] {
  const { status } = (object ?? {}) as { status?: { conditions?: unknown } };
  const conditions = status?.conditions;
  return Array.isArray(conditions) ? conditions as ConditionLike[] : [];
}

/** What all conditions have in common. */
export interface ConditionLike {
  /** Which fact. */
  type?: string;
  /** Whether it is the case. */
  status?: string;
  /** Why, in one word. */
  reason?: string;
  /** Why, for people. */
  message?: string;
  /** Of which generation of the object it speaks. */
  observedGeneration?: number;
}
