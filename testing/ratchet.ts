import { isJsonObject, own, sameJson } from "./api_object.ts";
import type { FieldProblem } from "./refusal.ts";

/**
 * The problems that an update of a custom resource is refused for: what was wrong before, and is as it was, may stay wrong.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation-ratcheting
 */
export function ratcheted(problems: readonly FieldProblem[], object: unknown, old: unknown): FieldProblem[] {
  return problems.filter(({ field, reason }) => {
    if (field === "<nil>") return true;
    const path = field.split(/[.[\]]+/).filter((part) => part !== "");
    // That something is missing is told of what should have it.
    const at = reason === "FieldValueRequired" ? path.slice(0, -1) : path;
    const before = valueAt(old, at);
    return before === undefined || !sameJson(before, valueAt(object, at));
  });
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (below, key) =>
      Array.isArray(below) ? below[Number(key)] : isJsonObject(below) ? own(below, key) : undefined,
    value,
  );
}
