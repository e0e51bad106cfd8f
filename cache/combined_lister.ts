import type { KubernetesObject, Scope } from "../meta/mod.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Lister, ListerAt, ListerOptions, NamedLister, NamespacedLister } from "./lister.ts";

type AnyLister<T extends KubernetesObject> = ListerAt<T, Scope>;

/** Several listers as one: what one of them knows, this knows. */
export class CombinedLister<T extends KubernetesObject> implements NamespacedLister<T>, NamedLister<T> {
  readonly #listers: readonly AnyLister<T>[];

  constructor(listers: readonly AnyLister<T>[]) {
    this.#listers = listers;
  }

  byKey(key: string): Cached<T> | undefined {
    return firstOf(this.#listers, (lister) => lister.byKey(key));
  }

  get(name: string): Cached<T> | undefined {
    return firstOf(this.#listers, (lister) => lister.get(name));
  }

  list(options?: ListerOptions): Cached<T>[] {
    return this.#listers.flatMap((lister) => lister.list(options));
  }

  byIndex(name: string, value: string, options?: ListerOptions): Cached<T>[] {
    return this.#listers.flatMap((lister: Lister<T>) => lister.byIndex(name, value, options));
  }

  namespace(namespace: string): NamedLister<T> {
    const listers = this.#listers.map((lister) => lister.namespace(namespace));
    return {
      get: (name) => firstOf(listers, (lister) => lister.get(name)),
      list: (options) => listers.flatMap((lister) => lister.list(options)),
      byIndex: (name, value, options) => listers.flatMap((lister) => lister.byIndex(name, value, options)),
    };
  }
}

function firstOf<L, R>(listers: readonly L[], find: (lister: L) => R | undefined): R | undefined {
  for (const lister of listers) {
    const found = find(lister);
    if (found !== undefined) return found;
  }
  return undefined;
}
