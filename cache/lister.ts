import {
  type KubernetesObject,
  type LabelRequirement,
  matchesLabels,
  parseLabelSelector,
  type Scope,
} from "../meta/mod.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";
import type { EntryStore } from "./entry_store.ts";

/** The index that finds objects by their namespace. Informers of namespaced kinds have it. */
export const NAMESPACE_INDEX = "namespace";

/** Which of the objects are wanted. */
export interface ListerOptions {
  /** Conditions on labels, such as `app=web,tier in (a, b)`, or as {@linkcode parseLabelSelector} reads them. */
  labelSelector?: string | readonly LabelRequirement[];
}

/** Reading what a cache has: nothing waits, nothing is asked of the server. The objects are shared. */
export interface Lister<T extends KubernetesObject, Index extends string = string> {
  /**
   * All objects, in no particular order.
   *
   * @throws {SyntaxError} If the selector is not one.
   */
  list(options?: ListerOptions): Cached<T>[];
  /**
   * The objects that have a value in an index. Looks at no others.
   *
   * @throws {TypeError} If there is no such index.
   */
  byIndex(name: Index, value: string, options?: ListerOptions): Cached<T>[];
}

/** Reading the objects of one namespace, or of a kind that belongs to the cluster. */
export interface NamedLister<T extends KubernetesObject, Index extends string = string>
  extends Lister<T, Index> {
  /** The object of that name; `undefined` if the cache knows none. */
  get(name: string): Cached<T> | undefined;
}

/** Reading the objects of all namespaces. */
export interface NamespacedLister<T extends KubernetesObject, Index extends string = string>
  extends Lister<T, Index> {
  /** The objects of one namespace. */
  namespace(namespace: string): NamedLister<T, Index>;
}

/** What an informer's `lister` offers, by the scope of the type. */
export type ListerAt<T extends KubernetesObject, S extends Scope, Index extends string = string> =
  & {
    /** The object with a key, as a queue hands it out: `namespace/name`, or a name. */
    byKey(key: string): Cached<T> | undefined;
  }
  & ([S] extends ["Namespaced"] ? NamespacedLister<T, Index>
    : [S] extends ["Cluster"] ? NamedLister<T, Index>
    : NamespacedLister<T, Index> & NamedLister<T, Index>);

/** The lister of a store. */
export class StoreLister<T extends KubernetesObject> implements NamespacedLister<T>, NamedLister<T> {
  readonly #store: EntryStore<T>;
  readonly #namespace: string | undefined;

  /** @param namespace The only namespace that is looked at. Default all. */
  constructor(store: EntryStore<T>, namespace?: string) {
    this.#store = store;
    this.#namespace = namespace || undefined;
  }

  byKey(key: string): Cached<T> | undefined {
    return this.#store.get(key)?.object;
  }

  get(name: string): Cached<T> | undefined {
    return this.byKey(this.#namespace === undefined ? name : `${this.#namespace}/${name}`);
  }

  namespace(namespace: string): NamedLister<T> {
    return new StoreLister(this.#store, namespace);
  }

  list({ labelSelector }: ListerOptions = {}): Cached<T>[] {
    const requirements = requirementsOf(labelSelector);
    const namespace = this.#namespace;
    if (namespace === undefined) return selected(this.#store.entries(), requirements);
    if (this.#store.hasIndex(NAMESPACE_INDEX)) {
      return selected(this.#entriesOf(this.#store.keysByIndex(NAMESPACE_INDEX, namespace)), requirements);
    }
    return selected(this.#store.entries(), requirements, namespace);
  }

  byIndex(name: string, value: string, { labelSelector }: ListerOptions = {}): Cached<T>[] {
    const keys = this.#store.keysByIndex(name, value);
    return selected(this.#entriesOf(keys), requirementsOf(labelSelector), this.#namespace);
  }

  *#entriesOf(keys: Iterable<string>): Generator<Entry<T>> {
    for (const key of keys) {
      const entry = this.#store.get(key);
      if (entry !== undefined) yield entry;
    }
  }
}

/** Reads a selector. @returns `undefined` if it selects everything, so that nobody looks at labels. */
export function requirementsOf(
  selector: ListerOptions["labelSelector"],
): readonly LabelRequirement[] | undefined {
  const requirements = typeof selector === "string" ? parseLabelSelector(selector) : selector;
  return requirements === undefined || requirements.length === 0 ? undefined : requirements;
}

function selected<T extends KubernetesObject>(
  entries: Iterable<Entry<T>>,
  requirements: readonly LabelRequirement[] | undefined,
  namespace?: string,
): Cached<T>[] {
  const objects: Cached<T>[] = [];
  for (const entry of entries) {
    // A store that keeps bytes makes no object of what is not wanted: metadata decides.
    if (namespace !== undefined && entry.metadata.namespace !== namespace) continue;
    if (requirements !== undefined && !matchesLabels(requirements, entry.metadata.labels)) continue;
    objects.push(entry.object);
  }
  return objects;
}
