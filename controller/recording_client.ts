import type { Client } from "../client/mod.ts";
import type { KubernetesObject, ObjectKey, ResourceType } from "../meta/mod.ts";

/** Calls whose answer is the object as it is stored now. */
const WRITES: ReadonlySet<PropertyKey> = new Set([
  "create",
  "update",
  "updateStatus",
  "modify",
  "patch",
  "patchStatus",
  "apply",
  "applyStatus",
]);

/** Calls that end an object, by its name. */
const DELETIONS: ReadonlySet<PropertyKey> = new Set(["delete", "evict"]);

/** Hears of what is done with a client. */
export interface WriteListener {
  /** An object was written: its name, uid and version are as the server has answered. */
  written(type: ResourceType, object: KubernetesObject): void;
  /** An object was deleted, or is going to be. The uid is not known where the answer does not tell. */
  deleted(type: ResourceType, key: ObjectKey, uid: string | undefined): void;
}

/** A client that tells what is written and deleted with it, and is the same otherwise. */
export function recordingClient(client: Client, listener: WriteListener): Client {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name === "resource") {
        return (type: ResourceType) =>
          recordingResource(target.resource(type), { type, listener, namespace: "" });
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

/** Of what kind the resource is, and where. */
interface Place {
  type: ResourceType;
  namespace: string;
  listener: WriteListener;
}

function recordingResource(resource: object, place: Place): object {
  const { type, namespace, listener } = place;
  return new Proxy(resource, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name === "namespace") {
        return (namespace: string) =>
          recordingResource(value.call(target, namespace), { ...place, namespace });
      }
      // A scale has the name, the uid and the version of the object that it is of.
      if (name === "scale") return (name: string) => recordingResource(value.call(target, name), place);
      const record = recorderOf(name);
      if (record === undefined) return value.bind(target);
      return async (...options: unknown[]) => {
        const answer = await value.apply(target, options);
        if (!isDryRun(options.at(-1))) record(answer, options[0]);
        return answer;
      };
    },
  });

  function recorderOf(
    name: PropertyKey,
  ): ((answer: KubernetesObject, argument: unknown) => void) | undefined {
    if (WRITES.has(name)) return (answer) => listener.written(type, answer);
    if (DELETIONS.has(name)) {
      return (answer, object) => listener.deleted(type, { namespace, name: String(object) }, uidOf(answer));
    }
    if (name !== "deleteCollection") return undefined;
    return (answer) => { // without items it is a status, which tells nothing
      for (const { metadata } of (answer as { items?: KubernetesObject[] }).items ?? []) {
        if (metadata?.name === undefined) continue;
        const key = { namespace: metadata.namespace ?? namespace, name: metadata.name };
        listener.deleted(type, key, metadata.uid);
      }
    };
  }
}

/** Servers answer to a deletion with the object, or with a status that names it. */
function uidOf(answer: KubernetesObject & { details?: { uid?: string } }): string | undefined {
  return answer.kind === "Status" ? answer.details?.uid : answer.metadata?.uid;
}

function isDryRun(options: unknown): boolean {
  return typeof options === "object" && options !== null && "dryRun" in options &&
    options.dryRun !== undefined;
}
