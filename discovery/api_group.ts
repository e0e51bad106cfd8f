/** A version of a group, in both spellings. */
export interface GroupVersion {
  /** As objects spell it in `apiVersion`: `apps/v1`, or `v1` in the core group. */
  groupVersion: string;
  /** The version alone: `v1`. */
  version: string;
}

/**
 * A group of resources, and in which versions a server serves it.
 *
 * @see https://kubernetes.io/docs/reference/using-api/#api-groups
 */
export interface ApiGroup {
  /** The name, such as `apps`; empty for the core group. */
  name: string;
  /** The versions that are served, in the server's order. */
  versions: GroupVersion[];
  /** The version that the server would have clients use; absent when it serves none. */
  preferredVersion?: GroupVersion;
}
