import type { Client } from "../client/mod.ts";
import type { KubernetesObject, ResourceType } from "../meta/mod.ts";

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

/** Hears of an object that was written. */
export type OnWritten = (type: ResourceType, object: KubernetesObject) => void;

/** A client that tells what is written with it, and is the same otherwise. */
export function recordingClient(client: Client, onWritten: OnWritten): Client {
  return new Proxy(client, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (name === "resource") {
        return (type: ResourceType) =>
          recordingResource(target.resource(type), (object) => onWritten(type, object));
      }
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

function recordingResource(resource: object, onWritten: (object: KubernetesObject) => void): object {
  return new Proxy(resource, {
    get(target, name) {
      const value = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      if (name === "namespace") {
        return (namespace: string) => recordingResource(value.call(target, namespace), onWritten);
      }
      if (!WRITES.has(name)) return value.bind(target);
      return async (...options: unknown[]) => {
        const written = await value.apply(target, options);
        if (!isDryRun(options.at(-1))) onWritten(written);
        return written;
      };
    },
  });
}

function isDryRun(options: unknown): boolean {
  return typeof options === "object" && options !== null && "dryRun" in options &&
    options.dryRun !== undefined;
}
