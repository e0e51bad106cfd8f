import type { JsonObject } from "./api_object.ts";
import { type FieldProblem, invalidValue } from "./refusal.ts";

const FIELD = "metadata.ownerReferences";

/** What is wrong with the owner references of an object, in the server's words. */
export function ownerProblems(references: readonly JsonObject[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const reject = (field: string, value: unknown, rule: string) =>
    problems.push(invalidValue(field, value, rule));
  let controller: string | undefined;
  for (const reference of references) {
    const { apiVersion = "", kind = "", name = "", uid = "" } = reference;
    const version = String(apiVersion).split("/").length > 2 ? "" : apiVersion;
    if (version === "") reject(`${FIELD}.apiVersion`, apiVersion, "version must not be empty");
    for (const [field, value] of Object.entries({ kind, name, uid })) {
      if (value === "") reject(`${FIELD}.${field}`, value, "must not be empty");
    }
    if (version === "v1" && kind === "Event") {
      reject(FIELD, reference, "/v1, Kind=Event is disallowed from being an owner");
    }
    if (reference.controller !== true) continue;
    if (controller !== undefined) {
      const both = `references for ${controller} and ${kind}/${name}`;
      const rule = `Only one reference can have Controller set to true. Found "true" in ${both}`;
      reject(FIELD, references, rule);
    } else controller = `${kind}/${name}`;
  }
  return problems;
}

/**
 * The object without owner references that come again word by word.
 *
 * @param warnings Where it goes what the client is to know of owners that come twice.
 */
export function withDistinctOwners<T extends { readonly metadata: JsonObject }>(
  object: T,
  warnings: string[],
): T {
  const references = (object.metadata.ownerReferences ?? []) as readonly JsonObject[];
  if (references.length < 2) return object;
  const seen = new Set<string>();
  const uids = new Map<unknown, number>();
  const distinct = references.filter((reference) => {
    uids.set(reference.uid, (uids.get(reference.uid) ?? 0) + 1);
    const text = JSON.stringify(Object.entries(reference).sort());
    return !seen.has(text) && seen.add(text);
  });
  const twice = [...uids].filter(([, count]) => count > 1).map(([uid]) => uid);
  if (twice.length === 0) return object;
  warnings.push(
    `.${FIELD} contains duplicate entries; API server dedups owner references in 1.20+, and may reject such ` +
      `requests as early as 1.24; please fix your requests; duplicate UID(s) observed: ${twice.join(", ")}`,
  );
  return { ...object, metadata: { ...object.metadata, ownerReferences: distinct } };
}
