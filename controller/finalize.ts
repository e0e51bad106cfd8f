import type { JsonPatchOperation } from "../client/mod.ts";
import { hasFinalizer, type KubernetesObject, type Stored } from "../meta/mod.ts";
import type { DeepReadonly } from "../cache/mod.ts";

/** What {@linkcode finalize} needs of a resource client. */
export interface Finalizable<T extends KubernetesObject> {
  /** Changes the object. */
  patch(
    name: string,
    patch: { json: JsonPatchOperation[] },
    options?: { signal?: AbortSignal },
  ): Promise<Stored<T>>;
}

/** Options of {@linkcode finalize}. */
export interface FinalizeOptions<R> {
  /** The finalizer, such as `example.com/cleanup`. */
  finalizer: string;
  /** Called while the object is there and has the finalizer: what a reconciler does otherwise. */
  apply: () => R | Promise<R>;
  /** Called when the object is being deleted, before it can go: undoes what `apply` has done elsewhere. It may be called again. */
  cleanUp: () => void | Promise<void>;
  /** Ends the requests. */
  signal?: AbortSignal;
}

/**
 * Lets a reconciler clean up outside of the cluster before its object is gone.
 *
 * An object without the finalizer gets it, and nothing else happens: the change of the object calls the reconciler
 * again. So `apply` never does what `cleanUp` would not undo. The patches are refused when somebody has changed the
 * finalizers meanwhile; the reconciler fails then, and tries again.
 *
 * @returns What `apply` returned, or `undefined` when it was not called.
 * @throws What the functions and the server throw.
 * @see kube-rs `finalizer`, spec informers 24.7
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { finalize } from "@coxswain/kube/controller";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { ConfigMap } from "@coxswain/kube/types/core/v1";
 * const client = new Client(new ApiServer().restConfig());
 * const settings = client.resource(ConfigMap).namespace("default");
 * await settings.create({ metadata: { name: "shop" } });
 * const done: string[] = [];
 * const reconcile = async () =>
 *   finalize(settings, await settings.get("shop"), {
 *     finalizer: "example.com/cleanup",
 *     apply: () => void done.push("applied"),
 *     cleanUp: () => void done.push("cleaned up"),
 *   });
 * await reconcile(); // adds the finalizer
 * await reconcile();
 * await settings.delete("shop");
 * await reconcile();
 * assert.deepEqual(done, ["applied", "cleaned up"]);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export async function finalize<T extends KubernetesObject, R = void>(
  resource: Finalizable<T>,
  object: DeepReadonly<Stored<KubernetesObject>>,
  { finalizer, apply, cleanUp, signal }: FinalizeOptions<R>,
): Promise<R | undefined> {
  const { name, finalizers = [], deletionTimestamp } = object.metadata;
  const isDeleting = deletionTimestamp !== undefined && deletionTimestamp !== null;
  const path = "/metadata/finalizers";
  if (!hasFinalizer(object, finalizer)) {
    if (isDeleting) return undefined;
    // `test` on what is absent: null is what servers take it for.
    const value = [...finalizers, finalizer];
    const json: JsonPatchOperation[] = finalizers.length === 0
      ? [{ op: "test", path, value: null }, { op: "add", path, value }]
      : [{ op: "test", path, value: [...finalizers] }, { op: "replace", path, value }];
    await resource.patch(name, { json }, { signal });
    return undefined;
  }
  if (!isDeleting) return await apply();
  await cleanUp();
  const place = `${path}/${finalizers.indexOf(finalizer)}`;
  const json: JsonPatchOperation[] = [{ op: "test", path: place, value: finalizer }, {
    op: "remove",
    path: place,
  }];
  await resource.patch(name, { json }, { signal });
  return undefined;
}
