import { parseTime } from "../meta/mod.ts";
import { isJsonObject } from "./api_object.ts";
import { humanDuration } from "./human_duration.ts";
import { findByPath } from "./json_path.ts";

/** A column that a definition adds to the Tables of its kind. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly description?: string;
  readonly priority?: number;
  readonly jsonPath: string;
}

/** The columns of a kind whose definition names none. */
export const DEFAULT_COLUMNS: readonly PrinterColumn[] = [
  { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
];

/** What a row says in a column; null if the object has nothing there. @param now Milliseconds since 1970. */
export function customCell(object: unknown, { type, jsonPath }: PrinterColumn, now: number): unknown {
  const [value] = findByPath(object, jsonPath);
  if (value === null && type === "string") return "<no value>";
  if (value === undefined || value === null) return null;
  switch (type) {
    case "string":
      return isJsonObject(value) || Array.isArray(value) ? JSON.stringify(value) : String(value);
    case "integer":
      return typeof value === "number" ? Math.trunc(value) : null;
    case "number":
      return typeof value === "number" ? value : null;
    case "boolean":
      return typeof value === "boolean" ? value : null;
    case "date":
      return typeof value === "string" ? ageSince(value, now) : null;
    default:
      return null;
  }
}

function ageSince(time: string, now: number): string {
  if (time === "") return "<unknown>";
  try {
    return humanDuration(now - parseTime(time).getTime());
  } catch {
    return "<invalid>";
  }
}
