import { isJsonObject, type JsonObject } from "./api_object.ts";
import type { DeleteOptions } from "./deletion.ts";
import { parseBoolean, parseInteger } from "./list_options.ts";
import { badRequest, type FieldProblem, invalid, invalidValue, quoted } from "./refusal.ts";
import { parseJson } from "./request_body.ts";
import { builtInShape } from "./schema.ts";
import { typeMismatch } from "./type_mismatch.ts";

const POLICIES = ["Foreground", "Background", "Orphan"];

/**
 * Reads what a deletion asks for: from the body if there is one, else from the query.
 *
 * @throws {Refusal} As the server refuses options that it cannot read or that contradict each other.
 */
export function parseDeleteOptions(query: URLSearchParams, body: string): DeleteOptions {
  const options: JsonObject = body === "" ? fromQuery(query) : fromBody(body);
  const { gracePeriodSeconds, propagationPolicy: policy, orphanDependents, preconditions } = options;
  const problems: FieldProblem[] = [];
  if (policy !== undefined && orphanDependents !== undefined) {
    const rule = "orphanDependents and deletionPropagation cannot be both set";
    problems.push(invalidValue("propagationPolicy", policy, rule));
  }
  if (policy !== undefined && !POLICIES.includes(String(policy))) {
    const supported = [...POLICIES, "nil"].map((name) => `"${name}"`).join(", ");
    const message = `Unsupported value: ${JSON.stringify(policy)}: supported values: ${supported}`;
    problems.push({ reason: "FieldValueNotSupported", field: "propagationPolicy", message });
  }
  if (problems.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions" }, "", problems);
  const orphans = orphanDependents === undefined ? undefined : orphanDependents ? "Orphan" : "Background";
  return {
    dryRun: parseDryRun((options.dryRun ?? []) as string[], "DeleteOptions"),
    gracePeriodSeconds: gracePeriodSeconds as number | undefined, // its type has been looked at
    isOldCascade: orphanDependents === false,
    propagationPolicy: (policy ?? orphans) as DeleteOptions["propagationPolicy"],
    preconditions: isJsonObject(preconditions) ? preconditions : {},
  };
}

/** Whether a request only tries. @throws {Refusal} 422, if it asks for anything but `All`. */
export function parseDryRun(values: readonly string[], kind: string): boolean {
  if (values.every((value) => value === "All")) return values.length > 0;
  const message = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
  throw invalid({ group: "meta.k8s.io", kind }, "", [
    { reason: "FieldValueNotSupported", field: "dryRun", message },
  ]);
}

function fromBody(body: string): JsonObject {
  const options = parseJson(body, (problem) => problem);
  const { apiVersion, kind } = options;
  if (kind !== undefined && kind !== "DeleteOptions") {
    const [title, version] = [quoted(String(kind)), quoted(String(apiVersion ?? ""))];
    throw badRequest(
      `no kind ${title} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
    );
  }
  const shape = builtInShape("meta.k8s.io/v1", "DeleteOptions")!; // it is in the table
  const problem = typeMismatch(options, shape, "DeleteOptions");
  if (problem !== undefined) throw badRequest(problem);
  return options;
}

function fromQuery(query: URLSearchParams): JsonObject {
  return {
    gracePeriodSeconds: parseInteger(query.get("gracePeriodSeconds")),
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    orphanDependents: parseBoolean(query.get("orphanDependents")),
    dryRun: query.getAll("dryRun"),
  };
}
