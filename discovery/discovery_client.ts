import { onAbort } from "../async/mod.ts";
import { isNotFound, NetworkError, type RestClient, type RestResponse } from "../rest/mod.ts";
import { AGGREGATED_TYPE, isAggregated, splitAggregated } from "./aggregated.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResource, ApiResourceList } from "./api_resource.ts";
import { collectApis } from "./collect_apis.ts";
import type { Discovery, DiscoveryCallOptions } from "./discovery.ts";
import type { Overview, ServedApis } from "./served_apis.ts";

/** How long one request may take, in milliseconds, as client-go allows. */
const TIMEOUT = 32_000;

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
    this.#timeout = timeout;
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
      const list = await this.#get(
        path,
        "application/json",
        signal,
        (answer) => answer.json<{ resources?: ApiResource[] | null }>(),
      );
      return { groupVersion, resources: array(list, "resources", path) };
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
    return await this.#get(path, this.#accept, signal, async (answer) => {
      const aggregated = isAggregated(answer.headers.get("content-type"));
      const body = await answer.json<Record<string, unknown>>();
      if (aggregated) return splitAggregated({ items: array(body, "items", path) });
      if (path === "/apis") return { groups: array<ApiGroup>(body, "groups", path), failures: new Map() };
      const versions = array<string>(body, "versions", path).map((version) => ({
        groupVersion: version,
        version,
      }));
      const group: ApiGroup = {
        name: "",
        versions,
        ...(versions.length > 0 && { preferredVersion: versions[0] }),
      };
      return { groups: [group], failures: new Map() };
    });
  }

  /** One request, which has a limit as a whole: discovery is what a person waits for. */
  async #get<T>(
    path: string,
    accept: string,
    signal: AbortSignal | undefined,
    read: (answer: RestResponse) => Promise<T>,
  ): Promise<T> {
    const life = new AbortController();
    const forget = onAbort(signal, (reason) => life.abort(reason));
    const { clock, server } = this.#rest.config;
    const what = `GET ${server}${path.slice(1)}`;
    const cancel = this.#timeout === 0 ? () => {} : clock.schedule(() => {
      const message =
        `${what} failed: no answer within ${this.#timeout} ms. Raise the timeout of the DiscoveryClient`;
      life.abort(new NetworkError(message, { reason: "timeout", phase: "body" }));
    }, this.#timeout);
    try {
      const request = this.#rest.get().absolutePath(path).header("Accept", accept);
      return await read(await request.send({ signal: life.signal }));
    } finally {
      cancel();
      forget();
    }
  }
}

function acceptOf(form: "aggregated" | "legacy", noPeers: boolean): string {
  if (form === "legacy") return "application/json";
  const types = noPeers ? [`${AGGREGATED_TYPE};profile=nopeer`, AGGREGATED_TYPE] : [AGGREGATED_TYPE];
  return [...types, "application/json"].join(",");
}

/** A list in an answer; one that is absent or null, as Go writes an empty one, is empty. */
function array<T>(body: unknown, field: string, path: string): T[] {
  const value = typeof body === "object" && body !== null
    ? (body as Record<string, unknown>)[field] ?? []
    : undefined;
  if (!Array.isArray(value)) {
    throw new TypeError(`Cannot discover: the answer to GET ${path} has no list "${field}"`);
  }
  return value;
}
