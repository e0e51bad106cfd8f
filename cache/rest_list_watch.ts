import { formatKey, type KubernetesObject, type ResourceType, type Stored } from "../meta/mod.ts";
import type { Logger } from "../observe/mod.ts";
import {
  bytesCodec,
  type Codec,
  type ListReader,
  type ObjectBytes,
  type QueryParameters,
  type RestRequest,
  type WatchReader,
} from "../rest/mod.ts";
import { CompactEntry } from "./compact_entry.ts";
import { deepFreeze } from "./deep_freeze.ts";
import { type Entry, ObjectEntry } from "./entry.ts";
import type {
  EntryEvent,
  ListPage,
  ListPageMeta,
  ListWatch,
  ListWatchOptions,
  WatchBatch,
  WatchStream,
} from "./list_watch.ts";
import type { ObjectStore } from "./object_store.ts";

/** What is done to objects on their way into a cache. */
export interface Decoding<T extends KubernetesObject> {
  /** `"drop"`: leave out `metadata.managedFields`, often a third of an object. Default `"keep"`. */
  managedFields?: "keep" | "drop";
  /**
   * Called once with each object that arrives, before it is stored: returns what to keep of it, the same object or
   * another. It may change what it is given. The key stays that of the original.
   */
  transform?: (object: Stored<T>) => T;
  /** Whether an object belongs to this cache at all, by what never changes: its uid, its namespace. */
  includes?: (metadata: { readonly uid?: string; readonly namespace?: string }) => boolean;
  /** Whether objects are frozen, so that who changes one gets an error at once. For development and tests. */
  freeze?: boolean;
  /** Metadata alone is asked for. */
  metadataOnly?: boolean;
  /** Makes entries of the bytes of objects, if these are to be kept so. Default: they are kept as objects. */
  compact?: Pick<ObjectStore<T>, "entryOfBytes">;
}

const METADATA_KIND = "PartialObjectMetadata";
/** Few objects are longer, in bytes. */
const LEAST_SCRATCH = 64 * 1024;

/** Lists and watches one collection of an API server. */
export class RestListWatch<T extends KubernetesObject> implements ListWatch<T> {
  readonly name: string;
  readonly supportsWatchList: boolean | undefined;
  readonly #request: RestRequest;
  readonly #decoding: Decoding<T>;
  readonly #logger: Logger;
  readonly #kind: string;
  readonly #isClosed: () => boolean;
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  readonly #codec: Codec = bytesCodec((bytes) => this.#entryOfBytes(bytes));
  /** Where something is cut out. */
  #scratch = new Uint8Array();

  /**
   * @param request What to read, with its selectors.
   * @param type The kind of the objects.
   */
  constructor(
    request: RestRequest,
    type: Pick<ResourceType, "group" | "plural" | "kind">,
    decoding: Decoding<T>,
    { logger, supportsWatchList, isClosed = () => false }: {
      logger: Logger;
      supportsWatchList?: boolean;
      isClosed?: () => boolean;
    },
  ) {
    this.#isClosed = isClosed;
    this.supportsWatchList = supportsWatchList;
    this.name = type.group === "" ? type.plural : `${type.plural}.${type.group}`;
    this.#request = request;
    this.#decoding = decoding;
    this.#logger = logger;
    this.#kind = decoding.metadataOnly ? "" : type.kind;
  }

