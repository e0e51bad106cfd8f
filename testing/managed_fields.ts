import { isJsonObject, type JsonObject, sameJson, sortedKeys } from "./api_object.ts";
import { FieldSet, fieldStep, formatPath, type PathStep } from "./field_set.ts";
import type { Shape } from "./schema.ts";
import {
  compareTyped,
  type Comparison,
  fieldsOf,
  mergeTyped,
  removeFields,
  withNamedFields,
} from "./typed_value.ts";

/** Who writes, and what: the circumstances of a request that changes an object. */
export interface Writing {
  readonly manager: string;
  /** Empty for the object itself. */
  readonly subresource: string;
  readonly apiVersion: string;
  readonly shape: Shape;
  /** What the request may not change whatever it says, and so does not own. */
  readonly reset: FieldSet;
  /** What an object without any content looks like to the server. */
  readonly empty: unknown;
  /** As objects are stamped; undefined where the server keeps no time. */
  readonly now: string | undefined;
}

/** The fields of one manager. */
interface Managed {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly subresource: string;
  time: string | undefined;
  set: FieldSet;
}

/** A field that an applied object says otherwise than its manager did. */
interface Conflict {
  readonly owner: Managed;
  readonly path: readonly PathStep[];
}

/** Thrown when an applied object would take fields from their managers. */
export class ApplyConflict extends Error {
  /** Each with what the server says of it. */
  readonly causes: readonly { readonly message: string; readonly field: string }[];

  constructor(conflicts: readonly Conflict[]) {
    super(conflictMessage(conflicts));
    this.name = "ApplyConflict";
    this.causes = conflicts.map(({ owner, path }) => ({
      message: `conflict with ${describeManager(owner)}`,
      field: formatPath(path),
    }));
  }
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

/** So many entries for updates are kept; the oldest become one. */
const MOST_UPDATERS = 10;

/** What every object has, and nobody owns. */
const UNOWNED = FieldSet.of(
  ["f:apiVersion"],
  ["f:kind"],
  ["f:metadata"],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
  ]
    .map((field) => ["f:metadata", fieldStep(field)]),
);

/**
 * The `managedFields` of an object after it was created, updated or patched.
 *
 * @param live What was stored; undefined for a new object.
 * @param object What is to be stored.
 */
export function trackUpdate(live: JsonObject | undefined, object: JsonObject, writing: Writing): unknown {
  const sent = (object.metadata as JsonObject | undefined)?.managedFields;
  const known = (live?.metadata as JsonObject | undefined)?.managedFields;
  const all = sentOrLive(writing.subresource === "" ? sent : undefined, known);
  // Who took no part in tracking from the start does not begin now.
  if (all.size === 0 && live !== undefined) return undefined;
  recordUpdate(all, unmanaged(live) ?? writing.empty, unmanaged(object), writing, writing.manager);
  limitUpdaters(all);
  return encode(all);
}

/**
 * The object that `applied` makes of `live`, with its `managedFields`.
 *
 * @param live What is stored; undefined if nothing is.
 * @throws {ApplyConflict} Unless `force`, when it says fields otherwise than their managers.
 * @throws {TypeMismatch} If `applied` has an item of a list twice.
 */
export function applyConfiguration(
  live: JsonObject | undefined,
  applied: JsonObject,
  force: boolean,
  writing: Writing,
): JsonObject {
  const base = unmanaged(live) ?? writing.empty as JsonObject;
  const owners = (): Map<string, Managed> => {
    const all = decode((live?.metadata as JsonObject | undefined)?.managedFields) ?? new Map();
    if (all.size === 0) {
      recordUpdate(all, writing.empty, base, { ...writing, subresource: "" }, "before-first-apply");
    }
    return all;
  };
  let result;
  try {
    result = apply(owners(), base, applied, force, writing);
  } catch (error) {
    const taken = error instanceof ConflictsFound && writing.manager === "kubectl"
      ? takenFromLastApplied(base, writing)
      : undefined;
    if (!(error instanceof ConflictsFound)) throw error;
    const left = error.conflicts.filter(({ path }) => !taken?.has(path));
    if (taken === undefined || left.length > 0) throw new ApplyConflict(left);
    result = apply(owners(), base, applied, true, writing);
  }
  const { object, all, changed } = result;
  const id = identify({ ...writing, operation: "Apply" });
  const entry = all.get(id);
  if (changed && entry !== undefined) entry.time = writing.now;
  const metadata = { ...object.metadata as JsonObject };
  if (
    writing.manager === "kubectl" && isJsonObject(metadata.annotations) && metadata.annotations[LAST_APPLIED]
  ) {
    metadata.annotations = { ...metadata.annotations, [LAST_APPLIED]: lastAppliedOf(applied) };
  }
  return { ...object, metadata: { ...metadata, managedFields: encode(all) } };
}

/** Carries conflicts to where it is decided whether they count. */
class ConflictsFound extends Error {
  readonly conflicts: readonly Conflict[];
  constructor(conflicts: readonly Conflict[]) {
    super("conflicts");
    this.conflicts = conflicts;
  }
}

