import {
  DiscoveryClient,
  GroupDiscoveryError,
  OpenApiClient,
  type OpenApiDocument,
  resourceTypes,
} from "../discovery/mod.ts";
import { parseApiVersion, type ResourceType } from "../meta/mod.ts";
import type { RestClient } from "../rest/mod.ts";

/** What types of kinds are made from by {@linkcode openApiModules}. */
export interface ServedKinds {
  /** OpenAPI v3 documents, one for each group and version. */
  documents: OpenApiDocument[];
  /** What is served. */
  resources: ResourceType[];
}

/** Options of {@linkcode readOpenApi}. */
export interface ReadOpenApiOptions {
  /** The groups to read; empty for the core group. Default all. */
  groups?: readonly string[];
  /** Ends the wait. */
  signal?: AbortSignal;
}

/**
 * Reads what a server says of the kinds that it serves.
 *
 * @throws {GroupDiscoveryError} If a group that is wanted could not be learnt.
 * @throws {StatusError} If the server refuses; {@linkcode NetworkError} if it cannot be reached.
 */
export async function readOpenApi(
  rest: RestClient,
  { groups, signal }: ReadOpenApiOptions = {},
): Promise<ServedKinds> {
  const isWanted = (groupVersion: string): boolean =>
    groups?.includes(parseApiVersion(groupVersion).group) ?? true;
  const served = await new DiscoveryClient(rest).all({ signal });
  const failures = [...served.failures].filter(([groupVersion]) => isWanted(groupVersion));
  if (failures.length > 0) throw new GroupDiscoveryError(new Map(failures));
  const resources = served.resources.filter(({ groupVersion }) => isWanted(groupVersion)).flatMap(
    resourceTypes,
  );
  const openApi = new OpenApiClient(rest);
  const documents: OpenApiDocument[] = [];
  for (const groupVersion of await openApi.groupVersions({ signal })) {
    if (isWanted(groupVersion)) documents.push(await openApi.document(groupVersion, { signal }));
  }
  return { documents, resources };
}
