import { type ApiObject, arrangeObject } from "./api_object.ts";
import { converted } from "./conversion.ts";
import type { ServedResource } from "./served_resource.ts";

const encoder = new TextEncoder();

/** So many new keys are put in their places one by one; from there on, sorting all of them is faster. */
const FEW = 200;

/** What one write made of one object. Revisions of an object form a chain back in time. */
export class Revision {
  readonly resourceVersion: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** `namespace/name`, or only the name. */
  readonly key: string;
  /** What was there before; cut off when history is forgotten. */
  previous: Revision | undefined;
  #object: ApiObject;
  #json?: Uint8Array;

  constructor(
    type: "ADDED" | "MODIFIED" | "DELETED",
    key: string,
    object: ApiObject,
    previous: Revision | undefined,
  ) {
    this.resourceVersion = Number(object.metadata.resourceVersion);
    this.type = type;
    this.key = key;
    this.#object = object;
    this.previous = previous;
  }

  /** The object as written; for `DELETED` its last state, with the version of the deletion. */
  get object(): ApiObject {
    return this.#object;
  }

  /** Shows the object otherwise from now on, as its type has changed. */
  reshape(change: (object: ApiObject) => ApiObject): void {
    this.#object = change(this.#object);
    this.#json = undefined;
  }

  /**
   * The object as JSON, in the version that is asked for. Encoded once; shared by all lists and watches, so it must not be
   * written to.
   */
  json(apiVersion: string): Uint8Array {
    if (apiVersion !== this.object.apiVersion) return encodeJson(converted(this.object, apiVersion));
    return this.#json ??= encodeJson(this.object);
  }
}

/** A value as UTF-8 JSON. */
export function encodeJson(value: unknown): Uint8Array {
  return encoder.encode(JSON.stringify(value));
}

/** All objects of one resource, in all versions that are remembered. */
export class Collection {
  readonly resource: ServedResource;
  /** Changes up to this version are forgotten: watches from before it, and lists at versions before it, fail. */
  compacted: number;
  /** What has been written after this version is not in the cache yet: watches and reads from it do not see it. */
  visible = Infinity;
  /** The cache begins here: watches from before it fail. */
  cachedSince = 0;
  readonly #historySize: number;
  readonly #heads = new Map<string, Revision>();
  #keys: string[] = []; // in order; some may be gone
  #added: string[] = []; // not in #keys yet
  #log: Revision[] = []; // in order of versions; its first #forgotten entries are free
  #forgotten = 0;
  #dropped = 0; // how many entries have left #log for good
  readonly #listeners = new Set<() => void>();

  constructor(resource: ServedResource, historySize: number, compacted: number) {
    this.resource = resource;
    this.#historySize = historySize;
    this.compacted = compacted;
  }

  /** The latest state of an object, unless it does not exist. */
  get(key: string): ApiObject | undefined {
    const head = this.#heads.get(key);
    return head === undefined || head.type === "DELETED" ? undefined : head.object;
  }

  /** The state of an object as the cache has it, unless it does not exist there. */
  cached(key: string): ApiObject | undefined {
    let revision = this.#heads.get(key);
    while (revision !== undefined && revision.resourceVersion > this.visible) revision = revision.previous;
    return revision === undefined || revision.type === "DELETED" ? undefined : revision.object;
  }

  /** The object's newest revision, of whatever type. */
  head(key: string): Revision | undefined {
    return this.#heads.get(key);
  }

  /**
   * The objects whose keys start with `prefix`, at a version that is not forgotten, in order of keys.
   *
   * @param from The first key that counts.
   */
  *at(version: number, prefix: string, from: string = prefix): Generator<Revision> {
    const keys = this.#tidy();
    for (let index = firstNotBefore(keys, from); index < keys.length; index++) {
      if (!keys[index].startsWith(prefix)) return;
      let revision = this.#heads.get(keys[index]);
      while (revision !== undefined && revision.resourceVersion > version) revision = revision.previous;
      if (revision !== undefined && revision.type !== "DELETED") yield revision;
    }
  }

