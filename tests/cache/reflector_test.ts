import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isForbidden, isNetworkError, isNotFound, isTooManyRequests } from "@coxswain/kube/rest";
import { type LogFields, noLogger } from "@coxswain/kube/observe";
import { cleaned } from "../cleanup.ts";
import {
  added,
  bookmark,
  closed,
  deleted,
  error,
  initial,
  list,
  modified,
  object,
  open,
  play,
  refusal,
  refused,
  type Turn,
} from "./script.ts";

const byList = { options: { watchList: false } } as const;
/** So much is looked at together, so that it is an item before the list ends. */
const LARGE = { data: { large: "x".repeat(100_000) } };
const TOO_LARGE = "Too large resource version";

describe("a reflector that begins with a watch", () => {
  it(
    "reads what is there and follows it through one request [RF-08] (spec informers 9.6)",
    cleaned(async (t) => {
      const { requests, asked, cached, seen } = await play(t, [
        open(added("a", "1"), added("b", "2"), bookmark("5", "true"), modified("a", "6")),
      ]);
      assert.deepEqual(requests(), ["watch initial"]);
      assert.deepEqual(asked[0].query, {
        watch: "true",
        allowWatchBookmarks: "true",
        sendInitialEvents: "true",
        resourceVersionMatch: "NotOlderThan",
        timeoutSeconds: "300",
      });
      assert.deepEqual(cached(), ["a=6", "b=2"]);
      assert.deepEqual(seen, ["add initial shop/a 1", "add initial shop/b 2", "update 1 shop/a 6"]);
    }),
  );

  it(
    "shows nothing before all of it has come [RF-24]",
    cleaned(async (t) => {
      const { cached, seen, informer } = await play(t, [open(added("a", "1"), added("b", "2"))]);
      assert.deepEqual([cached(), seen, informer.hasSynced], [[], [], false]);
    }),
  );

  it(
    "takes changes and deletions before the end into the beginning [RF-26]",
    cleaned(async (t) => {
      const { cached, seen } = await play(t, [
        initial("5", added("a", "1"), added("b", "2"), modified("a", "3"), deleted("b", "4")),
      ]);
      assert.deepEqual(cached(), ["a=3"]);
      assert.deepEqual(seen, ["add initial shop/a 3"]);
    }),
  );

  it(
    "takes only the annotation's true for the end [RF-31]",
    cleaned(async (t) => {
      const { informer } = await play(t, [open(added("a", "1"), bookmark("2"), bookmark("3", "false"))]);
      assert.equal(informer.hasSynced, false);
    }),
  );

  it(
    "syncs from the end alone, also of an empty collection [FA-02]",
    cleaned(async (t) => {
      const { informer, cached } = await play(t, [initial("7")]);
      assert.deepEqual([informer.hasSynced, informer.resourceVersion, cached()], [true, "7", []]);
    }),
  );

  for (
    const refusing of [refusal(422, "Invalid"), refusal(400, "BadRequest"), refusal(405, "MethodNotAllowed")]
  ) {
    it(
      `lists at once where it is refused with ${refusing.status}, and remembers [RF-25]`,
      cleaned(async (t) => {
        const { requests, clock, cached } = await play(t, [
          refusing,
          list("3", [object("a", "1")]),
          open(error(410, "Expired")),
          list("9", [object("b", "8")]),
        ]);
        await clock.advance(1_000);
        assert.deepEqual(cached(), ["b=8"]);
        assert.deepEqual(requests(), [
          "watch initial",
          "list rv=0 limit=500",
          "watch rv=3",
          "list rv=3",
          "watch rv=9",
        ]);
      }),
    );
  }

  it(
    "lists in the same pass after any other refusal, and tries again the next time [RF-25] (spec informers 9.4)",
    cleaned(async (t) => {
      const { requests, clock } = await play(t, [
        refusal(500, "InternalError"),
        list("3", []),
        open(error(410, "Expired")),
        initial("9"),
      ]);
      await clock.advance(1_000);
      assert.deepEqual(requests(), [
        "watch initial",
        "list rv=0 limit=500",
        "watch rv=3",
        "watch rv=3 initial",
      ]);
    }),
  );

  it(
    "waits and asks the same again after 429 and where nobody answers [RF-27]",
    cleaned(async (t) => {
      const { requests, asked, clock } = await play(t, [
        refusal(429, "TooManyRequests"),
        refused,
        refusal(429, "TooManyRequests", "slow down", { retryAfterSeconds: 10 }),
        initial("9"),
      ]);
      await clock.advance(20_000);
      assert.deepEqual(requests(), Array(4).fill("watch initial"));
      assert.deepEqual(asked.map(({ at }) => at), [0, 800, 2_400, 12_400]);
    }),
  );

  it(
    "begins anew when the watch ends before the end has come [RF-28]",
    cleaned(async (t) => {
      const { requests, clock, cached } = await play(t, [
        closed([added("gone", "1")]),
        initial("9", added("a", "2")),
      ]);
      await clock.advance(5_000);
      assert.deepEqual(cached(), ["a=2"]);
      assert.deepEqual(requests(), ["watch initial", "watch initial"]);
    }),
  );

  it(
    "lists, in pages, when three such watches have ended too early",
    cleaned(async (t) => {
      const { requests, clock, informer } = await play(t, [
        closed([added("a", "1")]),
        closed([added("a", "1")]),
        closed([added("a", "1")]),
        list("3", [object("a", "1")]),
      ]);
      await clock.advance(20_000);
      assert.ok(informer.hasSynced);
      assert.deepEqual(requests(), [
        "watch initial",
        "watch initial",
        "watch initial",
        "list rv=0 limit=500",
        "watch rv=3",
      ]);
    }),
  );

  it(
    "says each 10 s that nothing comes, and lists after 30 s: the server may not know of an end [RF-32]",
    cleaned(async (t) => {
      const warnings: string[] = [];
      const logger = { ...noLogger, warn: (message: string) => void warnings.push(message) };
      const { requests, clock } = await play(t, [open(), list("3", [])], { logger });
      await clock.advance(29_000);
      assert.deepEqual(warnings, Array(2).fill("Cache of configmaps: no initial event has come"));
      assert.deepEqual(requests(), ["watch initial"]);
      await clock.advance(1_000);
      assert.deepEqual(requests(), ["watch initial", "list rv=0 limit=500", "watch rv=3"]);
    }),
  );

  it(
    "says so too when events have come and stopped, but not while they come [RF-32]",
    cleaned(async (t) => {
      const warnings: string[] = [];
      const logger = { ...noLogger, warn: (message: string) => void warnings.push(message) };
      const { clock } = await play(t, [open(added("a", "1"))], { logger });
      await clock.advance(9_999);
      assert.deepEqual(warnings, []);
      await clock.advance(1);
      assert.deepEqual(warnings, ["Cache of configmaps: the initial events have stopped"]);
    }),
  );

  it(
    "asks for the newest when its version is too old or too new [RF-17, RF-19]",
    cleaned(async (t) => {
      for (const refusing of [refusal(410, "Expired"), refusal(504, "Timeout", TOO_LARGE, {})]) {
        const { requests, cached } = await play(t, [
          closed([bookmark("10", "true")]),
          refusal(410, "Expired"),
          refusing,
          initial("20", added("a", "15")),
        ], { run: 10_000 });
        assert.deepEqual(requests(), [
          "watch initial",
          "watch rv=10",
          "watch rv=10 initial",
          "watch initial",
        ]);
        assert.deepEqual(cached(), ["a=15"]);
      }
    }),
  );
});

