import {
  apiVersionOf,
  type KubernetesObject,
  type List,
  type ResourceType,
  type Scope,
  type Status,
  type Stored,
  type WatchEvent,
} from "../meta/mod.ts";
import type { QueryParameters, RestClient, RestRequest } from "../rest/mod.ts";
import type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ItemsOptions,
  ListOptions,
  PatchOptions,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
import type { Partially, Patch } from "./patch.ts";
import { watchCollection } from "./watch_collection.ts";

/** Objects per request when a collection is read in pages, as client-go's pager asks for. */
const PAGE_SIZE = 500;

/** Reading a collection: the objects of a kind in one namespace, in all, or in the cluster. */
export interface CollectionClient<T extends KubernetesObject> {
  /**
   * The collection in one answer, or with `limit` its first part.
   *
   * @throws {StatusError} If the server refuses; {@linkcode isExpired} when `continue` has become too old.
   */
  list(options?: ListOptions): Promise<List<Stored<T>>>;
  /**
   * The objects one after the other, read page by page, so that a large collection is never in memory as a
   * whole. All pages show the state at the time of the first.
   *
   * @throws {StatusError} If the server refuses; {@linkcode isExpired} when reading took so long that the server
   * has forgotten that state.
   */
  items(options?: ItemsOptions): AsyncIterableIterator<Stored<T>>;
  /**
   * What exists, as `ADDED` events, and then each change, until the signal aborts or the loop is left. Goes on
   * by itself, without a gap, when the connection breaks or the server ends it.
   *
   * @throws {StatusError} {@linkcode isExpired} when it was away for so long that the server has forgotten what
   * happened since: begin anew, with a fresh view. Other refusals that asking again would not change.
   * @throws {NetworkError} If the server cannot be reached at the beginning. Later it is tried again.
   * @throws The signal's reason after an abort.
   */
  watch(options?: WatchOptions): AsyncIterableIterator<WatchEvent<T>>;
}

/** A kind whose objects live in namespaces: all of them to read, or one to work in. */
export interface AllNamespaces<T extends KubernetesObject> extends CollectionClient<T> {
  /**
   * The objects of one namespace.
   *
   * @throws {TypeError} If the name is empty or no single segment of a path.
   */
  namespace(namespace: string): ResourceClient<T>;
}

/** Working with the objects of a kind, in one namespace or at cluster scope. */
export interface ResourceClient<T extends KubernetesObject> extends CollectionClient<T> {
  /**
   * Reads one object.
   *
   * @throws {StatusError} {@linkcode isNotFound} if there is no such object.
   */
  get(name: string, options?: GetOptions): Promise<Stored<T>>;
  /** Stores a new object. `apiVersion` and `kind` may be left out. */
  create(object: T, options?: WriteOptions): Promise<Stored<T>>;
  /**
   * Replaces an object. With a `metadata.resourceVersion`, only if it has not changed since.
   *
   * @throws {StatusError} {@linkcode isConflict} if it has changed since.
   */
  update(object: Named<T>, options?: WriteOptions): Promise<Stored<T>>;
  /** Replaces the status of an object, and nothing else of it. */
  updateStatus(object: Named<T>, options?: WriteOptions): Promise<Stored<T>>;
  /** Changes parts of an object. */
  patch(name: string, patch: Patch<T>, options?: PatchOptions): Promise<Stored<T>>;
  /** Server-side apply: makes these fields so, and owns them. Creates the object if there is none. */
  apply(name: string, fields: Partially<T>, options: ApplyOptions): Promise<Stored<T>>;
  /**
   * Asks for an object to be deleted.
   *
   * @returns The object if it goes on to exist for a while, else a `Status` of success.
   */
  delete(name: string, options?: DeleteOptions): Promise<Stored<T> | Status>;
}

/** An object that says its name. */
export type Named<T extends KubernetesObject> = T & {
  /** Metadata with a name. */
  metadata: {
    /** Name of the object. */
    name: string;
  };
};

/** What `client.resource(type)` offers, by the scope of the type. */
export type ResourceAt<T extends KubernetesObject, S extends Scope> = [S] extends ["Namespaced"]
  ? AllNamespaces<T>
  : [S] extends ["Cluster"] ? ResourceClient<T>
  : AllNamespaces<T> & ResourceClient<T>;

/** The objects of a kind, behind the face that fits its scope. */
export function openResource<T extends KubernetesObject, S extends Scope>(
  rest: RestClient,
  type: ResourceType<T, S>,
): ResourceAt<T, S> {
  return new Resource<T>(rest, type) as AllNamespaces<T> & ResourceClient<T> as ResourceAt<T, S>;
}

class Resource<T extends KubernetesObject> implements AllNamespaces<T>, ResourceClient<T> {
  readonly #rest: RestClient;
  readonly #type: ResourceType<T>;
  readonly #namespace: string | undefined;

