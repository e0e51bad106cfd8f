const NOTHING = new Uint8Array();

/**
 * One object of an answer as the bytes that it came in, which have been found to be JSON. Only what tells objects and
 * their states apart has been read. It is there for one call: whoever keeps it copies what he needs.
 */
export class ObjectBytes {
  /** Where the bytes are, and others with them. */
  bytes: Uint8Array = NOTHING;
  /** Where the object begins. */
  from = 0;
  /** Where it ends. */
  to = 0;
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

  /** Becomes another object, of which only is known where it begins. */
  begin(bytes: Uint8Array, from: number): void {
    this.bytes = bytes;
    this.from = this.to = from;
    this.metadataFrom = this.metadataTo = 0;
    this.managedFrom = this.managedTo = 0;
    this.prefix = NOTHING;
    this.apiVersion =
      this.kind =
      this.name =
      this.namespace =
      this.uid =
      this.resourceVersion =
        "";
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
