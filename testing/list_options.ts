import { matchesLabels, parseLabelSelector } from "../meta/mod.ts";
import type { ApiObject } from "./api_object.ts";
import { converted } from "./conversion.ts";
import { fieldTest } from "./field_selector.ts";
import { labelSelectorProblem } from "./label_selector_problem.ts";
import { badRequest, type FieldProblem, invalid } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** What the query of a list or a watch asks for. */
export interface ListOptions {
  readonly watch: boolean;
  readonly limit: number;
  readonly continueToken: string;
  readonly resourceVersion: string;
  readonly resourceVersionMatch: string;
  readonly sendInitialEvents: boolean | undefined;
  readonly allowWatchBookmarks: boolean;
  readonly timeoutSeconds: number | undefined;
  /** Whether objects of one name alone are asked for. */
  readonly isOneName: boolean;
  /** The test of both selectors; undefined when all objects pass. */
  readonly matches: ((object: ApiObject) => boolean) | undefined;
}

/**
 * Reads the query of a list or a watch.
 *
 * @throws {Refusal} As the server refuses options that it cannot read or that contradict each other.
 */
export function parseListOptions(query: URLSearchParams, resource: ServedResource): ListOptions {
  const options = {
    watch: parseBoolean(query.get("watch")) ?? false,
    limit: parseInteger(query.get("limit")) ?? 0,
    continueToken: query.get("continue") ?? "",
    resourceVersion: query.get("resourceVersion") ?? "",
    resourceVersionMatch: query.get("resourceVersionMatch") ?? "",
    sendInitialEvents: parseBoolean(query.get("sendInitialEvents")),
    allowWatchBookmarks: parseBoolean(query.get("allowWatchBookmarks")) ?? false,
    timeoutSeconds: parseInteger(query.get("timeoutSeconds")),
    isOneName: /(^|,)metadata\.name==?[^=,]/.test(query.get("fieldSelector") ?? ""),
    matches: parseSelectors(query, resource),
  };
  const problems = options.watch ? watchProblems(options) : listProblems(options);
  if (problems.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions" }, "", problems);
  return options;
}

/** Reads a version. @throws {Refusal} As `refuse` makes of the words in which the server complains. */
export function parseResourceVersion(text: string, refuse: (problem: string) => Error): number {
  if (text === "") return 0;
  if (/^\d+$/.test(text)) return Number(text);
  throw refuse(
    `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${
      JSON.stringify(text)
    }: invalid syntax`,
  );
}

/** A boolean of a query, as the server reads it: everything is true but `false`, `0` and absence. */
export function parseBoolean(text: string | null): boolean | undefined {
  return text === null ? undefined : !["false", "0"].includes(text.toLowerCase());
}

/** @throws {Refusal} If the text is no integer. */
export function parseInteger(text: string | null): number | undefined {
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) {
    throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`);
  }
  return Number(text);
}

function parseSelectors(
  query: URLSearchParams,
  resource: ServedResource,
): ((object: ApiObject) => boolean) | undefined {
  const labels = parseLabels(query.get("labelSelector") ?? "");
  const fieldSelector = query.get("fieldSelector") ?? "";
  const byFields = fieldSelector === ""
    ? undefined
    : convertedTest(fieldTest(fieldSelector, resource), resource);
  if (labels.length === 0) return byFields;
  return (object) => matchesLabels(labels, object.metadata.labels) && (byFields?.(object) ?? true);
}

/** A test of objects in the version that was asked for, which may not be the one that they were written in. */
function convertedTest(
  test: (object: ApiObject) => boolean,
  { apiVersion }: ServedResource,
): (object: ApiObject) => boolean {
  return (object) => test(converted(object, apiVersion));
}

function parseLabels(selector: string): ReturnType<typeof parseLabelSelector> {
  try {
    return parseLabelSelector(selector);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw badRequest(labelSelectorProblem(selector));
  }
}

type Checked = Omit<ListOptions, "matches">;
const MATCH = "resourceVersionMatch";

function listProblems(options: Checked): FieldProblem[] {
  const { resourceVersionMatch: match, resourceVersion, continueToken, sendInitialEvents } = options;
  const problems: FieldProblem[] = [];
  if (match !== "") {
    if (resourceVersion === "") {
      problems.push(forbid(MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (continueToken !== "") {
      problems.push(forbid(MATCH, "resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match !== "Exact" && match !== "NotOlderThan") {
      problems.push(unsupported(match, '"Exact", "NotOlderThan", ""'));
    }
    if (match === "Exact" && resourceVersion === "0") {
      problems.push(forbid(MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (sendInitialEvents !== undefined) {
    problems.push(forbid("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return problems;
}

function watchProblems(options: Checked): FieldProblem[] {
  const { resourceVersionMatch: match, continueToken, sendInitialEvents } = options;
  const problems: FieldProblem[] = [];
  if (continueToken !== "" && match === "") {
    problems.push(forbid(MATCH, "resourceVersionMatch is forbidden when continue is provided"));
  }
  if (sendInitialEvents !== undefined && match !== "NotOlderThan") {
    problems.push(forbid(MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (match !== "") {
    if (sendInitialEvents === undefined) {
      problems.push(
        forbid(MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
      );
    }
    if (match !== "NotOlderThan") problems.push(unsupported(match, '"NotOlderThan"'));
    if (continueToken !== "") {
      problems.push(forbid(MATCH, "resourceVersionMatch is forbidden when continue is provided"));
    }
  }
  return problems;
}

function forbid(field: string, message: string): FieldProblem {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${message}` };
}

function unsupported(value: string, supported: string): FieldProblem {
  const message = `Unsupported value: ${JSON.stringify(value)}: supported values: ${supported}`;
  return { reason: "FieldValueNotSupported", field: MATCH, message };
}