  constructor(rest: RestClient, type: ResourceType<T>, namespace?: string) {
    this.#rest = rest;
    this.#type = type;
    this.#namespace = namespace;
  }

  namespace(namespace: string): ResourceClient<T> {
    if (this.#type.scope === "Cluster") {
      throw new TypeError(`Cannot choose a namespace: ${this.#type.plural} belong to the cluster as a whole`);
    }
    if (namespace === "") throw new TypeError("Cannot choose a namespace: its name is empty");
    this.#rest.get().namespace(namespace); // refuses here what could be no part of a path
    return new Resource(this.#rest, this.#type, namespace);
  }

  async get(name: string, { signal, ...query }: GetOptions = {}): Promise<Stored<T>> {
    return await read(this.#request("GET", name).query(query as QueryParameters), { signal });
  }

  async list({ signal, ...query }: ListOptions = {}): Promise<List<Stored<T>>> {
    const response = await this.#request("GET").query(query as QueryParameters).send({ signal });
    return await response.list<T>().collect();
  }

  async *items(
    { signal, limit = PAGE_SIZE, resourceVersion, ...selectors }: ItemsOptions = {},
  ): AsyncGenerator<Stored<T>, void, undefined> {
    let page: string | undefined;
    do {
      // The token says which state it belongs to: a version beside it would be refused.
      const query = {
        ...selectors,
        limit: limit || undefined,
        resourceVersion: page ? undefined : resourceVersion,
      };
      const response = await this.#request("GET").query({ ...query, continue: page }).send({ signal });
      const list = response.list<T>();
      yield* list;
      page = list.head.metadata?.continue || undefined;
    } while (page !== undefined);
  }

  watch(options: WatchOptions = {}): AsyncIterableIterator<WatchEvent<T>> {
    return watchCollection<T>(this.#request("GET"), this.#rest.config, options);
  }

  async create(object: T, options: WriteOptions = {}): Promise<Stored<T>> {
    return await this.#write(this.#request("POST").body(this.#complete(object)), options);
  }

  async update(object: Named<T>, options: WriteOptions = {}): Promise<Stored<T>> {
    const request = this.#request("PUT", object.metadata.name);
    return await this.#write(request.body(this.#complete(object)), options);
  }

  async updateStatus(object: Named<T>, options: WriteOptions = {}): Promise<Stored<T>> {
    const request = this.#request("PUT", object.metadata.name).subresource("status");
    return await this.#write(request.body(this.#complete(object)), options);
  }

  async patch(name: string, patch: Patch<T>, options: PatchOptions = {}): Promise<Stored<T>> {
    const request = this.#request("PATCH", name);
    if ("json" in patch) return await this.#write(request.patch("json", patch.json), options);
    if ("merge" in patch) return await this.#write(request.patch("merge", patch.merge as object), options);
    if ("strategic" in patch) {
      return await this.#write(request.patch("strategic", patch.strategic as object), options);
    }
    // What is applied says what it is, its name included, even though the URL says so too.
    const { metadata, ...fields } = patch.apply as KubernetesObject;
    const applied = this.#complete({ metadata: { ...metadata, name }, ...fields });
    return await this.#write(request.patch("apply", applied), options);
  }

  apply(name: string, fields: Partially<T>, options: ApplyOptions): Promise<Stored<T>> {
    return this.patch(name, { apply: fields }, options);
  }

  async delete(
    name: string,
    { signal, dryRun, ...options }: DeleteOptions = {},
  ): Promise<Stored<T> | Status> {
    const body = { apiVersion: "v1", kind: "DeleteOptions", ...options, dryRun: dryRun && [dryRun] };
    return await read(this.#request("DELETE", name).body(body), { signal });
  }

  #request(verb: string, name?: string): RestRequest {
    let request = this.#rest.verb(verb).resource(this.#type);
    if (this.#namespace !== undefined) request = request.namespace(this.#namespace);
    else if (this.#type.scope === "Namespaced" && (name !== undefined || verb === "POST")) {
      throw new TypeError(
        `Cannot work with single ${this.#type.plural} in all namespaces: choose one with namespace()`,
      );
    }
    return name === undefined ? request : request.name(name);
  }

  #write(request: RestRequest, { signal, ...query }: PatchOptions): Promise<Stored<T>> {
    return read(request.query(query as QueryParameters), { signal });
  }

  /** Says what the object is, where it does not do so itself. */
  #complete(object: object): object {
    return { apiVersion: apiVersionOf(this.#type), kind: this.#type.kind, ...object };
  }
}

async function read<R>(request: RestRequest, options: CallOptions): Promise<R> {
  return await (await request.send(options)).json<R>();
}
