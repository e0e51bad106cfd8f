import { isJsonObject, type JsonObject } from "./api_object.ts";
import { conform } from "./conform.ts";
import { conformCustom } from "./custom_schema.ts";
import { badRequest, invalid, quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** An object that a client has sent, checked so far that the server can work with it. */
export interface SentObject {
  readonly metadata: JsonObject;
  readonly [field: string]: unknown;
}

/**
 * Reads the object of a create or an update.
 *
 * @param served Finds out whether another kind exists, which changes the words of the refusal.
 * @param unknown Where the paths of fields go that the kind does not have; they are dropped.
 * @throws {Refusal} If it is no JSON, no object, or an object of another kind or version.
 */
export function parseObject(
  text: string,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
  unknown?: string[],
): SentObject {
  const object = parseJson(text, (problem) => {
    const summary = text === "" ? "<empty>" : text.slice(0, 30);
    return `the object provided is unrecognized (must be of type ${resource.kind}): ${problem} (${summary})`;
  });
  checkKind(object, text, resource, served);
  const sent = checkShape(object, resource);
  if (resource.schema !== undefined) return conformCustom(sent, resource.schema, unknown);
  return resource.builtIn ? conform(sent, resource.shape, unknown) as SentObject : sent;
}

/** @throws {Refusal} With what `describe` makes of the problem, if the text is no JSON object. */
export function parseJson(text: string, describe: (problem: string) => string): JsonObject {
  const problem = "couldn't get version/kind; json parse error: ";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own words differ between runtimes.
    throw badRequest(describe(problem + (text === "" ? "unexpected end of JSON input" : "invalid JSON")));
  }
  if (!isJsonObject(value)) {
    throw badRequest(describe(`${problem}json: cannot unmarshal ${typeName(value)} into an object`));
  }
  return value;
}

function checkKind(
  object: JsonObject,
  text: string,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
): void {
  const { apiVersion: expected, kind: expectedKind } = resource;
  const apiVersion = String(object.apiVersion ?? "");
  const kind = String(object.kind ?? "");
  if (!resource.builtIn) {
    for (const [name, value] of [["Kind", kind], ["apiVersion", apiVersion]]) {
      if (value !== "") continue;
      throw badRequest(
        `the object provided is unrecognized (must be of type ${expectedKind}): Object '${name}' is missing in '${text}' (${
          text.slice(0, 30)
        })`,
      );
    }
    if (apiVersion !== expected) {
      throw badRequest(
        `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
      );
    }
    if (kind === expectedKind) return;
    const name = isJsonObject(object.metadata) ? String(object.metadata.name ?? "") : "";
    const message = `Invalid value: ${quoted(kind)}: must be ${expectedKind}`;
    throw invalid({ group: resource.group, kind }, name, [{
      reason: "FieldValueInvalid",
      field: "kind",
      message,
    }]);
  }
  // A built-in kind may leave them out: the path says what it is.
  if ((kind === "" || kind === expectedKind) && (apiVersion === "" || apiVersion === expected)) return;
  const version = apiVersion.split("/").at(-1);
  const problem = served(apiVersion, kind) === undefined
    ? `no kind ${quoted(kind)} is registered for version ${
      quoted(apiVersion)
    } in scheme "pkg/runtime/scheme.go:111"`
    : `converting (${version}.${kind}) to (${resource.group || "core"}.${expectedKind}): unknown conversion`;
  throw badRequest(
    `${kind || expectedKind} in version ${
      quoted(version ?? "")
    } cannot be handled as a ${expectedKind}: ${problem}`,
  );
}

const STRINGS = ["name", "generateName", "namespace", "uid", "resourceVersion"];
const STRING_MAPS = ["labels", "annotations"];

/** What of `metadata` the server itself reads must have the types that it relies on. */
function checkShape(object: JsonObject, resource: ServedResource): SentObject {
  const wrong = (field: string, value: unknown, type: string) =>
    badRequest(
      `${resource.kind} in version ${quoted(resource.version)} cannot be handled as a ${resource.kind}: ` +
        `json: cannot unmarshal ${
          typeName(value)
        } into Go struct field ObjectMeta.metadata.${field} of type ${type}`,
    );
  const metadata = object.metadata ?? {};
  if (!isJsonObject(metadata)) {
    throw badRequest(
      `${resource.kind} in version ${quoted(resource.version)} cannot be handled as a ${resource.kind}: ` +
        `json: cannot unmarshal ${
          typeName(metadata)
        } into Go struct field ${resource.kind}.metadata of type v1.ObjectMeta`,
    );
  }
  for (const field of STRINGS) {
    if (typeof (metadata[field] ?? "") !== "string") throw wrong(field, metadata[field], "string");
  }
  for (const field of STRING_MAPS) {
    const map = metadata[field] ?? {};
    if (!isJsonObject(map)) throw wrong(field, map, "map[string]string");
    const value = Object.values(map).find((value) => typeof value !== "string");
    if (value !== undefined) throw wrong(field, value, "string");
  }
  const finalizers = metadata.finalizers ?? [];
  if (!Array.isArray(finalizers)) throw wrong("finalizers", finalizers, "[]string");
  const finalizer = finalizers.find((value) => typeof value !== "string");
  if (finalizer !== undefined) throw wrong("finalizers", finalizer, "string");
  return { ...object, metadata };
}

function typeName(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value === "boolean" ? "bool" : typeof value;
}
