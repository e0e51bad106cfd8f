import { define, isJsonObject, type JsonObject, own, sameJson } from "./api_object.ts";

/** Thrown when a JSON patch cannot be applied: a path that is not there, or a test that fails. */
export class PatchError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "PatchError";
  }
}

/**
 * Applies a JSON patch (RFC 6902) and leaves `document` as it was. As on the server, `replace` also sets a
 * field that is not there.
 *
 * @throws {PatchError} If an operation cannot be done.
 */
export function applyJsonPatch(document: unknown, operations: readonly unknown[]): unknown {
  const root = { document: structuredClone(document) };
  for (const operation of operations) {
    if (!isJsonObject(operation)) throw new PatchError("an operation must be an object");
    applyOperation(root, operation);
  }
  return root.document;
}

function applyOperation(root: { document: unknown }, operation: JsonObject): void {
  const path = pointer(operation.path);
  switch (operation.op) {
    case "add":
      return put(root, path, needValue(operation), "insert");
    case "replace":
      return put(root, path, needValue(operation), "set");
    case "remove":
      remove(root, path);
      return;
    case "test":
      if (!sameJson(readOrNull(root, path), needValue(operation))) {
        throw new PatchError(`testing value ${operation.path} failed`);
      }
      return;
    case "copy":
      return put(root, path, structuredClone(readOrNull(root, pointer(operation.from))), "insert");
    case "move":
      return put(root, path, remove(root, pointer(operation.from)), "insert");
    default:
      throw new PatchError(`unexpected kind: ${operation.op}`);
  }
}

function needValue(operation: JsonObject): unknown {
  return structuredClone(operation.value ?? null); // who says none means null
}

/** The segments of a JSON pointer (RFC 6901), below the wrapper that holds the document. */
function pointer(path: unknown): string[] {
  // What is before the first slash does not matter.
  if (typeof path !== "string" || (path !== "" && !path.includes("/"))) {
    throw new PatchError(`${JSON.stringify(path)} is not a path`);
  }
  return [
    "document",
    ...path.split("/").slice(1).map((part) => part.replace(/~1/g, "/").replace(/~0/g, "~")),
  ];
}

function read(root: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, segment) => {
    if (Array.isArray(value)) return value[elementIndex(value, segment, value.length - 1)];
    if (!isJsonObject(value) || !Object.hasOwn(value, segment)) throw missing(path);
    return value[segment];
  }, root);
}

/** What a `test` compares with: a member that an object does not have is null to the server. */
function readOrNull(root: unknown, path: readonly string[]): unknown {
  const parent = read(root, path.slice(0, -1));
  const isAbsent = isJsonObject(parent) && !Object.hasOwn(parent, path[path.length - 1]);
  return isAbsent ? null : read(root, path);
}

function put(root: unknown, path: readonly string[], value: unknown, how: "insert" | "set"): void {
  const segment = path[path.length - 1];
  const parent = read(root, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (how === "set") parent[elementIndex(parent, segment, parent.length - 1)] = value;
    else {
      // Negative ones count from where the new element would be last.
      const index = segment === "-"
        ? parent.length
        : elementIndex([...parent, value], segment, parent.length);
      parent.splice(index, 0, value);
    }
  } else if (isJsonObject(parent)) define(parent, segment, value);
  else throw missing(path);
}

function remove(root: unknown, path: readonly string[]): unknown {
  const segment = path[path.length - 1];
  const parent = read(root, path.slice(0, -1));
  if (Array.isArray(parent)) return parent.splice(elementIndex(parent, segment, parent.length - 1), 1)[0];
  if (!isJsonObject(parent) || !Object.hasOwn(parent, segment)) throw missing(path);
  const value = parent[segment];
  delete parent[segment];
  return value;
}

function elementIndex(array: readonly unknown[], segment: string, last: number): number {
  const index = /^-?(0|[1-9]\d*)$/.test(segment) ? Number(segment) : NaN;
  const fromStart = index < 0 ? array.length + index : index; // the server counts negative ones from the end
  if (!(fromStart >= 0 && fromStart <= last)) throw new PatchError(`no element ${segment} in an array`);
  return fromStart;
}

function missing(path: readonly string[]): PatchError {
  return new PatchError(`no value at /${path.slice(1).join("/")}`);
}

/**
 * Applies a merge patch (RFC 7386) and leaves `document` as it was: null removes, objects merge. What it merges has its
 * fields in the order of the alphabet then, as the server's has.
 */
export function applyMergePatch(document: unknown, patch: unknown): unknown {
  // Into what was no object before, no nulls come, however deep.
  if (!isJsonObject(patch)) return isJsonObject(document) ? patch : withoutNulls(patch);
  const old: JsonObject = isJsonObject(document) ? document : {};
  const merged: JsonObject = {};
  for (const key of [...new Set([...Object.keys(old), ...Object.keys(patch)])].sort()) {
    const before = own(old, key);
    if (!Object.hasOwn(patch, key)) define(merged, key, before);
    else if (patch[key] !== null) define(merged, key, applyMergePatch(before, patch[key]));
  }
  return merged;
}

function withoutNulls(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((item) => isJsonObject(item) ? applyMergePatch(undefined, item) : withoutNulls(item));
}
