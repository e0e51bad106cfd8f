import { fit, printable } from "./text.ts";
import type { AppRow, Stage, Step } from "./view.ts";

/** The terminal that a frame has to fit into. */
export interface FrameOptions {
  /** Columns. */
  width: number;
  /** Lines. */
  height: number;
  /** Whether colours and other attributes may be used. */
  colour: boolean;
  /** What comes after the place. */
  facts: string;
  /** The last line: how to leave. */
  footer: string;
}

const [BOLD, DIM, REVERSE, GREEN, YELLOW, RED] = ["1", "2", "7", "32", "33", "31"];
const MARKS: Readonly<Record<Step["state"], string>> = { "to come": " ", "going on": "▸", done: "✓" };
const STATE_COLOURS: Readonly<Record<string, string>> = {
  leads: GREEN,
  starting: YELLOW,
  killed: RED,
  "has ended": DIM,
};

/**
 * Draws a frame.
 *
 * @returns Its lines: at most `height`, none of more than `width` columns, without line ends.
 */
export function renderFrame(stage: Stage, options: FrameOptions): string[] {
  const { width, height, colour, facts, footer } = options;
  const line = (text: string, ...attributes: string[]) => {
    const fitting = fit(printable(text), width);
    return colour ? attributes.reduce((inner, attribute) => painted(inner, attribute), fitting) : fitting;
  };
  const heading = (text: string) => line(text, REVERSE);

  const top = [line(`${stage.place} · ${facts}`, BOLD)];
  const steps = stage.steps.map(({ name, what, state, outcome }) => {
    const text = ` ${MARKS[state]} ${name.padEnd(8)}${outcome ?? what}`;
    return line(text, ...state === "to come" ? [DIM] : state === "going on" ? [BOLD, YELLOW] : [GREEN]);
  });
  const operators = stage.operators.map(({ name, state }) => {
    const attributes = STATE_COLOURS[state] === undefined ? [] : [STATE_COLOURS[state]];
    return line(`   ${name.padEnd(14)}${state}`, ...attributes);
  });
  const apps = stage.apps.map((app) => line(`   ${cellsOf(app)}`, ...attributesOf(app)));
  const above = [
    ...top,
    heading("   STORY"),
    ...steps,
    heading("   OPERATORS"),
    ...operators,
    heading(
      `   ${"WEBAPP".padEnd(14)}${"IMAGE".padEnd(14)}${"REPLICAS".padEnd(10)}${"READY".padEnd(7)}SERVICE`,
    ),
    ...apps,
    heading("   NEWS"),
  ];
  const room = Math.max(0, height - above.length - 1);
  const news = room === 0 ? [] : stage.news.slice(-room).map((one) => line(`   ${one}`));
  const filler = Array<string>(Math.max(0, room - news.length)).fill("");
  // When there is no room, the footer and the first lines are worth more than the rest.
  return [...[...above, ...news, ...filler].slice(0, Math.max(0, height - 1)), line(footer, DIM)].slice(
    0,
    height,
  );
}

function cellsOf({ name, image, replicas, ready, service, isDeleting }: AppRow): string {
  const state = isDeleting ? "going" : ready;
  return `${fit(name, 13)} ${fit(image, 13)} ${fit(replicas, 9)} ${fit(state, 6)} ${service}`;
}

function attributesOf({ ready, service, isDeleting }: AppRow): string[] {
  if (isDeleting) return [DIM];
  return [ready === "True" && service === "yes" ? GREEN : YELLOW];
}

/** What ends each attribute; the others end with the default colour. */
const ENDS: Readonly<Record<string, string>> = { [BOLD]: "22", [DIM]: "22", [REVERSE]: "27" };

function painted(text: string, attribute: string): string {
  return `\x1b[${attribute}m${text}\x1b[${ENDS[attribute] ?? "39"}m`;
}
