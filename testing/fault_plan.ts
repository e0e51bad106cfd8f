import { type FaultStep, isMeant } from "./fault.ts";
import type { RequestInfo } from "./request_info.ts";

/** A step that is part of a plan. */
export interface PlannedFault {
  /** How many requests it has hit. */
  readonly hits: number;
  /** Takes it out of the plan. Doing so twice is fine. */
  remove(): void;
}

interface Entry {
  readonly step: FaultStep;
  seen: number;
  hits: number;
}

/** Which fault comes to which request. Nothing but counting, and dice that repeat themselves. */
export class FaultPlan {
  readonly #entries = new Set<Entry>();
  readonly #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** @throws {RangeError} If the step's numbers make no sense. */
  add(step: FaultStep): PlannedFault {
    checkStep(step);
    const entry: Entry = { step: { ...step }, seen: 0, hits: 0 };
    this.#entries.add(entry);
    return {
      get hits() {
        return entry.hits;
      },
      remove: () => void this.#entries.delete(entry),
    };
  }

  clear(): void {
    this.#entries.clear();
  }

  /**
   * The fault of the next request: that of the first step which hits it.
   *
   * @param canExpire Whether the request asks for a version that may be forgotten.
   */
  take(request: RequestInfo, canExpire: boolean): FaultStep | undefined {
    for (const entry of this.#entries) {
      const { step } = entry;
      const { fault, nth = 1, times = 1, chance = 1 } = step;
      if (!isMeant(step, request)) continue;
      if (fault === "expire" && !canExpire) continue;
      if (fault === "dropBookmarks" && request.verb !== "watch") continue;
      entry.seen++;
      if (entry.seen < nth || entry.hits >= times) continue;
      if (chance < 1 && this.#random() >= chance) continue;
      entry.hits++;
      return step;
    }
    return undefined;
  }
}

function checkStep(step: FaultStep): void {
  const { fault, nth = 1, times = 1, chance = 1 } = step;
  const wrong = (what: string, value: number) => {
    throw new RangeError(`Cannot plan the fault ${JSON.stringify(fault)}: ${what}, got ${value}`);
  };
  if (!(nth >= 1)) wrong("nth must be at least 1", nth);
  if (!(times >= 1)) wrong("times must be at least 1", times);
  if (!(chance >= 0 && chance <= 1)) wrong("chance must be from 0 to 1", chance);
  if (step.fault === "slow" && !(step.bytesPerSecond > 0)) {
    wrong("bytesPerSecond must be above 0", step.bytesPerSecond);
  }
  if (step.fault === "error" && !(step.code >= 200 && step.code <= 599)) {
    wrong("code must be from 200 to 599", step.code);
  }
  if (step.fault === "cut" || step.fault === "hang") {
    const { afterBytes = 0, afterLines = 0 } = step;
    if (!(afterBytes >= 0)) wrong("afterBytes must be at least 0", afterBytes);
    if (!(afterLines >= 0)) wrong("afterLines must be at least 0", afterLines);
  }
}
