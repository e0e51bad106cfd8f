import { type Clock, systemClock } from "../async/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import type { ApiGroup } from "./api_group.ts";
import type { ApiResourceList } from "./api_resource.ts";
import { readCacheFile, writeCacheFile } from "./cache_files.ts";
import { collectApis } from "./collect_apis.ts";
import type { CachedDiscovery, Discovery, DiscoveryCallOptions } from "./discovery.ts";
import { MemoryDiscoveryCache } from "./memory_discovery_cache.ts";
import { isObject, readGroups, readResources } from "./read_lists.ts";
import type { Overview, ServedApis } from "./served_apis.ts";

/** How long a file is believed, in milliseconds: six hours, as kubectl does. */
const AGE = 6 * 60 * 60 * 1000;

const GROUPS_FILE = "servergroups.json";

/** Options of {@linkcode DiskDiscoveryCache}. */
export interface DiskDiscoveryCacheOptions {
  /** The folder of this server's files, as {@linkcode discoveryCacheFolder} names it. One for each server. */
  folder: string;
  /** Milliseconds for which a file is believed. Default six hours, as in kubectl. */
  maxAge?: number;
  /** What tells the age of files. Default the runtime's clock. */
  clock?: Pick<Clock, "date">;
  /** Told of files that cannot be read or written, which is no failure. Default: nothing. */
  logger?: Logger;
}

/**
 * Remembers what a server serves in files, for the next run of a program that lives for seconds. The files are those of
 * kubectl: the two can share a folder. Deno needs `--allow-read` and `--allow-write` for it; without, and where there
 * are no files at all, the server is asked.
 *
 * What it asks the server for, it remembers in memory as well. A file that is too old, cannot be read or is damaged is
 * written anew. Files are replaced at once, with mode 0660 in folders of mode 0750.
 *
 * @see client-go `disk.NewCachedDiscoveryClientForConfig`, spec rest 16.6
 * @example
 * ```ts
 * import { DiscoveryClient, discoveryCacheFolder, DiskDiscoveryCache, RestMapper } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * async function mapperOf(rest: RestClient): Promise<RestMapper> {
 *   const folder = await discoveryCacheFolder(rest.config.server); // ~/.kube/cache/discovery/10.0.0.1_6443
 *   return new RestMapper(new DiskDiscoveryCache(new DiscoveryClient(rest), { folder }));
 * }
 * console.log(mapperOf.name);
 * ```
 */
export class DiskDiscoveryCache implements CachedDiscovery {
  readonly #discovery: CachedDiscovery;
  readonly #folder: string;
  readonly #maxAge: number;
  readonly #clock: Pick<Clock, "date">;
  readonly #logger: Logger;
  #own = new Set<string>();
  #onlyOwn = false;
  #fresh = true;

  /**
   * Reads nothing yet.
   *
   * @throws {RangeError} If `maxAge` is negative or no number.
   */
  constructor(discovery: Discovery | CachedDiscovery, options: DiskDiscoveryCacheOptions) {
    const { folder, maxAge = AGE, clock = systemClock, logger = noLogger } = options;
    if (!(maxAge >= 0)) {
      throw new RangeError(`Cannot cache discovery: maxAge must be 0 ms or more, got ${maxAge}`);
    }
    this.#discovery = "invalidate" in discovery ? discovery : new MemoryDiscoveryCache(discovery);
    this.#folder = folder;
    this.#maxAge = maxAge;
    this.#clock = clock;
    this.#logger = logger;
  }

  /** Whether nothing has come from a file that another process, or an earlier run, has written. */
  get fresh(): boolean {
    return this.#fresh;
  }

  /** Believes no file any more that is there now, and lets the memory forget too. Deletes nothing. */
  invalidate(): void {
    this.#own = new Set();
    this.#onlyOwn = true;
    this.#fresh = true;
    this.#discovery.invalidate();
  }

  /** The groups that are served. */
  async groups(options: DiscoveryCallOptions = {}): Promise<readonly ApiGroup[]> {
    return (await this.overview(options)).groups;
  }

  /** The resources of one group and version. */
  async resources(groupVersion: string, options: DiscoveryCallOptions = {}): Promise<ApiResourceList> {
    const file = fileOf(groupVersion);
    const kept = file && await this.#read(file, "APIResourceList", readResources);
    options.signal?.throwIfAborted();
    if (kept) return { groupVersion, resources: kept };
    const list = await this.#discovery.resources(groupVersion, options);
    await this.#writeResources(list);
    return list;
  }

  /** The groups; the resources too if the server was asked and told them at once. */
  async overview(options: DiscoveryCallOptions = {}): Promise<Overview> {
    const kept = await this.#read(GROUPS_FILE, "APIGroupList", readGroups);
    options.signal?.throwIfAborted();
    if (kept) return { groups: kept, failures: new Map() };
    const overview = await this.#discovery.overview(options);
    if (overview.groups.length > 0) {
      await this.#write(GROUPS_FILE, { kind: "APIGroupList", apiVersion: "v1", groups: overview.groups });
    }
    await Promise.all([...overview.resources?.values() ?? []].map((list) => this.#writeResources(list)));
    return overview;
  }

  /** Everything: from the files if they have it, else from the server. */
  all(options: DiscoveryCallOptions = {}): Promise<ServedApis> {
    return collectApis(this, options);
  }

  async #writeResources({ groupVersion, resources }: ApiResourceList): Promise<void> {
    const file = fileOf(groupVersion);
    if (file === undefined || resources.length === 0) return; // what is empty may be so for a moment only
    await this.#write(file, { kind: "APIResourceList", apiVersion: "v1", groupVersion, resources });
  }

  /** What a file says, unless it is not to be believed. */
  async #read<T>(name: string, kind: string, read: (value: unknown) => T[]): Promise<T[] | undefined> {
    const isOwn = this.#own.has(name);
    if (this.#onlyOwn && !isOwn) return undefined;
    try {
      const { bytes, written } = await readCacheFile(`${this.#folder}/${name}`);
      if (this.#clock.date().getTime() > written + this.#maxAge) return undefined;
      const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
      if (!isObject(value) || value.kind !== kind) throw new TypeError(`it holds no ${kind}`);
      const list = read(value);
      if (list.length === 0) return undefined;
      if (!isOwn) this.#fresh = false;
      return list;
    } catch (error) {
      this.#logger.debug("A file of the discovery cache cannot be used", { file: name, error });
      return undefined;
    }
  }

  async #write(name: string, value: unknown): Promise<void> {
    try {
      await writeCacheFile(`${this.#folder}/${name}`, `${JSON.stringify(value)}\n`);
      this.#own.add(name);
    } catch (error) {
      this.#logger.debug("A file of the discovery cache cannot be written", { file: name, error });
    }
  }
}

/** The file of a group and version; none for a name that would lead elsewhere. */
function fileOf(groupVersion: string): string | undefined {
  const parts = groupVersion.split("/");
  const isName = parts.length <= 2 && parts.every((part) => /^[A-Za-z0-9][A-Za-z0-9.-]*$/.test(part));
  return isName ? `${groupVersion}/serverresources.json` : undefined;
}
