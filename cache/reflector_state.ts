import {
  isBadRequest,
  isForbidden,
  isInvalid,
  isMethodNotAllowed,
  isNetworkError,
  isNotAcceptable,
  isTooManyRequests,
  isUnauthorized,
  isUnsupportedMediaType,
  statusErrorOf,
  suggestedDelayOf,
} from "../rest/mod.ts";
import { isTooLarge, isTooOld } from "./version_errors.ts";

/** What a reflector does when it does not wait. */
export type Activity =
  | {
    /** A watch has been opened that begins with what is there; its end has not come yet. */
    readonly at: "streaming";
    /** At least as new as this; empty for the newest. */
    readonly resourceVersion: string;
    /** How often such a watch has ended too early, one after the other. */
    readonly tries: number;
  }
  | {
    /** The collection is being listed. */
    readonly at: "listing";
    /** At least as new as this; empty for the newest, `"0"` for what a cache of the server has. */
    readonly resourceVersion: string;
  }
  | {
    /** All is known; changes are followed. */
    readonly at: "watching";
    /** How often the server has refused the watch, or ended it at once, one after the other. */
    readonly failures: number;
  };

/** Where a {@linkcode Reflector} is. */
export type ReflectorState =
  | {
    /** It has not been started. */
    readonly at: "idle";
  }
  | Activity
  | {
    /** Something has failed; it goes on after a pause. */
    readonly at: "waiting";
    /** What comes then. */
    readonly then: Activity;
    /** The pause is at least this long, in milliseconds, as the server asks for it. */
    readonly atLeast: number;
  }
  | {
    /** It has ended, for good. */
    readonly at: "stopped";
  };

/** What a reflector has learned on its way. */
export interface Knowledge {
  /** Up to which version the collection is known; empty at first. */
  readonly resourceVersion: string;
  /** Whether the server takes watches that begin with what is there. Learned once. */
  readonly watchList: boolean;
  /** Whether that version has turned out to be of no use, so that the newest state has to be asked for. */
  readonly unavailable: boolean;
}

/** How an activity has ended. */
export type Outcome =
  | {
    /** All that is there is known now. */
    readonly is: "synced";
  }
  | {
    /** The server has ended the watch. */
    readonly is: "ended";
    /** Whether it was hardly open, and nothing came. */
    readonly short: boolean;
  }
  | {
    /** Something went wrong. */
    readonly is: "failed";
    readonly error: unknown;
    /** Whether there was no answer, or a refusal; and not: the stream broke off. */
    readonly atStart: boolean;
    /** Whether the stream was hardly open. */
    readonly short: boolean;
  };

/** What follows, and what has been learned. */
export interface Step {
  readonly state: Exclude<ReflectorState, { at: "idle" | "stopped" }>;
  readonly knowledge: Knowledge;
}

/** So many initial watches may end too early before a list is tried: it comes in pages, so that each is short. */
const MOST_TRIES = 3;
/** So many watches in a row may be refused before the collection is read again: it may be the watch that is broken. */
const MOST_FAILURES = 3;

/** Thrown when a watch has sent events, and then neither more nor the sign that these were all. */
export class NoInitialEnd extends Error {
  override readonly name = "NoInitialEnd";
}

/** How reading the collection begins. */
export function syncing({ watchList, resourceVersion, unavailable }: Knowledge): Activity {
  return watchList
    ? { at: "streaming", resourceVersion: unavailable ? "" : resourceVersion, tries: 0 }
    : listing({ resourceVersion, unavailable });
}

function listing({ resourceVersion, unavailable }: Omit<Knowledge, "watchList">): Activity {
  return { at: "listing", resourceVersion: unavailable ? "" : resourceVersion || "0" };
}

/**
 * What follows an activity, given how it ended. No I/O and no clock: its test is a table.
 *
 * @see spec informers 9.4–9.9
 */
