/**
 * One object of an answer as the bytes that it came in, which have been found to be JSON. Only what tells objects and
 * their states apart has been read. The bytes are those of the answer: who keeps the object long copies them.
 */
export class ObjectBytes {
  /** Where the bytes are, and others with them. */
  readonly bytes: Uint8Array;
  /** Where the object begins. */
  readonly from: number;
  /** Where it ends. */
  to: number;
  /** Where its metadata begins. */
  metadataFrom = 0;
  /** Where its metadata ends. */
  metadataTo = 0;
  /** What has to go for the object to be without `metadata.managedFields`; empty if it has none. */
  managedFrom = 0;
  /** The end of that. */
  managedTo = 0;
  /** What has to be written after the first bracket, since a list says it of all its items at once. */
  prefix: Uint8Array = NOTHING;
  /** Its `apiVersion`; empty if it has none. */
  apiVersion = "";
  /** Its `kind`; empty if it has none. */
  kind = "";
  /** Its name; never empty. */
  name = "";
  /** Its namespace; empty if it has none. */
  namespace = "";
  /** Its uid; empty if it has none. */
  uid = "";
  /** Its version; empty if it has none. */
  resourceVersion = "";

  /** The object that begins at `from`; the rest is filled in while it is read. */
  constructor(bytes: Uint8Array, from: number) {
    this.bytes = bytes;
    this.from = from;
    this.to = from;
  }

  /** How many bytes {@linkcode ObjectBytes.copyTo} writes. */
  lengthAs(managedFields: "keep" | "drop"): number {
    const cut = managedFields === "drop" ? this.managedTo - this.managedFrom : 0;
    return this.to - this.from + this.prefix.length - cut;
  }

  /** Writes the object into other bytes, with or without its `managedFields`. */
  copyTo(target: Uint8Array, at: number, managedFields: "keep" | "drop"): void {
    const { bytes, prefix, to, managedFrom, managedTo } = this;
    let { from } = this;
    if (prefix.length > 0) {
      target[at] = bytes[from++];
      target.set(prefix, at + 1);
      at += 1 + prefix.length;
    }
    if (managedFields === "drop" && managedTo > 0) {
      target.set(bytes.subarray(from, managedFrom), at);
      at += managedFrom - from;
      from = managedTo;
    }
    target.set(bytes.subarray(from, to), at);
  }
}

const NOTHING = new Uint8Array();
