import { dnsLabelProblems, dnsSubdomainProblems, labelKeyProblems, labelValueProblems } from "../meta/mod.ts";
import type { JsonObject } from "./api_object.ts";
import { type FieldProblem, quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** Finalizers that need no prefix. */
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

/** What is wrong with the metadata of an object, in the server's words. */
export function metadataProblems(metadata: Readonly<JsonObject>, resource: ServedResource): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const reject = (field: string, value: unknown, rule: string) =>
    problems.push({
      reason: "FieldValueInvalid",
      field: `metadata.${field}`,
      message: `Invalid value: ${JSON.stringify(value)}: ${rule}`,
    });
  const name = String(metadata.name ?? "");
  if (name === "") {
    const message = "Required value: name or generateName is required";
    problems.push({ reason: "FieldValueRequired", field: "metadata.name", message });
  } else for (const rule of nameProblems(name, resource)) reject("name", name, rule);
  for (const [key, value] of Object.entries(metadata.labels ?? {})) {
    for (const rule of labelKeyProblems(key)) reject("labels", key, rule);
    for (const rule of labelValueProblems(value)) reject("labels", value, rule);
  }
  for (const key of Object.keys(metadata.annotations ?? {})) {
    for (const rule of labelKeyProblems(key.toLowerCase())) reject("annotations", key, rule);
  }
  for (const [index, finalizer] of ((metadata.finalizers ?? []) as string[]).entries()) {
    const problem = labelKeyProblems(finalizer)[0];
    if (problem !== undefined) reject(`finalizers[${index}]`, finalizer, problem);
    else if (!finalizer.includes("/") && !STANDARD_FINALIZERS.includes(finalizer)) {
      const rule = "name is neither a standard finalizer name nor is it fully qualified";
      reject(`finalizers[${index}]`, finalizer, rule);
    }
  }
  return problems;
}

/** What is wrong with a change of metadata: what must not change, and finalizers that come too late. */
export function metadataChangeProblems(
  metadata: Readonly<JsonObject>,
  old: Readonly<JsonObject>,
): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (metadata.uid !== old.uid) {
    const message = `Invalid value: ${JSON.stringify(metadata.uid)}: field is immutable`;
    problems.push({ reason: "FieldValueInvalid", field: "metadata.uid", message });
  }
  if (old.deletionTimestamp !== undefined) {
    const before = (old.finalizers ?? []) as string[];
    const added = ((metadata.finalizers ?? []) as string[]).filter((finalizer) =>
      !before.includes(finalizer)
    );
    if (added.length > 0) {
      const list = added.map(quoted).join(", ");
      problems.push({
        reason: "FieldValueForbidden",
        field: "metadata.finalizers",
        message:
          `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      });
    }
  }
  return problems;
}

function nameProblems(name: string, { traits }: ServedResource): string[] {
  if (traits.has("anyName")) {
    if (name === "." || name === "..") return [`may not be '${name}'`];
    return ["/", "%"].filter((part) => name.includes(part)).map((part) => `may not contain '${part}'`);
  }
  return traits.has("labelName") ? dnsLabelProblems(name) : dnsSubdomainProblems(name);
}
