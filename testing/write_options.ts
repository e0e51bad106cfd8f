import type { ApiRequest } from "./api_request.ts";
import { parseDryRun } from "./delete_options.ts";
import { parseBoolean } from "./list_options.ts";
import { ADMIN } from "./user.ts";
import { badRequest, type FieldProblem, invalid, invalidValue, quoted } from "./refusal.ts";
import type { WriteOptions } from "./target.ts";

/** What a request that writes an object asks for in its query. */
export interface ChangeOptions extends WriteOptions {
  readonly fieldManager: string;
  /** What becomes of fields that the kind does not have. */
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
  /** An applied object takes fields from their managers. */
  readonly force: boolean;
}

const VALIDATIONS = ["", "Ignore", "Strict", "Warn"];
const LONGEST_MANAGER = 128;

/**
 * Reads the query of a create, an update or a patch.
 *
 * @param kind The options as messages name them.
 * @param applies Whether the request applies an object, which needs a field manager.
 * @throws {Refusal} 422 with all that is wrong with them.
 */
export function parseWriteOptions(
  { url, headers, admission, user = ADMIN }: Pick<ApiRequest, "url" | "headers" | "admission" | "user">,
  kind: "CreateOptions" | "UpdateOptions" | "PatchOptions",
  applies = false,
): ChangeOptions {
  const query = url.searchParams;
  const manager = query.get("fieldManager") ?? "";
  const validation = query.get("fieldValidation") ?? "";
  const force = parseBoolean(query.get("force"));
  const problems: FieldProblem[] = [];
  if (applies && manager === "") {
    const message = "Required value: is required for apply patch";
    problems.push({ reason: "FieldValueRequired", field: "fieldManager", message });
  }
  if (!applies && kind === "PatchOptions" && force !== undefined) {
    const message = "Forbidden: may not be specified for non-apply patch";
    problems.push({ reason: "FieldValueForbidden", field: "force", message });
  }
  if (manager.length > LONGEST_MANAGER) {
    const message = `Too long: may not be more than ${LONGEST_MANAGER} bytes`;
    problems.push({ reason: "FieldValueTooLong", field: "fieldManager", message });
  }
  const [odd] = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.exec(manager) ?? [];
  if (odd !== undefined) {
    const code = odd.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
    const rule = `invalid character U+${code} (at position ${manager.indexOf(odd)})`;
    problems.push(invalidValue("fieldManager", manager, rule));
  }
  if (!VALIDATIONS.includes(validation)) {
    const supported = VALIDATIONS.map(quoted).join(", ");
    const message = `Unsupported value: ${quoted(validation)}: supported values: ${supported}`;
    problems.push({ reason: "FieldValueNotSupported", field: "fieldValidation", message });
  }
  if (problems.length > 0) throw invalid({ group: "meta.k8s.io", kind }, "", problems);
  return {
    dryRun: parseDryRun(query.getAll("dryRun"), kind),
    fieldManager: manager || managerOf(headers.get("user-agent") ?? ""),
    fieldValidation: (validation || "Warn") as ChangeOptions["fieldValidation"],
    force: force ?? false,
    admission,
    user,
  };
}

/** Who says nothing is known by the program's name. */
function managerOf(userAgent: string): string {
  return userAgent.split("/")[0].replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "").slice(0, LONGEST_MANAGER);
}

/**
 * Tells of fields that were dropped or came twice, or refuses them.
 *
 * @param problems As `parseObject()` gives them.
 * @param describe What the refusal says around the problem.
 */
export function reportProblems(
  problems: readonly string[],
  { fieldValidation }: ChangeOptions,
  warnings: string[],
  refuse: (problem: string) => Error = badRequest,
): void {
  if (problems.length === 0 || fieldValidation === "Ignore") return;
  if (fieldValidation === "Warn") warnings.push(...problems);
  else throw refuse(`strict decoding error: ${problems.join(", ")}`);
}
