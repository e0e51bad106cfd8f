import type { Clock } from "../async/mod.ts";
import type { Admitted } from "./admission.ts";
import { BuiltInAdmission } from "./built_in_admission.ts";
import { formatTime } from "../meta/mod.ts";
import {
  type ApiObject,
  arrangeMetadata,
  arrangeObject,
  isJsonObject,
  type JsonObject,
  sameJson,
} from "./api_object.ts";
import { conform } from "./conform.ts";
import { converted } from "./conversion.ts";
import { definitionProblems } from "./definition_rules.ts";
import { DEFINITIONS, definitionStatus, withStoredVersion } from "./definitions.ts";
import { conformCustom } from "./custom_schema.ts";
import { customProblems } from "./custom_validation.ts";
import { filledIn, firstStatus } from "./defaults.ts";
import { checkDeletion, type DeleteOptions, isFinished, markDeleted } from "./deletion.ts";
import { applyConfiguration, ApplyConflict, trackUpdate, type Writing } from "./managed_fields.ts";
import { metadataChangeProblems, metadataProblems } from "./metadata_rules.ts";
import {
  alreadyExists,
  applyConflict,
  badRequest,
  conflict,
  failure,
  type FieldProblem,
  forbidden,
  invalid,
  invalidValue,
  notFound,
  Refusal,
  serverError,
} from "./refusal.ts";
import type { SentObject } from "./request_body.ts";
import { randomSuffix, randomUid } from "./seeded_random.ts";
import type { ServedResource } from "./served_resource.ts";
import { type Collection, keyOf, type Store } from "./store.ts";
import { KEEPS_METADATA, resetFields } from "./reset_fields.ts";
import type { Target, WriteOptions } from "./target.ts";
import { conversionMismatch } from "./type_mismatch.ts";
import { ratcheted } from "./ratchet.ts";
import { checkTyped, TypeMismatch } from "./typed_value.ts";
import { partlyChanged } from "./partial_change.ts";
import { builtInProblems } from "./validation.ts";

/** What an update may ask for. */
export interface UpdateOptions extends TrackOptions {
  /** The uid that the object must have, or else the update is a conflict. */
  readonly preconditionUid?: unknown;
}

/** What an apply may ask for. */
export interface ApplyOptions extends WriteOptions {
  /** Take fields from their managers, if they have other ones. */
  readonly force: boolean;
}

/** Who manages what, to be worked out or decided already. */
interface TrackOptions extends WriteOptions {
  readonly managedFields?: unknown;
}

/** What a change is applied through: the object itself, or a subresource that may change only a part of it. */
export type UpdateVia =
  | ""
  | "approval"
  | "ephemeralcontainers"
  | "finalize"
  | "resize"
  | "scale"
  | "status"
  | "token";

const STALE = "the object has been modified; please apply your changes to the latest version and try again";

/**
 * What happens to an object between a request and the store: who sets which field, what may change, what is
 * refused. Without I/O; a real server's generic registry, with the strategies of the kinds as data.
 */
export class Registry {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #namespaces: ServedResource;
  readonly #admission: BuiltInAdmission;
  #stamped = { second: NaN, text: "" }; // many objects are made in one second

  constructor(
    store: Store,
    clock: Clock,
    random: () => number,
    namespaces: ServedResource,
    previewVersions: boolean,
  ) {
    this.#store = store;
    this.#clock = clock;
    this.#random = random;
    this.#namespaces = namespaces;
    this.#admission = new BuiltInAdmission(store, previewVersions);
  }

  /** The object. @throws {Refusal} 404. */
  get({ resource, namespace, name }: Target): ApiObject {
    const object = this.#find(resource, namespace, name);
    if (object === undefined) throw notFound(resource, name);
    return object;
  }

  /** The object as the cache has it. @throws {Refusal} 404. */
  cached({ resource, namespace, name }: Target): ApiObject {
    const object = this.#collection(resource).cached(keyOf(namespace, name));
    if (object === undefined) throw notFound(resource, name);
    return converted(object, resource.apiVersion);
  }