  /** Shows the objects that there are otherwise from now on, as their type has changed. */
  reshape(change: (object: ApiObject) => ApiObject): void {
    for (const revision of this.#heads.values()) revision.reshape(change);
  }

  /** Adds a revision to the log and tells those who listen. */
  append(revision: Revision): void {
    const { key } = revision;
    if (!this.#heads.has(key)) this.#added.push(key);
    this.#heads.set(key, revision);
    this.#log.push(revision);
    if (this.#log.length - this.#forgotten > this.#historySize) this.#forgetOldest();
    for (const listener of this.#listeners) listener();
  }

  /** Forgets all changes up to `version`. */
  compact(version: number): void {
    while (this.#forgotten < this.#log.length && this.#log[this.#forgotten].resourceVersion <= version) {
      this.#forgetOldest();
    }
    this.compacted = Math.max(this.compacted, version);
  }

  /** The position in the log just after `version`; it stays valid while the log moves on. */
  positionAfter(version: number): number {
    let [low, high] = [this.#forgotten, this.#log.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#log[middle].resourceVersion <= version) low = middle + 1;
      else high = middle;
    }
    return this.#dropped + low;
  }

  /** The revision at a position: `"forgotten"` if it is too late for it, undefined if it has not come yet. */
  revisionAt(position: number): Revision | "forgotten" | undefined {
    const index = position - this.#dropped;
    return index < this.#forgotten ? "forgotten" : this.#log[index];
  }

  /** Says how much of what is written the cache has. */
  show(visible: number): void {
    if (visible === this.visible) return;
    this.visible = visible;
    for (const listener of this.#listeners) listener();
  }

  /** Calls `listener` after each change. @returns A function that ends it. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #forgetOldest(): void {
    const revision = this.#log[this.#forgotten++];
    revision.previous = undefined;
    this.compacted = revision.resourceVersion;
    if (revision.type === "DELETED" && this.#heads.get(revision.key) === revision) {
      this.#heads.delete(revision.key);
    }
    if (this.#forgotten > 1_000 && this.#forgotten > this.#log.length / 2) {
      this.#log = this.#log.slice(this.#forgotten);
      this.#dropped += this.#forgotten;
      this.#forgotten = 0;
    }
  }

  /** Brings the keys up to date: in one go if many have come or gone, else one by one. */
  #tidy(): readonly string[] {
    const gone = this.#keys.length + this.#added.length - this.#heads.size;
    if (this.#added.length > FEW || gone > FEW + this.#heads.size) {
      this.#keys = [...this.#heads.keys()].sort();
    } else {
      for (const key of this.#added) {
        const index = firstNotBefore(this.#keys, key);
        if (this.#keys[index] !== key) this.#keys.splice(index, 0, key); // else it was gone, and is back
      }
    }
    this.#added = [];
    return this.#keys;
  }
}

/** A cache that does not follow what is written. */
export interface Lag {
  readonly covers: (resource: ServedResource) => boolean;
  /** The newest version that it has. */
  readonly visible: number;
}

/** All collections, under one counter of versions: what etcd is to a real server. */
export class Store {
  readonly #historySize: number;
  readonly #collections = new Map<string, Collection>(); // by storageKey
  readonly #listeners: ((revision: Revision, resource: ServedResource) => void)[] = [];
  readonly #lags = new Set<Lag>();
  #resourceVersion = 0;
  #compacted = 0;
  #cachedSince = 0;

  /** @param historySize How many changes of each resource are remembered. */
  constructor(historySize: number) {
    this.#historySize = historySize;
  }

  /** The version of the newest write, to whatever resource. */
  get resourceVersion(): number {
    return this.#resourceVersion;
  }

  /** The objects of a resource. */
  collection(resource: ServedResource): Collection {
    let collection = this.#collections.get(resource.storageKey);
    if (collection === undefined) {
      collection = new Collection(resource, this.#historySize, this.#compacted);
      collection.cachedSince = this.#cachedSince;
      collection.visible = this.#visible(resource);
      this.#collections.set(resource.storageKey, collection);
    }
    return collection;
  }

  /**
   * Writes an object, or with `DELETED` removes it, under the next version.
   *
   * @param object What is stored from now on; the store takes it over.
   */
  write(type: "ADDED" | "MODIFIED" | "DELETED", resource: ServedResource, object: ApiObject): ApiObject {
    const resourceVersion = String(++this.#resourceVersion);
    const { namespace, name } = object.metadata;
    const key = keyOf(namespace, name);
    const stored = arrangeObject(
      { ...object, metadata: { ...object.metadata, resourceVersion } },
      resource.builtIn,
    );
    this.#append(new Revision(type, key, stored, this.collection(resource).head(key)), resource);
    return stored;
  }

  #append(revision: Revision, resource: ServedResource): void {
    this.collection(resource).append(revision);
    for (const listener of this.#listeners) listener(revision, resource);
  }

  /** Calls `listener` after each write, for as long as the store lives. */
  onWrite(listener: (revision: Revision, resource: ServedResource) => void): void {
    this.#listeners.push(listener);
  }

  /** Forgets all history, of all resources. */
  compact(): void {
    this.#compacted = this.#resourceVersion;
    for (const collection of this.#collections.values()) collection.compact(this.#compacted);
  }

  /** All objects. */
  objects(): ApiObject[] {
    return [...this.#collections.values()].flatMap((collection) =>
      Array.from(collection.at(this.#resourceVersion, ""), ({ object }) => object)
    );
  }

  /** Puts an object there under the version that it has. Those of one resource come in the order of their versions. */
  restore(resource: ServedResource, object: ApiObject): void {
    const { metadata: { namespace, name, resourceVersion } } = object;
    this.#resourceVersion = Math.max(this.#resourceVersion, Number(resourceVersion));
    this.#append(new Revision("ADDED", keyOf(namespace, name), object, undefined), resource);
  }

  /** Goes on from a version; what was before is forgotten. */
  begin(version: number): void {
    this.#resourceVersion = version;
    this.#cachedSince = version;
    for (const collection of this.#collections.values()) collection.cachedSince = version;
    this.compact();
  }

  /** Answers as after a compaction, but what open watches have not sent yet still is. */
  expire(): void {
    this.#compacted = this.#resourceVersion;
    for (const collection of this.#collections.values()) collection.compacted = this.#compacted;
  }

  /** From now on the cache of some resources stays as it is. */
  lag(covers: (resource: ServedResource) => boolean): Lag {
    const lag = { covers, visible: this.#resourceVersion };
    this.#lags.add(lag);
    this.#show();
    return lag;
  }

  /** Ends a lag, or all of them. */
  catchUp(lag?: Lag): void {
    if (lag === undefined) this.#lags.clear();
    else this.#lags.delete(lag);
    this.#show();
  }

  /** The cache begins anew, with the objects that there are. */
  dropCache(): void {
    this.#lags.clear();
    this.#cachedSince = this.#resourceVersion;
    for (const collection of this.#collections.values()) collection.cachedSince = this.#cachedSince;
    this.#show();
  }

  #show(): void {
    for (const collection of this.#collections.values()) collection.show(this.#visible(collection.resource));
  }

  #visible(resource: ServedResource): number {
    let visible = Infinity;
    for (const lag of this.#lags) if (lag.covers(resource)) visible = Math.min(visible, lag.visible);
    return visible;
  }
}

/** Where an object stands among those of its kind. */
export function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

function firstNotBefore(keys: readonly string[], key: string): number {
  let [low, high] = [0, keys.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keys[middle] < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
