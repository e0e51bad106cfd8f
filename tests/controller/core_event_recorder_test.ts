import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  CoreEventRecorder,
  type CoreEventRecorderOptions,
  type EventDetails,
  eventSelector,
} from "@coxswain/kube/controller";
import { Event } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { type Fault, Recorded, refusal } from "./recorded.ts";

const POD = { apiVersion: "v1", kind: "Pod", metadata: { namespace: "shop", name: "web-0", uid: "1" } };
const STARTED: EventDetails = { type: "Normal", reason: "Started", message: "It has started" };

function setUp(t: Pick<Cleanup, "after">, options: Partial<CoreEventRecorderOptions> = {}) {
  const here = new Recorded();
  const recorder = new CoreEventRecorder(here.client, {
    component: "shop",
    host: "node-a",
    clock: here.clock,
    logger: here.logger,
    random: () => 0.5,
    ...options,
  });
  t.after(() => here.close(recorder));
  const events = async (namespace = "shop") => {
    await here.settle();
    const { items } = await here.client.resource(Event).namespace(namespace).list();
    return items;
  };
  return { here, recorder, events };
}

describe("CoreEventRecorder (spec rest 23)", () => {
  it(
    "writes an event with all that belongs to it [23.2]",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event(POD, { ...STARTED, annotations: { a: "b" } });
      const [event] = await events();
      const { metadata: { name, namespace, annotations }, ...rest } = event;
      assert.match(name, /^web-0\.18867251ee/, "the time in nanoseconds");
      assert.deepEqual([namespace, annotations], ["shop", { a: "b" }]);
      assert.deepEqual(rest, {
        apiVersion: "v1",
        kind: "Event",
        involvedObject: { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-0", uid: "1" },
        type: "Normal",
        reason: "Started",
        message: "It has started",
        firstTimestamp: "2026-01-01T00:00:00Z",
        lastTimestamp: "2026-01-01T00:00:00Z",
        eventTime: null, // a server writes it so
        count: 1,
        source: { component: "shop", host: "node-a" },
        reportingComponent: "shop",
        reportingInstance: "node-a",
      });
    }),
  );

  it(
    "counts what is the same, and leaves it its name and first time",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      await here.advance(5_000);
      recorder.event(POD, STARTED);
      const all = await events();
      assert.equal(all.length, 1);
      const [{ count, firstTimestamp, lastTimestamp }] = all;
      assert.deepEqual([count, firstTimestamp, lastTimestamp], [
        2,
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:05Z",
      ]);
      assert.deepEqual(here.asked, ["POST", "PATCH", "GET"]);
    }),
  );

  it(
    "keeps apart what differs in its message or field",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event(POD, STARTED);
      recorder.event(POD, { ...STARTED, message: "Another" });
      const reference = { apiVersion: "v1", kind: "Pod", namespace: "shop", name: "web-0", uid: "1" };
      for (const fieldPath of ["a", "b", "a"]) recorder.event({ ...reference, fieldPath }, STARTED);
      const all = await events();
      assert.deepEqual(all.map(({ count }) => count).sort(), [1, 1, 1, 2]);
    }),
  );

  for (
    const { name, messages, pause, combined, single, options } of [
      {
        name: "leaves nine different messages as they are",
        messages: 9,
        pause: 0,
        combined: 0,
        single: 9,
        options: {},
      },
      {
        name: "combines from the tenth on, and counts those",
        messages: 13,
        pause: 0,
        combined: 4,
        single: 9,
        options: {},
      },
      {
        name: "begins anew after ten minutes",
        messages: 13,
        pause: 601_000,
        combined: 0,
        single: 13,
        options: {},
      },
      {
        name: "combines from another number on",
        messages: 5,
        pause: 0,
        combined: 3,
        single: 2,
        options: { maxEvents: 3 },
      },
      {
        name: "begins anew after another time",
        messages: 5,
        pause: 2_000,
        combined: 0,
        single: 5,
        options: { maxEvents: 3, maxInterval: 1_000 },
      },
    ]
  ) {
    it(
      `${name} [23.3]`,
      cleaned(async (t) => {
        const { recorder, events, here } = setUp(t, options);
        for (let message = 0; message < messages; message++) {
          recorder.event(POD, { ...STARTED, message: `try ${message}`, annotations: { a: "b" } });
          if (pause > 0) await here.advance(pause);
        }
        const all = await events();
        const of = all.filter(({ message }) => message?.startsWith("(combined from similar events): try "));
        assert.equal(all.length - of.length, single);
        assert.equal(of.reduce((sum, { count = 0 }) => sum + count, 0), combined);
        assert.ok(of.length <= 1);
        if (combined > 0) {
          assert.equal(of[0].message, `(combined from similar events): try ${messages - 1}`);
          assert.deepEqual(of[0].metadata.annotations, { a: "b" });
        }
      }),
    );
  }

  it(
    "writes 25 about an object at once, then one each five minutes; other objects are not held up [23.3]",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t, { maxEvents: 1_000 });
      for (let message = 0; message < 40; message++) {
        recorder.event(POD, { ...STARTED, message: `try ${message}` });
      }
      assert.equal((await events()).length, 25);
      recorder.event(POD, { ...STARTED, type: "Warning", message: "another type" });
      recorder.event({ ...POD, metadata: { ...POD.metadata, name: "web-1" } }, STARTED);
      assert.equal((await events()).length, 27);
      await here.advance(300_000);
      recorder.event(POD, { ...STARTED, message: "later" });
      recorder.event(POD, { ...STARTED, message: "too soon" });
      assert.equal((await events()).length, 28);
    }),
  );

  it(
    "counts what it does not write for being too many [23.3]",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      for (let time = 0; time < 30; time++) recorder.event(POD, STARTED);
      assert.equal((await events())[0].count, 25);
      await here.advance(300_000);
      recorder.event(POD, STARTED);
      assert.equal((await events())[0].count, 31);
    }),
  );

  it(
    "creates again what the server has forgotten, with its count [23.4]",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      recorder.event(POD, STARTED);
      const [{ metadata: { name } }] = await events();
      await here.client.resource(Event).namespace("shop").delete(name);
      here.asked.length = 0;
      recorder.event(POD, STARTED);
      const [again] = await events();
      assert.deepEqual([again.metadata.name, again.count], [name, 2]);
      assert.deepEqual(here.asked.slice(0, 2), ["PATCH", "POST"]);
    }),
  );

  for (
    const { name, fault, tries, logged } of [
      {
        name: "a refusal",
        fault: () => refusal(403, "Forbidden"),
        tries: 1,
        logged: "error the server did not take an event",
      },
      {
        name: "that it is there",
        fault: () => refusal(409, "AlreadyExists"),
        tries: 1,
        logged: "debug the server did not take an event",
      },
      {
        name: "a namespace that goes away",
        fault: () => refusal(403, "Forbidden", "NamespaceTerminating"),
        tries: 1,
        logged: "debug the server did not take an event",
      },
      {
        name: "a connection that fails",
        fault: () => Promise.reject(new TypeError("connection refused")),
        tries: 12,
        logged: "error could not write an event, and gave it up",
      },
      {
        name: "an answer that cannot be read",
        fault: () =>
          Promise.resolve(new Response("<html>", { headers: { "content-type": "application/json" } })),
        tries: 12,
        logged: "error could not write an event, and gave it up",
      },
    ] as { name: string; fault: Fault; tries: number; logged: string }[]
  ) {
    it(
      `tries ${tries === 1 ? "once" : `${tries} times`} after ${name}, and lets nobody feel it [23.4]`,
      cleaned(async (t) => {
        const { recorder, here } = setUp(t);
        here.fault = fault;
        recorder.event(POD, STARTED);
        for (let attempt = 0; attempt < 20; attempt++) await here.advance(10_000);
        assert.equal(here.asked.length, tries);
        assert.deepEqual(here.logged, [logged]);
      }),
    );
  }

  it(
    "waits up to ten seconds at random before the second try, ten before each further one, in order [23.1]",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      here.fault = () => Promise.reject(new TypeError("connection refused"));
      recorder.event(POD, STARTED);
      recorder.event(POD, { ...STARTED, reason: "Second" });
      await here.advance(4_999);
      assert.equal(here.asked.length, 1, "the second waits for the first");
      await here.advance(1);
      assert.equal(here.asked.length, 2);
      await here.advance(9_999);
      assert.equal(here.asked.length, 2);
      here.fault = undefined;
      await here.advance(1);
      assert.equal((await events()).length, 2);
    }),
  );

  it(
    "drops what is too much for its queue, and goes on with the rest [23.1]",
    cleaned(async (t) => {
      const { recorder, here, events } = setUp(t, { burst: 10_000, maxEvents: 10_000 });
      for (let message = 0; message < 1_500; message++) {
        recorder.event(POD, { ...STARTED, message: `${message}` });
      }
      const drops = here.logged.filter((line) => line === "error dropped an event: too many wait").length;
      assert.equal(drops, 499, "one is being written, a thousand wait");
      for (let round = 0; round < 60; round++) await here.settle();
      assert.equal((await events()).length, 1_001);
    }),
  );

  it(
    "puts events about what has no namespace into default [23.1]",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event({ apiVersion: "v1", kind: "Node", metadata: { name: "node-a" } }, STARTED);
      assert.equal((await events("default")).length, 1);
    }),
  );

  it(
    "takes a UUID where the object's name is no name [23.2]",
    cleaned(async (t) => {
      const { recorder, events } = setUp(t);
      recorder.event({ ...POD, metadata: { ...POD.metadata, name: "Web:0" } }, STARTED);
      assert.match((await events())[0].metadata.name, /^[0-9a-f]{8}-[0-9a-f]{4}-4/);
    }),
  );

  it(
    "drops what is about nothing, or of no type [23.2, 23.5]",
    cleaned(async (t) => {
      const { recorder, here } = setUp(t);
      recorder.event({ metadata: { name: "web-0" } }, STARTED);
      recorder.event({ apiVersion: "v1", kind: "Pod", metadata: {} }, STARTED);
      recorder.event(POD, { ...STARTED, type: "Fatal" as "Normal" });
      await here.settle();
      assert.deepEqual(here.asked, []);
      assert.equal(here.logged.length, 3);
      assert.match(here.logged[2], /its type is "Fatal", not Normal or Warning/);
    }),
  );

  it("writes what waits when it is closed, and takes nothing more [23.4]", async () => {
    const here = new Recorded();
    const recorder = new CoreEventRecorder(here.client, {
      component: "shop",
      clock: here.clock,
      logger: here.logger,
    });
    for (const reason of ["A", "B", "C"]) recorder.event(POD, { ...STARTED, reason });
    const closed = recorder[Symbol.asyncDispose]();
    recorder.event(POD, STARTED);
    await here.settle();
    await Promise.all([closed, recorder[Symbol.asyncDispose]()]);
    assert.deepEqual(here.asked, ["POST", "POST", "POST"]);
    assert.deepEqual(here.logged, ["error dropped an event: the recorder is closed"]);
    assert.equal(here.clock.timers, 0);
    await here[Symbol.asyncDispose]();
  });

  it("tries each once when it is closed without a server, and waits for no answer for ever [23.4]", async () => {
    for (
      const fault of [() => Promise.reject(new TypeError("refused")), () => new Promise<never>(() => {})]
    ) {
      const here = new Recorded();
      const recorder = new CoreEventRecorder(here.client, { component: "shop", clock: here.clock });
      here.fault = fault;
      for (const reason of ["A", "B"]) recorder.event(POD, { ...STARTED, reason });
      const closed = recorder[Symbol.asyncDispose]();
      await here.advance(5_000);
      await closed;
      assert.ok(here.asked.length <= 2);
      await here[Symbol.asyncDispose]();
      assert.equal(here.clock.timers, 0);
    }
  });

  it(
    "of two recorders each has its own counts [23.3]",
    cleaned(async (t) => {
      const { recorder, events, here } = setUp(t);
      const other = new CoreEventRecorder(here.client, {
        component: "shop",
        host: "node-b",
        clock: here.clock,
        random: () => 0,
      });
      for (const one of [recorder, other, recorder]) one.event(POD, STARTED);
      assert.deepEqual((await events()).map(({ count }) => count).sort(), [1, 2]);
      await other[Symbol.asyncDispose]();
    }),
  );
});

describe("eventSelector() [23.5, 24]", () => {
  it("names what is known, in the words of the API", () => {
    assert.equal(
      eventSelector(POD, "v1"),
      "involvedObject.name=web-0,involvedObject.namespace=shop,involvedObject.kind=Pod,involvedObject.apiVersion=v1,involvedObject.uid=1",
    );
    assert.equal(
      eventSelector({ apiVersion: "v1", kind: "Node", metadata: { name: "node-a" } }, "events.k8s.io/v1"),
      "regarding.name=node-a,regarding.kind=Node,regarding.apiVersion=v1",
    );
    assert.throws(() => eventSelector({}, "v1"), TypeError);
  });
});
