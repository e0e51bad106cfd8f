import { type ApiObject, isJsonObject } from "./api_object.ts";
import { applyJsonPatch, applyMergePatch, PatchError } from "./json_patch.ts";
import { badRequest, failure, invalid, notImplemented, Refusal } from "./refusal.ts";
import { parseObject, type SentObject } from "./request_body.ts";
import type { ServedResource } from "./served_resource.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC_MERGE_PATCH = "application/strategic-merge-patch+json";
const APPLY_PATCH = "application/apply-patch+yaml";

/** A change of an object, whatever that object is. */
export type Patch = (object: ApiObject) => SentObject;

/**
 * Reads a patch.
 *
 * @param mediaType The content type, without parameters.
 * @throws {Refusal} 415 for an unknown kind of patch, 501 for one that this server cannot do, 400 for bad JSON.
 */
export function parsePatch(
  mediaType: string,
  text: string,
  resource: ServedResource,
  served: (apiVersion: string, kind: string) => ServedResource | undefined,
): Patch {
  checkPatchType(mediaType, resource);
  const patch = parsePatchJson(text);
  if (mediaType === JSON_PATCH && !Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  if (mediaType === MERGE_PATCH && !isJsonObject(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  }
  return (object) => {
    const patched = Array.isArray(patch) ? patchJson(object, patch) : applyMergePatch(object, patch);
    return checkPatched(patched, resource, served);
  };
}

function checkPatchType(mediaType: string, { builtIn }: ServedResource): void {
  const types = [JSON_PATCH, MERGE_PATCH, ...(builtIn ? [STRATEGIC_MERGE_PATCH] : []), APPLY_PATCH];
  if (!types.includes(mediaType)) {
    const message = builtIn
      ? "415: Unsupported Media Type"
      : `the body of the request was in an unknown format - accepted media types include: ${
        types.join(", ")
      }`;
    throw new Refusal(failure(415, "UnsupportedMediaType", message, builtIn ? {} : undefined));
  }
  if (mediaType === STRATEGIC_MERGE_PATCH) throw notImplemented("strategic merge patch");
  if (mediaType === APPLY_PATCH) throw notImplemented("server-side apply");
}

function parsePatchJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("error decoding patch: invalid JSON"); // the engine's own words differ between runtimes
  }
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
): SentObject {
  const text = JSON.stringify(patched);
  try {
    return parseObject(text, resource, served);
  } catch (error) {
    if (!(error instanceof Refusal) || error.status.code !== 400) throw error;
    const message = `Invalid value: ${JSON.stringify(text)}: ${error.message}`;
    throw invalid({ group: "", kind: "" }, "", [{ reason: "FieldValueInvalid", field: "patch", message }]);
  }
}
