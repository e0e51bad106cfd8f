import type { KubernetesObject } from "../meta/mod.ts";
import type { ObjectBytes } from "../rest/mod.ts";
import type { CompactObjects } from "./compact_objects.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";
import type { Slab } from "./slabs.ts";

/**
 * An entry that holds the bytes of its object. The object, or its metadata alone, is made of them when it is read, and
 * is the same one for as long as somebody holds it.
 */
export class CompactEntry<T extends KubernetesObject> implements Entry<T> {
  readonly key: string;
  readonly uid: string;
  readonly resourceVersion: string;
  /** The object's own namespace; empty if it has none. */
  readonly namespace: string;
  /** Where the bytes are. */
  slab: Slab;
  /** Whether a store holds this entry, and not only who has been told of it. */
  isStored = false;
  readonly #objects: CompactObjects<T>;
  #from: number;
  readonly #length: number;
  readonly #metadataFrom: number;
  readonly #metadataLength: number;
  #object: WeakRef<Cached<T> & object> | undefined;
  #metadata: WeakRef<Cached<T>["metadata"]> | undefined;

  /**
   * Copies the bytes of an object.
   *
   * @param managedFields Whether `metadata.managedFields` are copied.
   * @param identity What tells the object apart, where a transform has changed the object's own.
   */
  constructor(
    objects: CompactObjects<T>,
    source: ObjectBytes,
    managedFields: "keep" | "drop",
    identity: Pick<Entry<T>, "key" | "uid" | "resourceVersion">,
  ) {
    this.#objects = objects;
    this.key = identity.key;
    this.uid = identity.uid;
    this.resourceVersion = identity.resourceVersion;
    this.namespace = source.namespace;
    const cut = managedFields === "drop" ? source.managedTo - source.managedFrom : 0;
    this.#length = source.lengthAs(managedFields);
    this.#metadataFrom = source.metadataFrom - source.from + source.prefix.length;
    this.#metadataLength = source.metadataTo - source.metadataFrom - cut;
    const { slab, at } = objects.slabs.room(this.#length);
    source.copyTo(slab.bytes, at, managedFields);
    this.slab = slab;
    this.#from = at;
  }

  /** How many bytes the object takes. */
  get length(): number {
    return this.#length;
  }

  get metadata(): Cached<T>["metadata"] {
    const object = this.#object?.deref();
    if (object !== undefined) return object.metadata;
    const known = this.#metadata?.deref();
    if (known !== undefined) return known;
    const begin = this.#from + this.#metadataFrom;
    const end = begin + this.#metadataLength;
    const metadata = this.#objects.parse(this.slab.bytes, begin, end) as Cached<T>["metadata"];
    this.#metadata = new WeakRef(metadata);
    return metadata;
  }

  get object(): Cached<T> {
    const object = this.#object?.deref();
    if (object !== undefined) return object;
    const metadata = this.#metadata?.deref();
    const made = this.#objects.parse(this.slab.bytes, this.#from, this.#to, metadata) as Cached<T>;
    this.remember(made);
    return made;
  }

  /** The object as text. */
  get json(): string {
    return this.#objects.textOf(this.slab.bytes, this.#from, this.#to);
  }

  /** The values at a path of the object. */
  valuesAt(steps: readonly string[]): readonly string[] {
    if (steps.length === 2 && steps[0] === "metadata" && steps[1] === "namespace") {
      return this.namespace === "" ? [] : [this.namespace];
    }
    return this.#objects.fields.valuesAt(this.slab.bytes, this.#from, this.#to, steps);
  }

  /** Notes the object that the bytes are, so that none is made while somebody holds this one. */
  remember(object: Cached<T>): void {
    this.#object = new WeakRef(object);
    this.#objects.hold(object);
  }

  /** Copies the bytes to where there is room for them. */
  moveTo(slab: Slab, at: number): void {
    slab.bytes.set(this.slab.bytes.subarray(this.#from, this.#to), at);
    this.slab = slab;
    this.#from = at;
  }

  get #to(): number {
    return this.#from + this.#length;
  }
}