  /** Stores a new object and returns it. */
  create(
    resource: ServedResource,
    namespace: string | undefined,
    given: SentObject,
    options: TrackOptions,
  ): ApiObject {
    const admitted = admittedAs("CREATE", { resource, namespace, name: nameIn(given) }, "", options);
    const sent = options.admission?.mutate(admitted, filledIn(given, resource)) ?? given;
    const metadata = placed(sent.metadata, resource, namespace);
    metadata.name ??= "";
    if (namespace !== undefined) this.#checkNamespace(resource, namespace, String(metadata.name));
    if (metadata.name === "" && metadata.generateName) {
      do metadata.name = String(metadata.generateName).slice(0, 58) + randomSuffix(this.#random); while (
        this.#collection(resource).get(keyOf(namespace, String(metadata.name))) !== undefined
      );
    }
    const name = String(metadata.name);
    const { deletionTimestamp: _, deletionGracePeriodSeconds: __, ...kept } = metadata;
    if (resource === this.#namespaces && sent.metadata.name) kept.labels = withOwnName(kept.labels, name);
    const uid = randomUid(this.#random);
    const read: SentObject = filledIn({ ...sent, metadata: kept }, resource);
    const managedFields = this.#track(resource, "", undefined, read, options);
    if (resource === this.#namespaces) kept.labels = withOwnName(kept.labels, name);
    const whole: SentObject = this.#admission.admit(read, {
      resource,
      uid,
      old: undefined,
      user: options.user,
    });
    const problems = [
      ...metadataProblems(whole.metadata, resource),
      ...contentProblems(whole, undefined, resource, ""),
    ];
    if (problems.length > 0) throw invalid({ group: resource.group, kind: resource.kind }, name, problems);
    if (metadata.resourceVersion && metadata.resourceVersion !== "0") {
      throw new Refusal(failure(500, "", "resourceVersion should not be set on objects to be created"));
    }
    const there = this.#collection(resource).get(keyOf(namespace, name));
    if (there !== undefined) {
      throw alreadyExists(resource, name, there.metadata.deletionTimestamp !== undefined);
    }
    const object = this.#complete(resource, {
      ...(resource === this.#namespaces ? withFinalizer(whole) : whole),
      metadata: {
        ...whole.metadata,
        managedFields,
        uid,
        creationTimestamp: this.#timestamp(),
        ...(hasGeneration(resource) ? { generation: 1 } : {}),
      },
      status: resource.title === DEFINITIONS
        ? definitionStatus(sent.spec)
        : firstStatus(sent.status, resource, whole.spec, this.#timestamp()),
    });
    options.admission?.validate({ ...admitted, name }, object);
    return options.dryRun
      ? arrangeObject(object, resource.builtIn)
      : this.#store.write("ADDED", resource, object);
  }

  /**
   * Puts an object into the store as a fixture: its status, uid, times and generation are taken as they are,
   * and its namespace is made if need be. What exists under that name is replaced.
   */
  load(resource: ServedResource, sent: SentObject): ApiObject {
    const namespace = resource.scope === "Cluster" ? undefined : String(sent.metadata.namespace || "default");
    const metadata = placed(sent.metadata, resource, namespace);
    this.#checkMetadata(metadata, resource);
    if (namespace !== undefined && this.#collection(this.#namespaces).get(namespace) === undefined) {
      this.create(this.#namespaces, undefined, { metadata: { name: namespace } }, { dryRun: false });
    }
    const old = this.#collection(resource).get(keyOf(namespace, String(metadata.name)));
    metadata.uid ??= old?.metadata.uid ?? randomUid(this.#random);
    metadata.creationTimestamp ??= old?.metadata.creationTimestamp ?? this.#timestamp();
    if (hasGeneration(resource)) metadata.generation ??= 1;
    const { status: nothing } = (resource.builtIn ? conform({}, resource.shape) : {}) as JsonObject;
    const isNew = (sent.status ?? undefined) === undefined || sameJson(sent.status, nothing);
    const status = isNew ? firstStatus(undefined, resource, sent.spec, this.#timestamp()) : sent.status;
    const whole = filledIn({ ...sent, metadata, status }, resource);
    const object = this.#complete(resource, resource === this.#namespaces ? withFinalizer(whole) : whole);
    return this.#store.write(old === undefined ? "ADDED" : "MODIFIED", resource, object);
  }

  /**
   * Replaces an object, or the part of it that `via` stands for.
   *
   * @returns The object as it is now, and whether the update created it.
   */
  update(
    target: Target,
    via: UpdateVia,
    sent: SentObject,
    options: UpdateOptions,
  ): { object: ApiObject; created: boolean } {
    const { resource, namespace, name } = target;
    checkName(sent.metadata, name);
    const metadata = placed(sent.metadata, resource, namespace);
    const old = this.#find(resource, namespace, name);
    if (old === undefined) {
      if (via !== "" || !resource.traits.has("upsert")) throw notFound(resource, name);
      if (options.preconditionUid) throw this.#wrongUid(target, options.preconditionUid, "");
      const { resourceVersion: _, ...fresh } = metadata;
      return {
        object: this.create(resource, namespace, { ...sent, metadata: fresh }, options),
        created: true,
      };
    }
    this.#checkPreconditions(target, metadata, old, options);
    const admitted = { ...admittedAs("UPDATE", target, via, options), oldObject: old };
    const complete = filledIn({ ...sent, metadata }, resource);
    const whole = options.admission?.mutate(admitted, complete) ?? complete;
    // Of the metadata a namespace that is finalized takes nothing along.
    const tracked = via === "finalize" ? { ...whole, metadata: old.metadata } : whole;
    const managedFields = this.#track(resource, via, old, tracked, options);
    const object = withoutNewTimes(
      this.#changed(target, via, { ...whole, metadata: { ...whole.metadata, managedFields } }, old),
      old,
    );
    const problems = [
      ...metadataChangeProblems(object.metadata, old.metadata, resource),
      ...contentProblems(object, old, resource, via),
    ];
    if (problems.length > 0) throw invalid(resource, name, problems);
    options.admission?.validate(admitted, object);
    if (isFinished(object)) {
      if (!options.dryRun) this.#store.write("DELETED", resource, old);
      return { object, created: false };
    }
    if (sameJson(object, old)) return { object: old, created: false }; // no change, no new version, no event
    return {
      object: options.dryRun ? object : this.#store.write("MODIFIED", resource, object),
      created: false,
    };
  }

  /**
   * Applies an object: makes what it says so, and takes away what it said before and no longer says. One that does not
   * exist is created.
   *
   * @returns The object as it is now, and whether it was created.
   */
  apply(
    target: Target,
    via: UpdateVia,
    applied: JsonObject,
    options: ApplyOptions,
  ): { object: ApiObject; created: boolean } {
    const { resource, namespace, name } = target;
    const old = this.#find(resource, namespace, name);
    if (old === undefined && via !== "") throw notFound(resource, name);
    checkApplied(applied, resource);
    const writing = this.#writing(resource, via, options.fieldManager ?? "");
    let merged: JsonObject;
    try {
      merged = applyConfiguration(
        old && conformed(old, resource),
        applied,
        options.force,
        writing,
      );
    } catch (error) {
      if (error instanceof ApplyConflict) throw applyConflict(error.message, error.causes);
      if (error instanceof TypeMismatch) throw serverError(`failed to merge config: ${error.message}`);
      throw error;
    }
    checkMerged(merged, applied, resource);
    const { resourceVersion, ...rest } = merged.metadata as JsonObject;
    const metadata = old === undefined ? rest : { ...rest, resourceVersion };
    const { schema } = resource;
    const whole = schema === undefined
      ? conformed(merged, resource)
      : conformCustom(merged, schema, [], "keep");
    const sent = { ...whole, metadata };
    const decided = { ...options, managedFields: metadata.managedFields };
    if (old !== undefined) return this.update(target, via, sent, decided);
    if (metadata.uid) {
      const problem = `the provided object specified uid ${metadata.uid}, and no existing object was found`;
      throw conflict(resource, name, `uid mismatch: ${problem}`);
    }
    placed(metadata, resource, namespace);
    checkName(metadata, name);
    return { object: this.create(resource, namespace, sent, decided), created: true };
  }

  /** Who manages what in a request for a token. */
  managersOfToken(resource: ServedResource, sent: SentObject, fieldManager: string): unknown {
    return this.#track(resource, "token", undefined, filledIn(sent, resource), {
      dryRun: true,
      fieldManager,
    });
  }

  /** A uid that nothing has yet. */
  newUid(): string {
    return randomUid(this.#random);
  }

  /** The `managedFields` of an object that is answered, and not stored. */
  firstManagers(resource: ServedResource, sent: SentObject, options: WriteOptions): unknown {
    return this.#track(resource, "", undefined, sent, options);
  }

  /** Stores what the server itself has made of an object, unless that is the same. */
  put({ resource }: Target, object: ApiObject, dryRun: boolean): void {
    if (!dryRun) this.#store.write("MODIFIED", resource, object);
  }

  /**
   * Deletes an object, or marks it as being deleted when it has finalizers or ends gracefully.
   *
   * @returns The object as it is now, or was last, and whether it is gone.
   */
  delete(target: Target, deletion: DeleteOptions): { object: ApiObject; gone: boolean } {
    const old = this.get(target);
    const { resource } = target;
    checkDeletion(target, old, deletion);
    deletion.admission?.validate(
      { ...admittedAs("DELETE", target, "", deletion), oldObject: old },
      undefined,
    );
    const marked = markDeleted(target, old, deletion, this.#clock.date());
    const write = (type: "MODIFIED" | "DELETED", object: ApiObject) =>
      deletion.dryRun ? object : this.#store.write(type, resource, object);
    const changed = !sameJson(marked, old);
    if (!isFinished(marked)) return { object: changed ? write("MODIFIED", marked) : old, gone: false };
    // A pod is marked even if it goes at once, which watchers see; other kinds just go.
    const last = resource.title === "pods" && changed ? write("MODIFIED", marked) : old;
    return { object: write("DELETED", last), gone: true };
  }

  /** The `managedFields` of an object that is created or updated. */
  #track(
    resource: ServedResource,
    via: UpdateVia,
    old: ApiObject | undefined,
    object: SentObject,
    options: TrackOptions,
  ): unknown {
    if ("managedFields" in options) return options.managedFields;
    if (options.fieldManager === undefined) return object.metadata.managedFields;
    const live = old && conformed(old, resource);
    try {
      return trackUpdate(live, object, this.#writing(resource, via, options.fieldManager));
    } catch (error) {
      if (!(error instanceof TypeMismatch)) throw error;
      return undefined; // as the server: who cannot be told apart is managed by nobody
    }
  }

  #writing(resource: ServedResource, via: UpdateVia, manager: string): Writing {
    const { apiVersion, kind, shape, builtIn } = resource;
    return {
      manager,
      subresource: via,
      apiVersion,
      shape,
      reset: resetFields(resource, via),
      empty: builtIn ? conform({}, shape) : { apiVersion, kind },
      now: via === "scale" ? undefined : this.#timestamp(),
    };
  }

  /** The object that an update leads to: what the client may set from `sent`, the rest from `old`. */
  #changed({ resource }: Target, via: UpdateVia, sent: SentObject, old: ApiObject): ApiObject {
    const { managedFields } = sent.metadata;
    if (via === "status") {
      const given = sent.status ?? (resource.builtIn ? {} : undefined);
      const { qosClass } = (old.status ?? {}) as JsonObject; // it is worked out once
      const status = resource.title === "pods" && qosClass !== undefined
        ? { ...given as JsonObject, qosClass }
        : given;
      const metadata = arrangeMetadata({ ...statusMetadata(sent.metadata, old, resource), managedFields });
      return arrangeObject({ ...old, metadata, status }, resource.builtIn);
    }
    if (via === "finalize") {
      const { finalizers = [] } = (sent.spec ?? {}) as { finalizers?: unknown[] };
      const metadata = arrangeMetadata({ ...old.metadata, managedFields });
      const spec = finalizers.length > 0 ? { finalizers } : {};
      return arrangeObject({ ...old, metadata, spec }, resource.builtIn);
    }
    if (via === "approval" || via === "ephemeralcontainers" || via === "resize") {
      const changed = partlyChanged(via, sent, old, this.#timestamp());
      const { generation = 0 } = old.metadata;
      const next = via === "approval" || sameJson(changed.spec, old.spec)
        ? {}
        : { generation: generation + 1 };
      const metadata = arrangeMetadata({ ...old.metadata, ...next, managedFields });
      return arrangeObject({ ...changed, metadata }, resource.builtIn);
    }
    const {
      deletionTimestamp,
      deletionGracePeriodSeconds,
      generation,
      creationTimestamp,
      resourceVersion,
      uid,
    } = old.metadata;
    const admitted = this.#admission.admit(sent, { resource, uid, old });
    const object = this.#complete(resource, {
      ...admitted,
      metadata: {
        ...admitted.metadata,
        uid: sent.metadata.uid || uid,
        resourceVersion,
        generation,
        creationTimestamp,
        // Who says nothing of them leaves them as they are; who does is refused later.
        deletionTimestamp: sent.metadata.deletionTimestamp ?? deletionTimestamp,
        deletionGracePeriodSeconds: sent.metadata.deletionGracePeriodSeconds ?? deletionGracePeriodSeconds,
      },
      ...(resource.subresources.has("status") ? { status: old.status } : {}),
      ...(resource.title === DEFINITIONS ? { status: withStoredVersion(sent.spec, old.status) } : {}),
    });
    const next = generation !== undefined && desiresOtherwise(resource, object, old)
      ? generation + 1
      : generation;
    const metadata = { ...object.metadata, generation: next };
    return arrangeObject({ ...object, metadata }, resource.builtIn);
  }

  /** What was sent as an object with kind and version. */
  #complete(resource: ServedResource, object: SentObject): ApiObject {
    const { status, ...rest } = object;
    return {
      ...rest,
      ...(status === undefined || status === null ? {} : { status }),
      kind: resource.kind,
      apiVersion: resource.apiVersion,
      metadata: arrangeMetadata(object.metadata),
    };
  }

