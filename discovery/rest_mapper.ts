import { singleFlight } from "../async/mod.ts";
import { apiVersionOf, type ResourceType } from "../meta/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import { AmbiguousMatchError } from "./ambiguous_match_error.ts";
import type { CachedDiscovery, DiscoveryCallOptions } from "./discovery.ts";
import { NoMatchError } from "./no_match_error.ts";
import { mostLikely, parseResource } from "./parse_resource.ts";
import type { KindQuery, ResourceQuery } from "./queries.ts";
import { ResourceTable } from "./resource_table.ts";

interface Built {
  readonly table: ResourceTable;
  /** Whether some of it may have been read before it was asked for. */
  readonly old: boolean;
}

interface Found {
  readonly found: ResourceType[];
  /** Where it was looked for. */
  readonly table: ResourceTable;
}

/** Options of {@linkcode RestMapper}. */
export interface RestMapperOptions {
  /** Told once of each short name that could mean another resource too, and of groups that fail. Default: nothing. */
  logger?: Logger;
}

/**
 * Finds the resource that serves a kind, and the one that a person means by `deploy`, as descriptors for
 * `client.resource(…)`. Discovery is asked when something is looked up for the first time, and once more when
 * something is not found, so that a kind whose CustomResourceDefinition came a second ago is found. Callers at the same
 * time share one discovery.
 *
 * Each look-up of what does not exist costs a discovery, two requests. Client-go's mapper with a memory cache never
 * looks again; there, a program has to reset it.
 *
 * @see client-go `restmapper.DeferredDiscoveryRESTMapper`, spec rest 17
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Client } from "@coxswain/kube/client";
 * import { DiscoveryClient, MemoryDiscoveryCache, RestMapper } from "@coxswain/kube/discovery";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const client = new Client(new ApiServer().restConfig());
 * const mapper = new RestMapper(new MemoryDiscoveryCache(new DiscoveryClient(client.rest)));
 * const deployments = await mapper.resource("deploy");
 * assert.equal(deployments.kind, "Deployment");
 * const pods = await mapper.kind({ apiVersion: "v1", kind: "Pod" });
 * assert.deepEqual((await client.resource(pods).list()).items, []);
 * await client[Symbol.asyncDispose]();
 * ```
 */
export class RestMapper {
  readonly #discovery: CachedDiscovery;
  readonly #logger: Logger;
  readonly #warned = new Set<string>();
  #table: ResourceTable | undefined;
  /** Asks discovery; replaced with each reset, so that what was asked before is for those alone who wait for it. */
  #build: (signal?: AbortSignal) => Promise<Built>;

  /** Asks nothing yet. */
  constructor(discovery: CachedDiscovery, options: RestMapperOptions = {}) {
    const { logger = noLogger } = options;
    this.#discovery = discovery;
    this.#logger = logger;
    this.#build = this.#builder();
  }

  /**
   * The resource that a name means: plural, singular or short name, perhaps with a group and version. As text, it is
   * read as kubectl reads it: `deploy`, `deployments.apps`, `deployments.v1.apps`, or a kind.
   *
   * @throws {NoMatchError} If the server has none.
   * @throws {TypeError} If the name is empty, or begins with a dot or a slash.
   * @throws {StatusError} If discovery is refused.
   */
  async resource(query: string | ResourceQuery, options: DiscoveryCallOptions = {}): Promise<ResourceType> {
    const { found, table } = await this.#findResources(query, options);
    if (found.length > 0) return found[0];
    throw new NoMatchError(typeof query === "string" ? mostLikely(query) : query, table);
  }

