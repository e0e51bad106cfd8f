import type { TableColumn } from "../client/mod.ts";
import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { builtInCells } from "./built_in_cells.ts";
import { BUILT_IN_COLUMNS, COMMON_COLUMNS } from "./built_in_columns.ts";
import { CellReader } from "./cell_reader.ts";
import { converted } from "./conversion.ts";
import { customCell, DEFAULT_COLUMNS } from "./custom_cells.ts";
import { podConditions } from "./pod_cells.ts";
import type { ServedResource } from "./served_resource.ts";

/** What a Table has of each object besides its cells. */
export type IncludeObject = "" | "Metadata" | "Object" | "None";

/** How objects become a Table. */
export interface TableOptions {
  /** `v1` or `v1beta1`. */
  readonly version: string;
  readonly includeObject: IncludeObject;
  /** Leave out what is said of the columns. */
  readonly noHeaders: boolean;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** The version whose fields the cells are made of, of kinds that have others. */
const READ_AS: Readonly<Record<string, string>> = {
  "events.events.k8s.io": "v1",
  "horizontalpodautoscalers.autoscaling": "autoscaling/v2",
};

const SCALE_COLUMNS: readonly TableColumn[] = [
  commonColumn("Name", ""),
  column("Desired", "integer", "replicas is the desired number of instances for the scaled object."),
  column("Available", "integer", "replicas is the actual number of observed instances of the scaled object."),
  commonColumn("Age", ""),
];

/** An object, or a list of them, as a `Table`, with the columns and cells that a real server gives them. */
export function tableOf(body: JsonObject, resource: ServedResource, options: TableOptions): JsonObject {
  const isList = Array.isArray(body.items);
  const { kind = "", apiVersion = "" } = body as { kind?: string; apiVersion?: string };
  const itemKind = { kind: kind.replace(/List$/, ""), apiVersion };
  const objects = isList ? (body.items as JsonObject[]).map((item) => ({ ...itemKind, ...item })) : [body];
  const title = kind === "Scale" && apiVersion === "autoscaling/v1" ? "scales.autoscaling" : resource.title;
  if (title.startsWith("flowschemas.")) objects.sort(byPrecedence); // of all kinds, these alone have an order of their own
  const { resourceVersion, continue: rest, remainingItemCount } = body.metadata as JsonObject;
  return {
    kind: "Table",
    apiVersion: `meta.k8s.io/${options.version}`,
    metadata: isList
      ? { resourceVersion, continue: rest || undefined, remainingItemCount }
      : { resourceVersion },
    columnDefinitions: options.noHeaders ? null : columnsOf(title, resource),
    rows: objects.map((object) => rowOf(object as unknown as ApiObject, title, resource, options)),
  };
}

function byPrecedence(a: JsonObject, b: JsonObject): number {
  const of = ({ spec }: JsonObject) => Number((spec as JsonObject | undefined)?.matchingPrecedence ?? 0);
  const nameOf = ({ metadata }: JsonObject) => String((metadata as JsonObject).name);
  return of(a) - of(b) || (nameOf(a) < nameOf(b) ? -1 : 1);
}

/** The object's metadata alone. @param version `v1` or `v1beta1`. */
export function partialOf({ metadata }: JsonObject, version: string): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: `meta.k8s.io/${version}`, metadata };
}

function rowOf(
  object: ApiObject,
  title: string,
  resource: ServedResource,
  options: TableOptions,
): JsonObject {
  const { version, includeObject, now } = options;
  const { annotations } = object.metadata;
  const marksEnd = annotations?.["k8s.io/initial-events-end"] === "true";
  const reader = new CellReader(title in READ_AS ? converted(object, READ_AS[title]) : object, now);
  const conditions = title === "pods" ? podConditions(reader) : undefined;
  const part = includeObject === "Object" ? object : partialOf(object, version);
  return {
    cells: resource.builtIn || title !== resource.title
      ? builtInCells(title === "events.events.k8s.io" ? "events" : title)(reader)
      : customCells(object, resource, now),
    ...(conditions && { conditions }),
    object: includeObject === "None" && !marksEnd ? null : part,
  };
}

function customCells(
  object: ApiObject,
  { columns = DEFAULT_COLUMNS }: ServedResource,
  now: number,
): unknown[] {
  return [object.metadata.name, ...columns.map((column) => customCell(object, column, now))];
}

function columnsOf(
  title: string,
  { builtIn, columns = DEFAULT_COLUMNS }: ServedResource,
): readonly TableColumn[] {
  if (title === "scales.autoscaling") return SCALE_COLUMNS;
  if (!builtIn) {
    return [
      commonColumn("Name", "name"),
      ...columns.map(({ name, type, format = "", description, priority = 0, jsonPath }) => {
        const isDefault = columns === DEFAULT_COLUMNS;
        const about = `Custom resource definition column (in JSONPath format): ${jsonPath}`;
        return {
          name,
          type,
          format,
          description: description || (isDefault ? COMMON_COLUMNS.Age : about),
          priority,
        };
      }),
    ];
  }
  const rows = BUILT_IN_COLUMNS[title] ?? "Name|string|name|0|=Name\nCreated At|date||0|=Age";
  return rows.trim().split("\n").map((row) => {
    const [, name, type, format, priority, text] = /^(.*?)\|(.*?)\|(.*?)\|(.*?)\|(.*)$/.exec(row)!;
    const description = text.startsWith("=") ? COMMON_COLUMNS[text.slice(1)] : text.replaceAll("\\n", "\n");
    return { name, type, format, description, priority: Number(priority) };
  });
}

function column(name: string, type: string, description: string): TableColumn {
  return { name, type, format: "", description, priority: 0 };
}

function commonColumn(name: "Name" | "Age", format: string): TableColumn {
  return { ...column(name, "string", COMMON_COLUMNS[name]), format };
}

/** Whether a decoded answer is an object or a list, and not a `Status`. */
export function isRepresentable(body: unknown): body is JsonObject {
  return isJsonObject(body) && isJsonObject(body.metadata) && body.kind !== "Status";
}