  /** Whether anything is gained by looking at the bytes of objects that change: what is kept whole is parsed at once. */
  get #readsBytes(): boolean {
    const { compact, managedFields, includes } = this.#decoding;
    return compact !== undefined || managedFields === "drop" || includes !== undefined;
  }

  get isClosed(): boolean {
    return this.#isClosed();
  }

  async list(query: QueryParameters, { signal }: ListWatchOptions): Promise<ListPage<T>> {
    let request = this.#request.query(query);
    if (this.#decoding.metadataOnly) request = request.as("PartialObjectMetadataList");
    const reader = (await request.send({ signal })).list<T>(this.#codec);
    return new ReaderPage(reader, (received) => this.#entryOf(received));
  }

  async watch(query: QueryParameters, { signal }: ListWatchOptions): Promise<WatchStream<T>> {
    let request = this.#request.query({ watch: true, ...query });
    if (this.#decoding.metadataOnly) request = request.as("PartialObjectMetadata");
    const reader = (await request.send({ signal })).watch<T>(this.#readsBytes ? this.#codec : undefined);
    return new ReaderStream(reader, (received) => this.#entryOf(received));
  }

  /** @param received An object, or what became of one while it was bytes. */
  #entryOf(received: object): Decoded<T> {
    const isDecoded = received instanceof CompactEntry || received instanceof ObjectEntry ||
      received instanceof LeftOut;
    return isDecoded ? received : this.#entryOfObject(received as Stored<T>);
  }

  #entryOfBytes(bytes: ObjectBytes): Decoded<T> {
    const { compact, managedFields = "keep", transform, includes, metadataOnly } = this.#decoding;
    if (includes !== undefined && !includes(bytes)) return new LeftOut(bytes.resourceVersion);
    const kind = metadataOnly ? METADATA_KIND : this.#kind;
    if (compact !== undefined && transform === undefined && bytes.kind === kind) {
      return compact.entryOfBytes(bytes, managedFields);
    }
    const length = bytes.lengthAs(managedFields);
    if (length > this.#scratch.length) this.#scratch = new Uint8Array(Math.max(length, LEAST_SCRATCH));
    bytes.copyTo(this.#scratch, 0, managedFields);
    return this.#entryOfObject(JSON.parse(this.#decoder.decode(this.#scratch.subarray(0, length))));
  }

  #entryOfObject(object: Stored<T>): Decoded<T> {
    if (!this.#isOfKind(object)) return new LeftOut(""); // it says nothing about where a watch is
    const { metadata } = object;
    const { managedFields, transform, includes, freeze, metadataOnly } = this.#decoding;
    if (includes !== undefined && !includes(metadata)) return new LeftOut(metadata.resourceVersion ?? "");
    if (managedFields === "drop") delete metadata.managedFields;
    let kept: T = object;
    if (metadataOnly && object.kind !== METADATA_KIND) {
      // A server that cannot leave out the rest has sent it (spec informers 18.3).
      kept = { apiVersion: "meta.k8s.io/v1", kind: METADATA_KIND, metadata } as KubernetesObject as T;
    }
    const identity = { uid: metadata.uid, resourceVersion: metadata.resourceVersion };
    const key = formatKey(metadata);
    if (transform !== undefined) kept = this.#transformed(kept as Stored<T>, key, transform);
    if (freeze) deepFreeze(kept);
    return new ObjectEntry(kept, identity, key);
  }

  #transformed(object: Stored<T>, key: string, transform: (object: Stored<T>) => T): T {
    try {
      const kept = transform(object);
      if (kept?.metadata) return kept;
      throw new TypeError("transform() has returned no object with metadata");
    } catch (error) {
      // An object that is left out would be missed, or stay in an old state: that is worse than a large one.
      this.#logger.error("A transform failed, so the object is kept as it came", {
        resource: this.name,
        key,
        error,
      });
      return object;
    }
  }

  /** Whether this is one of the objects that were asked for (spec informers 9.8). */
  #isOfKind(object: KubernetesObject): boolean {
    const { metadata, kind } = object;
    const isNamed = typeof metadata?.name === "string" && metadata.name !== "";
    if (isNamed && (this.#kind === "" || kind === undefined || kind === this.#kind)) return true;
    this.#logger.error("The server sent what was not asked for, which is left out", {
      resource: this.name,
      kind: String(kind),
      problem: isNamed ? `not a ${this.#kind}` : "no metadata.name",
    });
    return false;
  }
}

/** What does not belong to this cache, or is no such object at all. */
class LeftOut {
  readonly resourceVersion: string;

  constructor(resourceVersion: string) {
    this.resourceVersion = resourceVersion;
  }
}

/** What is kept of an object. */
type Decoded<T extends KubernetesObject> = Entry<T> | LeftOut;

class ReaderPage<T extends KubernetesObject> implements ListPage<T> {
  readonly #reader: ListReader<T>;
  readonly #entryOf: (received: object) => Decoded<T>;

  constructor(reader: ListReader<T>, entryOf: (received: object) => Decoded<T>) {
    this.#reader = reader;
    this.#entryOf = entryOf;
  }

  get metadata(): ListPageMeta {
    return this.#reader.head.metadata ?? {};
  }

  async nextBatch(): Promise<Entry<T>[] | undefined> {
    const objects = await this.#reader.nextBatch();
    if (objects === undefined) return undefined;
    if (this.#reader.head.kind === "Table") {
      throw new TypeError("Cannot cache: the server answered with a table, not with objects");
    }
    const entries: Entry<T>[] = [];
    for (const object of objects) {
      const entry = this.#entryOf(object);
      if (!(entry instanceof LeftOut)) entries.push(entry);
    }
    return entries;
  }

  close(): void {
    void this.#reader[Symbol.asyncDispose]();
  }
}

class ReaderStream<T extends KubernetesObject> implements WatchStream<T> {
  readonly #reader: WatchReader<T>;
  readonly #entryOf: (received: object) => Decoded<T>;

  constructor(reader: WatchReader<T>, entryOf: (received: object) => Decoded<T>) {
    this.#reader = reader;
    this.#entryOf = entryOf;
  }

  async nextBatch(): Promise<WatchBatch<T> | undefined> {
    const read = await this.#reader.nextBatch();
    if (read === undefined) return undefined;
    const events: EntryEvent<T>[] = [];
    let resourceVersion = "";
    for (const event of read) {
      if (event.type === "BOOKMARK") {
        const { resourceVersion: version = "", annotations } = event.object.metadata ?? {};
        resourceVersion = version || resourceVersion;
        const endsInitialEvents = annotations?.["k8s.io/initial-events-end"] === "true";
        events.push({ type: "BOOKMARK", resourceVersion: version, endsInitialEvents });
        continue;
      }
      const { type, object } = event;
      const entry = this.#entryOf(object);
      if (!(entry instanceof LeftOut)) events.push({ type, entry });
      resourceVersion = entry.resourceVersion || resourceVersion;
    }
    return { events, resourceVersion };
  }

  close(): void {
    void this.#reader[Symbol.asyncDispose]();
  }
}
