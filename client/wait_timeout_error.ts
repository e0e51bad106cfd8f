import type { KubernetesObject, Stored } from "../meta/mod.ts";
import { conditionsOf } from "./conditions_of.ts";

/** What a {@linkcode WaitTimeoutError} tells. */
export interface WaitTimeoutErrorInit<T extends KubernetesObject = KubernetesObject> {
  /** The object, such as `pods "web-0" in namespace "shop"`. */
  what: string;
  /** What was waited for: `have the condition Ready=True`. */
  wanted: string;
  /** How long, in milliseconds. */
  timeout: number;
  /** The last state seen. */
  last: Stored<T> | undefined;
  /** Whether the object is there. */
  exists: boolean;
}

/**
 * Time was up before an object was as wanted. The message tells of its last state what a status says; the state itself
 * is in {@linkcode WaitTimeoutError.last}, which is not printed with the error, as it may be a secret.
 */
export class WaitTimeoutError<T extends KubernetesObject = KubernetesObject> extends Error {
  readonly #last: Stored<T> | undefined;

  /** Tells what was waited for in vain. */
  constructor({ what, wanted, timeout, last, exists }: WaitTimeoutErrorInit<T>) {
    super(`Waited ${timeout / 1000} s in vain for ${what} to ${wanted}: ${stateOf(last, exists)}`);
    this.name = "WaitTimeoutError";
    this.#last = last;
  }

  /** The last state seen; `undefined` if there was none. */
  get last(): Stored<T> | undefined {
    return this.#last;
  }
}

function stateOf(last: KubernetesObject | undefined, exists: boolean): string {
  if (last === undefined) return "there has been no such object";
  if (!exists) return "it has been deleted";
  const { status } = last as { status?: { phase?: unknown } };
  const said: string[] = [];
  if (last.metadata?.deletionTimestamp !== undefined) {
    const { finalizers = [] } = last.metadata;
    said.push(`it is being deleted${finalizers.length > 0 ? ` (finalizers ${finalizers.join(", ")})` : ""}`);
  }
  if (typeof status?.phase === "string") said.push(`its phase is ${status.phase}`);
  for (const { type, status, reason, message } of conditionsOf(last)) {
    said.push(`${type}=${status}${reason ? ` (${message ? `${reason}: ${message}` : reason})` : ""}`);
  }
  return said.length > 0 ? said.join("; ") : "it has no phase and no conditions";
}
