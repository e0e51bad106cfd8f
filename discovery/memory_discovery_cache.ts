import { singleFlight } from "../async/mod.ts";
import { isNetworkError, statusErrorOf } from "../rest/mod.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";
import { collectApis, fetchResources } from "./collect_apis.ts";
import type { CachedDiscovery, Discovery, DiscoveryCallOptions } from "./discovery.ts";
import type { Overview, ServedApis } from "./served_apis.ts";

/** What is remembered of one group and version. */
type Entry = { list: ApiResourceList } | { error: Error };

interface Contents {
  readonly groups: readonly ApiGroup[];
  readonly entries: Map<string, Entry>;
  readonly aggregated: boolean;
}

/**
 * Remembers what a server serves until {@linkcode MemoryDiscoveryCache.invalidate}. The first call asks for everything;
 * from then on, only groups and versions that failed for a passing reason are asked for again, when they are needed.
 * Callers at the same time share one request.
 *
 * @see client-go `memory.NewMemCacheClient`, spec rest 16.5
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { DiscoveryClient, MemoryDiscoveryCache } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const server = new ApiServer();
 * const rest = new RestClient(server.restConfig());
 * const discovery = new MemoryDiscoveryCache(new DiscoveryClient(rest));
 * await discovery.groups();
 * await discovery.resources("apps/v1");
 * assert.equal(server.requests.length, 2); // /api and /apis
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export class MemoryDiscoveryCache implements CachedDiscovery {
  readonly #discovery: Discovery | CachedDiscovery;
  #contents: Contents | undefined;
  #fill: (signal?: AbortSignal) => Promise<Contents>;
  readonly #again = new Map<string, (signal?: AbortSignal) => Promise<Entry>>();

  /** Asks nothing yet. */
  constructor(discovery: Discovery | CachedDiscovery) {
    this.#discovery = discovery;
    this.#fill = this.#filler();
  }

  /** Whether it has been filled. Then an answer may be as old as that. */
  get fresh(): boolean {
    return this.#contents !== undefined;
  }

  /** Forgets everything, and lets a cache below forget too. */
  invalidate(): void {
    this.#contents = undefined;
    this.#again.clear();
    this.#fill = this.#filler(); // what is under way was asked before: its answer is for those who wait for it alone
    if ("invalidate" in this.#discovery) this.#discovery.invalidate();
  }

  /** The groups that are served. */
  async groups({ signal }: DiscoveryCallOptions = {}): Promise<readonly ApiGroup[]> {
    return (await this.#filled(signal)).groups;
  }

  /**
   * The resources of one group and version. One that was not there when the cache was filled is not asked for.
   *
   * @throws {NotServedError} If the server did not list it.
   */
  async resources(groupVersion: string, { signal }: DiscoveryCallOptions = {}): Promise<ApiResourceList> {
    const contents = await this.#filled(signal);
    let entry = contents.entries.get(groupVersion);
    if (entry !== undefined && "error" in entry && isTransient(entry.error)) {
      entry = await this.#askAgain(contents, groupVersion, signal);
    }
    if (entry === undefined) throw new NotServedError(groupVersion);
    if ("error" in entry) throw entry.error;
    return entry.list;
  }

  /** What is remembered; the resources too if they came all at once. */
  async overview({ signal }: DiscoveryCallOptions = {}): Promise<Overview> {
    const { groups, entries, aggregated } = await this.#filled(signal);
    const resources = new Map<string, ApiResourceList>();
    const failures = new Map<string, Error>();
    if (!aggregated) return { groups, failures };
    for (const [groupVersion, entry] of entries) {
      if ("list" in entry) resources.set(groupVersion, entry.list);
      else failures.set(groupVersion, entry.error);
    }
    return { groups, resources, failures };
  }

  /** Everything that is remembered. What failed for a passing reason is asked for again. */
  all(options: DiscoveryCallOptions = {}): Promise<ServedApis> {
    return collectApis(this, options);
  }

  async #filled(signal: AbortSignal | undefined): Promise<Contents> {
    signal?.throwIfAborted();
    return this.#contents ?? await this.#fill(signal);
  }

  #filler(): (signal?: AbortSignal) => Promise<Contents> {
    const fill = singleFlight(async (signal): Promise<Contents> => {
      const { groups, resources, failures } = await this.#discovery.overview({ signal });
      const found = resources === undefined
        ? await fetchResources(this.#discovery, groups, { signal })
        : { resources, failures };
      const entries = new Map<string, Entry>();
      for (const [groupVersion, error] of found.failures) entries.set(groupVersion, { error });
      for (const [groupVersion, list] of found.resources) {
        // A version with nothing in it is of use in the aggregated form alone, where no request is needed to learn that.
        entries.set(groupVersion, resources === undefined ? entryOf(list) : { list });
      }
      const contents = { groups, entries, aggregated: resources !== undefined };
      if (this.#fill === fill) this.#contents = contents;
      return contents;
    });
    return fill;
  }

  async #askAgain(contents: Contents, groupVersion: string, signal: AbortSignal | undefined): Promise<Entry> {
    let ask = this.#again.get(groupVersion);
    if (ask === undefined) {
      ask = singleFlight(async (signal): Promise<Entry> => {
        const entry = await this.#discovery.resources(groupVersion, { signal }).then(
          entryOf,
          (error) => ({ error }),
        );
        signal.throwIfAborted();
        contents.entries.set(groupVersion, entry);
        return entry;
      });
      this.#again.set(groupVersion, ask);
    }
    return await ask(signal);
  }
}

/** A group and version that the server did not list when a cache was filled. Not a refusal: nothing was asked. */
export class NotServedError extends Error {
  /** Which one, as objects spell it. */
  readonly groupVersion: string;

  /** Names the group and version. */
  constructor(groupVersion: string) {
    super(
      `not found: the server did not list ${
        JSON.stringify(groupVersion)
      }. Invalidate the cache if it may have come since`,
    );
    this.name = "NotServedError";
    this.groupVersion = groupVersion;
  }
}

function entryOf(list: ApiResourceList): Entry {
  if (list.resources.length > 0) return { list };
  return { error: new Error(`received empty response for: ${list.groupVersion}`) };
}

/** Whether asking again may help: the connection failed, or the server for now (spec rest 16.5). */
function isTransient(error: unknown): boolean {
  const code = statusErrorOf(error)?.code ?? 0;
  return isNetworkError(error) || code >= 500 || code === 429 ||
    (error instanceof Error && (error.name === "AbortError" || error.name === "TimeoutError"));
}
