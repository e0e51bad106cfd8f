import type { OpenEnum, Time } from "./wire_types.ts";

/**
 * One fact about an object, such as `Ready`, in the form that all newer kinds use.
 *
 * @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.36/#condition-v1-meta
 */
export interface Condition {
  /** Which fact, such as `Available`. One condition of each type is in a list. */
  type: string;
  /** Whether it is the case. */
  status: OpenEnum<"True" | "False" | "Unknown">;
  /** Generation of the object that the fact was found in; older than `metadata.generation` means out of date. */
  observedGeneration?: number;
  /** When `status` changed last. */
  lastTransitionTime: Time;
  /** Why, in one word for programs. Not empty. */
  reason: string;
  /** Why, for people. May be empty. */
  message: string;
}
