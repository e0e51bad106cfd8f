import type {
  ApplyConfiguration,
  KubernetesObject,
  List,
  Scope,
  Status,
  Stored,
  Verb,
  WatchEvent,
} from "../meta/mod.ts";
import type {
  ApplyOptions,
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
import type { PartialObjectMetadata } from "./partial_object_metadata.ts";
import type { Patch } from "./patch.ts";
import type { Subresources } from "./subresource_client.ts";
import type { TableClient, TableCollection } from "./table.ts";
import type { WaitCondition, WaitOptions } from "./wait_for.ts";

/** Reading a collection: the objects of a kind in one namespace, in all, or in the cluster. */
export interface CollectionClient<T extends KubernetesObject> {
  /**
   * The collection in one answer, or with `limit` its first part.
   *
   * @throws {StatusError} If the server refuses; {@linkcode isExpired} when `continue` has become too old.
   */
  list(options?: ListOptions): Promise<List<Stored<T>>>;
  /**
   * The whole collection, asked for page by page. When a page comes too late for its token, everything is asked for
   * once more in one answer, so that the list shows one moment in any case.
   *
   * @throws {StatusError} If the server refuses.
   */
  listAll(options?: ListAllOptions): Promise<List<Stored<T>>>;
  /**
   * The collection page by page, with `metadata.remainingItemCount` where the server knows it. The next page is asked
   * for while one is in use. All pages show the state at the time of the first.
   *
   * @throws {StatusError} If the server refuses; {@linkcode isExpired} when reading took so long that the server
   * has forgotten that state, unless `onExpired` says otherwise.
   */
  pages(options?: PagesOptions): AsyncIterableIterator<List<Stored<T>>>;
  /**
   * The objects one after the other, read page by page as {@linkcode CollectionClient.pages} does, so that a large
   * collection is never in memory as a whole.
   *
   * @throws {StatusError} As `pages()` does.
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
  /**
   * One watch connection with the API's own options. It ends when the server ends it, and hands out bookmarks if they
   * were asked for: for those who bring a way of their own to go on.
   *
   * @throws {StatusError} If the server refuses, also for an `ERROR` event.
   * @throws {NetworkError} If the connection breaks.
   */
  watchOnce(options?: WatchOnceOptions): AsyncIterableIterator<WatchEvent<T>>;
}

/** Working with objects by name. What is read is a whole object, or its metadata alone. */
export interface ObjectClient<T extends KubernetesObject> extends CollectionClient<T> {
  /**
   * Reads one object.
   *
   * @throws {StatusError} {@linkcode isNotFound} if there is no such object.
   */
  get(name: string, options?: GetOptions): Promise<Stored<T>>;
  /** Changes parts of an object. */
  patch(name: string, patch: Patch<T>, options?: PatchOptions): Promise<Stored<T>>;
  /**
   * Asks for an object to be deleted.
   *
   * @returns The object if it goes on to exist for a while, else a `Status` of success.
   */
  delete(name: string, options?: DeleteOptions): Promise<Stored<T> | Status>;
  /**
   * Deletes the objects that the selectors select. **Without any, all of them.**
   *
   * @returns What was deleted, or a `Status` of success.
   */
  deleteCollection(options?: DeleteCollectionOptions): Promise<List<Stored<T>> | Status>;
  /**
   * Waits until an object is as wanted, or gone. It may not exist yet. Goes on through broken connections, and
   * through states that the server has forgotten: what counts is how the object is now.
   *
   * @param until A function of the object (`undefined` while there is none), `"deleted"`, or a condition of its status.
   * @returns The object as it then was; for `"deleted"` its last state, if it was seen at all.
   * @throws {WaitTimeoutError} When `timeout` has passed; it tells the last state seen.
   * @throws The signal's reason after an abort, and what the function throws.
   */
  waitFor(name: string, until: "deleted", options?: WaitOptions): Promise<Stored<T> | undefined>;
  /** Waits until a condition holds, or a function says so. */
  waitFor(name: string, until: WaitCondition<T>, options?: WaitOptions): Promise<Stored<T>>;
}

/** Working with the objects of a kind, in one namespace or at cluster scope. */
export interface ResourceClient<T extends KubernetesObject> extends ObjectClient<T> {
  /** Stores a new object. `apiVersion` and `kind` may be left out. */
  create(object: T, options?: WriteOptions): Promise<Stored<T>>;
  /**
   * Replaces an object. With a `metadata.resourceVersion`, only if it has not changed since.
   *
   * @throws {StatusError} {@linkcode isConflict} if it has changed since.
   */
  update(object: Named<T>, options?: WriteOptions): Promise<Stored<T>>;
  /**
   * Reads an object, lets a function change it, and replaces it; again from the beginning if somebody else was
   * quicker. Sends nothing if the function has changed nothing.
   *
   * @param change Changes the object that it is given, or returns another one. Called once for each attempt.
   * @throws {StatusError} {@linkcode isConflict} if somebody else was quicker each time.
   */
  modify(
    name: string,
    change: (object: Stored<T>) => Named<T> | void | Promise<Named<T> | void>,
    options?: ModifyOptions,
  ): Promise<Stored<T>>;
  /**
   * Server-side apply: makes these fields so, and owns them. Creates the object if there is none. Fields that the
   * manager has applied before and leaves out now are removed, unless others own them too.
   *
   * @throws {StatusError} {@linkcode isConflict} if another manager has other values for fields that it owns:
   * {@linkcode applyConflicts} names both.
   */
  apply(name: string, fields: ApplyConfiguration<T>, options: ApplyOptions): Promise<Stored<T>>;
  /** The same objects, of which the server sends the metadata alone: much less to read. */
  metadata(): ObjectClient<PartialObjectMetadata>;
  /** The same objects as the columns that `kubectl get` prints. */
  table(): TableClient;
}

/** A kind whose objects live in namespaces: all of them to read, or one to work in. */
export interface AllNamespaces<T extends KubernetesObject, C = ResourceClient<T>>
  extends CollectionClient<T> {
  /**
   * The objects of one namespace.
   *
   * @throws {TypeError} If the name is empty or no single segment of a path.
   */
  namespace(namespace: string): C;
  /** The same objects, of which the server sends the metadata alone: much less to read. */
  metadata(): CollectionClient<PartialObjectMetadata>;
  /** The same objects as the columns that `kubectl get` prints. */
  table(): TableCollection;
}

/** An object that says its name. */
export type Named<T extends KubernetesObject> = T & {
  /** Metadata with a name. */
  metadata: {
    /** Name of the object. */
    name: string;
  };
};

/**
 * What `client.resource(type)` offers: by the scope of the type, and by its subresources and verbs where the type
 * checker knows them. Where it does not, as with what discovery finds, everything is offered.
 */
export type ResourceAt<
  T extends KubernetesObject,
  S extends Scope,
  Sub extends string = string,
  V extends Verb = Verb,
> = [S] extends ["Namespaced"] ? Readable<T, ClientOf<T, Sub, V>, V>
  : [S] extends ["Cluster"] ? ClientOf<T, Sub, V>
  : ClientOf<T, Sub, V> & Readable<T, ClientOf<T, Sub, V>, V>;

/** A {@linkcode ResourceClient} with the subresources of a kind, without the verbs that it lacks. */
export type ClientOf<T extends KubernetesObject, Sub extends string = string, V extends Verb = Verb> =
  & Offered<ResourceClient<T>, V>
  & Subresources<T, Sub>;

/** {@linkcode AllNamespaces} without the verbs that a kind lacks. */
export type Readable<T extends KubernetesObject, C, V extends Verb> = Offered<AllNamespaces<T, C>, V>;

/** What is left of a client when its kind has these verbs alone. All of it if the kind has the usual ones. */
export type Offered<C, V extends Verb> = [keyof MethodsOf] extends [V] ? C
  : Pick<C, Extract<keyof C, "namespace" | MethodsOf[V & keyof MethodsOf]>>;

/** Which methods a verb stands for. */
export interface MethodsOf {
  /** Reading one object; also as a table. */
  get: "get" | "table";
  /** Reading collections; also their metadata, and as tables. */
  list: "list" | "listAll" | "pages" | "items" | "metadata" | "table";
  /** Following changes, and waiting for them. */
  watch: "watch" | "watchOnce" | "waitFor";
  /** Storing new objects. */
  create: "create";
  /** Replacing objects. */
  update: "update" | "modify";
  /** Changing parts of objects. */
  patch: "patch" | "apply";
  /** Deleting objects. */
  delete: "delete";
  /** Deleting many. */
  deletecollection: "deleteCollection";
}