function apply(
  all: Map<string, Managed>,
  live: JsonObject,
  applied: JsonObject,
  force: boolean,
  writing: Writing,
): { object: JsonObject; all: Map<string, Managed>; changed: boolean } {
  const { shape, reset } = writing;
  const id = identify({ ...writing, operation: "Apply" });
  const merged = mergeTyped(live, applied, shape);
  const before = all.get(id);
  const entry: Managed = {
    manager: writing.manager || "unknown",
    operation: "Apply",
    apiVersion: writing.apiVersion,
    subresource: writing.subresource,
    time: before?.time,
    set: fieldsOf(applied, shape).without(reset),
  };
  all.set(id, entry);
  const object = prune(merged, all, before?.set, shape) as JsonObject;
  takeFromOthers(all, id, compareTyped(live, object, shape), force, reset);
  strip(all, id);
  return { object, all, changed: !sameJson(live, object) };
}

/** What is no longer applied goes, unless somebody else has it. */
function prune(
  merged: unknown,
  all: ReadonlyMap<string, Managed>,
  last: FieldSet | undefined,
  shape: Shape,
): unknown {
  if (last === undefined || last.isEmpty) return merged;
  const named = (set: FieldSet) => withNamedFields(set, shape);
  const without = removeFields(merged, named(last), shape);
  const mergedSet = named(fieldsOf(merged, shape));
  let owned = new FieldSet();
  for (const { set } of all.values()) owned = owned.union(set);
  const withOwned = removeFields(
    merged,
    mergedSet.difference(named(fieldsOf(without, shape)).union(named(owned))),
    shape,
  );
  const kept = named(fieldsOf(withOwned, shape));
  return removeFields(merged, mergedSet.difference(kept).intersection(named(last)), shape);
}

/** Writes down an update: the fields it changed are its own now. */
function recordUpdate(
  all: Map<string, Managed>,
  live: unknown,
  object: unknown,
  { shape, reset, subresource, apiVersion, now }: Writing,
  manager: string,
): void {
  const comparison = compareTyped(live, object, shape);
  takeFromOthers(all, undefined, comparison, true, reset);
  const set = comparison.modified.union(comparison.added).without(reset).difference(UNOWNED);
  if (set.isEmpty) return;
  const entry: Managed = {
    manager: manager || "unknown",
    operation: "Update",
    apiVersion,
    subresource,
    time: now,
    set,
  };
  const id = identify(entry);
  entry.set = set.union(all.get(id)?.set ?? new FieldSet());
  all.set(id, entry);
}

/** Changed fields leave the sets of all managers but one; what is gone leaves them too. */
function takeFromOthers(
  all: Map<string, Managed>,
  self: string | undefined,
  { removed, modified, added }: Comparison,
  force: boolean,
  reset: FieldSet,
): void {
  if (all.size === 0) return;
  const taken = modified.union(added).without(reset);
  const gone = removed.without(reset);
  const conflicts: Conflict[] = [];
  for (const [id, owner] of [...all].sort(([, a], [, b]) => rank(a) < rank(b) ? -1 : 1)) {
    if (id === self) continue;
    for (const path of owner.set.intersection(taken).paths()) conflicts.push({ owner, path });
  }
  if (!force && conflicts.length > 0) throw new ConflictsFound(conflicts);
  for (const [id, owner] of all) {
    if (id !== self) owner.set = owner.set.difference(taken).difference(gone);
    if (owner.set.isEmpty) all.delete(id);
  }
}

/** In which order managers are told of. */
function rank({ manager, operation, apiVersion, subresource }: Managed): string {
  return JSON.stringify({ manager, operation, ...(operation === "Update" && { apiVersion }), subresource });
}

function strip(all: Map<string, Managed>, id: string): void {
  const entry = all.get(id);
  if (entry === undefined) return;
  entry.set = entry.set.difference(UNOWNED);
  if (entry.set.isEmpty) all.delete(id);
}

/** The oldest of many updaters become one entry for each version. */
function limitUpdaters(all: Map<string, Managed>): void {
  const seconds = ({ time }: Managed) => time === undefined ? 0 : Date.parse(time);
  const updaters = [...all].filter(([, { operation }]) => operation === "Update")
    .sort(([a, left], [b, right]) => seconds(left) - seconds(right) || (a < b ? -1 : 1));
  let count = updaters.length;
  const first = new Map<string, string>();
  for (const [id, entry] of updaters) {
    if (count <= MOST_UPDATERS) return;
    const { apiVersion, time, set } = entry;
    const earlier = first.get(apiVersion);
    if (earlier === undefined) {
      first.set(apiVersion, id);
      continue;
    }
    const bucket: Managed = { ...entry, manager: "ancient-changes", subresource: "", time };
    const bucketId = identify(bucket);
    const collected = all.get(bucketId) ?? all.get(earlier)!;
    all.delete(earlier);
    all.delete(id);
    all.set(bucketId, { ...bucket, set: collected.set.union(set) });
    count--;
  }
}

