import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type EventDetails, SeriesEventRecorder } from "@coxswain/kube/controller";
import { Event } from "@coxswain/kube/types/events/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { Recorded, refusal } from "./recorded.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web-0", uid: "1" } };
const STARTED: EventDetails = {
  type: "Normal",
  reason: "Started",
  action: "Start",
  message: "It has started",
};
const MINUTE = 60_000;

function setUp(t: Pick<Cleanup, "after">) {
  const here = new Recorded();
  const recorder = new SeriesEventRecorder(here.client, {
    controller: "example.com/shop",
    instance: "shop-node-a",
    clock: here.clock,
    logger: here.logger,
    random: () => 0,
  });
  t.after(() => here.close(recorder));
  const events = async (namespace = "shop") => {
    await here.settle();
    const { items } = await here.client.resource(Event).namespace(namespace).list();
    return items;
  };
  return { here, recorder, events };
}

describe("SeriesEventRecorder (spec rest 24)", () => {
  it(
    "writes an event with all that belongs to it",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      const related = { apiVersion: "v1", kind: "Node", name: "node-a" };
      recorder.event(POD, { ...STARTED, related, annotations: { a: "b" } });
      const [{ metadata: { namespace, annotations }, deprecatedSource: _, ...rest }] = await events();
      assert.deepEqual([namespace, annotations], ["shop", { a: "b" }]);
      assert.deepEqual(rest, {
        apiVersion: "events.k8s.io/v1",
        kind: "Event",
        eventTime: "2026-01-01T00:00:00.000000Z",
        reportingController: "example.com/shop",
        reportingInstance: "shop-node-a",
        type: "Normal",
        reason: "Started",
        action: "Start",
        regarding: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-0", uid: "1" },
        related,
        note: "It has started",
        deprecatedFirstTimestamp: null, // a server writes them so
        deprecatedLastTimestamp: null,
      });
    }),
  );

  it(
    "makes one series of what is the same, whatever its note, with one write",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      await here.advance(1_000);
      recorder.event(POD, { ...STARTED, message: "Once more" });
      const all = await events();
      assert.equal(all.length, 1);
      assert.deepEqual(all[0].series, { count: 2, lastObservedTime: "2026-01-01T00:00:01.000000Z" });
      assert.equal(all[0].note, "It has started");
      here.asked.length = 0;
      for (let time = 0; time < 5; time++) recorder.event(POD, STARTED);
      await here.settle();
      assert.deepEqual(here.asked, [], "further ones are only counted");
    }),
  );

  it(
    "keeps apart what differs in action, related object, reason or type",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event(POD, STARTED);
      recorder.event(POD, { ...STARTED, action: "Restart" });
      recorder.event(POD, { ...STARTED, reason: "Restarted" });
      recorder.event(POD, { ...STARTED, type: "Warning" });
      recorder.event(POD, { ...STARTED, related: { apiVersion: "v1", kind: "Node", name: "node-a" } });
      assert.equal((await events()).length, 5);
    }),
  );

  it(
    "writes a series that has gone quiet once more, forgets it, and begins a new one",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      for (let time = 0; time < 4; time++) recorder.event(POD, STARTED);
      assert.equal((await events())[0].series?.count, 4);
      await here.advance(MINUTE);
      recorder.event(POD, STARTED);
      await here.advance(5 * MINUTE);
      assert.equal((await events())[0].series?.count, 4, "active: not written");
      await here.advance(6 * MINUTE);
      assert.equal((await events())[0].series?.count, 5, "written for the last time");
      recorder.event(POD, STARTED);
      assert.equal((await events()).length, 2);
    }),
  );

  it(
    "forgets an event that was not repeated, without a write",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      await here.settle();
      await here.advance(12 * MINUTE);
      assert.deepEqual(here.asked, ["POST"]);
      assert.equal(here.clock.timers, 0, "nothing is left to wait for");
      recorder.event(POD, STARTED);
      assert.equal((await events()).length, 2);
    }),
  );

  it(
    "writes a series that goes on each half an hour",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      for (let minute = 0; minute < 29; minute++) {
        recorder.event(POD, STARTED);
        await here.advance(MINUTE);
      }
      assert.equal((await events())[0].series?.count, 2);
      for (let minute = 0; minute < 8; minute++) {
        recorder.event(POD, STARTED);
        await here.advance(MINUTE);
      }
      const { series } = (await events())[0];
      assert.ok(series!.count >= 30 && series!.count < 38, `${series?.count}`);
    }),
  );

  it(
    "comes to one event when the series meets its own creation",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      // Its answer is lost, so that it seems not to be there.
      here.fault = (method, url, init) =>
        method === "POST" && here.asked.length === 1
          ? here.server.fetch(url, init).then(() => Promise.reject(new TypeError("cut")))
          : undefined;
      recorder.event(POD, STARTED);
      recorder.event(POD, STARTED);
      await here.advance(10_000);
      assert.equal((await events()).length, 1);
      assert.equal((await events())[0].series?.count, 2);
    }),
  );

  it(
    "tries a series again that exists when it is created after its patch has failed",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      await here.settle();
      let patches = 0;
      here.fault = (method) => method === "PATCH" && patches++ === 0 ? refusal(404, "NotFound") : undefined;
      recorder.event(POD, STARTED);
      await here.settle();
      assert.equal((await events())[0].series, undefined);
      await here.advance(10_000);
      assert.equal((await events())[0].series?.count, 2);
      assert.deepEqual(here.asked.filter((method) => method !== "GET"), ["POST", "PATCH", "POST", "PATCH"]);
    }),
  );

  for (
    const { name, fault, tries } of [
      { name: "a refusal", fault: () => refusal(403, "Forbidden"), tries: 1 },
      { name: "that it is there", fault: () => refusal(409, "AlreadyExists"), tries: 1 },
      { name: "a connection that fails", fault: () => Promise.reject(new TypeError("refused")), tries: 12 },
    ]
  ) {
    it(
      `tries to create ${tries === 1 ? "once" : `${tries} times`} after ${name}`,
      cleaned(async (t) => {
        const { recorder, here } = setUp(t);
        here.fault = fault;
        recorder.event(POD, STARTED);
        for (let attempt = 0; attempt < 20; attempt++) await here.advance(10_000);
        assert.equal(here.asked.length, tries);
      }),
    );
  }

  it(
    "records without a related object that is none, and nothing about no object or of no type",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, { ...STARTED, related: { metadata: { name: "?" } } });
      recorder.event({}, STARTED);
      recorder.event(POD, { ...STARTED, type: "Fatal" as "Normal" });
      const all = await events();
      assert.deepEqual(all.map(({ related }) => related), [undefined]);
      assert.equal(here.logged.filter((line) => line.startsWith("error dropped")).length, 2);
    }),
  );

  it(
    "puts events about what has no namespace into default, and cuts notes that are too long",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name: "node-a" } }, {
        type: "Normal",
        reason: "Full",
        message: "ü".repeat(600),
      });
      const [{ note, action }] = await events("default");
      assert.equal(note, "ü".repeat(510) + "…");
      assert.equal(action, "Full");
    }),
  );

  it("writes what waits, and the last of a series, when it is closed", async () => {
    const here = new Recorded();
    const recorder = new SeriesEventRecorder(here.client, {
      controller: "example.com/shop",
      clock: here.clock,
    });
    for (let time = 0; time < 2; time++) recorder.event(POD, STARTED);
    await here.settle();
    for (let time = 0; time < 3; time++) recorder.event(POD, STARTED);
    recorder.event(POD, { ...STARTED, reason: "Other" });
    const closed = recorder[Symbol.asyncDispose]();
    recorder.event(POD, STARTED);
    await here.settle();
    await closed;
    await recorder[Symbol.asyncDispose]();
    const { items } = await here.client.resource(Event).namespace("shop").list();
    assert.deepEqual(items.map(({ reason, series }) => [reason, series?.count]).sort(), [
      ["Other", undefined],
      ["Started", 5],
    ]);
    assert.equal(here.clock.timers, 0);
    await here[Symbol.asyncDispose]();
  });
});
