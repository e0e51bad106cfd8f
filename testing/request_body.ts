import { isJsonObject, type JsonObject } from "./api_object.ts";
import { conform } from "./conform.ts";
import { conformCustom } from "./custom_schema.ts";
import { JsonError, readJson } from "./go_json.ts";
import { badRequest, invalid, invalidValue, quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import { jsonType, typeMismatch } from "./type_mismatch.ts";

/** So much of a body that cannot be read is told, in characters. */
const SUMMARY = 30;

/** An object that a client has sent, checked so far that the server can work with it. */
export interface SentObject {
  readonly metadata: JsonObject;
  readonly [field: string]: unknown;
}

/**
 * Reads the object of a create or an update.
 *
 * @param served Finds out whether another kind exists, which changes the words of the refusal.
 * @param problems Where it goes what a strict reader refuses: fields that the kind does not have, which are dropped, and
 * fields that come twice.
 * @throws {Refusal} If it is no JSON, no object, or an object of another kind or version.
 */
export function parseObject(
  text: string,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
  problems: string[] = [],
): SentObject {
  const { object, duplicates } = readObject(text, (problem) => {
    return `the object provided is unrecognized (must be of type ${resource.kind}): ${problem} (${
      summaryOf(text)
    })`;
  });
  checkKind(object, text, resource, served);
  const sent = checkShape(object, resource);
  const unknown: string[] = [];
  const pruned = resource.schema === undefined ? sent : conformCustom(sent, resource.schema, unknown);
  const held = resource.builtIn
    ? conform(sent, resource.shape, unknown) as SentObject
    : { ...pruned, metadata: heldMetadata(pruned.metadata, resource) };
  problems.push(
    ...duplicates.filter((path) => !unknown.some((one) => path === one || path.startsWith(`${one}.`))).map((
      path,
    ) => `duplicate field ${quoted(path)}`),
    ...unknown.map((path) => `unknown field ${quoted(path)}`),
  );
  return held;
}

/** @throws {Refusal} With what `describe` makes of the problem, if the text is no JSON object. */
export function parseJson(text: string, describe: (problem: string) => string): JsonObject {
  return readObject(text, describe).object;
}

const IDENTITY_STRUCT =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';

function readObject(
  text: string,
  describe: (problem: string) => string,
): { object: JsonObject; duplicates: readonly string[] } {
  const refuse = (problem: string) =>
    badRequest(describe(`couldn't get version/kind; json parse error: ${problem}`));
  try {
    const { value, duplicates } = readJson(text);
    const object = value ?? {}; // null is an object without fields to Go
    if (!isJsonObject(object)) {
      throw refuse(`json: cannot unmarshal ${jsonType(object)} into Go value of type ${IDENTITY_STRUCT}`);
    }
    for (const field of ["apiVersion", "kind"]) {
      const type = jsonType(object[field] ?? "");
      if (type === "string") continue;
      throw refuse(`json: cannot unmarshal ${type} into Go struct field .${field} of type string`);
    }
    if (String(object.apiVersion ?? "").split("/").length > 2) {
      throw badRequest(describe(`unexpected GroupVersion string: ${object.apiVersion}`));
    }
    return { object, duplicates };
  } catch (error) {
    if (error instanceof JsonError) throw refuse(error.message);
    throw error;
  }
}

/** The beginning of a body that cannot be read. */
function summaryOf(text: string): string {
  if (text === "") return "<empty>";
  const end = text.length > SUMMARY ? " ..." : "";
  const beginning = text.slice(0, SUMMARY);
  return text.startsWith("{") ? beginning + end : toHex(beginning) + end;
}

function toHex(text: string): string {
  return [...new TextEncoder().encode(text)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
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
    if (kind === "") {
      throw badRequest(
        `the object provided is unrecognized (must be of type ${expectedKind}): Object 'Kind' is missing in '${text}' (${
          summaryOf(text)
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
    const titled = { group: resource.group, kind };
    throw invalid(titled, name, [invalidValue("kind", kind, `must be ${expectedKind}`)]);
  }
  // A built-in kind may leave them out: the path says what it is.
  if ((kind === "" || kind === expectedKind) && (apiVersion === "" || apiVersion === expected)) return;
  const version = apiVersion.split("/").at(-1);
  const isServed = served(apiVersion, kind) ??
    (kind.endsWith("List") && served(apiVersion, kind.slice(0, -4)));
  const problem = !isServed
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

/** The metadata of a custom resource, which the server holds as its own type. */
function heldMetadata(metadata: JsonObject, { shape }: ServedResource): JsonObject {
  const { managedFields, ...held } = conform(metadata, shape.fields.get("metadata")!.shape) as JsonObject;
  const isEmpty = Array.isArray(managedFields) && managedFields.length === 0;
  return managedFields === undefined || isEmpty ? held : { ...held, managedFields };
}

/** Values must have the types of their fields. */
function checkShape(object: JsonObject, { kind, version, builtIn, shape }: ServedResource): SentObject {
  // Of a custom resource the server itself reads the metadata alone.
  const read = builtIn ? object : { metadata: object.metadata ?? null };
  const problem = builtIn || isJsonObject(read.metadata ?? {})
    ? typeMismatch(read, shape, kind)?.replace(/ObjectMeta\.metadata\./, builtIn ? "$&" : "ObjectMeta.")
    : `json: cannot unmarshal ${jsonType(read.metadata)} into Go value of type v1.ObjectMeta`;
  if (problem !== undefined) {
    throw badRequest(`${kind} in version ${quoted(version)} cannot be handled as a ${kind}: ${problem}`);
  }
  return { ...object, metadata: (object.metadata ?? {}) as JsonObject };
}
