/** A namespace and a name: what identifies an object among those of its kind. */
export interface ObjectKey {
  /** The namespace; empty for cluster-scoped kinds. */
  namespace: string;
  /** The name. */
  name: string;
}

/**
 * The key of an object as client-go's caches and queues spell it: `namespace/name`, or only the
 * name of a cluster-scoped object.
 *
 * @see client-go `MetaNamespaceKeyFunc`, spec informers 2
 */
export function formatKey({ namespace, name }: { namespace?: string; name: string }): string {
  return namespace ? `${namespace}/${name}` : name;
}

/**
 * Takes a key apart: the inverse of {@linkcode formatKey}.
 *
 * @throws {TypeError} If the key has more than one slash.
 * @see client-go `SplitMetaNamespaceKey`
 */
export function parseKey(key: string): ObjectKey {
  const parts = key.split("/");
  if (parts.length > 2) {
    throw new TypeError(`unexpected key format: ${JSON.stringify(key)}. Expected "namespace/name" or "name"`);
  }
  return parts.length === 1 ? { namespace: "", name: parts[0] } : { namespace: parts[0], name: parts[1] };
}
