import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PrometheusMeter } from "@coxswain/kube/observe";
import {
  isAlreadyExists,
  isBadRequest,
  isConfigError,
  isConflict,
  isExpired,
  isForbidden,
  isGone,
  isInternalError,
  isInvalid,
  isMethodNotAllowed,
  isNetworkError,
  isNotAcceptable,
  isNotFound,
  isRequestEntityTooLarge,
  isServerTimeout,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  isUnexpectedServerError,
  isUnsupportedMediaType,
  RestClient,
  type RestConfigInit,
  StatusError,
  suggestedDelayOf,
} from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";

type Seen = { url: string; method?: string; headers: Headers; body: string };

/** A client whose server is a function, and what that server was asked. */
function clientOf(
  answer: (request: Seen, signal: AbortSignal) => Response | Promise<Response>,
  init: Partial<RestConfigInit> = {},
): { rest: RestClient; seen: Seen[] } {
  const seen: Seen[] = [];
  const rest = new RestClient({
    server: "http://coxswain.test",
    fetch: async (url, init = {}) => {
      const body = await new Response(init.body).text();
      seen.push({ url: String(url), method: init.method, headers: new Headers(init.headers), body });
      return await answer(seen.at(-1)!, init.signal!);
    },
    ...init,
  });
  return { rest, seen };
}

const json = (value: unknown, status = 200, headers = {}) =>
  new Response(JSON.stringify(value), {
    status,
    headers: { "content-type": "application/json", ...headers },
  });

async function refusal(response: Response, method = "GET"): Promise<StatusError> {
  const { rest } = clientOf(() => response, { maxRetries: 0 });
  const request = rest.verb(method).groupVersion("apps", "v1").resource("deployments").namespace("shop").name(
    "web",
  );
  const error = await request.send().then(() => undefined, (error) => error);
  assert.ok(error instanceof StatusError);
  return error;
}

