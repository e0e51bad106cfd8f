import { parseYaml, YamlError } from "../yaml/mod.ts";
import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "./json_patch.ts";
import { JsonError, type ReadJson, readJson } from "./go_json.ts";
import { badRequest, failure, invalid, invalidValue, quoted, Refusal, serverError } from "./refusal.ts";
import { parseObject, type SentObject } from "./request_body.ts";
import type { ServedResource } from "./served_resource.ts";
import { conversionMismatch, jsonType } from "./type_mismatch.ts";
import { applyStrategicMerge, goMap, StrategicMergeError } from "./strategic_merge.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
const APPLY_PATCH = "application/apply-patch+yaml";

/** So many operations a JSON patch may have. */
const MOST_OPERATIONS = 10_000;

/** What is said around the problem when a body is refused. */
const AROUND_PROBLEM =
  /^(?:\S+ in version "\S*" cannot be handled as a \w+: |the object provided is unrecognized \(must be of type \w+\): (.*) \(.*\)$)/s;

/** What a patch makes of an object. */
export interface Patched {
  readonly sent: SentObject;
  /** What a strict reader refuses: fields that the kind does not have, which are dropped. */
  readonly problems: readonly string[];
  /** Refuses it, because of `problem`. */
  readonly refuse: (problem: string) => Refusal;
}

/** A change of an object, whatever that object is. */
export type Patch = (object: ApiObject) => Patched;

/**
 * Reads a patch.
 *
 * @param mediaType The content type, without parameters.
 * @throws {Refusal} 400 for bad JSON, or a patch that is no patch of that kind.
 */
export function parsePatch(
  mediaType: string,
  text: string,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
): Patch {
  const { value, duplicates } = parsePatchJson(text);
  const patch = value ?? emptyPatch(mediaType);
  if (mediaType === JSON_PATCH && !Array.isArray(patch)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${
        jsonType(patch)
      } into Go value of type []handlers.jsonPatchOp`,
    );
  }
  if (Array.isArray(patch)) checkOperations(patch);
  if (mediaType !== JSON_PATCH && !isJsonObject(patch)) {
    throw badRequest(
      `${mediaType === MERGE_PATCH ? "error decoding patch: " : ""}json: cannot unmarshal ${
        jsonType(patch)
      } into Go value of type map[string]interface {}`,
    );
  }
  return (object) => {
    const patched = Array.isArray(patch)
      ? patchJson(object, patch)
      : mediaType === STRATEGIC_MERGE_PATCH
      ? patchStrategically(object, patch as JsonObject, resource)
      : applyMergePatch(object, patch);
    const refuse = (problem: string) =>
      invalidPatch(
        mediaType === STRATEGIC_MERGE_PATCH ? goMap(patch) : JSON.stringify(sortedTop(patched)),
        problem,
      );
    const problems = duplicates.map((path) => `duplicate field ${quoted(path)}`);
    if (mediaType === STRATEGIC_MERGE_PATCH) {
      const mismatch = conversionMismatch(patched, resource.shape);
      if (mismatch !== undefined) throw refuse(mismatch);
    }
    // A strategic merge patch is one of a struct, which does not say of which kind it is.
    const { apiVersion, kind } = resource;
    const whole = mediaType === STRATEGIC_MERGE_PATCH
      ? { ...patched as JsonObject, apiVersion, kind }
      : patched;
    const sent = checkPatched(whole, resource, served, problems, refuse);
    return { sent, problems, refuse };
  };
}

/** Whether a patch says what its sender wants of an object, whether or not that exists. */
export function isApply(mediaType: string): boolean {
  return mediaType === APPLY_PATCH;
}

/**
 * Reads an object that is to be applied: YAML, of which JSON is a part.
 *
 * @throws {Refusal} 400, if it is neither or no object.
 */
export async function parseApplied(text: string): Promise<JsonObject> {
  let value: unknown;
  try {
    value = await parseJsonOrYaml(text) ?? {};
  } catch (error) {
    if (!(error instanceof YamlError)) throw error;
    throw badRequest("error decoding YAML: invalid YAML"); // the parser's own words differ
  }
  if (isJsonObject(value)) return value;
  throw badRequest(
    `error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${
      jsonType(value)
    } into Go value of type map[string]interface {}`,
  );
}

/** Most of what is applied is JSON, which is read faster as that. */
async function parseJsonOrYaml(text: string): Promise<unknown> {
  if (text.startsWith("{")) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML has more ways to write the same
    }
  }
  return await parseYaml(text);
}

function patchStrategically(object: ApiObject, patch: JsonObject, { shape }: ServedResource): unknown {
  try {
    return applyStrategicMerge(object, patch, shape);
  } catch (error) {
    if (!(error instanceof StrategicMergeError)) throw error;
    throw error.code === 400 ? badRequest(error.message) : serverError(error.message);
  }
}

/** @throws {Refusal} 415 for a kind of patch that the resource does not take. */
export function checkPatchType(mediaType: string, { builtIn }: ServedResource): void {
  const types = [JSON_PATCH, MERGE_PATCH, ...(builtIn ? [STRATEGIC_MERGE_PATCH] : []), APPLY_PATCH];
  if (!types.includes(mediaType)) {
    const message = builtIn
      ? "415: Unsupported Media Type"
      : `the body of the request was in an unknown format - accepted media types include: ${
        types.join(", ")
      }`;
    throw new Refusal(failure(415, "UnsupportedMediaType", message, builtIn ? {} : undefined));
  }
}

function parsePatchJson(text: string): ReadJson {
  try {
    return readJson(text, "replace");
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    throw badRequest(`error decoding patch: ${error.message}`);
  }
}

/** @throws {Refusal} 413 for too many operations, 400 for what is none. */
function checkOperations(operations: readonly unknown[]): void {
  if (operations.length > MOST_OPERATIONS) {
    const problem =
      `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${operations.length}`;
    throw new Refusal(failure(413, "RequestEntityTooLarge", `Request entity too large: ${problem}`));
  }
  const odd = operations.find((operation) => !isJsonObject(operation) && operation !== null);
  if (odd === undefined) return;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${
      jsonType(odd)
    } into Go value of type handlers.jsonPatchOp`,
  );
}

/** What `null` is as a patch. */
function emptyPatch(mediaType: string): unknown {
  if (mediaType === MERGE_PATCH) throw badRequest("Invalid JSON Patch");
  return mediaType === JSON_PATCH ? [] : {};
}

function patchJson(object: ApiObject, operations: readonly unknown[]): unknown {
  try {
    return applyJsonPatch(object, operations);
  } catch (error) {
    if (!(error instanceof PatchError)) throw error;
    const message = "the server rejected our request due to an error in our request";
    throw Object.assign(new Refusal(failure(422, "Invalid", message, {})), { cause: error });
  }
}

/** The patched object must still be one of its kind. */
function checkPatched(
  patched: unknown,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
  problems: string[],
  refuse: (problem: string) => Refusal,
): SentObject {
  const text = JSON.stringify(patched);
  try {
    return parseObject(text, resource, served, problems);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status.code !== 400) throw error;
    throw refuse(error.message.replace(AROUND_PROBLEM, "$1"));
  }
}

/** The object with its own keys in the order of the alphabet, as a patched one is written. */
function sortedTop(value: unknown): unknown {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, value[key]]));
}

/** 422: what a patch made is no object of its kind. */
function invalidPatch(patched: string, problem: string): Refusal {
  return invalid({ group: "", kind: "" }, "", [invalidValue("patch", patched, problem)]);
}
