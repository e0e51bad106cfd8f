import process from "node:process";
import type { Stored } from "@coxswain/kube";
import type { Clock } from "@coxswain/kube/async";
import { formatKey } from "@coxswain/kube/meta";
import type { Pod } from "@coxswain/kube/types/core/v1";
import type { Change, State } from "./follow.ts";
import { type Mark, renderFrame, rowsIn } from "./frame.ts";
import { podRow } from "./pod_row.ts";
import { Screen } from "./screen.ts";
import type { View } from "./view.ts";

/** Frames are at least this far apart, in milliseconds. */
const FRAME = 100;
/** The table is drawn so often even if no event comes, in milliseconds: pods grow older. */
const TICK = 1_000;
/** How long a change stays marked, in milliseconds. */
const MARKED = 2_500;
/** When nothing has come for so long, the header says so, in milliseconds. */
const QUIET = 10_000;

const MARKS: Readonly<Record<Change["type"], Mark>> = {
  LISTED: " ",
  ADDED: "+",
  MODIFIED: "~",
  DELETED: "-",
};
const LEAVING_KEYS = ["q", "Q", "\x03", "\x04"]; // Ctrl-C and Ctrl-D: in raw mode they are keys like others

interface Entry {
  pod: Stored<Pod>;
  mark: Mark;
  /** When it changed, on the clock. */
  changed: number;
}

/** Options of {@linkcode openTable}. */
export interface TableOptions {
  clock: Clock;
  colour: boolean;
  /** Said after how to leave. */
  hint: string;
  /** Called when somebody wants to leave. */
  onLeave: () => void;
}

/** Shows pods in a table that fills the terminal. */
export function openTable(place: string, { clock, colour, hint, onLeave }: TableOptions): View {
  const entries = new Map<string, Entry>();
  let state: State = "listing";
  let events = 0;
  let heard = clock.now();
  let open = true;
  let drawn = -Infinity;
  let cancel = () => {};

  const draw = () => {
    drawn = clock.now();
    for (const [key, { mark, changed }] of entries) {
      if (mark === "-" && drawn - changed >= MARKED) entries.delete(key);
    }
    const { width, height } = screen.size;
    const shown = rowsIn(height, entries.size);
    const visible = [...entries].sort(byName);
    if (shown < visible.length) {
      // What has changed last is shown, and still in the order of names: sorting is stable.
      visible.sort(([, a], [, b]) => b.changed - a.changed).length = shown;
      visible.sort(byName);
    }
    const now = clock.date();
    const rows = visible.map(([, { pod, mark, changed }]) => {
      const row = podRow(pod, now);
      if (mark === "-") Object.assign(row, { status: "(deleted)", tone: "over" });
      return { ...row, mark: drawn - changed < MARKED ? mark : " " as const };
    });
    const silence = drawn - heard;
    const quiet = silence < QUIET ? "" : `, quiet for ${Math.floor(silence / 1000)} s`;
    const pods = [...entries.values()].filter(({ mark }) => mark !== "-").length;
    const facts = `${count(pods, "pod")} · ${count(events, "event")} · ${state}${quiet}`;
    const leave = screen.hasKeyboard ? "q or Ctrl-C leaves" : "Ctrl-C leaves";
    const frame = { place, facts, rows, hidden: entries.size - shown, footer: `${leave}${hint}` };
    screen.draw(renderFrame(frame, { width, height, colour }));
    drawIn(TICK);
  };
  const drawIn = (delay: number) => {
    cancel();
    if (open) cancel = clock.schedule(draw, delay);
  };
  const drawSoon = () => drawIn(Math.max(0, drawn + FRAME - clock.now()));

  const screen = new Screen({
    onKeys: (keys) => LEAVING_KEYS.some((key) => keys.includes(key)) && onLeave(),
    onResize: draw,
  });
  return {
    show(changes) {
      heard = clock.now();
      for (const { type, pod } of changes) {
        if (type !== "LISTED") events++;
        const changed = type === "LISTED" ? -MARKED : heard; // long ago
        entries.set(formatKey(pod.metadata), { pod, mark: MARKS[type], changed });
      }
      drawSoon();
    },
    tell(now) {
      state = now;
      drawSoon();
    },
    close() {
      if (!open) return;
      open = false;
      cancel();
      screen.close();
      process.stdout.write(`Saw ${count(events, "event")}. How it is done: examples/demo/follow.ts\n`);
    },
  };
}

function byName([a]: [string, Entry], [b]: [string, Entry]): number {
  return a < b ? -1 : 1;
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? "" : "s"}`;
}
