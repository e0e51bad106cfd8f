/**
 * What a server serves: its groups, versions and resources, which resource serves a kind, and what its objects look
 * like. Client-go's `discovery`, `restmapper` and `openapi`.
 *
 * @example What a person means by "deploy"
 * ```ts
 * import assert from "node:assert/strict";
 * import { DiscoveryClient, MemoryDiscoveryCache, RestMapper } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * const mapper = new RestMapper(new MemoryDiscoveryCache(new DiscoveryClient(rest)));
 * const { kind, group, version } = await mapper.resource("deploy");
 * assert.deepEqual([kind, group, version], ["Deployment", "apps", "v1"]);
 * await rest[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export { AmbiguousMatchError, isAmbiguousMatch } from "./ambiguous_match_error.ts";
export type { ApiGroup, GroupVersion } from "./api_group.ts";
export type { ApiResource, ApiResourceList } from "./api_resource.ts";
export { type CacheFolderOptions, discoveryCacheFolder, httpCacheFolder } from "./cache_folders.ts";
export type { CachedDiscovery, Discovery, DiscoveryCallOptions } from "./discovery.ts";
export { DiscoveryClient, type DiscoveryClientOptions } from "./discovery_client.ts";
export { DiskDiscoveryCache, type DiskDiscoveryCacheOptions } from "./disk_discovery_cache.ts";
export { filterResources, supportsVerbs } from "./filter_resources.ts";
export { GroupDiscoveryError, isGroupDiscoveryError, requireComplete } from "./group_discovery_error.ts";
export { httpCache, type HttpCacheOptions } from "./http_cache.ts";
export { isServed } from "./is_served.ts";
export { MemoryDiscoveryCache, NotServedError } from "./memory_discovery_cache.ts";
export { isNoMatch, NoMatchError } from "./no_match_error.ts";
export {
  type KindSchema,
  OpenApiClient,
  type OpenApiClientOptions,
  OpenApiNotFoundError,
} from "./open_api_client.ts";
export type { OpenApiDocument, OpenApiSchema } from "./open_api_schema.ts";
export { preferredResources, type PreferredResourcesOptions } from "./preferred_resources.ts";
export type { KindQuery, ResourceQuery } from "./queries.ts";
export { ResourceTable } from "./resource_table.ts";
export { resolveSchema } from "./resolve_schema.ts";
export { resourceTypes } from "./resource_types.ts";
export { RestMapper, type RestMapperOptions } from "./rest_mapper.ts";
export type { Overview, ServedApis } from "./served_apis.ts";
export { schemaOfKind } from "./schema_of_kind.ts";
export { type ServerVersion, serverVersion } from "./server_version.ts";
export { StaleGroupVersionError } from "./stale_group_version_error.ts";
export { type VersionSkew, versionSkew } from "./version_skew.ts";
