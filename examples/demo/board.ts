import type { Clock } from "@coxswain/kube/async";
import { renderFrame } from "./frame.ts";
import { Screen } from "./screen.ts";
import type { Stage, View } from "./view.ts";

/** Frames are at least this far apart, in milliseconds. */
const FRAME = 100;
/** The board is drawn so often even if nothing changes, in milliseconds: time goes by. */
const TICK = 500;

const LEAVING_KEYS = ["q", "Q", "\x03", "\x04"]; // Ctrl-C and Ctrl-D: in raw mode they are keys like others

/** Options of {@linkcode openBoard}. */
export interface BoardOptions {
  clock: Clock;
  colour: boolean;
  /** Called when somebody wants to leave. */
  onLeave: () => void;
}

/** Shows the stage on a board that fills the terminal. */
export function openBoard({ clock, colour, onLeave }: BoardOptions): View {
  const began = clock.now();
  let stage: Stage | undefined;
  let drawn = -Infinity;
  let open = true;
  let cancel = () => {};
  const drawIn = (delay: number) => {
    cancel();
    if (open) cancel = clock.schedule(draw, delay);
  };
  const draw = () => {
    drawn = clock.now();
    if (stage !== undefined) {
      const facts = `${((drawn - began) / 1000).toFixed(0)} s`;
      const footer = screen.hasKeyboard ? "q or Ctrl-C leaves" : "Ctrl-C leaves";
      screen.draw(renderFrame(stage, { ...screen.size, colour, facts, footer }));
    }
    drawIn(TICK);
  };
  const screen = new Screen({
    onKeys: (keys) => LEAVING_KEYS.some((key) => keys.includes(key)) && onLeave(),
    onResize: draw,
  });
  return {
    show(now) {
      stage = now;
      drawIn(Math.max(0, drawn + FRAME - clock.now()));
    },
    tell() {}, // it is among the news
    close() {
      if (!open) return;
      open = false;
      cancel();
      screen.close();
    },
  };
}
