import { formatTime } from "../meta/mod.ts";
import { type ApiObject, arrangeObject, type JsonObject } from "./api_object.ts";
import { CLEANUP, DEFINITIONS } from "./definitions.ts";
import { conflict, forbidden } from "./refusal.ts";
import type { Target, WriteOptions } from "./target.ts";

/** What a deletion asks for. */
export interface DeleteOptions extends WriteOptions {
  readonly gracePeriodSeconds: number | undefined;
  /** Whether it was asked for with `orphanDependents: false`, as long ago: who waits then gets a 202. */
  readonly isOldCascade?: boolean;
  readonly propagationPolicy: "Foreground" | "Background" | "Orphan" | undefined;
  readonly preconditions: { readonly uid?: string; readonly resourceVersion?: string };
}

const PROTECTED_NAMESPACES = ["default", "kube-system", "kube-public"];

/** @throws {Refusal} If the object must not be deleted, or is not the one that the preconditions mean. */
export function checkDeletion({ resource, name }: Target, object: ApiObject, options: DeleteOptions): void {
  if (resource.title === "namespaces" && PROTECTED_NAMESPACES.includes(name)) {
    throw forbidden(resource, name, "this namespace may not be deleted");
  }
  const { preconditions: { uid, resourceVersion } } = options;
  const { metadata } = object;
  const named = { ...resource, title: resource.kindTitle, plural: resource.kind }; // kinds, of all things, in these
  if (uid !== undefined && uid !== metadata.uid) {
    const problem =
      `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). ` +
      "The object might have been deleted and then recreated";
    throw conflict(named, name, problem);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const problem = `the ResourceVersion in the precondition (${resourceVersion}) does not match ` +
      `the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(named, name, problem);
  }
}

/** The object with the marks that a deletion leaves on it, whether or not it then stays for a while. */
export function markDeleted(
  { resource: { title, builtIn, traits } }: Target,
  old: ApiObject,
  options: DeleteOptions,
  now: Date,
): ApiObject {
  const { deletionTimestamp, generation } = old.metadata;
  const finalizers = finalizersFor(options, old.metadata.finalizers ?? [], traits.has("orphans"));
  if (title === DEFINITIONS && !finalizers.includes(CLEANUP)) finalizers.push(CLEANUP);
  const metadata = { ...old.metadata, finalizers };
  if (title === "pods") Object.assign(metadata, podDeadline(old, options, now));
  else if (deletionTimestamp === undefined) {
    metadata.deletionTimestamp = formatTime(now);
    if (title !== "namespaces" && title !== DEFINITIONS) metadata.deletionGracePeriodSeconds = 0;
  }
  if (deletionTimestamp === undefined && generation !== undefined && title !== DEFINITIONS) {
    metadata.generation = generation + 1;
  }
  const status = title === "namespaces"
    ? { ...old.status as JsonObject, phase: "Terminating" }
    : title === DEFINITIONS
    ? terminating(old.status as JsonObject, formatTime(now))
    : old.status;
  return arrangeObject({ ...old, metadata, status }, builtIn);
}

/** The status of a definition whose kind is about to go. */
function terminating(status: JsonObject, lastTransitionTime: string): JsonObject {
  const conditions = (status.conditions ?? []) as JsonObject[];
  if (conditions.some(({ type }) => type === "Terminating")) return status;
  const condition = {
    type: "Terminating",
    status: "True",
    lastTransitionTime,
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  };
  return { ...status, conditions: [...conditions, condition] };
}

/** Whether an object that is being deleted has nothing left to wait for. */
export function isFinished({ metadata, kind, apiVersion, spec }: ApiObject): boolean {
  const { finalizers } = (spec ?? {}) as { finalizers?: readonly string[] };
  const waitsForNamespace = kind === "Namespace" && apiVersion === "v1" && (finalizers ?? []).length > 0;
  return metadata.deletionTimestamp !== undefined && !metadata.deletionGracePeriodSeconds &&
    (metadata.finalizers ?? []).length === 0 && !waitsForNamespace;
}

/** Finalizers for the garbage collector, which is to see to the dependents first. */
function finalizersFor(
  { propagationPolicy }: DeleteOptions,
  finalizers: readonly string[],
  orphans: boolean,
): string[] {
  const others = finalizers.filter((name) => name !== "orphan" && name !== "foregroundDeletion");
  if (propagationPolicy === undefined) {
    return orphans && others.length === finalizers.length ? [...finalizers, "orphan"] : [...finalizers];
  }
  if (propagationPolicy === "Background") return others;
  return [...others, propagationPolicy === "Orphan" ? "orphan" : "foregroundDeletion"];
}

/** Until when the kubelet is to have ended a pod. Asking again may only shorten that. */
function podDeadline(
  { metadata, spec, status }: ApiObject,
  { gracePeriodSeconds }: DeleteOptions,
  now: Date,
): { deletionTimestamp: string; deletionGracePeriodSeconds: number } {
  const { deletionTimestamp, deletionGracePeriodSeconds: current = 0 } = metadata;
  if (deletionTimestamp === undefined) {
    const grace = gracePeriod(
      spec as JsonObject | undefined,
      status as JsonObject | undefined,
      gracePeriodSeconds,
    );
    const deadline = new Date(now.getTime() + grace * 1_000);
    return { deletionTimestamp: formatTime(deadline), deletionGracePeriodSeconds: grace };
  }
  const grace = gracePeriodSeconds === undefined ? current : Math.max(gracePeriodSeconds, 0);
  if (grace >= current) return { deletionTimestamp, deletionGracePeriodSeconds: current };
  const asked = Date.parse(deletionTimestamp) - current * 1_000;
  const deadline = new Date(Math.max(asked + grace * 1_000, now.getTime()));
  return { deletionTimestamp: formatTime(deadline), deletionGracePeriodSeconds: grace };
}

/** Seconds that a pod gets for its end. One that runs nowhere, or has ended, gets none. */
function gracePeriod(spec: JsonObject = {}, status: JsonObject = {}, asked: number | undefined): number {
  if (!spec.nodeName || status.phase === "Failed" || status.phase === "Succeeded") return 0;
  const grace = asked ?? Number(spec.terminationGracePeriodSeconds ?? 30);
  return grace < 0 ? 1 : grace;
}
