import type { PodRow, Tone } from "./pod_row.ts";
import { fit, fitMiddle, widthOf } from "./text.ts";

/** What has just happened to a pod; a space stands for nothing. */
export type Mark = "+" | "~" | "-" | " ";

/** A row of the table. */
export interface MarkedRow extends PodRow {
  mark: Mark;
}

/** What a frame shows. */
export interface Frame {
  /** Where the pods are: the server, and the namespace if it is one. */
  place: string;
  /** What comes after the place: counts, and how the watch is doing. */
  facts: string;
  /** The rows that fit, in order: see {@linkcode rowsIn}. */
  rows: readonly MarkedRow[];
  /** How many pods there are besides. */
  hidden: number;
  /** The last line: how to leave. */
  footer: string;
}

/** The terminal that a frame has to fit into. */
export interface FrameOptions {
  /** Columns. */
  width: number;
  /** Lines. */
  height: number;
  /** Whether colours and other attributes may be used. */
  colour: boolean;
}

interface Column {
  title: string;
  field: Exclude<keyof PodRow, "tone">;
  /** So wide at least, where there is room: the table should not jump about when a long word comes and goes. */
  usual: number;
  /** To this width a long column is cut before another is left out. Absent: it is never cut. */
  least?: number;
  align?: "right";
}

const COLUMNS: readonly Column[] = [
  { title: "NAMESPACE", field: "namespace", usual: 9, least: 12 },
  { title: "NAME", field: "name", usual: 16, least: 32 },
  { title: "READY", field: "ready", usual: 5 },
  { title: "STATUS", field: "status", usual: 17, least: 17 },
  { title: "RESTARTS", field: "restarts", usual: 8, align: "right" },
  { title: "AGE", field: "age", usual: 5, align: "right" },
  { title: "NODE", field: "node", usual: 6, least: 12 },
];

/** In this order columns are left out when there is no room. The name and the status stay. */
const LEFT_OUT: readonly Column["field"][] = ["node", "restarts", "ready", "age", "namespace"];

const GAP = "  ";
const SEPARATOR = " · ";
/** The place is left out rather than cut to less than this. */
const LEAST_PLACE = 12;
/** Lines that are no rows: header, titles of the columns, what is hidden, footer. */
const OTHER_LINES = 4;

/** How many of `count` rows a frame of that height holds. */
export function rowsIn(height: number, count: number): number {
  const room = Math.max(0, height - OTHER_LINES);
  return count <= room + 1 ? Math.min(count, room + 1) : room; // nothing hidden: no line that says so
}

/**
 * Draws a frame.
 *
 * @returns Its lines: at most `height`, none of more than `width` columns, without line ends.
 */
export function renderFrame(frame: Frame, { width, height, colour }: FrameOptions): string[] {
  const { place, facts, rows, hidden, footer } = frame;
  const paint = colour ? withAttributes : (text: string) => text;
  const columns = columnsFor(rows, width - 2);

  const room = width - widthOf(SEPARATOR + facts);
  const shortened = widthOf(place) <= room ? place : fit(place, room);
  const header = room < LEAST_PLACE ? facts : `${shortened}${SEPARATOR}${facts}`;
  const titles = columns.map(({ title, width, align }) => fit(title, width, align)).join(GAP);
  const body = rows.map((row) => {
    const cells = columns.map(({ field, width, align }) => {
      const cell = field === "name" ? fitMiddle(row.name, width) : fit(row[field], width, align);
      return field === "status" || row.tone === "over" ? paint(cell, COLOURS[row.tone]) : cell;
    });
    const line = `${paint(row.mark, MARKS[row.mark])} ${cells.join(GAP)}`;
    return row.mark === " " || row.tone === "over" ? line : paint(line, BOLD); // dim ends where bold does
  });
  if (rows.length === 0) body.push(fit("  There are no pods.", width));
  if (hidden > 0) {
    body.push(paint(fit(`  … and ${hidden} more, whose last change is longer ago`, width), DIM));
  }

  const top = [paint(fit(header, width), BOLD), paint(fit(`  ${titles}`, width), REVERSE)];
  const filler = Array<string>(Math.max(0, height - top.length - body.length - 1)).fill("");
  // When there is no room, the footer and the header are worth more than the rest.
  const middle = [...top.slice(1), ...body, ...filler].slice(0, Math.max(0, height - 2));
  return [top[0], ...middle, paint(fit(footer, width), DIM)].slice(0, height);
}

/** Columns and their widths, so that they fit. */
function columnsFor(rows: readonly PodRow[], width: number): (Column & { width: number })[] {
  let columns = COLUMNS.map((column) => ({
    ...column,
    width: rows.reduce((most, row) => Math.max(most, widthOf(row[column.field])), column.usual),
  }));
  const excess = () => columns.reduce((sum, column) => sum + column.width + GAP.length, -GAP.length - width);
  const cut = (least: (column: Column) => number) => {
    while (excess() > 0) {
      const longest = columns.filter((column) => column.width > least(column))
        .sort((a, b) => b.width - a.width)[0];
      if (longest === undefined) return;
      longest.width--;
    }
  };
  for (const field of [...LEFT_OUT, undefined]) {
    cut(({ least }) => least ?? Infinity);
    if (excess() <= 0 || field === undefined) break;
    columns = columns.filter((column) => column.field !== field);
  }
  cut(() => 0);
  return columns;
}

const BOLD = "1";
const DIM = "2";
const REVERSE = "7";
const COLOURS: Readonly<Record<Tone, string>> = { good: "32", busy: "33", bad: "31", over: DIM };
const MARKS: Readonly<Record<Mark, string>> = { "+": "32", "~": "33", "-": "31", " ": "" };

/** What ends each attribute; the others end with the default colour. */
const ENDS: Readonly<Record<string, string>> = { [BOLD]: "22", [DIM]: "22", [REVERSE]: "27" };

function withAttributes(text: string, attribute: string): string {
  return attribute === "" ? text : `\x1b[${attribute}m${text}\x1b[${ENDS[attribute] ?? "39"}m`;
}
