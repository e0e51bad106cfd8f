import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";

/** All that a server serves, as far as it could be learnt. */
export interface ServedApis {
  /** The groups, in the server's order; the core group is the first. */
  groups: readonly ApiGroup[];
  /** The resources, in the order of groups and versions. */
  resources: readonly ApiResourceList[];
  /**
   * What could not be learnt, by group and version, such as `metrics.k8s.io/v1beta1` whose own server is down. All
   * else is usable. {@linkcode requireComplete} throws if there is any.
   */
  failures: ReadonlyMap<string, Error>;
}

/** What the two root endpoints of a server say. */
export interface Overview {
  /** The groups, in the server's order; the core group is the first. */
  groups: readonly ApiGroup[];
  /** The resources by group and version; absent when the server knows the old form of discovery only. */
  resources?: ReadonlyMap<string, ApiResourceList>;
  /** Groups and versions of which the server itself has no current information. */
  failures: ReadonlyMap<string, Error>;
}
