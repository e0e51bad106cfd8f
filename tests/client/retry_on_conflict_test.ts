import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, retryOnConflict, type RetryOptions } from "@coxswain/kube/client";
import { isConflict, isNotFound, StatusError } from "@coxswain/kube/rest";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

const refusal = (code: number, reason: string, message: string) =>
  new StatusError({ apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message });
const conflict = (message = "conflict") => refusal(409, "Conflict", message);

/** Calls with these outcomes in turn, and when each was. */
async function retried(outcomes: unknown[], options: RetryOptions = {}) {
  const clock = new ManualClock();
  const times: number[] = [];
  let outcome: { value?: unknown; error?: unknown } | undefined;
  const running = retryOnConflict(() => {
    const next = outcomes[times.push(clock.now()) - 1];
    return next instanceof Error || next === "abort" ? Promise.reject(next) : Promise.resolve(next);
  }, { clock, random: () => 0, ...options }).then(
    (value) => outcome = { value },
    (error) => outcome = { error },
  );
  for (let i = 0; i < 50 && outcome === undefined; i++) await clock.advance(10);
  await running;
  assert.equal(clock.timers, 0);
  return { ...outcome, times: times.map((at) => at - times[0]) };
}

describe("retryOnConflict() [rest 10.4]", () => {
  it("returns what the function returns, after conflicts", async () => {
    const { value, times } = await retried([conflict(), conflict(), "done"]);
    assert.deepEqual([value, times], ["done", [0, 10, 20]]);
  });

  it("throws the last conflict when all attempts have failed", async () => {
    const errors = [1, 2, 3, 4, 5, 6].map((i) => conflict(String(i)));
    const { error, times } = await retried(errors);
    assert.deepEqual([(error as Error).message, times.length], ["5", 5]);
    assert.equal((await retried(errors, { attempts: 1 })).times.length, 1);
  });

  it("throws what is no conflict at once, also after one", async () => {
    const missing = refusal(404, "NotFound", "gone");
    assert.deepEqual(await retried([missing]), { error: missing, times: [0] });
    assert.equal((await retried([conflict(), missing, "never"])).error, missing);
    assert.equal((await retried([conflict(), "abort", "never"])).error, "abort");
  });

  it("sees a conflict that is the cause of another error", async () => {
    const wrapped = new Error("cannot count", { cause: conflict() });
    assert.equal((await retried([wrapped, "done"])).value, "done");
  });

  it("waits longer each time, if asked to: client-go's DefaultBackoff", async () => {
    const conflicts = Array.from({ length: 9 }, () => conflict());
    const { times } = await retried(conflicts, { attempts: 4, factor: 5 });
    assert.deepEqual(times, [0, 10, 60, 310]);
    assert.deepEqual((await retried(conflicts, { attempts: 2, random: () => 1, jitter: 1 })).times, [0, 20]);
  });

  it("retries whatever it is told to [onError]", async () => {
    const { value } = await retried([new Error("odd"), "done"], { retriable: (error) => !isConflict(error) });
    assert.equal(value, "done");
  });

  it("ends its wait with the signal's reason", async () => {
    const clock = new ManualClock();
    const controller = new AbortController();
    const running = assert.rejects(
      retryOnConflict(() => Promise.reject(conflict()), { clock, signal: controller.signal }),
      (reason) => reason === "stop",
    );
    await clock.waitForTimer();
    controller.abort("stop");
    await running;
    assert.equal(clock.timers, 0);
    await assert.rejects(retryOnConflict(() => Promise.resolve(), { attempts: 0 }), RangeError);
  });
});

describe("modify() [rest 10.4]", () => {
  const setUp = () => {
    const server = new ApiServer();
    const client = new Client({ server: "http://coxswain.test", fetch: server.fetch });
    return { server, client, settings: client.resource(ConfigMap).namespace("default") };
  };
  const methods = (server: ApiServer) => server.requests.map(({ method, status }) => `${method} ${status}`);

  it("reads, changes and replaces; again when somebody else was quicker", async () => {
    const { server, client, settings } = setUp();
    await settings.create({ metadata: { name: "visits" }, data: { count: "1" } });
    let calls = 0;
    const modified = await settings.modify("visits", async (map) => {
      if (++calls === 1) await settings.patch("visits", { merge: { data: { count: "5" } } });
      map.data = { count: String(Number(map.data?.count) + 1) };
    });
    assert.equal(modified.data?.count, "6");
    assert.deepEqual(methods(server).slice(1), ["GET 200", "PATCH 200", "PUT 409", "GET 200", "PUT 200"]);
    await client[Symbol.asyncDispose]();
  });

  it("takes another object in place of the one that it gave", async () => {
    const { client, settings } = setUp();
    await settings.create({ metadata: { name: "visits" } });
    const modified = await settings.modify("visits", (map) => ({ ...map, data: { a: "b" } }), {
      fieldManager: "me",
    });
    assert.deepEqual(modified.data, { a: "b" });
    await client[Symbol.asyncDispose]();
  });

  it("sends nothing when nothing was changed", async () => {
    const { server, client, settings } = setUp();
    await settings.create({ metadata: { name: "visits" } });
    assert.equal((await settings.modify("visits", () => {})).metadata.name, "visits");
    assert.deepEqual(methods(server).slice(1), ["GET 200"]);
    await client[Symbol.asyncDispose]();
  });

  it("fails when somebody else is quicker each time, or when there is nothing", async () => {
    const { client, settings } = setUp();
    await assert.rejects(settings.modify("visits", () => {}), isNotFound);
    await settings.create({ metadata: { name: "visits" } });
    let calls = 0;
    const losing = settings.modify("visits", async (map) => {
      await settings.patch("visits", { merge: { data: { count: String(++calls) } } });
      map.data = {};
    }, { attempts: 2 });
    await assert.rejects(losing, isConflict);
    assert.equal(calls, 2);
    await client[Symbol.asyncDispose]();
  });
});
