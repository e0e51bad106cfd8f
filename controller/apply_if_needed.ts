import type { DeepReadonly } from "../cache/mod.ts";
import { type ApplyOptions, extractApplied } from "../client/mod.ts";
import {
  type ApplyConfiguration,
  isSemanticallyEqual,
  type KubernetesObject,
  type Stored,
} from "../meta/mod.ts";

/** What {@linkcode applyIfNeeded} needs of a resource client. */
export interface Appliable<T extends KubernetesObject> {
  /** Makes these fields so, and owns them. */
  apply(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>>;
  /** The same for the status. */
  applyStatus?(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>>;
}

/** Options of {@linkcode applyIfNeeded}. */
export interface ApplyIfNeededOptions {
  /** The object as a cache has it, with its `managedFields`; `undefined` when it is not there. */
  current: DeepReadonly<Stored<KubernetesObject>> | undefined;
  /** Who is applying: the owner of the fields. */
  fieldManager: string;
  /** `"status"`: applies the status. Default: the object itself. */
  subresource?: "status";
  /** Whether to take fields from other managers that have other values for them. Default false: a conflict. */
  force?: boolean;
  /** Ends the request. */
  signal?: AbortSignal;
}

/**
 * Server-side apply for reconcilers, which mostly find everything as it should be: asks the server for nothing if
 * `current` shows that the manager owns just these fields with these values.
 *
 * It compares without a schema, and in doubt it applies, which changes nothing on a server that has it so already. It
 * does so each time for a value that the server writes in another form (`1000m` as `1`), for a part that is applied
 * empty and filled in by the server, for an object that was applied in another version, and when the cache drops
 * `managedFields`. What `current` does not show yet, a reconciler learns by the change that follows.
 *
 * @param fields All that the manager wants to own. What it has applied before and leaves out now is given up.
 * @returns What the server has stored, or `undefined` when it was not asked.
 * @throws {StatusError} `isConflict` if another manager has other values for these fields, and `force` is not set.
 * @throws {TypeError} If `current` has another name, or `resource` cannot apply a status that it should.
 * @see client-go `applyconfigurations`, `Extract…`, spec rest 22.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { applyIfNeeded } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = client.resource(ConfigMap).namespace("default");
 * const fields = { data: { currency: "EUR" } };
 * const options = { fieldManager: "example.com/shop" };
 * const current = await applyIfNeeded(settings, "shop", fields, { ...options, current: undefined });
 * assert.equal(current?.data?.currency, "EUR");
 * assert.equal(await applyIfNeeded(settings, "shop", fields, { ...options, current }), undefined);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export async function applyIfNeeded<T extends KubernetesObject>(
  resource: Appliable<T>,
  name: string,
  fields: ApplyConfiguration<T>,
  { current, fieldManager, subresource, force, signal }: ApplyIfNeededOptions,
): Promise<Stored<T> | undefined> {
  if (current !== undefined && isApplied(current, name, fields, fieldManager, subresource)) return undefined;
  const options: ApplyOptions = { fieldManager, force, signal };
  if (subresource === undefined) return await resource.apply(name, fields, options);
  if (resource.applyStatus === undefined) {
    throw new TypeError(
      `Cannot apply the status of ${JSON.stringify(name)}: the resource has no applyStatus`,
    );
  }
  return await resource.applyStatus(name, fields, options);
}

/** Whether an object shows that a manager owns these fields, with these values, and no others. */
function isApplied(
  current: DeepReadonly<Stored<KubernetesObject>>,
  name: string,
  fields: ApplyConfiguration<KubernetesObject>,
  fieldManager: string,
  subresource: string | undefined,
): boolean {
  const { apiVersion, kind, metadata } = current;
  if (metadata.name !== name) {
    throw new TypeError(`Cannot apply ${JSON.stringify(name)}: current is ${JSON.stringify(metadata.name)}`);
  }
  // Only an entry in this version can be read, and without one nothing is known of what has to be given up.
  const own = metadata.managedFields?.find((entry) =>
    entry.manager === fieldManager && entry.operation === "Apply" &&
    (entry.subresource ?? "") === (subresource ?? "")
  );
  if (own?.apiVersion !== apiVersion) return false;
  const { namespace } = metadata;
  const wanted = { apiVersion, kind, ...fields, metadata: { name, namespace, ...fields.metadata } };
  return isSemanticallyEqual(
    extractApplied(current as KubernetesObject, fieldManager, { subresource }),
    wanted,
  );
}
