import type { JsonObject } from "./api_object.ts";
import { type FieldProblem, quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const KEY_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

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
    for (const rule of keyProblems(key)) reject("labels", key, rule);
    if (value.length > 63) reject("labels", value, "must be no more than 63 characters");
    else if (value !== "" && !QUALIFIED_PART.test(value)) reject("labels", value, VALUE_RULE);
  }
  for (const key of Object.keys(metadata.annotations ?? {})) {
    for (const rule of keyProblems(key.toLowerCase())) reject("annotations", key, rule);
  }
  for (const [index, finalizer] of ((metadata.finalizers ?? []) as string[]).entries()) {
    const problem = keyProblems(finalizer)[0];
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
  const [longest, form, rule] = traits.has("labelName")
    ? [63, LABEL, LABEL_RULE] as const
    : [253, SUBDOMAIN, SUBDOMAIN_RULE] as const;
  const problems = name.length > longest ? [`must be no more than ${longest} bytes`] : [];
  return form.test(name) ? problems : [...problems, rule];
}

function keyProblems(key: string): string[] {
  const parts = key.split("/");
  const name = parts[parts.length - 1];
  if (parts.length > 2) {
    return [
      `a qualified name ${
        KEY_RULE.slice("name part ".length)
      } with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const problems: string[] = [];
  if (parts.length === 2 && !SUBDOMAIN.test(parts[0])) problems.push(`prefix part ${SUBDOMAIN_RULE}`);
  if (name === "") problems.push("name part must be non-empty");
  else if (name.length > 63) problems.push("name part must be no more than 63 bytes");
  if (!QUALIFIED_PART.test(name)) problems.push(KEY_RULE);
  return problems;
}
