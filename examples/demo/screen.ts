import { writeSync } from "node:fs";
import process from "node:process";

// The alternate screen, so that what was there comes back; no cursor; what is too long does not wrap.
const ENTER = "\x1b[?1049h\x1b[?25l\x1b[?7l";
const LEAVE = "\x1b[0m\x1b[?7h\x1b[?25h\x1b[?1049l";
const [BEGIN, END] = ["\x1b[?2026h", "\x1b[?2026l"]; // a frame: terminals that know this show it at once
const STDOUT = 1; // file descriptor

/** What a terminal tells. */
export interface ScreenOptions {
  /** Told of each key, or of several that came together. */
  onKeys: (keys: string) => void;
  /** Told when the window has another size; what was drawn is gone by then. */
  onResize: () => void;
}

/** The whole of the terminal, until it is closed. */
export class Screen {
  readonly #options: ScreenOptions;
  readonly #hasKeyboard = process.stdin.isTTY === true;
  #drawn: readonly string[] = [];

  /** Takes over the terminal: the alternate screen, and each key as it is pressed. */
  constructor(options: ScreenOptions) {
    this.#options = options;
    process.on("exit", this.#restore); // for whatever ends the process while this is open
    writeSync(STDOUT, ENTER);
    process.stdout.on("resize", this.#resized);
    if (!this.#hasKeyboard) return;
    process.stdin.setRawMode(true);
    process.stdin.on("data", this.#pressed);
  }

  /** Whether keys can be pressed: standard input is a terminal, too. */
  get hasKeyboard(): boolean {
    return this.#hasKeyboard;
  }

  /** Columns and lines. Some terminals do not tell, and say 0. */
  get size(): { width: number; height: number } {
    return { width: process.stdout.columns || 80, height: process.stdout.rows || 24 };
  }

  /** Shows lines in place of what was there. They have to fit. */
  draw(lines: readonly string[]): void {
    if (process.stdout.writableNeedDrain) return; // the terminal is slow: the next frame will do
    const changed = Array.from({ length: Math.max(lines.length, this.#drawn.length) }, (_, index) => index)
      .filter((index) => lines[index] !== this.#drawn[index]);
    if (changed.length === 0) return;
    const texts = changed.map((index) => `\x1b[${index + 1};1H\x1b[2K${lines[index] ?? ""}`);
    process.stdout.write(BEGIN + texts.join("") + END);
    this.#drawn = lines;
  }

  /** Gives the terminal back as it was. Closing twice is fine. */
  close(): void {
    if (!process.listeners("exit").includes(this.#restore)) return;
    process.off("exit", this.#restore);
    process.stdout.off("resize", this.#resized);
    if (this.#hasKeyboard) {
      process.stdin.off("data", this.#pressed);
      process.stdin.pause(); // or the process would wait for the next key
    }
    this.#restore();
  }

  readonly #restore = () => {
    try {
      if (this.#hasKeyboard) process.stdin.setRawMode(false);
      writeSync(STDOUT, LEAVE); // at once: when the process is ending, nothing else would get out
    } catch {
      // The terminal has gone, with its window or its connection: there is nothing to give back.
    }
  };

  readonly #resized = () => {
    this.#drawn = [];
    process.stdout.write("\x1b[2J");
    this.#options.onResize();
  };

  readonly #pressed = (keys: Uint8Array | string) => this.#options.onKeys(String(keys));
}
