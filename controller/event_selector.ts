import { formatFieldSelector } from "../meta/mod.ts";
import type { EventSubject } from "./event_recorder.ts";
import { referenceTo } from "./object_reference.ts";

/**
 * The field selector for events about an object.
 *
 * @param api Which events: those of `v1`, or of `events.k8s.io/v1`, whose fields have other names.
 * @throws {TypeError} If the object does not say what it is.
 * @see client-go `GetFieldSelector`, spec rest 23.5
 */
export function eventSelector(regarding: EventSubject, api: "v1" | "events.k8s.io/v1"): string {
  const reference = referenceTo(regarding);
  if (reference === undefined) {
    throw new TypeError("Cannot select events: what they are about has no kind, apiVersion or name");
  }
  const prefix = api === "v1" ? "involvedObject" : "regarding";
  const { name, namespace, kind, apiVersion, uid } = reference;
  return formatFieldSelector(
    Object.entries({ name, namespace, kind, apiVersion, uid }).flatMap(([field, value]) =>
      value ? [{ field: `${prefix}.${field}`, operator: "=", value }] : []
    ),
  );
}