  /** All resources that a name can mean, the best first; none if the server has none. */
  async resources(
    query: string | ResourceQuery,
    options: DiscoveryCallOptions = {},
  ): Promise<ResourceType[]> {
    return (await this.#findResources(query, options)).found;
  }

  /**
   * The resource whose objects have a kind: `mapper.kind(object)` for an object with `apiVersion` and `kind`.
   *
   * @throws {NoMatchError} If the server has none.
   * @throws {AmbiguousMatchError} If several of the same version do.
   * @throws {TypeError} If the kind is empty, or the `apiVersion` cannot be read.
   * @throws {StatusError} If discovery is refused.
   */
  async kind(query: KindQuery, options: DiscoveryCallOptions = {}): Promise<ResourceType> {
    checkName(query.kind, "kind");
    const { found: [first, ...others], table } = await this.#find((table) => table.kinds(query), options);
    if (first === undefined) throw new NoMatchError(query, table);
    const rivals = others.filter((other) => apiVersionOf(other) === apiVersionOf(first));
    if (rivals.length > 0) throw new AmbiguousMatchError(query, [first, ...rivals]);
    return first;
  }

  /** All resources whose objects have a kind, the best first; none if the server has none. */
  async kinds(query: KindQuery, options: DiscoveryCallOptions = {}): Promise<ResourceType[]> {
    return (await this.#find((table) => table.kinds(query), options)).found;
  }

  /** The resources of a category such as `all`, in the order of discovery; none if no resource is in it. */
  async category(category: string, options: DiscoveryCallOptions = {}): Promise<ResourceType[]> {
    return (await this.#find((table) => table.category(category), options)).found;
  }

  /** Forgets what was learnt, the discovery cache's too. */
  reset(): void {
    this.#table = undefined;
    this.#discovery.invalidate();
    this.#build = this.#builder();
  }

  async #findResources(query: string | ResourceQuery, options: DiscoveryCallOptions): Promise<Found> {
    checkName(typeof query === "string" ? query : query.resource, "resource");
    return await this.#find((table) => {
      if (typeof query !== "string") return table.resources(query, this.#warnerOf(query.resource));
      for (const reading of parseResource(query)) {
        const found = "kind" in reading
          ? table.kinds(reading)
          : table.resources(reading, this.#warnerOf(reading.resource));
        if (found.length > 0) return found;
      }
      return [];
    }, options);
  }

  /** Looks in the table, and in a new one if that is not quite new and has nothing. */
  async #find(
    find: (table: ResourceTable) => ResourceType[],
    { signal }: DiscoveryCallOptions,
  ): Promise<Found> {
    signal?.throwIfAborted();
    const { table, old } = this.#table === undefined
      ? await this.#build(signal)
      : { table: this.#table, old: true };
    const found = find(table);
    if (found.length > 0 || !old) return { found, table };
    if (this.#table === table) this.reset(); // else another caller has done so meanwhile
    const next = this.#table ?? (await this.#build(signal)).table;
    return { found: find(next), table: next };
  }

  #builder(): (signal?: AbortSignal) => Promise<Built> {
    const build = singleFlight(async (signal): Promise<Built> => {
      // What a cache had before it was asked may be of any age.
      const had = this.#discovery.fresh;
      const served = await this.#discovery.all({ signal });
      for (const [groupVersion, error] of served.failures) {
        this.#logger.debug(`Discovery of ${groupVersion} failed`, { error });
      }
      const table = new ResourceTable(served);
      if (this.#build === build) this.#table = table;
      return { table, old: had || !this.#discovery.fresh };
    });
    return build;
  }

  /** Says once that a short name means one resource rather than another (spec rest 17.4). */
  #warnerOf(name: string): (other: ResourceType) => void {
    return ({ plural, group }) => {
      const title = group === "" ? plural : `${plural}.${group}`;
      const warning = `short name ${JSON.stringify(name)} could also match lower priority resource ${title}`;
      if (this.#warned.has(warning)) return;
      this.#warned.add(warning);
      this.#logger.warn(warning);
    };
  }
}

function checkName(name: string, what: string): void {
  if (!/^[^./]/.test(name)) {
    throw new TypeError(`Cannot look up ${JSON.stringify(name)}: it is no name of a ${what}`);
  }
}
