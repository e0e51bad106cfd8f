import type { KubernetesObject } from "../meta/mod.ts";
import type { ObjectBytes } from "../rest/mod.ts";
import type { CompactObjects } from "./compact_objects.ts";
import type { Cached } from "./deep_readonly.ts";
import type { Entry } from "./entry.ts";
import type { Slab } from "./slabs.ts";

/** Where the bytes of an object are. */
export interface Place {
  readonly bytes: Uint8Array;
  readonly from: number;
  readonly to: number;
}

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
  /** Where the bytes are kept; absent while they are still those of the answer. */
  slab: Slab | undefined;
  /** Whether a store holds this entry, and not only who has been told of it. */
  isStored = false;
  readonly #objects: CompactObjects<T>;
  /** What came, as long as it has not been copied. */
  #source: ObjectBytes | undefined;
  #from = 0;
  #length: number;
  #metadataFrom: number;
  #metadataLength: number;
  #object: WeakRef<Cached<T> & object> | undefined;
  #metadata: WeakRef<Cached<T>["metadata"]> | undefined;

  /**
   * Takes bytes over, which are not to be changed from now on.
   *
   * @param identity What tells the object apart, where a transform has changed the object's own.
   */
  constructor(
    objects: CompactObjects<T>,
    source: ObjectBytes,
    identity: { readonly key: string; readonly uid: string; readonly resourceVersion: string },
  ) {
    this.#objects = objects;
    this.#source = source;
    this.key = identity.key;
    this.uid = identity.uid;
    this.resourceVersion = identity.resourceVersion;
    this.namespace = source.namespace;
    const { managedFields } = objects;
    const cut = managedFields === "drop" ? source.managedTo - source.managedFrom : 0;
    this.#length = source.lengthAs(managedFields);
    this.#metadataFrom = source.metadataFrom - source.from + source.prefix.length;
    this.#metadataLength = source.metadataTo - source.metadataFrom - cut;
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
    const { bytes, from } = this.#place();
    const begin = from + this.#metadataFrom;
    const metadata = this.#objects.parse(bytes, begin, begin + this.#metadataLength) as Cached<T>["metadata"];
    this.#metadata = new WeakRef(metadata);
    return metadata;
  }

  get object(): Cached<T> {
    const known = this.#object?.deref();
    if (known !== undefined) return known;
    const { bytes, from, to } = this.#place();
    const object = this.#objects.parse(bytes, from, to, this.#metadata?.deref()) as Cached<T>;
    this.remember(object);
    return object;
  }

  /** The object as text. */
  get json(): string {
    const { bytes, from, to } = this.#place();
    return this.#objects.textOf(bytes, from, to);
  }

  /** The values at a path of the object. */
  valuesAt(steps: readonly string[]): readonly string[] {
    if (steps.length === 2 && steps[0] === "metadata" && steps[1] === "namespace") {
      return this.namespace === "" ? [] : [this.namespace];
    }
    const { bytes, from, to } = this.#place();
    return this.#objects.fields.valuesAt(bytes, from, to, steps);
  }

  /** Notes the object that the bytes are, so that none is made while somebody holds this one. */
  remember(object: Cached<T>): void {
    this.#object = new WeakRef(object);
    this.#objects.hold(object);
  }

  /** Copies the bytes to where there is room for them. */
  moveTo(slab: Slab, at: number): void {
    if (this.#source !== undefined) {
      this.#source.copyTo(slab.bytes, at, this.#objects.managedFields);
      this.#source = undefined;
    } else {
      slab.bytes.set(this.slab!.bytes.subarray(this.#from, this.#from + this.#length), at);
    }
    this.slab = slab;
    this.#from = at;
  }

  #place(): Place {
    if (this.#source === undefined) {
      return { bytes: this.slab!.bytes, from: this.#from, to: this.#from + this.#length };
    }
    // It is read before it is stored, or is never stored, as the last state of what is deleted.
    const bytes = new Uint8Array(this.#length);
    this.#source.copyTo(bytes, 0, this.#objects.managedFields);
    return { bytes, from: 0, to: bytes.length };
  }
}