describe("a reflector that lists", () => {
  it(
    "lists what a cache of the server has, then watches from there [RF-07]",
    cleaned(async (t) => {
      const { asked, cached, seen } = await play(t, [list("1", [object("a", "1")]), open()], byList);
      assert.deepEqual(asked.map(({ what, query }) => ({ what, ...query })), [
        { what: "list", resourceVersion: "0", limit: "500" },
        {
          what: "watch",
          watch: "true",
          resourceVersion: "1",
          allowWatchBookmarks: "true",
          timeoutSeconds: "300",
        },
      ]);
      assert.deepEqual([cached(), seen], [["a=1"], ["add initial shop/a 1"]]);
    }),
  );

  it(
    "reads pages, each without a version, and watches from the first one's [RF-13, PG-03]",
    cleaned(async (t) => {
      const { requests, cached } = await play(t, [
        list("10", [object("a", "1")], "more"),
        list("11", [object("b", "2")]),
      ], { options: { watchList: false, pageSize: 4 } });
      assert.deepEqual(cached(), ["a=1", "b=2"]);
      assert.deepEqual(requests(), ["list rv=0 limit=4", "list limit=4 continue=more", "watch rv=10"]);
    }),
  );

  /** A page that says at once where the next one begins, and ends after 5 s. */
  const slowPage = (version: string, name: string, token: string): Turn => ({
    ...list(version, [object(name, version, LARGE)], token),
    after: 5_000,
  });

  it(
    "asks for one page ahead while another is being read (spec informers 6)",
    cleaned(async (t) => {
      const { requests, clock, cached } = await play(t, [
        slowPage("10", "a", "second"),
        slowPage("10", "b", "third"),
        list("10", [object("c", "10")]),
      ], { options: { watchList: false, pageSize: 4 } });
      const two = ["list rv=0 limit=4", "list limit=4 continue=second"];
      assert.deepEqual(requests(), two);
      await clock.advance(4_999);
      assert.deepEqual(requests(), two);
      await clock.advance(1);
      assert.deepEqual(requests(), [...two, "list limit=4 continue=third"]);
      await clock.advance(5_000);
      assert.deepEqual(cached(), ["a=10", "b=10", "c=10"]);
      assert.deepEqual(requests().slice(3), ["watch rv=10"]);
    }),
  );

  it(
    "says that a page could not be had when it is that page's turn",
    cleaned(async (t) => {
      const { requests, clock, cached, errors } = await play(t, [
        slowPage("10", "a", "more"),
        refusal(403, "Forbidden"),
        list("11", [object("b", "11")]),
      ], { options: { watchList: false, pageSize: 4 } });
      assert.deepEqual(requests(), ["list rv=0 limit=4", "list limit=4 continue=more"]);
      await clock.advance(4_999);
      assert.deepEqual(errors, []);
      await clock.advance(1);
      assert.deepEqual(errors.map(isForbidden), [true]);
      await clock.advance(800);
      assert.deepEqual(requests().slice(2), ["list rv=0 limit=4", "watch rv=11"]);
      assert.deepEqual(cached(), ["b=11"]);
    }),
  );

  it(
    "asks for all at once when a page that it asked for ahead has expired [RF-18]",
    cleaned(async (t) => {
      const { requests, clock, cached, errors } = await play(t, [
        slowPage("10", "gone", "more"),
        refusal(410, "Expired"),
        list("12", [object("a", "11")]),
      ], { options: { watchList: false, pageSize: 4 } });
      const two = ["list rv=0 limit=4", "list limit=4 continue=more"];
      await clock.advance(4_999);
      assert.deepEqual(requests(), two);
      await clock.advance(1);
      assert.deepEqual(requests(), [...two, "list rv=0", "watch rv=12"]);
      assert.deepEqual([cached(), errors], [["a=11"], []]);
    }),
  );

  it(
    "asks a server's cache for all at once the next time [RF-14, RF-16], in pages if it has none [RF-15]",
    cleaned(async (t) => {
      const again = [closed([]), refusal(410, "Expired"), list("20", [])];
      const cached = await play(t, [list("10", []), ...again], { ...byList, run: 10_000 });
      assert.deepEqual(cached.requests(), [
        "list rv=0 limit=500",
        "watch rv=10",
        "watch rv=10",
        "list rv=10",
        "watch rv=20",
      ]);
      const paged = await play(t, [list("10", [], "more"), list("10", []), ...again], {
        ...byList,
        run: 10_000,
      });
      assert.deepEqual(paged.requests().slice(-3), ["watch rv=10", "list rv=10 limit=500", "watch rv=20"]);
    }),
  );

  it(
    "asks for the newest at once when its version has expired [RF-17]",
    cleaned(async (t) => {
      const { requests } = await play(t, [
        list("10", []),
        open(error(410, "Expired")),
        refusal(410, "Expired"),
        list("12", []),
      ], { ...byList, run: 800 });
      assert.deepEqual(requests(), [
        "list rv=0 limit=500",
        "watch rv=10",
        "list rv=10",
        "list limit=500",
        "watch rv=12",
      ]);
    }),
  );

  it(
    "asks for all at once when a later page has expired [RF-18] (spec informers 6)",
    cleaned(async (t) => {
      const { requests, cached } = await play(t, [
        list("10", [object("gone", "1")], "more"),
        refusal(410, "Expired"),
        list("12", [object("a", "11")]),
      ], byList);
      assert.deepEqual(requests(), [
        "list rv=0 limit=500",
        "list limit=500 continue=more",
        "list rv=0",
        "watch rv=12",
      ]);
      assert.deepEqual(cached(), ["a=11"]);
    }),
  );

  for (
    const [shape, refusing] of [
      ["a cause", refusal(504, "Timeout", "x", { causes: [{ reason: "ResourceVersionTooLarge" }] })],
      ["a cause's message", refusal(504, "Timeout", "x", { causes: [{ message: TOO_LARGE }] })],
      ["the message", refusal(504, "Timeout", `${TOO_LARGE}: 30, current: 20`, {})],
    ] as const
  ) {
    it(
      `asks for the newest at once when its version is too new, which ${shape} says [RF-19]`,
      cleaned(async (t) => {
        const { requests } = await play(t, [
          list("20", []),
          open(error(410, "Expired")),
          refusing,
          list("30", []),
        ], { ...byList, run: 800 });
        assert.deepEqual(requests().slice(2), ["list rv=20", "list limit=500", "watch rv=30"]);
      }),
    );
  }

  it(
    "tells of a list that fails, and goes on [RF-09, SI-05] (spec informers 9.9)",
    cleaned(async (t) => {
      const { errors, informer, clock, asked } = await play(t, [
        refusal(403, "Forbidden"),
        refusal(500, "InternalError"),
        list("3", []),
      ], byList);
      assert.ok(isForbidden(errors[0]));
      assert.equal(informer.health().state, "waiting");
      assert.ok(isForbidden(informer.health().error));
      await clock.advance(2_400);
      assert.ok(informer.hasSynced);
      assert.equal(informer.health().error, undefined);
      assert.deepEqual(asked.map(({ at }) => at), [0, 800, 2_400, 2_400]);
    }),
  );

  it(
    "does not take a table or a strange object for one of its own [RF-06, RF-33]",
    cleaned(async (t) => {
      const logged: LogFields[] = [];
      const logger = { ...noLogger, error: (_: string, fields: LogFields = {}) => void logged.push(fields) };
      const { cached, informer } = await play(t, [
        list("3", [object("a", "1"), { kind: "Table", apiVersion: "meta.k8s.io/v1" }]),
        open({ type: "ADDED", object: { kind: "Pod", metadata: { name: "p", resourceVersion: "99" } } }),
      ], { ...byList, logger });
      assert.deepEqual(cached(), ["a=1"]);
      assert.equal(informer.resourceVersion, "3");
      assert.deepEqual(logged.map(({ kind }) => kind), ["Table", "Pod"]);
    }),
  );
});

