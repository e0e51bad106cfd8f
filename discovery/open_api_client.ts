import { singleFlight } from "../async/mod.ts";
import { apiVersionOf, type GroupVersionKind, parseApiVersion } from "../meta/mod.ts";
import { type RestClient, statusErrorOf } from "../rest/mod.ts";
import type { DiscoveryCallOptions } from "./discovery.ts";
import { checkTimeout, getJson, TIMEOUT } from "./get_json.ts";
import type { OpenApiDocument, OpenApiSchema } from "./open_api_schema.ts";
import { isObject, text } from "./read_lists.ts";
import { resolveSchema } from "./resolve_schema.ts";
import { schemaOfKind } from "./schema_of_kind.ts";

/** Options of {@linkcode OpenApiClient}. */
export interface OpenApiClientOptions {
  /** Milliseconds that one request may take as a whole; 0 for no limit. Default 32,000, as for discovery. */
  timeout?: number;
}

/** The schema of a kind, and what its references lead to. */
export interface KindSchema {
  /** Its name among the schemas of the document, such as `io.k8s.api.core.v1.Pod`. */
  name: string;
  /** The schema. */
  schema: OpenApiSchema;
  /** The document that it is of. */
  document: OpenApiDocument;
  /** Follows the reference of a schema within the document: see {@linkcode resolveSchema}. */
  resolve(schema: OpenApiSchema): OpenApiSchema;
}

/** A group and version of which the server has no OpenAPI document. */
export class OpenApiNotFoundError extends Error {
  /** Which one, as objects spell it. */
  readonly groupVersion: string;

  /** Names the group and version. */
  constructor(groupVersion: string) {
    super(`GroupVersion (${groupVersion}) not found as OpenAPI V3 path`);
    this.name = "OpenApiNotFoundError";
    this.groupVersion = groupVersion;
  }
}

