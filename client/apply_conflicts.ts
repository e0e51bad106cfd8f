import { isConflict, statusErrorOf } from "../rest/mod.ts";

/** One field that another manager owns, with another value. */
export interface ApplyConflict {
  /** The other manager, as it called itself in `fieldManager`. */
  manager: string;
  /** The field, such as `.spec.replicas` or `.spec.template.spec.containers[name="main"].image`. */
  field: string;
  /** Through which subresource the other manager owns it; absent for the object itself. */
  subresource?: string;
  /** In which version the other manager wrote it, such as `apps/v1`; absent where it applies, too. */
  apiVersion?: string;
  /** When it did, in RFC 3339, if the server says so; those of today mostly do not. */
  time?: string;
  /** The server's own words. */
  message: string;
}

/** What a server says of a conflict. The manager is quoted as Go quotes. */
const MESSAGE =
  /^conflict with ("(?:[^"\\]|\\.)*")(?: with subresource ("(?:[^"\\]|\\.)*"))?(?: using (\S+))?(?: at (\S+))?$/;

/**
 * Which other managers own the fields that an apply was refused for; empty for any other error. Then: take the value
 * over, leave the field out, or apply with `force` and so become its only owner.
 *
 * @see https://kubernetes.io/docs/reference/using-api/server-side-apply/#conflicts
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { applyConflicts } from "@coxswain/kube/client";
 * import { StatusError } from "@coxswain/kube/rest";
 * const error = new StatusError({ apiVersion: "v1", kind: "Status", code: 409, reason: "Conflict", details: { causes: [
 *   { reason: "FieldManagerConflict", message: 'conflict with "scaler" using apps/v1', field: ".spec.replicas" }] } });
 * const [{ manager, field }] = applyConflicts(error);
 * assert.deepEqual([manager, field], ["scaler", ".spec.replicas"]);
 * ```
 */
export function applyConflicts(error: unknown): ApplyConflict[] {
  if (!isConflict(error)) return [];
  const causes = statusErrorOf(error)?.details?.causes ?? [];
  return causes.filter(({ reason }) => reason === "FieldManagerConflict").map(
    ({ message = "", field = "" }) => {
      const [, manager, subresource, apiVersion, time] = MESSAGE.exec(message) ?? [];
      return {
        manager: manager === undefined ? "" : unquoted(manager),
        field,
        ...(subresource === undefined ? {} : { subresource: unquoted(subresource) }),
        ...(apiVersion === undefined ? {} : { apiVersion }),
        ...(time === undefined ? {} : { time }),
        message,
      };
    },
  );
}

/** Go's quotes are JSON's, but for escapes that a manager's name rarely has. */
function unquoted(text: string): string {
  try {
    return JSON.parse(text) as string;
  } catch {
    return text.slice(1, -1);
  }
}
