import {
  apiVersionOf,
  type ApplyConfiguration,
  type KubernetesObject,
  type List,
  type ResourceType,
  type Scope,
  type Status,
  type Stored,
  type Verb,
  type WatchEvent,
} from "../meta/mod.ts";
import type { QueryParameters, Representation, RestClient, RestRequest } from "../rest/mod.ts";
import type { TokenRequest, TokenRequestSpec } from "../types/authentication_v1.ts";
import type { Scale } from "../types/autoscaling_v1.ts";
import type { ObjectOf } from "./dynamic_object.ts";
import { iterateLater } from "./iterate_later.ts";
import { listPages } from "./list_pages.ts";
import { listQuery } from "./list_query.ts";
import { collecting, retrying, waiting, watching, watchingTables } from "./loaded_later.ts";
import type {
  ApplyOptions,
  CallOptions,
  DeleteCollectionOptions,
  DeleteOptions,
  GetOptions,
  ItemsOptions,
  ListAllOptions,
  ListOptions,
  ModifyOptions,
  PagesOptions,
  PatchOptions,
  WatchOnceOptions,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
import { type PartialObjectMetadata, toPartial, toPartialMetadata } from "./partial_object_metadata.ts";
import type { Patch } from "./patch.ts";
import type { AllNamespaces, ClientOf, Named, ObjectClient, ResourceAt } from "./resource_client.ts";
import type { CreatedToken, ScaleClient, SubresourceClient } from "./subresource_client.ts";
import {
  checkTable,
  type Table,
  type TableClient,
  type TableEvent,
  type TableOptions,
  type TableWatchOptions,
} from "./table.ts";
import type { WaitCondition, WaitOptions } from "./wait_for.ts";
import type { CollectionSource } from "./watch_collection.ts";

/** The objects of a kind, behind the face that fits its scope, verbs and subresources. */
export function openResource<T extends KubernetesObject, S extends Scope, Sub extends string, V extends Verb>(
  rest: RestClient,
  type: ResourceType<T, S, Sub, V>,
): ResourceAt<ObjectOf<T>, S, Sub, V> {
  const resource: Everything<ObjectOf<T>> = new Resource<ObjectOf<T>>({ rest, type });
  return resource as ResourceAt<ObjectOf<T>, S, Sub, V>;
}

/** All that a kind of unknown scope offers, which every face is a part of. */
type Everything<T extends KubernetesObject> = ClientOf<T> & AllNamespaces<T, ClientOf<T>>;

/** What subresources take that are kinds of their own: for bodies that do not say what they are. */
const KINDS: Readonly<Record<string, { apiVersion: string; kind: string }>> = {
  scale: { apiVersion: "autoscaling/v1", kind: "Scale" },
  eviction: { apiVersion: "policy/v1", kind: "Eviction" },
  binding: { apiVersion: "v1", kind: "Binding" },
  token: { apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest" },
};

/** Which objects a {@linkcode Resource} stands for, and what it hands out of them. */
interface ResourceParts<T extends KubernetesObject> {
  readonly rest: RestClient;
  readonly type: ResourceType;
  readonly namespace?: string;
  /** Metadata alone. Default: whole objects. */
  readonly metadataOnly?: boolean;
  /** Carries `T`; never set. */
  readonly objectType?: () => T;
}

class Resource<T extends KubernetesObject> implements Everything<T> {
  readonly #parts: ResourceParts<T>;
  /** How requests begin, by their verbs. */
  readonly #beginnings = new Map<string, RestRequest>();

  constructor(parts: ResourceParts<T>) {
    this.#parts = parts;
  }

  namespace(namespace: string): ClientOf<T> {
    const { rest, type } = this.#parts;
    if (type.scope === "Cluster") {
      throw new TypeError(`Cannot choose a namespace: ${type.plural} belong to the cluster as a whole`);
    }
    if (namespace === "") throw new TypeError("Cannot choose a namespace: its name is empty");
    rest.get().namespace(namespace); // refuses here what could be no part of a path
    return new Resource<T>({ ...this.#parts, namespace });
  }

  metadata(): ObjectClient<PartialObjectMetadata> {
    const { rest, type, namespace } = this.#parts;
    return new Resource<PartialObjectMetadata>({ rest, type, namespace, metadataOnly: true });
  }

  table(): TableClient {
    const request = (name?: string) => this.#request("GET", name).as("Table");
    return {
      async get(name: string, options?: GetOptions & TableOptions): Promise<Table> {
        return checkTable(await ask(request(name), options));
      },
      async list({ signal, includeObject, ...query }: ListOptions & TableOptions = {}): Promise<Table> {
        const asked = request().query({ ...listQuery(query), includeObject });
        return checkTable(await ask(asked, { signal }));
      },
      watch: (options: TableWatchOptions = {}): AsyncIterableIterator<TableEvent> => {
        const rows = request();
        const { config } = this.#parts.rest;
        return iterateLater(async () => (await watchingTables()).watchTable(rows, config, options));
      },
    };
  }

  async get(name: string, options?: GetOptions): Promise<Stored<T>> {
    return this.#whole(await ask(this.#as("PartialObjectMetadata", this.#request("GET", name)), options));
  }

  async list(options: ListOptions = {}): Promise<List<Stored<T>>> {
    const response = await this.#source().list.query(listQuery(options)).send(options);
    const list = await response.list<T>().collect();
    return this.#parts.metadataOnly ? { ...list, items: list.items.map((item) => this.#item(item)) } : list;
  }

  async listAll(options: ListAllOptions = {}): Promise<List<Stored<T>>> {
    const { listAll } = await collecting();
    return await listAll((page) => this.list(page), options);
  }

  pages(options: PagesOptions = {}): AsyncIterableIterator<List<Stored<T>>> {
    return listPages((page) => this.list(page), options);
  }

  async *items(options: ItemsOptions = {}): AsyncGenerator<Stored<T>, void, undefined> {
    if (options.limit === 0) {
      // One answer, which is read as it comes.
      const { onExpired: _, prefetch: __, ...query } = options;
      const response = await this.#source().list.query(listQuery(query)).send(options);
      for await (const item of response.list()) yield this.#item(item);
      return;
    }
    for await (const { items } of this.pages(options)) yield* items;
  }

  watch(options: WatchOptions = {}): AsyncIterableIterator<WatchEvent<T>> {
    const source = this.#source();
    const { config } = this.#parts.rest;
    return iterateLater(async () => (await watching()).watchCollection<T>(source, config, options));
  }

  async *watchOnce(
    { signal, ...query }: WatchOnceOptions = {},
  ): AsyncGenerator<WatchEvent<T>, void, undefined> {
    const request = this.#source().watch.query({ ...query, watch: true } as QueryParameters);
    for await (const event of (await request.send({ signal })).watch<T>()) {
      yield event.type === "BOOKMARK" ? event : { type: event.type, object: this.#item(event.object) };
    }
  }

  async waitFor(
    name: string,
    until: "deleted" | WaitCondition<T>,
    options: WaitOptions = {},
  ): Promise<Stored<T>> {
    const { rest, type, namespace } = this.#parts;
    this.#request("GET", name); // refuses here what could be no name
    const what = `${type.plural} ${JSON.stringify(name)}${
      namespace === undefined ? "" : ` in namespace ${JSON.stringify(namespace)}`
    }`;
    const { waitFor } = await waiting();
    return await waitFor(what, name, this.#source(), rest.config, until, options) as Stored<T>;
  }

  async create(object: T, options?: WriteOptions): Promise<Stored<T>> {
    return await ask(this.#request("POST").body(this.#complete(object)), options);
  }

  async update(object: Named<T>, options?: WriteOptions): Promise<Stored<T>> {
    return await ask(this.#request("PUT", nameOf(object)).body(this.#complete(object)), options);
  }

  async updateStatus(object: Named<T>, options?: WriteOptions): Promise<Stored<T>> {
    return await this.subresource<T>("status").update(nameOf(object), object, options);
  }

  async modify(
    name: string,
    change: (object: Stored<T>) => Named<T> | void | Promise<Named<T> | void>,
    { attempts, ...options }: ModifyOptions = {},
  ): Promise<Stored<T>> {
    const { clock, random } = this.#parts.rest.config;
    const { signal } = options;
    const { retryOnConflict } = await retrying();
    return await retryOnConflict(async () => {
      const object = await this.get(name, { signal });
      const before = JSON.stringify(object);
      const changed = await change(object) ?? object;
      return JSON.stringify(changed) === before ? object : await this.update(changed, options);
    }, { attempts, signal, clock, random });
  }

  async patch(name: string, patch: Patch<T>, options?: PatchOptions): Promise<Stored<T>> {
    return this.#whole(await this.#patch(name, undefined, patch, options));
  }

  async patchStatus(name: string, patch: Patch<T>, options?: PatchOptions): Promise<Stored<T>> {
    return await this.#patch<T, Stored<T>>(name, "status", patch, options);
  }

  async apply(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>> {
    return await this.#patch<T, Stored<T>>(name, undefined, { apply: fields }, options);
  }

  async applyStatus(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>> {
    return await this.#patch<T, Stored<T>>(name, "status", { apply: fields }, options);
  }

  async delete(name: string, options: DeleteOptions = {}): Promise<Stored<T> | Status> {
    const { signal, ...how } = options;
    return await ask(this.#request("DELETE", name).body(deleteBody(how), "application/json"), { signal });
  }

  async deleteCollection(options: DeleteCollectionOptions = {}): Promise<List<Stored<T>> | Status> {
    const {
      signal,
      dryRun,
      gracePeriodSeconds,
      preconditions,
      propagationPolicy,
      ignoreStoreReadErrorWithClusterBreakingPotential,
      ...which
    } = options;
    const how = deleteBody({
      dryRun,
      gracePeriodSeconds,
      preconditions,
      propagationPolicy,
      ignoreStoreReadErrorWithClusterBreakingPotential,
    });
    const request = this.#request("DELETE", undefined, true).query(listQuery(which));
    return await ask(request.body(how, "application/json"), { signal });
  }

  subresource<R extends KubernetesObject>(subresource: string): SubresourceClient<R> {
    const request = (verb: string, name: string) => this.#request(verb, name).subresource(subresource);
    const write = <A>(verb: string, name: string, body: R, options?: WriteOptions) =>
      ask<A>(request(verb, name).body(this.#complete(body, KINDS[subresource])), options);
    return {
      get: async (name, options) => await ask(request("GET", name), options),
      create: async (name, body, options) => await write("POST", name, body, options),
      update: async (name, body, options) => await write("PUT", name, body, options),
      patch: async (name, patch, options) => await this.#patch(name, subresource, patch, options),
      apply: async (name, fields, options) =>
        await this.#patch(name, subresource, { apply: fields }, options),
    };
  }

  scale(name: string): ScaleClient {
    const scales = this.subresource<Scale>("scale");
    const { namespace } = this.#parts;
    const named = (scale: Scale) => ({ ...scale, metadata: { name, namespace, ...scale.metadata } });
    return {
      get: (options) => scales.get(name, options),
      update: (scale, options) => scales.update(name, named(scale), options),
      patch: (patch, options) => scales.patch(name, patch, options),
      apply: (fields, options) => scales.apply(name, fields, options),
    };
  }

  async evict(name: string, { signal, dryRun, ...options }: DeleteOptions = {}): Promise<Status> {
    const deleteOptions = { ...options, ...(dryRun === undefined ? {} : { dryRun: [dryRun] }) };
    return await this.#send(name, "eviction", { deleteOptions }, { signal });
  }

  async bind(name: string, node: string, options?: WriteOptions): Promise<Status> {
    const target = { apiVersion: "v1", kind: "Node", name: node };
    return await this.#send(name, "binding", { target }, options);
  }

  async createToken(
    name: string,
    spec: TokenRequestSpec = {},
    options?: CallOptions,
  ): Promise<CreatedToken> {
    const tokens = this.subresource<TokenRequest>("token");
    return await tokens.create(name, { spec }, options) as CreatedToken;
  }

  /** Sends to a subresource what is answered with a `Status`. */
  async #send(name: string, subresource: string, body: object, options?: WriteOptions): Promise<Status> {
    const { namespace } = this.#parts;
    const named: KubernetesObject = { metadata: { name, namespace }, ...body };
    return await this.subresource(subresource).create(name, named, options) as Status;
  }

  #request(verb: string, name?: string, inOne: boolean = verb === "POST"): RestRequest {
    const { rest, type, namespace } = this.#parts;
    let request = this.#beginnings.get(verb);
    if (request === undefined) {
      request = rest.verb(verb).resource(type);
      if (namespace !== undefined) request = request.namespace(namespace);
      this.#beginnings.set(verb, request);
    }
    if (namespace === undefined && type.scope === "Namespaced" && (name !== undefined || inOne)) {
      throw new TypeError(
        `Cannot work with single ${type.plural} in all namespaces: choose one with namespace()`,
      );
    }
    return name === undefined ? request : request.name(name);
  }

  async #patch<R extends object, A = R>(
    name: string,
    subresource: string | undefined,
    patch: Patch<R>,
    options: PatchOptions = {},
  ): Promise<A> {
    let request = this.#as("PartialObjectMetadata", this.#request("PATCH", name));
    if (subresource !== undefined) request = request.subresource(subresource);
    if ("json" in patch) request = request.patch("json", patch.json);
    else if ("merge" in patch) request = request.patch("merge", patch.merge as object);
    else if ("strategic" in patch) request = request.patch("strategic", patch.strategic as object);
    else request = request.patch("apply", this.#applied(name, subresource, patch.apply, options));
    return await ask(request, options);
  }

  /** What is applied says what it is, its name included, even though the URL says so too. */
  #applied(name: string, subresource: string | undefined, fields: unknown, options: PatchOptions): object {
    const { plural } = this.#parts.type;
    const what = `Cannot apply ${plural} ${JSON.stringify(name)}`;
    if (typeof fields !== "object" || fields === null) {
      throw new TypeError(`${what}: there is no object to apply`);
    }
    if (!options.fieldManager) {
      throw new TypeError(`${what}: say with fieldManager who is applying`);
    }
    const { metadata, ...others } = fields as KubernetesObject;
    if (metadata?.managedFields !== undefined) {
      throw new TypeError(
        `${what}: it has metadata.managedFields, so it was read as a whole. Apply only the fields to be owned; ` +
          "extractApplied() gives those that a manager owns",
      );
    }
    return this.#complete({ metadata: { ...metadata, name }, ...others }, KINDS[subresource ?? ""]);
  }

  /** Says what the object is, where it does not do so itself. */
  #complete(object: object, { apiVersion, kind } = this.#kind()): object {
    const { apiVersion: ownVersion, kind: ownKind, ...rest } = object as KubernetesObject;
    return { apiVersion: ownVersion ?? apiVersion, kind: ownKind ?? kind, ...rest };
  }

  #kind(): { apiVersion: string; kind: string } {
    const { type } = this.#parts;
    return { apiVersion: apiVersionOf(type), kind: type.kind };
  }

  #as(representation: Representation, request: RestRequest): RestRequest {
    return this.#parts.metadataOnly ? request.as(representation) : request;
  }

  #source(): CollectionSource<T> {
    const request = this.#request("GET");
    return {
      list: this.#as("PartialObjectMetadataList", request),
      watch: this.#as("PartialObjectMetadata", request),
      shape: (object) => this.#item(object),
    };
  }

  /** An object that was asked for by itself. */
  #whole(object: KubernetesObject): Stored<T> {
    return (this.#parts.metadataOnly ? toPartialMetadata(object) : object) as KubernetesObject as Stored<T>;
  }

  /** An object among others. */
  #item(object: KubernetesObject): Stored<T> {
    return (this.#parts.metadataOnly ? toPartial(object) : object) as KubernetesObject as Stored<T>;
  }
}

function deleteBody({ dryRun, ...options }: Omit<DeleteOptions, "signal">): object {
  return { apiVersion: "v1", kind: "DeleteOptions", ...options, dryRun: dryRun && [dryRun] };
}

const nameOf = ({ metadata }: KubernetesObject): string => metadata?.name ?? "";

/** What a request is answered with. Options are query parameters, but for the signal. */
async function ask<R>(request: RestRequest, options?: CallOptions): Promise<R> {
  if (options === undefined) return await (await request.send()).json<R>();
  const { signal, ...query } = options;
  return await (await request.query(query as QueryParameters).send({ signal })).json<R>();
}