describe("a reflector that watches", () => {
  const begin = list("10", [object("a", "1")]);

  it(
    "applies each event, and goes on from the last one's version, whatever it is [RF-06, RF-21]",
    cleaned(async (t) => {
      const { informer, cached, requests, clock } = await play(t, [
        begin,
        closed([added("b", "11"), modified("a", "12"), deleted("b", "55"), added("c", "32")]),
      ], byList);
      assert.deepEqual([cached(), informer.resourceVersion], [["a=12", "c=32"], "32"]);
      await clock.advance(5_000);
      assert.equal(requests().at(-1), "watch rv=32");
    }),
  );

  it(
    "goes on from a bookmark [RF-21], at once when the server ends the watch [RF-29]",
    cleaned(async (t) => {
      const { asked, requests, clock } = await play(t, [begin, closed([bookmark("40")])], byList);
      await clock.advance(5_000);
      assert.deepEqual(requests().slice(1), ["watch rv=10", "watch rv=40"]);
      assert.equal(asked[2].at, 5_000);
    }),
  );

  it(
    "goes on at once after a cut, also in the middle of a line (spec informers 25.13)",
    cleaned(async (t) => {
      const { requests, clock, cached, errors } = await play(t, [
        begin,
        { lines: [added("b", "11")], end: "cut", after: 2_000 },
        open(added("c", "12")),
      ], byList);
      await clock.advance(2_000);
      assert.deepEqual(cached(), ["a=1", "b=11", "c=12"]);
      assert.deepEqual(requests().slice(1), ["watch rv=10", "watch rv=11"]);
      assert.ok(isNetworkError(errors[0]));
    }),
  );

  it(
    "waits and goes on, without a list, where nobody answers or it is too much [RF-10] (spec informers 9.7)",
    cleaned(async (t) => {
      const { asked, requests, clock, errors } = await play(t, [
        begin,
        refused,
        refusal(429, "TooManyRequests"),
        open(error(429, "TooManyRequests")),
        refused,
        refusal(503, "ServiceUnavailable"),
        refusal(401, "Unauthorized"),
        open(added("b", "11")),
      ], byList);
      await clock.advance(100_000);
      assert.deepEqual(requests().slice(1), Array(7).fill("watch rv=10"));
      // 0.8 s, doubled each time, up to 30 s [BO-01, BO-02]
      assert.deepEqual(asked.slice(1).map(({ at }) => at), [0, 800, 2_400, 5_600, 12_000, 24_800, 50_400]);
      assert.ok(isTooManyRequests(errors[1]));
    }),
  );

  it(
    "settles at 30 s between attempts, and begins small again after a healthy while [BO-01] (spec informers 8)",
    cleaned(async (t) => {
      const { asked, clock } = await play(t, [
        begin,
        ...Array(8).fill(refused),
        closed([added("b", "11")], 29_000),
        refused,
        closed([added("c", "12")], 30_000),
        refused,
        open(),
      ], byList);
      await clock.advance(400_000);
      const gaps = asked.slice(2).map(({ at }, index) => at - asked[index + 1].at);
      assert.deepEqual(gaps, [
        ...[800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000], // refused
        29_000, // this long a watch says nothing
        30_000,
        30_000, // and this long all is well
        800,
      ]);
    }),
  );

  it(
    "takes a watch that ends at once for a failure: waits, and after three of them reads all anew [RF-05]",
    cleaned(async (t) => {
      const { asked, requests, clock } = await play(t, [
        begin,
        closed([], 0),
        closed([], 999),
        closed([], 0),
        list("20", []),
        open(),
      ], byList);
      await clock.advance(20_000);
      assert.deepEqual(requests().slice(1), [
        "watch rv=10",
        "watch rv=10",
        "watch rv=10",
        "list rv=10",
        "watch rv=20",
      ]);
      assert.deepEqual(asked.slice(1).map(({ at }) => at), [0, 800, 3_399, 6_599, 6_599]);
    }),
  );

  it(
    "reads all anew, after a pause, when its version is too old [RF-01, RF-30]",
    cleaned(async (t) => {
      for (const turn of [open(error(410, "Expired")), open(error(410, "Gone")), refusal(410, "Expired")]) {
        const { asked, requests, clock, seen, cached } = await play(t, [
          begin,
          turn,
          list("20", [object("b", "15")]),
          open(),
        ], byList);
        await clock.advance(800);
        assert.deepEqual(requests().slice(1), ["watch rv=10", "list rv=10", "watch rv=20"]);
        assert.equal(asked[2].at, 800);
        assert.deepEqual(cached(), ["b=15"]);
        assert.deepEqual(seen.slice(1), ["delete unseen shop/a 1", "add shop/b 15"]);
      }
    }),
  );

  it(
    "reads all anew when the server fails in the middle, as after an unsafe deletion [RF-22]",
    cleaned(async (t) => {
      const { requests, clock, cached, seen } = await play(t, [
        list("10", [object("a", "1"), object("corrupt", "2")]),
        open(error(500, "StoreReadError", "corrupt object has been deleted")),
        list("20", [object("a", "1")]),
        open(),
      ], byList);
      await clock.advance(800);
      assert.deepEqual(requests().slice(2), ["list rv=10", "watch rv=20"]);
      assert.deepEqual(cached(), ["a=1"]);
      assert.deepEqual(seen.slice(2), ["delete unseen shop/corrupt 2"]);
    }),
  );

  it(
    "reads all anew when a watch has been refused three times, whatever is said",
    cleaned(async (t) => {
      const { requests, clock, errors } = await play(t, [
        begin,
        ...Array(3).fill(refusal(403, "Forbidden")),
        list("20", []),
      ], byList);
      await clock.advance(10_000);
      assert.deepEqual(requests().slice(1), [
        "watch rv=10",
        "watch rv=10",
        "watch rv=10",
        "list rv=10",
        "watch rv=20",
      ]);
      assert.ok(isForbidden(errors[0]));
    }),
  );

  it(
    "keeps what it knows of a kind that is not served any more, says so, and finds it again",
    cleaned(async (t) => {
      const gone: Turn = { status: 404, body: { message: "404 page not found" } };
      const { informer, clock, cached, errors } = await play(t, [
        begin,
        gone,
        ...Array(5).fill(gone),
        list("20", [object("b", "15")]),
        open(),
      ], byList);
      await clock.advance(10_000);
      assert.ok(isNotFound(errors[0]));
      assert.equal(informer.health().isServed, false);
      assert.deepEqual(cached(), ["a=1"]);
      await clock.advance(100_000);
      assert.equal(informer.health().isServed, true);
      assert.deepEqual(cached(), ["b=15"]);
    }),
  );

  it(
    "waits for a kind that is not served yet",
    cleaned(async (t) => {
      const { informer, clock } = await play(t, [
        ...Array(10).fill(refusal(404, "NotFound")),
        list("20", [object("b", "15")]),
      ], byList);
      assert.equal(informer.health().isServed, false);
      await clock.advance(200_000);
      assert.equal(informer.hasSynced, true);
    }),
  );

  it(
    "asks for 5 to 10 minutes, drawn each time, or for longer ones [RF-20]",
    cleaned(async (t) => {
      for (
        const [minWatchTimeout, asks] of [[undefined, "300"], [1_000, "300"], [1_800_000, "1800"]] as const
      ) {
        const { asked } = await play(t, [begin, open()], { options: { watchList: false, minWatchTimeout } });
        assert.equal(asked[1].query.timeoutSeconds, asks);
      }
    }),
  );

  it(
    "notices that bookmarks have stopped coming, and opens another watch",
    cleaned(async (t) => {
      const { asked, clock, requests, errors } = await play(t, [begin, open(bookmark("11"))], byList);
      await clock.advance(179_999);
      assert.equal(asked.length, 2);
      await clock.advance(1);
      assert.deepEqual(requests().slice(1), ["watch rv=10", "watch rv=11"]);
      assert.match(String(errors[0]), /no bookmark has come for 3 minutes/);
    }),
  );

  it(
    "waits for the end of a watch that has never sent a bookmark, and 10 s more (spec informers 25.12)",
    cleaned(async (t) => {
      const { asked, clock } = await play(t, [begin, open(added("b", "11"))], byList);
      await clock.advance(309_999);
      assert.equal(asked.length, 2);
      await clock.advance(1);
      assert.equal(asked.length, 3);
    }),
  );

  it(
    "stops at once, whatever it is at [RF-02, RF-03, RF-04]",
    cleaned(async (t) => {
      for (
        const turns of [[], [begin], [begin, open()], [begin, refused], [refused], [
          refusal(429, "TooManyRequests"),
        ]]
      ) {
        const { informers, informer, clock, asked } = await play(t, turns, byList);
        await informers[Symbol.asyncDispose]();
        assert.equal(informer.health().state, "stopped");
        const count = asked.length;
        assert.equal(clock.timers, 0);
        await clock.advance(100_000);
        assert.equal(asked.length, count);
      }
    }),
  );

  it(
    "goes on from no version where a list says none, and takes nothing from the beginning for a place (spec informers 9.7)",
    cleaned(async (t) => {
      const { requests, clock, cached } = await play(t, [
        { body: { apiVersion: "v1", kind: "ConfigMapList", metadata: {}, items: [object("a", "9")] } },
        closed([added("b", "7"), added("a", "9")]),
        closed([added("b", "7"), added("a", "9"), modified("b", "12")]),
      ], byList);
      await clock.advance(10_000);
      assert.deepEqual(requests().slice(1), ["watch", "watch", "watch rv=12"]);
      assert.deepEqual(cached(), ["a=9", "b=12"]);
    }),
  );
});