describe("RestClient", () => {
  it("sends what the request says, and who asks", async () => {
    const { rest, seen } = clientOf(() => json({}), { bearerToken: " abc \n", userAgent: "shop/1" });
    await (await rest.post().resource("pods").namespace("shop").body({ kind: "Pod" }).send()).json();
    const [{ url, method, headers, body }] = seen;
    assert.deepEqual([method, url, body], [
      "POST",
      "http://coxswain.test/api/v1/namespaces/shop/pods",
      `{"kind":"Pod"}`,
    ]);
    assert.equal(headers.get("authorization"), "Bearer abc");
    assert.equal(headers.get("accept"), "application/json, */*");
    assert.equal(headers.get("content-type"), "application/json");
    assert.equal(headers.get("user-agent"), "shop/1");
  });

  for (const meter of [undefined, new PrometheusMeter()]) {
    const how = meter === undefined ? "" : ", and its measures";
    it(`sends what was given in the order in which it was, though the code for it${how} is loaded first`, async () => {
      const { rest, seen } = clientOf(() => json({}), { meter });
      const pod = { metadata: { name: "a" } };
      const answers = ["a", "b", "c"].map((name) => {
        pod.metadata.name = name;
        return rest.post().resource("pods").namespace("shop").body(pod).send();
      });
      pod.metadata.name = "d";
      for (const answer of answers) await (await answer).json();
      assert.deepEqual(seen.map(({ body }) => JSON.parse(body).metadata.name), ["a", "b", "c"]);
    });
  }

  it("sends nothing if it is closed, or told to stop, while its code is loaded", async () => {
    const { rest, seen } = clientOf(() => json({}));
    const reason = new Error("enough");
    const stop = new AbortController();
    const stopped = rest.get().absolutePath("/stopped").send({ signal: stop.signal });
    const closed = rest.get().absolutePath("/closed").send();
    stop.abort(reason);
    await Promise.all([
      assert.rejects(stopped, (error) => error === reason),
      assert.rejects(closed, { name: "AbortError" }),
      rest[Symbol.asyncDispose](),
    ]);
    assert.deepEqual(seen, []);
  });

  it("leaves headers alone that the request has [rest 7.1]", async () => {
    const { rest, seen } = clientOf(() => json({}), { bearerToken: "abc" });
    const request = rest.get().absolutePath("/").header("authorization", "Mine").header(
      "ACCEPT",
      "text/plain",
    ).header("User-Agent", "x");
    await (await request.send()).json();
    assert.deepEqual(["authorization", "accept", "user-agent"].map((name) => seen[0].headers.get(name)), [
      "Mine",
      "text/plain",
      "x",
    ]);
  });

  it("asks a token source for each request, and sends basic credentials in UTF-8", async () => {
    let count = 0;
    const { rest, seen } = clientOf(() => json({}), { credentials: () => ({ bearerToken: `t${++count}` }) });
    for (let i = 0; i < 2; i++) await (await rest.get().absolutePath("/").send()).json();
    assert.deepEqual(seen.map(({ headers }) => headers.get("authorization")), ["Bearer t1", "Bearer t2"]);
    const basic = clientOf(() => json({}), { username: "jörg", password: "p:w" });
    await (await basic.rest.get().absolutePath("/").send()).json();
    assert.equal(basic.seen[0].headers.get("authorization"), "Basic asO2cmc6cDp3");
  });

  it("fails with what a token source throws, and refuses a token that no header can hold without showing it", async () => {
    const failure = new Error("the plugin is missing");
    const failing = clientOf(() => json({}), { credentials: () => Promise.reject(failure) });
    await assert.rejects(failing.rest.get().absolutePath("/").send(), (error) => error === failure);
    const broken = clientOf(() => json({}), { credentials: () => ({ bearerToken: "hunter2\nX: y" }) });
    await assert.rejects(broken.rest.get().absolutePath("/").send(), (error: Error) => {
      assert.ok(isConfigError(error));
      assert.doesNotMatch(error.message, /hunter2/);
      return true;
    });
    assert.equal(failing.seen.length + broken.seen.length, 0);
  });

  it("answers can be read once, in one way", async () => {
    const { rest } = clientOf(() => json({ a: 1 }));
    const response = await rest.get().absolutePath("/").send();
    assert.deepEqual(await response.json(), { a: 1 });
    assert.throws(() => response.text(), TypeError);
  });

  it("refuses an empty answer, and one that is no JSON, without repeating it [rest 4.1]", async () => {
    for (const text of ["", "hunter2"]) {
      const { rest } = clientOf(() =>
        new Response(text, { headers: { "content-type": "application/json" } })
      );
      await assert.rejects((await rest.get().absolutePath("/x").send()).json(), (error: Error) => {
        assert.match(
          error.message,
          /^GET http:\/\/coxswain\.test\/x failed: .*status 200, content type application\/json/,
        );
        assert.doesNotMatch(error.message, /hunter2/);
        return true;
      });
    }
  });

  it("throws a failure that came with a good status code [rest 4.1]", async () => {
    const { rest } = clientOf(() =>
      json({ kind: "Status", status: "Failure", reason: "NotFound", code: 404 })
    );
    await assert.rejects((await rest.get().absolutePath("/").send()).json(), isNotFound);
  });

  it("hands out a stream that can be left", async () => {
    let cancelled: unknown;
    const { rest } = clientOf(() =>
      new Response(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array([1, 2])),
          cancel: (reason) => void (cancelled = reason ?? "yes"),
        }),
      )
    );
    const stream = (await rest.get().absolutePath("/log").send()).stream();
    const reader = stream.getReader();
    assert.deepEqual((await reader.read()).value, new Uint8Array([1, 2]));
    await reader.cancel();
    assert.equal(cancelled, "yes");
  });

  it("takes 200 to 206 for success [rest 4]", async () => {
    for (const status of [200, 201, 202, 203, 206]) {
      const { rest } = clientOf(() => json({ a: 1 }, status));
      const response = await rest.get().absolutePath("/").send();
      assert.deepEqual([response.status, await response.json()], [status, { a: 1 }]);
    }
    for (const status of [204, 205]) {
      const { rest } = clientOf(() => new Response(null, { status }));
      assert.equal(await (await rest.get().absolutePath("/").send()).text(), "");
    }
  });

  it("hands out an answer of any status to who asks for it, once and as it is", async () => {
    for (const status of [302, 404, 429, 503]) {
      const headers = { "retry-after": "1", "location": "/b" };
      const { rest, seen } = clientOf(() => new Response("words", { status, headers }));
      const response = await rest.post().absolutePath("/a").send({ anyStatus: true });
      assert.deepEqual([response.status, await response.text(), seen.length], [status, "words", 1]);
      assert.equal(response.headers.get("location"), "/b");
    }
    // Other credentials may make something else of a 401.
    let asked = 0;
    const { rest } = clientOf(({ headers }) => new Response(headers.get("authorization"), { status: 401 }), {
      credentials: () => ({ bearerToken: String(++asked) }),
    });
    const response = await rest.get().absolutePath("/a").send({ anyStatus: true });
    assert.deepEqual([response.status, await response.text()], [401, "Bearer 2"]);
  });

  it("does not follow a redirect, which could take a token elsewhere", async () => {
    const error = await refusal(
      new Response(null, { status: 302, headers: { location: "http://elsewhere.test" } }),
    );
    assert.equal(error.code, 302);
  });
});