/**
 * What the objects of a server look like: its OpenAPI v3 documents, one for each group and version. Each is asked for
 * when it is needed, and kept. Their URLs have a hash of the content, so that after
 * {@linkcode OpenApiClient.invalidate} only those are asked for again that have changed.
 *
 * Failures are not kept, unlike client-go's cache, in which one lasts as long as the program.
 *
 * @see client-go `openapi.Client`, spec rest 21
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { OpenApiClient } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * const Lease = { type: "object", "x-kubernetes-group-version-kind": [{ group: "coordination.k8s.io", version: "v1", kind: "Lease" }] };
 * const url = "/openapi/v3/apis/coordination.k8s.io/v1?hash=ABC";
 * const rest = new RestClient({
 *   server: "http://coxswain.test",
 *   fetch: (input) => Promise.resolve(Response.json(String(input).includes(url)
 *     ? { openapi: "3.0.0", components: { schemas: { Lease } } }
 *     : { paths: { "apis/coordination.k8s.io/v1": { serverRelativeURL: url } } })),
 * });
 * const openApi = new OpenApiClient(rest);
 * const { schema } = await openApi.schema({ group: "coordination.k8s.io", version: "v1", kind: "Lease" });
 * assert.equal(schema.type, "object");
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export class OpenApiClient {
  readonly #rest: RestClient;
  readonly #timeout: number;
  /** URLs by path; absent before the first request and after a change was noticed. */
  #paths: ReadonlyMap<string, string> | undefined;
  #readPaths: (signal?: AbortSignal) => Promise<ReadonlyMap<string, string>>;
  /** Documents by path, with the URL that they were read from. */
  readonly #documents = new Map<string, { url: string; document: OpenApiDocument }>();
  readonly #reading = new Map<string, (signal?: AbortSignal) => Promise<OpenApiDocument>>();

  /**
   * Asks nothing yet.
   *
   * @throws {RangeError} If `timeout` is negative or no number.
   */
  constructor(rest: RestClient, options: OpenApiClientOptions = {}) {
    this.#rest = rest;
    this.#timeout = checkTimeout(options.timeout ?? TIMEOUT);
    this.#readPaths = this.#pathReader();
  }

  /**
   * All documents of the server: their URLs below the server's, with a hash, by path, such as `apis/apps/v1` or
   * `version`.
   *
   * @throws {StatusError} If the server refuses.
   */
  async paths({ signal }: DiscoveryCallOptions = {}): Promise<ReadonlyMap<string, string>> {
    signal?.throwIfAborted();
    return this.#paths ?? await this.#readPaths(signal);
  }

  /** The groups and versions that have a document, as objects spell them, sorted. */
  async groupVersions(options: DiscoveryCallOptions = {}): Promise<string[]> {
    return [...(await this.paths(options)).keys()].flatMap((path) => {
      const [, core, named] = /^(?:api\/([^/]+)|apis\/([^/]+\/[^/]+))$/.exec(path) ?? [];
      return core ?? named ?? [];
    }).sort();
  }

  /**
   * The document of a group and version.
   *
   * @param groupVersion As objects spell it: `apps/v1`, `v1`.
   * @throws {OpenApiNotFoundError} If the server has none.
   * @throws {StatusError} If the server refuses.
   */
  async document(groupVersion: string, { signal }: DiscoveryCallOptions = {}): Promise<OpenApiDocument> {
    const { group } = parseApiVersion(groupVersion);
    const path = `${group === "" ? "api" : "apis"}/${groupVersion}`;
    const url = (await this.paths({ signal })).get(path);
    if (url === undefined) throw new OpenApiNotFoundError(groupVersion);
    const kept = this.#documents.get(path);
    if (kept?.url === url) return kept.document;
    let read = this.#reading.get(url);
    if (read === undefined) {
      read = singleFlight(async (signal) => {
        const document = await this.#get(url, signal);
        if (!isObject(document)) {
          throw new TypeError(`Cannot read the OpenAPI document of ${groupVersion}: it is no object`);
        }
        const kept = { url, document: document as unknown as OpenApiDocument };
        this.#documents.set(path, kept);
        return kept.document;
      });
      this.#reading.set(url, read);
    }
    try {
      return await read(signal);
    } catch (error) {
      // The hash is of a document that is no more: the server redirects to the new one.
      if (statusErrorOf(error)?.code === 301) this.#paths = undefined;
      if (this.#paths !== undefined) throw error;
      const now = (await this.paths({ signal })).get(path);
      if (now === undefined || now === url) throw error;
      return await this.document(groupVersion, { signal });
    } finally {
      this.#reading.delete(url);
    }
  }

  /**
   * The schema of a kind.
   *
   * @throws {OpenApiNotFoundError} If the server has no document of its group and version.
   * @throws {TypeError} If the document has no schema of the kind.
   * @throws {StatusError} If the server refuses.
   */
  async schema(kind: GroupVersionKind, options: DiscoveryCallOptions = {}): Promise<KindSchema> {
    const groupVersion = apiVersionOf(kind);
    const document = await this.document(groupVersion, options);
    const found = schemaOfKind(document, kind);
    if (found === undefined) {
      throw new TypeError(
        `The OpenAPI document of ${groupVersion} has no schema of the kind ${JSON.stringify(kind.kind)}`,
      );
    }
    return { ...found, document, resolve: (schema) => resolveSchema(document, schema) };
  }

  /** Looks at the hashes again at the next call. Documents that have not changed are kept. */
  invalidate(): void {
    this.#paths = undefined;
    this.#readPaths = this.#pathReader();
  }

  #pathReader(): (signal?: AbortSignal) => Promise<ReadonlyMap<string, string>> {
    const read = singleFlight(async (signal): Promise<ReadonlyMap<string, string>> => {
      const root = await this.#get("/openapi/v3", signal);
      const listed = isObject(root) && isObject(root.paths) ? root.paths : {};
      const paths = new Map<string, string>();
      for (const [path, item] of Object.entries(listed)) {
        const url = isObject(item) ? text(item.serverRelativeURL) : "";
        if (url !== "") paths.set(path, url);
      }
      if (this.#readPaths === read) this.#paths = paths;
      return paths;
    });
    return read;
  }

  async #get(url: string, signal: AbortSignal): Promise<unknown> {
    const options = { accept: "application/json", timeout: this.#timeout, signal };
    return (await getJson(this.#rest, this.#below(url), options)).value;
  }

  /** A URL below the path of the server's own, which the server may have put before it or not (spec rest 21). */
  #below(url: string): string {
    const prefix = new URL(this.#rest.config.server).pathname; // ends in a slash
    return prefix !== "/" && url.startsWith(prefix) ? `/${url.slice(prefix.length)}` : url;
  }
}