export function nextState(from: Activity, outcome: Outcome, knowledge: Knowledge): Step {
  if (outcome.is === "synced") {
    return { state: { at: "watching", failures: 0 }, knowledge: { ...knowledge, unavailable: false } };
  }
  switch (from.at) {
    case "streaming":
      return afterStreaming(from, outcome, knowledge);
    case "listing":
      return afterListing(from, outcome, knowledge);
    case "watching":
      return afterWatching(from, outcome, knowledge);
  }
}

type NotSynced = Exclude<Outcome, { is: "synced" }>;

function afterStreaming(
  from: Activity & { at: "streaming" },
  outcome: NotSynced,
  knowledge: Knowledge,
): Step {
  const tries = from.tries + 1;
  const again: Activity = tries < MOST_TRIES ? { ...from, tries } : listing(knowledge);
  if (outcome.is === "ended") return { state: outcome.short ? wait(again) : again, knowledge };
  const { error, atStart, short } = outcome;
  if (isTooOld(error) || isTooLarge(error)) {
    const newest = { ...knowledge, unavailable: true };
    const then = syncing(newest);
    return { state: from.resourceVersion === "" ? wait(then, error) : then, knowledge: newest };
  }
  if (isTooManyRequests(error)) return { state: wait(from, error), knowledge };
  if (isNetworkError(error)) {
    if (atStart) return { state: wait(from, error), knowledge };
    return { state: short ? wait(again, error) : again, knowledge };
  }
  if (isRefused(error)) return { state: listing(knowledge), knowledge: { ...knowledge, watchList: false } };
  return { state: listing(knowledge), knowledge };
}

function afterListing(from: Activity & { at: "listing" }, outcome: NotSynced, knowledge: Knowledge): Step {
  const error = outcome.is === "failed" ? outcome.error : undefined;
  if (isTooOld(error) || isTooLarge(error)) {
    const newest = { ...knowledge, unavailable: true };
    return {
      state: from.resourceVersion === "" ? wait(syncing(newest), error) : listing(newest),
      knowledge: newest,
    };
  }
  return { state: wait(syncing(knowledge), error), knowledge };
}

function afterWatching(from: Activity & { at: "watching" }, outcome: NotSynced, knowledge: Knowledge): Step {
  const failures = from.failures + 1;
  const again: Activity = { at: "watching", failures };
  if (outcome.is === "ended" || isNetworkError(outcome.error)) {
    if (!outcome.short) return { state: { at: "watching", failures: 0 }, knowledge };
    // A server that cannot be reached cannot be listed either.
    if (outcome.is === "failed") return { state: wait(from, outcome.error), knowledge };
    return { state: wait(failures < MOST_FAILURES ? again : syncing(knowledge)), knowledge };
  }
  const { error, atStart } = outcome;
  if (isTooManyRequests(error)) return { state: wait({ at: "watching", failures: 0 }, error), knowledge };
  if (isTooLarge(error)) {
    const newest = { ...knowledge, unavailable: true };
    return { state: wait(syncing(newest), error), knowledge: newest };
  }
  if (atStart && failures < MOST_FAILURES && mayPass(error)) {
    return { state: wait(again, error), knowledge };
  }
  // Too old, or the server has failed in the middle of what it sent: what is known may be wrong by now (RF-22).
  return { state: wait(syncing(knowledge), error), knowledge };
}

function wait(then: Activity, error?: unknown): ReflectorState & { at: "waiting" } {
  return { at: "waiting", then, atLeast: suggestedDelayOf(error) ?? 0 };
}

/** Whether the server does not know this kind of request, and will not tomorrow. */
function isRefused(error: unknown): boolean {
  return isInvalid(error) || isBadRequest(error) || isMethodNotAllowed(error) || isNotAcceptable(error) ||
    isUnsupportedMediaType(error);
}

/** Whether asking the same again may go well, and lose nothing. */
function mayPass(error: unknown): boolean {
  return isUnauthorized(error) || isForbidden(error) || (statusErrorOf(error)?.code ?? 0) >= 500;
}
