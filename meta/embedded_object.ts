import type { ObjectMeta } from "./object_meta.ts";

/** An object within another, such as a template: it says what it is, and nothing more is known of it. */
export interface EmbeddedObject {
  /** Group and version. */
  apiVersion: string;
  /** The kind. */
  kind: string;
  /** Name, labels and what else all objects share. */
  metadata?: ObjectMeta;
  /** Its other fields. */
  [field: string]: unknown;
}
