import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";
import type { Overview, ServedApis } from "./served_apis.ts";

/** Options of each call that may ask the server. */
export interface DiscoveryCallOptions {
  /** Ends the call and its requests. */
  signal?: AbortSignal;
}

/**
 * What a server serves: groups, versions, resources. {@linkcode DiscoveryClient} asks the server each time;
 * {@linkcode MemoryDiscoveryCache} and {@linkcode DiskDiscoveryCache} remember.
 *
 * @see client-go `discovery.DiscoveryInterface`, spec rest 16
 */
export interface Discovery {
  /**
   * The groups that are served.
   *
   * @throws {StatusError} If the server refuses.
   */
  groups(options?: DiscoveryCallOptions): Promise<readonly ApiGroup[]>;
  /**
   * The resources of one group and version.
   *
   * @param groupVersion As objects spell it: `apps/v1`, `v1`.
   * @throws {StatusError} {@linkcode isNotFound} if it is not served.
   */
  resources(groupVersion: string, options?: DiscoveryCallOptions): Promise<ApiResourceList>;
  /** The groups, and the resources too where the server tells them at once. */
  overview(options?: DiscoveryCallOptions): Promise<Overview>;
  /**
   * Everything. What some groups fail to tell is among the `failures`; the rest is there.
   *
   * @throws {StatusError} If the server refuses to list the groups.
   */
  all(options?: DiscoveryCallOptions): Promise<ServedApis>;
}

/** A {@linkcode Discovery} that remembers answers. */
export interface CachedDiscovery extends Discovery {
  /**
   * Whether asking again is pointless when something is not found: nothing was answered with what had been read from
   * the server before this cache was made, or emptied. Client-go's `Fresh`.
   */
  readonly fresh: boolean;
  /** Forgets everything: the next call asks the server. */
  invalidate(): void;
}