  #checkMetadata(metadata: JsonObject, resource: ServedResource): void {
    const problems = metadataProblems(metadata, resource);
    if (problems.length > 0) throw invalid(resource, String(metadata.name ?? ""), problems);
  }

  /** Objects are made only in a namespace that exists and is not being deleted. */
  #checkNamespace(resource: ServedResource, namespace: string, name: string): void {
    const object = this.#collection(this.#namespaces).get(namespace);
    if (object === undefined) throw notFound(this.#namespaces, namespace);
    if (object.metadata.deletionTimestamp === undefined) return;
    const problem = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const message = `namespace ${namespace} is being terminated`;
    throw forbidden(resource, name, problem, [
      { reason: "NamespaceTerminating", message, field: "metadata.namespace" },
    ]);
  }

  #wrongUid({ resource, namespace, name }: Target, expected: unknown, actual: string): Refusal {
    const key = `/registry/${resource.plural}/${keyOf(namespace, name)}`;
    const problem = `Precondition failed: UID in precondition: ${expected}, UID in object meta: ${actual}`;
    return conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${key}, ResourceVersion: 0, AdditionalErrorMsg: ${problem}`,
    );
  }

  /** The uid and the version that an update is based on must be those of the object. */
  #checkPreconditions(
    { resource, namespace, name }: Target,
    { resourceVersion }: JsonObject,
    old: ApiObject,
    { preconditionUid: uid }: UpdateOptions,
  ): void {
    if (uid && uid !== old.metadata.uid) {
      throw this.#wrongUid({ resource, namespace, name }, uid, old.metadata.uid);
    }
    if (!resourceVersion || resourceVersion === "0") {
      if (resource.builtIn && !resource.traits.has("conditional")) return;
      const titled = { group: resource.group, kind: resource.plural };
      throw invalid(titled, name, [
        invalidValue("metadata.resourceVersion", 0, "must be specified for an update"),
      ]);
    }
    if (!/^\d+$/.test(String(resourceVersion))) {
      const text = JSON.stringify(resourceVersion);
      throw new Refusal(failure(500, "", `strconv.ParseUint: parsing ${text}: invalid syntax`));
    }
    if (resourceVersion !== old.metadata.resourceVersion) throw conflict(resource, name, STALE);
  }

  #find(resource: ServedResource, namespace: string | undefined, name: string): ApiObject | undefined {
    const object = this.#collection(resource).get(keyOf(namespace, name));
    return object && converted(object, resource.apiVersion);
  }

  #collection(resource: ServedResource): Collection {
    return this.#store.collection(resource);
  }

  #timestamp(): string {
    const date = this.#clock.date();
    const second = Math.floor(date.getTime() / 1_000);
    if (second !== this.#stamped.second) this.#stamped = { second, text: formatTime(date) };
    return this.#stamped.text;
  }
}

/** The labels of a namespace with the one that selects it by its name. */
function withOwnName(labels: unknown, name: string): JsonObject {
  return { ...labels as JsonObject, "kubernetes.io/metadata.name": name };
}

/** What the hooks of admission are told. */
function admittedAs(
  operation: Admitted["operation"],
  { resource, namespace, name }: Target,
  subresource: string,
  { dryRun }: WriteOptions,
): Admitted {
  return { operation, resource, subresource, namespace, name, dryRun };
}

function nameIn({ metadata: { name } }: SentObject): string {
  return typeof name === "string" ? name : "";
}

/** An object as the server's own type holds it; custom resources have no type of their own. */
function conformed<T extends JsonObject>(object: T, { builtIn, shape, schema }: ServedResource): T {
  if (schema !== undefined) return conformCustom(object, schema);
  return builtIn ? conform(object, shape) as T : object;
}

/** What is wrong with the content of an object, where the server knows what it must be like. */
function contentProblems(
  object: JsonObject,
  old: ApiObject | undefined,
  resource: ServedResource,
  via: UpdateVia,
): FieldProblem[] {
  if (resource.schema !== undefined) {
    const problems = customProblems(object, resource.schema);
    return old === undefined ? problems : ratcheted(problems, object, old);
  }
  if (resource.title === DEFINITIONS) return definitionProblems(object, old);
  const isPart = via === "status" || via === "finalize" || via === "approval";
  return resource.builtIn && !isPart ? builtInProblems(object, old, resource, via) : [];
}

/** @throws {Refusal} If the object must not be applied, or is not what its type says. */
function checkApplied(applied: JsonObject, { apiVersion, kind, shape }: ServedResource): void {
  const titled = titleOf(applied);
  if (applied.apiVersion !== apiVersion || applied.kind !== kind) {
    throw badRequest(`invalid object type: ${titled}`);
  }
  const metadata = isJsonObject(applied.metadata) ? applied.metadata : {};
  if ((metadata.managedFields ?? undefined) !== undefined) {
    throw badRequest("metadata.managedFields must be nil");
  }
  try {
    checkTyped(applied, shape);
  } catch (error) {
    if (!(error instanceof TypeMismatch)) throw error;
    const { namespace = "", name = "" } = metadata;
    throw serverError(
      `failed to create typed patch object (${namespace}/${name}; ${titled}): ${error.message}`,
    );
  }
}

/** @throws {Refusal} If a value is not of the type of its field; of most the type has been looked at before. */
function checkMerged(merged: JsonObject, applied: JsonObject, { builtIn, shape }: ServedResource): void {
  const problem = builtIn ? conversionMismatch(merged, shape) : undefined;
  if (problem === undefined) return;
  const { namespace = "", name = "" } = applied.metadata as JsonObject;
  const title = titleOf(applied);
  throw serverError(
    `failed to convert new object (${namespace}/${name}; ${title}) to proper version: unable to convert unstructured object to ${title}: ${problem}`,
  );
}

/** Version and kind as Go prints them: `apps/v1, Kind=Deployment`, and `/v1, Kind=Pod`. */
function titleOf({ apiVersion, kind }: JsonObject): string {
  if (typeof kind !== "string") return titleOf({ apiVersion, kind: "" });
  if (typeof apiVersion !== "string") return titleOf({ apiVersion: "", kind });
  if (apiVersion.split("/").length > 2) return titleOf({ apiVersion: "", kind: "" });
  return `${String(apiVersion).includes("/") ? "" : "/"}${apiVersion}, Kind=${kind}`;
}

/** A namespace is not gone before the server's own finalizer is. */
function withFinalizer(namespace: SentObject): SentObject {
  const { spec } = namespace;
  const { finalizers = [] } = isJsonObject(spec) ? spec as { finalizers?: unknown[] } : {};
  return { ...namespace, spec: { finalizers: [...new Set([...finalizers, "kubernetes"])] } };
}

/** Metadata after a write of the status: most built-in kinds take that along, others do not. */
function statusMetadata(sent: JsonObject, old: ApiObject, resource: ServedResource): JsonObject {
  const { title, builtIn } = resource;
  if (!builtIn || KEEPS_METADATA.has(title)) return old.metadata;
  const { labels, annotations, finalizers, ownerReferences } = sent;
  return {
    ...old.metadata,
    annotations,
    finalizers,
    ...(title === "deployments.apps" ? {} : { labels }),
    ...(title === "pods" ? {} : { ownerReferences }),
  };
}

/** The object with the times of its managers as they were, if nothing else has changed. */
function withoutNewTimes(object: ApiObject, old: ApiObject): ApiObject {
  const { managedFields } = old.metadata;
  if (managedFields === undefined || sameJson(object.metadata.managedFields, managedFields)) return object;
  const timeless = (entries: unknown) =>
    Array.isArray(entries) ? entries.map(({ time: _, ...entry }: JsonObject) => entry) : entries;
  if (!sameJson(timeless(object.metadata.managedFields), timeless(managedFields))) return object;
  const unchanged = { ...object, metadata: { ...object.metadata, managedFields } };
  return sameJson(unchanged, old) ? old : object;
}

function hasGeneration({ builtIn, traits }: ServedResource): boolean {
  return !builtIn || traits.has("generation");
}

/** Metadata with the namespace of the request. @throws {Refusal} If it names another one. */
function placed(metadata: JsonObject, { scope }: ServedResource, namespace: string | undefined): JsonObject {
  if (scope === "Cluster") {
    const { namespace: _, ...rest } = metadata;
    return rest;
  }
  if (metadata.namespace && metadata.namespace !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return { ...metadata, namespace };
}

function checkName({ name }: JsonObject, expected: string): void {
  if (!name) {
    throw badRequest(
      `the name of the object (${expected} based on URL) was undeterminable: name must be provided`,
    );
  }
  if (name !== expected) {
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${expected})`);
  }
}

/** Whether a change is one of the desired state, which `generation` counts. */
function desiresOtherwise(resource: ServedResource, object: ApiObject, old: ApiObject): boolean {
  const desired = ({ metadata, status, ...rest }: ApiObject) => ({
    ...rest,
    // Deployments take annotations along into their ReplicaSets.
    ...(resource.title === "deployments.apps" ? { annotations: metadata.annotations } : {}),
    ...(resource.subresources.has("status") ? {} : { status }),
  });
  return !sameJson(desired(object), desired(old));
}
