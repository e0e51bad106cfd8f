import process from "node:process";
import type { Clock } from "@coxswain/kube/async";
import { podRow } from "./pod_row.ts";
import type { View } from "./view.ts";

/** Prints a line for each event: time, type, pod, status. Lines that begin with `#` are about the demo itself. */
export function openLines(place: string, ending: string, clock: Clock): View {
  let events = 0;
  const print = (line: string) => process.stdout.write(`${line}\n`);
  print(`# ${place}; ${ending}`);
  return {
    show(changes) {
      const now = clock.date();
      const time = now.toTimeString().slice(0, 8);
      for (const { type, pod } of changes) {
        if (type !== "LISTED") events++;
        const { namespace, name, status, ready } = podRow(pod, now);
        print(`${time} ${type.padEnd(8)} ${namespace}/${name} ${status} ${ready}`);
      }
    },
    tell(state) {
      if (state === "interrupted") print("# The watch was interrupted; listing anew");
    },
    close() {
      print(`# ${events} ${events === 1 ? "event" : "events"} after the list`);
    },
  };
}