/** The fields that kubectl has applied from its side before, and that nobody has changed since. */
function takenFromLastApplied(live: JsonObject, { shape, apiVersion }: Writing): FieldSet | undefined {
  const annotations = (live.metadata as JsonObject | undefined)?.annotations;
  const text = isJsonObject(annotations) ? annotations[LAST_APPLIED] : undefined;
  if (typeof text !== "string" || text === "") return undefined;
  let applied: unknown;
  try {
    applied = JSON.parse(text);
  } catch {
    return undefined; // an annotation that somebody has broken says nothing
  }
  if (!isJsonObject(applied) || applied.apiVersion !== apiVersion) return undefined;
  const { modified, added, removed } = compareTyped(applied, live, shape);
  return fieldsOf(applied, shape).difference(modified).difference(added).difference(removed);
}

function lastAppliedOf(applied: JsonObject): string {
  const { annotations, ...metadata } = applied.metadata as JsonObject;
  const { [LAST_APPLIED]: _, ...others } = (annotations ?? {}) as JsonObject;
  const kept = Object.keys(others).length > 0 ? { annotations: others } : {};
  return `${JSON.stringify(sortedKeys({ ...applied, metadata: { ...metadata, ...kept } }))}\n`;
}

/** What counts of the entries that a client has sent, and of those that are stored. */
function sentOrLive(sent: unknown, live: unknown): Map<string, Managed> {
  const isReset = Array.isArray(sent) && (sent.length === 0 || (sent.length === 1 && sameJson(sent[0], {})));
  if (isReset) return new Map();
  const all = decode(sent);
  return all === undefined || all.size === 0 ? decode(live) ?? new Map() : all;
}

/** Entries as they stand on objects; undefined if they cannot be read. */
function decode(entries: unknown): Map<string, Managed> | undefined {
  const all = new Map<string, Managed>();
  if ((entries ?? undefined) === undefined) return all;
  if (!Array.isArray(entries)) return undefined;
  try {
    for (const entry of entries) {
      const { manager = "", operation, apiVersion, fieldsType, fieldsV1 = {}, time, subresource = "" } =
        entry;
      if ((operation !== "Apply" && operation !== "Update") || !apiVersion || fieldsType !== "FieldsV1") {
        return undefined;
      }
      const managed = {
        manager,
        operation,
        apiVersion,
        subresource,
        time,
        set: FieldSet.parse(fieldsV1),
      } as const;
      all.set(identify(managed), { ...managed });
    }
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
  return all;
}

function encode(all: ReadonlyMap<string, Managed>): unknown {
  if (all.size === 0) return undefined;
  const seconds = ({ time }: Managed) => time === undefined ? 0 : Math.floor(Date.parse(time) / 1_000);
  const text = (a: string, b: string) => a < b ? -1 : a > b ? 1 : 0;
  return [...all.values()].sort((a, b) =>
    text(a.operation, b.operation) || seconds(a) - seconds(b) || text(a.manager, b.manager) ||
    text(a.apiVersion, b.apiVersion) || text(a.subresource, b.subresource)
  ).map(({ manager, operation, apiVersion, time, set, subresource }) => ({
    ...(manager !== "" && { manager }),
    operation,
    apiVersion,
    ...(time !== undefined && { time }),
    fieldsType: "FieldsV1",
    fieldsV1: set.toJSON(),
    ...(subresource !== "" && { subresource }),
  }));
}

/** What makes an entry: who updates in another version is somebody else; who applies is not. */
function identify(
  { manager, operation, apiVersion, subresource }: Pick<
    Managed,
    "manager" | "operation" | "apiVersion" | "subresource"
  >,
): string {
  return JSON.stringify([
    manager || "unknown",
    operation,
    operation === "Apply" ? "" : apiVersion,
    subresource,
  ]);
}

function unmanaged<T extends JsonObject | undefined>(object: T): T {
  if (!isJsonObject(object?.metadata)) return object;
  const { managedFields: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function conflictMessage(conflicts: readonly Conflict[]): string {
  if (conflicts.length === 1) {
    const [{ owner, path }] = conflicts;
    return `Apply failed with 1 conflict: conflict with ${describeManager(owner)}: ${formatPath(path)}`;
  }
  const byOwner = new Map<Managed, string[]>();
  for (const { owner, path } of conflicts) {
    byOwner.set(owner, [...byOwner.get(owner) ?? [], `- ${formatPath(path)}`]);
  }
  const lines = [...byOwner].flatMap((
    [owner, paths],
  ) => [`conflicts with ${describeManager(owner)}:`, ...paths]);
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join("\n")}`;
}

function describeManager({ manager, operation, subresource, apiVersion }: Managed): string {
  const name = JSON.stringify(manager) +
    (subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`);
  return operation === "Update" ? `${name} using ${apiVersion}` : name;
}
