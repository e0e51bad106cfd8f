import process from "node:process";
import type { Clock } from "@coxswain/kube/async";
import type { View } from "./view.ts";

/** Prints a line for each thing that happens. */
export function openLines(clock: Clock): View {
  return {
    show() {}, // what matters of it is told
    tell: (line) => void process.stdout.write(`${clock.date().toTimeString().slice(0, 8)} ${line}\n`),
    close() {},
  };
}
