/**
 * What a server can make of objects instead of handing them out whole: their metadata alone (`PartialObjectMetadata`
 * of one object, of each event of a watch, and of what a patch leaves; `PartialObjectMetadataList` of a collection),
 * or the columns that `kubectl get` prints (`Table`, also of a single object and of each event of a watch).
 *
 * @see https://kubernetes.io/docs/reference/using-api/api-concepts/#alternate-representations-of-resources
 */
export type Representation = "PartialObjectMetadata" | "PartialObjectMetadataList" | "Table";

/**
 * The `Accept` header that asks for a representation, in the media types that can be read, best first. A server that
 * cannot make it answers with the objects as they are: who reads the answer looks at its `kind`.
 *
 * @see client-go `metadata`, spec rest 19
 */
export function acceptAs(representation: Representation, mediaTypes: readonly string[]): string {
  const asked = mediaTypes.map((type) => `${type};as=${representation};g=meta.k8s.io;v=v1`);
  return [...asked, "application/json"].join(",");
}
