import type { Status, StatusCause, StatusDetails } from "../meta/mod.ts";
import type { ServedResource } from "./served_resource.ts";

/** Thrown inside the server where a real one returns an error; answered as its `status`. Never leaves it. */
export class Refusal extends Error {
  readonly status: Status;
  /** What the client is told besides. */
  warnings: readonly string[] = [];

  constructor(status: Status) {
    super(status.message);
    this.name = "Refusal";
    this.status = status;
  }
}

/** A `Status` of failure with its fields in the order of the wire. */
export function failure(code: number, reason: string, message: string, details?: StatusDetails): Status {
  return {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message,
    ...(reason === "" ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
}

/** 400: what was sent cannot be understood. */
export function badRequest(message: string): Refusal {
  return new Refusal(failure(400, "BadRequest", message));
}

/** 404: the object does not exist. */
export function notFound(resource: ServedResource, name: string): Refusal {
  const message = `${resource.title} ${quoted(name)} not found`;
  return new Refusal(failure(404, "NotFound", message, about(resource, name)));
}

/** 404: nothing is served at the path. */
export function noSuchResource(): Refusal {
  return new Refusal(failure(404, "NotFound", "the server could not find the requested resource", {}));
}

/** 405: the path is served, but not with this method. */
export function methodNotAllowed(): Refusal {
  const message = "the server does not allow this method on the requested resource";
  return new Refusal(failure(405, "MethodNotAllowed", message, {}));
}

/** 409: an object of that name exists. */
export function alreadyExists(resource: ServedResource, name: string, isBeingDeleted = false): Refusal {
  const message = `${isBeingDeleted ? "object is being deleted: " : ""}${resource.title} ${
    quoted(name)
  } already exists`;
  return new Refusal(failure(409, "AlreadyExists", message, about(resource, name)));
}

/** 409: the object is not, or no longer, what the request takes it for. */
export function conflict(resource: ServedResource, name: string, problem: string): Refusal {
  const message = `Operation cannot be fulfilled on ${resource.title} ${quoted(name)}: ${problem}`;
  return new Refusal(failure(409, "Conflict", message, about(resource, name)));
}

/** 409: somebody else manages fields that were applied. */
export function applyConflict(
  message: string,
  causes: readonly { readonly message: string; readonly field: string }[],
): Refusal {
  return new Refusal(failure(409, "Conflict", message, {
    causes: causes.map(({ message, field }) => ({ reason: "FieldManagerConflict", message, field })),
  }));
}

/** 500: a problem that the server does not know the sort of. */
export function serverError(problem: string): Refusal {
  return new Refusal(failure(500, "", problem));
}

/** 403: it may not be done. */
export function forbidden(
  resource: ServedResource,
  name: string,
  problem: string,
  causes?: StatusCause[],
): Refusal {
  const message = `${resource.title} ${quoted(name)} is forbidden: ${problem}`;
  return new Refusal(
    failure(403, "Forbidden", message, { ...about(resource, name), ...(causes && { causes }) }),
  );
}

/** One field that cannot be accepted. */
export interface FieldProblem {
  readonly reason:
    | "FieldValueRequired"
    | "FieldValueInvalid"
    | "FieldValueForbidden"
    | "FieldValueTooLong"
    | "FieldValueTooMany"
    | "FieldValueTypeInvalid"
    | "FieldValueDuplicate"
    | "FieldValueNotFound"
    | "FieldValueNotSupported";
  readonly field: string;
  readonly message: string;
}

/** A value that cannot be, and the rule that it breaks. */
export function invalidValue(field: string, value: unknown, rule: string): FieldProblem {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${printed(value)}: ${rule}` };
}

/** A value as problems show it. */
export function printed(value: unknown): string {
  return typeof value === "string" ? quoted(value) : JSON.stringify(value ?? null);
}

/** What an object or a set of options is called in a 422. */
export interface Titled {
  readonly group: string;
  readonly kind: string;
}

/** 422: the object, or the options, break rules. All problems are told at once. */
export function invalid(what: Titled, name: string, problems: readonly FieldProblem[]): Refusal {
  const { group, kind } = what;
  // Each cause counts, but what is told twice is said once.
  const texts = [...new Set(problems.map(({ field, message }) => `${field}: ${message}`))];
  const list = texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`;
  const title = group === "" ? kind : `${kind}.${group}`;
  return new Refusal(failure(422, "Invalid", `${title} ${quoted(name)} is invalid: ${list}`, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    ...(kind === "" ? {} : { kind }),
    causes: problems.map(({ reason, message, field }) => ({ reason, message, field })),
  }));
}

/** 410: the version asked for is forgotten. */
export function expired(message: string): Status {
  return failure(410, "Expired", message);
}

/** 504: the version asked for has not come yet. */
export function tooLargeResourceVersion(version: number, current: number): Status {
  const message = `Timeout: Too large resource version: ${version}, current: ${current}`;
  const causes = [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }];
  return failure(504, "Timeout", message, { causes, retryAfterSeconds: 1 });
}

/** 501: a real server could do it, this one cannot. Better than an answer that is made up. */
export function notImplemented(what: string): Refusal {
  const message = `the in-memory API server of @coxswain/kube/testing does not implement ${what}`;
  return new Refusal(failure(501, "", message));
}

/** A text in double quotes, as Go's `%q` prints it. */
export function quoted(text: string): string {
  return JSON.stringify(text).replaceAll("\x7f", "\\x7f")
    .replace(
      /\\u00([01][\da-f])/g,
      (_, code) => ({ "07": "\\a", "0b": "\\v" })[code as string] ?? `\\x${code}`,
    );
}

function about({ group, plural }: ServedResource, name: string): StatusDetails {
  return { name, ...(group === "" ? {} : { group }), kind: plural };
}
