import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Activity } from "@coxswain/kube/cache";
import { NetworkError, StatusError } from "@coxswain/kube/rest";
import { type Knowledge, nextState, type Outcome, syncing } from "../../cache/reflector_state.ts";

const refusal = (code: number, reason: string, retryAfterSeconds?: number) =>
  new StatusError({
    apiVersion: "v1",
    kind: "Status",
    status: "Failure",
    code,
    reason,
    details: { retryAfterSeconds },
  });
const network = new NetworkError("cut", { reason: "cut", phase: "body" });
const expired = refusal(410, "Expired");
const invalid = refusal(422, "Invalid");
const broken = refusal(500, "InternalError");
const busy = refusal(429, "TooManyRequests", 7);
const forbidden = refusal(403, "Forbidden");

const KNOWN: Knowledge = { resourceVersion: "5", watchList: true, unavailable: false };
const LISTS: Knowledge = { ...KNOWN, watchList: false };
const start = (error: unknown): Outcome => ({ is: "failed", error, atStart: true, short: true });
const within = (error: unknown, short = false): Outcome => ({ is: "failed", error, atStart: false, short });
const ended = (short: boolean): Outcome => ({ is: "ended", short });
const streaming = (tries = 0, resourceVersion = "5"): Activity => ({
  at: "streaming",
  resourceVersion,
  tries,
});
const listing = (resourceVersion = "5"): Activity => ({ at: "listing", resourceVersion });
const watching = (failures = 0): Activity => ({ at: "watching", failures });
const synced: Outcome = { is: "synced" };

/** A state in few words: `wait 7000 then watching 1`. */
function shown(state: ReturnType<typeof nextState>["state"]): string {
  switch (state.at) {
    case "waiting":
      return `wait ${state.atLeast} then ${shown(state.then)}`;
    case "streaming":
      return `stream "${state.resourceVersion}" ${state.tries}`;
    case "listing":
      return `list "${state.resourceVersion}"`;
    case "watching":
      return `watch ${state.failures}`;
  }
}

describe("the states of a reflector (spec informers 9.4–9.9)", () => {
  for (
    const [name, from, outcome, expected, knowledge = KNOWN, learned = {}] of [
      ["all initial events have come", streaming(), synced, "watch 0"],
      ["a list has come", listing(), synced, "watch 0"],
      ["a version has become of use again", listing(""), synced, "watch 0", { ...LISTS, unavailable: true }, {
        unavailable: false,
      }],
      ["an initial watch has ended early", streaming(), ended(false), 'stream "5" 1'],
      ["an initial watch has ended at once", streaming(), ended(true), 'wait 0 then stream "5" 1'],
      ["it has ended early three times", streaming(2), ended(false), 'list "5"'],
      ["it was cut", streaming(), within(network), 'stream "5" 1'],
      ["nobody answers", streaming(), start(network), 'wait 0 then stream "5" 0'],
      ["it is too much", streaming(), start(busy), 'wait 7000 then stream "5" 0'],
      ["it is refused", streaming(), start(invalid), 'list "5"', KNOWN, { watchList: false }],
      ["the server fails", streaming(), start(broken), 'list "5"'],
      ["one may not watch", streaming(), start(forbidden), 'list "5"'],
      ["the version is too old", streaming(), within(expired), 'stream "" 0', KNOWN, { unavailable: true }],
      ["even the newest is too old", streaming(0, ""), start(expired), 'wait 0 then stream "" 0', KNOWN, {
        unavailable: true,
      }],
      ["a list has failed", listing(), start(broken), 'wait 0 then list "5"', LISTS],
      ["a list instead of a watch has failed", listing(), start(broken), 'wait 0 then stream "5" 0'],
      ["the version of a list is too old", listing(), start(expired), 'list ""', LISTS, {
        unavailable: true,
      }],
      ["even the newest list is too old", listing(""), start(expired), 'wait 0 then list ""', LISTS, {
        unavailable: true,
      }],
      ["the server has ended a watch", watching(), ended(false), "watch 0"],
      ["it has ended it at once", watching(1), ended(true), "wait 0 then watch 2"],
      ["it has ended it at once, three times", watching(2), ended(true), 'wait 0 then list "5"', LISTS],
      ["a watch was cut", watching(2), within(network), "watch 0"],
      ["a watch was cut at once", watching(2), within(network, true), "wait 0 then watch 2"],
      ["nobody answers a watch", watching(2), start(network), "wait 0 then watch 2"],
      ["a watch is too much", watching(1), within(busy), "wait 7000 then watch 0"],
      ["a watch is forbidden", watching(), start(forbidden), "wait 0 then watch 1"],
      ["a watch is refused a third time", watching(2), start(broken), 'wait 0 then stream "5" 0'],
      ["the server fails within a watch", watching(), within(broken), 'wait 0 then stream "5" 0'],
      ["the version of a watch is too old", watching(), start(expired), 'wait 0 then list "5"', LISTS],
      ["the kind is not served", watching(), start(refusal(404, "NotFound")), 'wait 0 then list "5"', LISTS],
    ] as [string, Activity, Outcome, string, Knowledge?, Partial<Knowledge>?][]
  ) {
    it(`go on when ${name}: ${expected}`, () => {
      const step = nextState(from, outcome, knowledge);
      assert.equal(shown(step.state), expected);
      assert.deepEqual(step.knowledge, { ...knowledge, ...learned });
    });
  }

  for (
    const [knowledge, expected] of [
      [{ resourceVersion: "", watchList: true, unavailable: false }, 'stream "" 0'],
      [KNOWN, 'stream "5" 0'],
      [{ ...KNOWN, unavailable: true }, 'stream "" 0'],
      [{ resourceVersion: "", watchList: false, unavailable: false }, 'list "0"'],
      [LISTS, 'list "5"'],
      [{ ...LISTS, unavailable: true }, 'list ""'],
    ] as [Knowledge, string][]
  ) {
    it(`begin with ${expected} (spec informers 9.2)`, () =>
      assert.equal(shown(syncing(knowledge)), expected));
  }
});
