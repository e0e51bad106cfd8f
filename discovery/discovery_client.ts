import { onAbort } from "../async/mod.ts";
import { isNotFound, type RestClient } from "../rest/mod.ts";
import { AGGREGATED_TYPE, isAggregated, splitAggregated } from "./aggregated.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";
import { collectApis } from "./collect_apis.ts";
import type { Discovery, DiscoveryCallOptions } from "./discovery.ts";
import { type Answer, checkTimeout, getJson, TIMEOUT } from "./get_json.ts";
import { isObject, readGroups, readResources, texts } from "./read_lists.ts";
import type { Overview, ServedApis } from "./served_apis.ts";

/** How often everything is asked for when some groups fail: most such failures pass at once (spec rest 16.4). */
const ATTEMPTS = 2;

/** Options of {@linkcode DiscoveryClient}. */
export interface DiscoveryClientOptions {
  /**
   * Which form to ask for. `aggregated` takes everything in two requests, and the old form from servers that have no
   * other (before Kubernetes 1.27, and some aggregated API servers). `legacy` asks for the old form only, one request
   * for each group and version. Default `aggregated`.
   */
  form?: "aggregated" | "legacy";
  /**
   * Leave out what only other API servers of a cluster serve, while it is being upgraded. Servers from 1.35 on can tell
   * the two apart. Default false.
   */
  noPeers?: boolean;
  /** Milliseconds that one request may take as a whole; 0 for no limit. Default 32,000, as in client-go. */
  timeout?: number;
}

/**
 * Asks a server what it serves, each time anew. Programs that ask more than once put a
 * {@linkcode MemoryDiscoveryCache} around it.
 *
 * Requests count for the rate limit of the client. Client-go raises it to a burst of 300 for discovery, since its own
 * default of 10 would make the old form take seconds; here it is 100, enough for a hundred groups and versions at once.
 *
 * @see client-go `discovery.DiscoveryClient`, spec rest 16
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DiscoveryClient } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * const discovery = new DiscoveryClient(rest);
 * const { resources } = await discovery.resources("apps/v1");
 * assert.ok(resources.some(({ name, kind }) => name === "deployments" && kind === "Deployment"));
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export class DiscoveryClient implements Discovery {
  readonly #rest: RestClient;
  readonly #accept: string;
  readonly #timeout: number;

  /**
   * Sends nothing yet.
   *
   * @throws {RangeError} If `timeout` is negative or no number.
   */
  constructor(rest: RestClient, options: DiscoveryClientOptions = {}) {
    const { form = "aggregated", noPeers = false, timeout = TIMEOUT } = options;
    if (!(timeout >= 0)) {
      throw new RangeError(`Cannot discover: timeout must be 0 ms or more, got ${timeout}`);
    }
    this.#rest = rest;
    this.#accept = acceptOf(form, noPeers);
    this.#timeout = checkTimeout(timeout);
  }

  /** The groups that are served. */
  async groups(options: DiscoveryCallOptions = {}): Promise<readonly ApiGroup[]> {
    return (await this.overview(options)).groups;
  }

  /** The resources of one group and version, which in the core group may be absent from a server. */
  async resources(groupVersion: string, { signal }: DiscoveryCallOptions = {}): Promise<ApiResourceList> {
    if (!/^[^/]+(\/[^/]+)?$/.test(groupVersion)) {
      throw new TypeError(
        `Cannot list the resources of ${JSON.stringify(groupVersion)}: expected "group/version" or "v1"`,
      );
    }
    const isCore = groupVersion === "v1";
    try {
      const path = isCore ? "/api/v1" : `/apis/${groupVersion}`;
      const { value } = await this.#get(path, "application/json", signal);
      return { groupVersion, resources: readResources(value) };
    } catch (error) {
      // API servers that are behind another one have no core group.
      if (isCore && isNotFound(error)) return { groupVersion, resources: [] };
      throw error;
    }
  }

  /** What the server's two root endpoints say: the groups, and the resources too from servers since 1.27. */
  async overview({ signal }: DiscoveryCallOptions = {}): Promise<Overview> {
    signal?.throwIfAborted();
    const both = new AbortController(); // when one fails, the other is not waited for
    const forget = onAbort(signal, (reason) => both.abort(reason));
    try {
      const [core, named] = await Promise.all([
        this.#root("/api", both.signal).catch((error) => {
          // API servers that are behind another one have no core group.
          if (isNotFound(error)) {
            return { groups: [], resources: new Map<string, ApiResourceList>(), failures: new Map() };
          }
          throw error;
        }),
        this.#root("/apis", both.signal),
      ]);
      return {
        groups: [...core.groups, ...named.groups],
        ...(core.resources && named.resources &&
          { resources: new Map([...core.resources, ...named.resources]) }),
        failures: new Map([...core.failures, ...named.failures]),
      };
    } finally {
      forget();
      both.abort(new DOMException("The other request has failed", "AbortError"));
    }
  }

  /** Everything. Asked for once more if some groups fail. */
  async all({ signal }: DiscoveryCallOptions = {}): Promise<ServedApis> {
    for (let attempt = 1;; attempt++) {
      const served = await collectApis(this, { signal });
      if (served.failures.size === 0 || attempt === ATTEMPTS) return served;
    }
  }

  async #root(path: string, signal: AbortSignal): Promise<Overview> {
    const { contentType, value } = await this.#get(path, this.#accept, signal);
    if (isAggregated(contentType)) return splitAggregated(value);
    return { groups: path === "/apis" ? readGroups(value) : [coreGroup(value)], failures: new Map() };
  }

  #get(path: string, accept: string, signal: AbortSignal | undefined): Promise<Answer> {
    return getJson(this.#rest, path, { accept, timeout: this.#timeout, signal });
  }
}

function acceptOf(form: "aggregated" | "legacy", noPeers: boolean): string {
  if (form === "legacy") return "application/json";
  const types = noPeers ? [`${AGGREGATED_TYPE};profile=nopeer`, AGGREGATED_TYPE] : [AGGREGATED_TYPE];
  return [...types, "application/json"].join(",");
}

/** The core group as `/api` tells it: by the names of its versions alone. */
function coreGroup(body: unknown): ApiGroup {
  if (!isObject(body)) throw new TypeError("Cannot discover: the answer to GET /api is no object");
  const versions = texts(body.versions).map((version) => ({ groupVersion: version, version }));
  return { name: "", versions, ...(versions.length > 0 && { preferredVersion: versions[0] }) };
}
