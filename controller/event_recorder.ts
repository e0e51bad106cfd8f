import type { KubernetesObject } from "../meta/mod.ts";
import type { ObjectReference } from "../types/core_v1.ts";

/** What an event says. */
export interface EventDetails {
  /** `Normal` for what happens in the course of things, `Warning` for what somebody should look at. */
  type: "Normal" | "Warning";
  /** Why, in one word for programs, such as `ScalingReplicaSet`. At most 128 characters. */
  reason: string;
  /** What has happened, for people. Above 1,024 bytes it is cut off where the server takes no more. */
  message: string;
  /** What was done about it, in one word for programs. Default: the reason. Events of `v1` do not have it. */
  action?: string;
  /** Another object that has to do with it. Events of `v1` do not have it. */
  related?: EventSubject;
  /** Annotations of the event itself. */
  annotations?: Readonly<Record<string, string>>;
}

/** What an event is about: an object with its `kind` and `apiVersion`, as servers and caches give it, or a reference. */
export type EventSubject = KubernetesObject | ObjectReference;

/**
 * Tells people what a program does, as events beside its objects: what `kubectl describe` shows at the end. Recording
 * neither waits nor fails; what cannot be written is dropped, and a logger hears of it.
 *
 * In a test, an object with this one method takes the place of a recorder.
 *
 * @see client-go `tools/record.EventRecorder`, `tools/events.EventRecorder`, spec rest 23.2, 24
 */
export interface EventRecorder {
  /** Records an event about an object. */
  event(regarding: EventSubject, details: EventDetails): void;
}

/** Event types that there are. */
const TYPES: readonly string[] = ["Normal", "Warning"];

/**
 * What is wrong with a call of {@linkcode EventRecorder.event}, as far as it can be known here.
 *
 * @returns `undefined` when nothing is.
 */
export function problemOf(
  regarding: ObjectReference | undefined,
  { type }: EventDetails,
): string | undefined {
  if (regarding === undefined) return "what it is about has no kind, apiVersion or name";
  if (!TYPES.includes(type)) return `its type is ${JSON.stringify(type)}, not Normal or Warning`;
  return undefined;
}
