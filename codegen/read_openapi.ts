import type { RestClient } from "../rest/mod.ts";
import type { DiscoveryDocument, OpenApiDocument } from "./openapi_modules.ts";

/** What types of built-in kinds are made from. */
export interface ServedDocuments {
  /** OpenAPI v3 documents, one for each group and version. */
  documents: OpenApiDocument[];
  /** Aggregated discovery of `/api` and `/apis`. */
  discovery: DiscoveryDocument[];
}

/** Options of {@linkcode readOpenApi}. */
export interface ReadOpenApiOptions {
  /** The groups to read; empty for the core group. Default all. */
  groups?: readonly string[];
  /** Ends the wait. */
  signal?: AbortSignal;
}

/** Aggregated discovery, as servers since Kubernetes 1.30 know it. */
const DISCOVERY = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

/**
 * Reads what a server says about the types of its kinds.
 *
 * @throws {StatusError} If the server refuses; {@linkcode NetworkError} if it cannot be reached.
 * @throws {TypeError} If the server is too old for aggregated discovery (1.30).
 */
export async function readOpenApi(
  rest: RestClient,
  { groups, signal }: ReadOpenApiOptions = {},
): Promise<ServedDocuments> {
  const discovery: DiscoveryDocument[] = [];
  for (const path of ["/api", "/apis"]) {
    const response = await rest.get().absolutePath(path).header("Accept", DISCOVERY).send({ signal });
    const { kind, ...document } = await response.json<DiscoveryDocument & { kind?: string }>();
    if (kind !== "APIGroupDiscoveryList") {
      throw new TypeError(
        `Cannot read what the server serves: ${path} is no aggregated discovery. It needs Kubernetes 1.30 or newer`,
      );
    }
    discovery.push({ items: document.items.filter((group) => isWanted(group.metadata?.name ?? "", groups)) });
  }

  const index = await rest.get().absolutePath("/openapi/v3").send({ signal });
  const { paths } = await index.json<{ paths: Record<string, unknown> }>();
  const documents: OpenApiDocument[] = [];
  for (const path of Object.keys(paths).sort()) {
    const [, group = ""] = /^apis\/([^/]+)\/[^/]+$/.exec(path) ?? [];
    const isGroupVersion = group !== "" || /^api\/[^/]+$/.test(path);
    if (!isGroupVersion || !isWanted(group, groups)) continue;
    const response = await rest.get().absolutePath(`/openapi/v3/${path}`).send({ signal });
    documents.push(await response.json<OpenApiDocument>());
  }
  return { documents, discovery };
}

function isWanted(group: string, groups: readonly string[] | undefined): boolean {
  return groups === undefined || groups.includes(group);
}
