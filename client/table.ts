import type { KubernetesObject, ListMeta } from "../meta/mod.ts";
import type { GetOptions, ListOptions, WatchOptions } from "./options.ts";

/** Objects as the rows of a table, with the columns that the kind's author chose for people. */
export interface Table {
  /** Always `meta.k8s.io/v1`. */
  apiVersion: string;
  /** Always `Table`. */
  kind: "Table";
  /** Version of the collection, and where the next page begins. */
  metadata: ListMeta;
  /** The columns, in order. */
  columnDefinitions: TableColumn[];
  /** One row for each object. */
  rows: TableRow[];
}

/** One column of a {@linkcode Table}. */
export interface TableColumn {
  /** What stands above it. */
  name: string;
  /** Type of its cells, in OpenAPI's words: `string`, `integer`, `number`, `boolean`, `date`, `array`. */
  type: string;
  /** What the type alone does not say. `name` marks the column of the object's name. */
  format: string;
  /** What it shows. */
  description: string;
  /** 0 for what is always shown; more for what `kubectl get -o wide` adds. */
  priority: number;
}

/** One row of a {@linkcode Table}: one object. */
export interface TableRow {
  /** As many as there are columns. */
  cells: unknown[];
  /** Facts about the row; the one that is defined is `Completed`, of what has run to its end. */
  conditions?: { type: string; status: string; reason?: string; message?: string }[];
  /** The object, as `includeObject` asked for it; without that, its metadata. */
  object?: KubernetesObject;
}

/** How much of each object comes with its row. */
export interface TableOptions {
  /** `Metadata` (default), the whole `Object`, or `None`. */
  includeObject?: "None" | "Metadata" | "Object";
}

/** A change of one row. */
export interface TableEvent {
  /** What happened to the object. */
  type: "ADDED" | "MODIFIED" | "DELETED";
  /** The row after the change; for `DELETED`, the last one. */
  row: TableRow;
  /** The columns, the same for all events of a watch. */
  columnDefinitions: TableColumn[];
}

/** Options of {@linkcode TableCollection.watch}. */
export interface TableWatchOptions extends Omit<WatchOptions, "bookmarks"> {
  /** `Metadata` (default) or the whole `Object`. A watch needs one of them to know how far it has come. */
  includeObject?: "Metadata" | "Object";
}

/** Reading a collection as a table. */
export interface TableCollection {
  /**
   * The collection as a table, or with `limit` its first part.
   *
   * @throws {SyntaxError} If the server cannot make a table of this kind.
   */
  list(options?: ListOptions & TableOptions): Promise<Table>;
  /** What exists, and then each change, as rows. Goes on by itself, as `watch()` of the objects does. */
  watch(options?: TableWatchOptions): AsyncIterableIterator<TableEvent>;
}

/** Reading a collection, or one object, as a table. */
export interface TableClient extends TableCollection {
  /** One object, as a table of one row. */
  get(name: string, options?: GetOptions & TableOptions): Promise<Table>;
}

/** What has to be a table. */
export function checkTable(answer: { kind?: string }): Table {
  if (answer.kind === "Table") return answer as Table;
  throw new SyntaxError(
    `Cannot show a table: the server answered with a ${answer.kind ?? "thing of no kind"}`,
  );
}
