import type { KubernetesObject, ObjectMeta, Stored } from "../meta/mod.ts";

/** The metadata of an object of any kind, without the rest of it. */
export interface PartialObjectMetadata extends KubernetesObject {
  /** Always `meta.k8s.io/v1`. */
  apiVersion?: "meta.k8s.io/v1";
  /** Always `PartialObjectMetadata`: what kind the object is, knows who asked. */
  kind?: "PartialObjectMetadata";
  /** The metadata. */
  metadata?: ObjectMeta;
}

/**
 * Reduces an answer to its metadata. Servers that cannot do so, as some behind the aggregation layer, send the whole
 * object; then this does it here.
 *
 * @throws {SyntaxError} If it is no object with metadata.
 * @see client-go `metadata`, spec rest 19. That clears kind and version of what was not reduced by the server; here
 * they say what it now is, as if it had been.
 */
export function toPartialMetadata(object: KubernetesObject): Stored<PartialObjectMetadata> {
  const { apiVersion, kind, metadata } = object;
  if (!kind || !apiVersion) {
    throw new SyntaxError("Cannot read metadata: the answer does not say its kind and apiVersion");
  }
  const { uid, creationTimestamp, name, generateName } = metadata ?? {};
  if (!uid && !creationTimestamp && !name && !generateName) {
    throw new SyntaxError(`Cannot read metadata: the ${kind} does not appear to match the ObjectMeta schema`);
  }
  return toPartial(object);
}

/** The same without looking: items of lists and watch events are what their list or watch is (spec rest 19). */
export function toPartial({ metadata }: KubernetesObject): Stored<PartialObjectMetadata> {
  const partial: PartialObjectMetadata = {
    apiVersion: "meta.k8s.io/v1",
    kind: "PartialObjectMetadata",
    metadata,
  };
  return partial as Stored<PartialObjectMetadata>;
}