describe("refusals [rest 4.2]", () => {
  it("say what the Status says, even if its code is another", async () => {
    const status = {
      kind: "Status",
      apiVersion: "v1",
      status: "Failure",
      reason: "NotFound",
      code: 404,
      message: "no web",
    };
    const error = await refusal(json(status, 400));
    assert.deepEqual([error.message, error.reason, error.code], ["no web", "NotFound", 404]);
    assert.ok(!isUnexpectedServerError(error));
  });

  it("take a Status without apiVersion, not one without kind, nor one of success", async () => {
    assert.equal(
      (await refusal(json({ kind: "Status", status: "Failure", reason: "Gone", code: 410 }, 400))).reason,
      "Gone",
    );
    for (
      const body of [{ status: "Failure", reason: "Gone" }, {
        kind: "Status",
        status: "Success",
        reason: "Gone",
      }, {}]
    ) {
      assert.equal((await refusal(json(body, 400))).reason, "BadRequest");
    }
  });

  const plain = (status: number, text: string, headers = {}) =>
    new Response(text, { status, headers: { "content-type": "text/plain", ...headers } });
  for (
    const [status, method, reason, message] of [
      [400, "GET", "BadRequest", "the server rejected our request for an unknown reason"],
      [401, "GET", "Unauthorized", "the server has asked for the client to provide credentials"],
      [403, "GET", "Forbidden", "words"],
      [404, "GET", "NotFound", "the server could not find the requested resource"],
      [405, "GET", "MethodNotAllowed", "the server does not allow this method on the requested resource"],
      [406, "GET", "NotAcceptable", "words"],
      [409, "POST", "AlreadyExists", "the server reported a conflict"],
      [409, "PUT", "Conflict", "the server reported a conflict"],
      [410, "GET", "", "the server responded with the status code 410 but did not return more information"],
      [413, "PUT", "", "the server responded with the status code 413 but did not return more information"],
      [415, "PUT", "UnsupportedMediaType", "words"],
      [422, "PUT", "Invalid", "the server rejected our request due to an error in our request"],
      [
        429,
        "GET",
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
      ],
      [
        500,
        "GET",
        "InternalError",
        `an error on the server ("words") has prevented the request from succeeding`,
      ],
      [
        502,
        "GET",
        "InternalError",
        `an error on the server ("words") has prevented the request from succeeding`,
      ],
      [503, "GET", "ServiceUnavailable", "the server is currently unable to handle the request"],
      [
        504,
        "GET",
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request",
      ],
      [207, "GET", "", "the server responded with the status code 207 but did not return more information"],
    ] as [number, string, string, string][]
  ) {
    it(`make ${reason || "nothing known"} of a bare ${status} to ${method}`, async () => {
      const error = await refusal(plain(status, " words \n"), method);
      assert.equal(error.message, `${message} (${method.toLowerCase()} deployments.apps web)`);
      assert.equal(error.reason, reason);
      assert.equal(error.code, status);
      assert.equal(error.details?.causes?.[0].message, "words");
      assert.ok(isUnexpectedServerError(error));
    });
  }

  it("to accept have words of their own when the server has none [rest 4.2]", async () => {
    assert.match(
      (await refusal(json({}, 406))).message,
      /^the server was unable to respond with a content type that the client supports \(/,
    );
    assert.match((await refusal(json({}, 415))).message, /^unknown \(/);
  });

  it("repeat text, and no more than 2 KiB of it; nothing of other formats", async () => {
    assert.ok((await refusal(plain(500, "x".repeat(5_000)))).message.length < 2_200);
    const html = new Response("<html>login</html>", {
      status: 500,
      headers: { "content-type": "text/html" },
    });
    assert.match((await refusal(html)).message, /<html>login/);
    assert.match((await refusal(json({ a: "b" }, 500))).message, /"unknown"/);
  });

  it("carry the name under which the server's audit log has the request", async () => {
    const status = { kind: "Status", status: "Failure", reason: "Forbidden", code: 403 };
    for (
      const response of [json(status, 403, { "audit-id": "a-1" }), plain(500, "", { "audit-id": "a-1" })]
    ) {
      assert.equal((await refusal(response)).auditId, "a-1");
    }
    assert.equal((await refusal(plain(500, ""))).auditId, undefined);
  });

  it("carry the server's wish to wait, when it is in seconds", async () => {
    assert.equal(suggestedDelayOf(await refusal(plain(503, "", { "retry-after": "7" }))), 7_000);
    assert.equal(
      suggestedDelayOf(await refusal(plain(503, "", { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }))),
      undefined,
    );
    assert.equal(suggestedDelayOf(await refusal(plain(503, ""))), undefined);
  });
});

describe("predicates [rest 4.5]", () => {
  const error = (reason: string, code: number) =>
    new StatusError({ apiVersion: "v1", kind: "Status", status: "Failure", reason, code });
  for (
    const [predicate, reason, code, byCode] of [
      [isBadRequest, "BadRequest", 400, true],
      [isUnauthorized, "Unauthorized", 401, true],
      [isForbidden, "Forbidden", 403, true],
      [isNotFound, "NotFound", 404, true],
      [isMethodNotAllowed, "MethodNotAllowed", 405, true],
      [isNotAcceptable, "NotAcceptable", 406, true],
      [isAlreadyExists, "AlreadyExists", 409, false],
      [isConflict, "Conflict", 409, true],
      [isGone, "Gone", 410, true],
      [isExpired, "Expired", 410, false],
      [isRequestEntityTooLarge, "RequestEntityTooLarge", 413, true],
      [isUnsupportedMediaType, "UnsupportedMediaType", 415, true],
      [isInvalid, "Invalid", 422, true],
      [isTooManyRequests, "TooManyRequests", 429, true],
      [isInternalError, "InternalError", 500, true],
      [isServerTimeout, "ServerTimeout", 500, false],
      [isServiceUnavailable, "ServiceUnavailable", 503, true],
      [isTimeout, "Timeout", 504, true],
    ] as [(error: unknown) => boolean, string, number, boolean][]
  ) {
    it(`${predicate.name} goes by reason${byCode ? ", and by code for a reason that is not known" : " alone"}`, () => {
      assert.ok(predicate(error(reason, 0)));
      assert.equal(predicate(error("", code)), byCode);
      assert.equal(predicate(error("SomethingNew", code)), byCode);
      const always = predicate === isTooManyRequests || predicate === isRequestEntityTooLarge;
      assert.equal(predicate(error("StoreReadError", code)), always, "another known reason");
      assert.ok(
        predicate(new Error("outer", { cause: new Error("middle", { cause: error(reason, code) }) })),
      );
      for (const other of [undefined, null, "text", new Error("x"), {}]) assert.ok(!predicate(other));
    });
  }

  it("see through a circle of causes", () => {
    const circle = new Error("round");
    circle.cause = circle;
    assert.ok(!isNotFound(circle));
  });

  it("suggest a delay for a ServerTimeout even when it names none", () => {
    assert.equal(suggestedDelayOf(error("ServerTimeout", 500)), 0);
    assert.equal(suggestedDelayOf(error("InternalError", 500)), undefined);
  });
});

describe("the life of a request", () => {
  /** A server that never answers, and remembers whether it was told to stop. */
  const silent = (_: Seen, signal: AbortSignal) =>
    new Promise<Response>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  it("sends nothing when it was aborted before", async () => {
    const { rest, seen } = clientOf(() => json({}));
    await assert.rejects(
      rest.get().absolutePath("/").send({ signal: AbortSignal.abort("no") }),
      (reason) => reason === "no",
    );
    assert.equal(seen.length, 0);
  });

  it("ends with the signal's reason while it waits for headers, also when the transport does not listen", async () => {
    for (const answer of [silent, () => new Promise<Response>(() => {})]) {
      const clock = new ManualClock();
      const { rest } = clientOf(answer, { clock });
      const controller = new AbortController();
      const sending = rest.get().absolutePath("/").send({ signal: controller.signal });
      await clock.waitForTimer();
      controller.abort("changed my mind");
      await assert.rejects(sending, (reason) => reason === "changed my mind");
      assert.equal(clock.timers, 0);
    }
  });

  it("lets go of an answer that comes after the abort", async () => {
    const clock = new ManualClock();
    const late = Promise.withResolvers<Response>();
    const cancelled = Promise.withResolvers<void>();
    const { rest } = clientOf(() => late.promise, { clock });
    const controller = new AbortController();
    const sending = rest.get().absolutePath("/").send({ signal: controller.signal });
    await clock.waitForTimer();
    controller.abort("late");
    await assert.rejects(sending);
    late.resolve(new Response(new ReadableStream({ cancel: () => cancelled.resolve() })));
    await cancelled.promise;
  });

  it("gives up when no headers come, on the clock it was given", async () => {
    const clock = new ManualClock();
    const { rest } = clientOf(silent, { clock, timeouts: { connect: 1_000, headers: 2_000 } });
    const sending = rest.get().absolutePath("/x").send();
    sending.catch(() => {});
    await clock.waitForTimer();
    await clock.advance(2_999);
    assert.equal(clock.timers, 1);
    await clock.advance(1);
    await assert.rejects(sending, (error) => isNetworkError(error) && error.reason === "timeout");
    assert.equal(clock.timers, 0);
  });

  it("says which permission Deno lacks, and does not take that for the network's failure", async () => {
    const denied = Object.assign(new Error("Requires net access"), { name: "NotCapable" });
    const { rest } = clientOf(() => Promise.reject(denied));
    await assert.rejects(rest.get().absolutePath("/").send(), (error: Error) => {
      assert.ok(isConfigError(error));
      assert.match(error.message, /--allow-net=coxswain\.test/);
      return true;
    });
  });

  it("waits for ever when told so", async () => {
    const clock = new ManualClock();
    const asked = Promise.withResolvers<void>();
    const { rest } = clientOf(() => (asked.resolve(), new Promise<Response>(() => {})), {
      clock,
      timeouts: { headers: 0 },
    });
    const sending = rest.get().absolutePath("/").send();
    await asked.promise;
    assert.equal(clock.timers, 0);
    await rest[Symbol.asyncDispose]();
    await assert.rejects(sending, { name: "AbortError" });
  });

  for (
    const [query, silence] of [
      [{ watch: true, timeoutSeconds: 30 }, 40_000],
      [{ watch: true }, 3_610_000],
      [{}, 60_000],
    ] as const
  ) {
    it(`takes ${silence / 1000} s of silence with ${JSON.stringify(query)}`, async () => {
      const clock = new ManualClock();
      const { rest } = clientOf(() => new Response(new ReadableStream()), { clock });
      const reading = (await rest.get().resource("pods").query(query).send()).bytes();
      reading.catch(() => {});
      await clock.waitForTimer();
      await clock.advance(silence - 1);
      assert.equal(clock.timers, 1);
      await clock.advance(1);
      await assert.rejects(reading, isNetworkError);
    });
  }

  it("takes any silence of a log that is followed", async () => {
    const clock = new ManualClock();
    const { rest } = clientOf(() => new Response(new ReadableStream()), { clock });
    const reading =
      (await rest.get().resource("pods").name("a").subresource("log").query({ follow: true }).send()).bytes();
    assert.equal(clock.timers, 0);
    await rest[Symbol.asyncDispose]();
    await assert.rejects(reading, { name: "AbortError" });
  });

  it("ends what is open when the client is closed, and takes nothing more", async () => {
    const { rest, seen } = clientOf(() => new Response(new ReadableStream()));
    const watch = (await rest.get().resource("pods").query({ watch: true }).send()).watch();
    const next = watch.nextBatch();
    await Promise.all([rest[Symbol.asyncDispose](), rest[Symbol.asyncDispose]()]);
    await assert.rejects(next, { name: "AbortError" });
    await assert.rejects(rest.get().absolutePath("/").send(), TypeError);
    assert.equal(seen.length, 1);
  });

  it("takes its listener off the caller's signal when the answer has been read", async () => {
    const { rest } = clientOf(() => json({}));
    const listeners = new Set<unknown>();
    const { signal } = new AbortController();
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    Object.assign(signal, {
      addEventListener: (
        type: "abort",
        listener: () => void,
      ) => (listeners.add(listener), add(type, listener)),
      removeEventListener: (
        type: "abort",
        listener: () => void,
      ) => (listeners.delete(listener), remove(type, listener)),
    });
    await (await rest.get().absolutePath("/").send({ signal })).json();
    assert.equal(listeners.size, 0);
  });
});
