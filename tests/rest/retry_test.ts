import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Credentials,
  type CredentialSource,
  isNetworkError,
  isServiceUnavailable,
  isTooManyRequests,
  isUnauthorized,
  type RequestBody,
  RestClient,
  type RestConfigInit,
  type RestRequest,
} from "@coxswain/kube/rest";
import { noLogger } from "@coxswain/kube/observe";
import { ManualClock } from "@coxswain/kube/testing";

/** What happens to one attempt: an answer, or how the network fails. */
type Turn = { status: number; retryAfter?: string } | { fails: string };

interface Sent {
  at: number;
  body: string;
  authorization: string | null;
}

const ok: Turn = { status: 200 };

/** Sends one request to a server that acts as written. */
async function send(
  turns: Turn[],
  { method = "GET", body, watch, ...init }:
    & { method?: string; body?: RequestBody; watch?: boolean }
    & Partial<RestConfigInit> = {},
) {
  const clock = new ManualClock();
  const sent: Sent[] = [];
  const left = [...turns];
  const rest = new RestClient({
    server: "http://coxswain.test",
    clock,
    fetch: async (_, init) => {
      const chunks = init?.body instanceof ReadableStream ? await Array.fromAsync(init.body) : [];
      const text = typeof init?.body === "string"
        ? init.body
        : chunks.map((chunk) => new TextDecoder().decode(chunk)).join("");
      sent.push({
        at: clock.now(),
        body: text,
        authorization: new Headers(init?.headers).get("authorization"),
      });
      const turn = left.length > 1 ? left.shift()! : left[0];
      if ("fails" in turn) throw new TypeError("fetch failed", { cause: new Error(turn.fails) });
      const headers: Record<string, string> = turn.retryAfter === undefined
        ? {}
        : { "retry-after": turn.retryAfter };
      return new Response(null, { status: turn.status, headers });
    },
    ...init,
  });
  let request: RestRequest = rest.verb(method).resource("pods").query({ watch: watch || undefined });
  if (body !== undefined) request = request.body(body);
  let outcome: { status?: number; error?: unknown } | undefined;
  const sending = request.send().then(({ status }) => outcome = { status }, (error) => outcome = { error });
  for (let rounds = 0; outcome === undefined && rounds < 200; rounds++) await clock.advance(500);
  assert.ok(outcome !== undefined, "the request went on for longer than was foreseen");
  await sending;
  await rest[Symbol.asyncDispose]();
  assert.equal(clock.timers, 0);
  return { sent, ...outcome };
}

describe("sending again [rest 3.3]", () => {
  for (const method of ["GET", "POST", "PUT", "PATCH", "DELETE"]) {
    for (const status of [429, 500, 503, 504]) {
      it(`happens to ${method} when a ${status} says when`, async () => {
        const body = method === "GET" ? undefined : { a: 1 };
        const { sent, ...outcome } = await send([
          { status, retryAfter: "2" },
          { status, retryAfter: " 1 " },
          ok,
        ], { method, body });
        assert.equal(outcome.status, 200);
        assert.deepEqual(sent.map(({ at }) => at), [0, 2_000, 3_000]);
        assert.deepEqual(sent.map(({ body }) => body), Array(3).fill(body === undefined ? "" : `{"a":1}`));
      });
    }
  }

  for (
    const [what, turn] of [
      ["a 503 does not say when", { status: 503 }],
      ["a 503 says it as a date", { status: 503, retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" }],
      ["a 503 says nonsense", { status: 503, retryAfter: "-1" }],
      ["a 503 says never", { status: 503, retryAfter: "9".repeat(400) }],
      ["a 404 says when", { status: 404, retryAfter: "1" }],
      ...[301, 302, 304].map((status) => [`a ${status} says when`, { status, retryAfter: "1" }]),
      ["a 200 says when", { status: 200, retryAfter: "1" }],
      ["the connection was refused", { fails: "ECONNREFUSED" }],
      ["the host is not known", { fails: "ENOTFOUND" }],
      ["the server is not trusted", { fails: "SELF_SIGNED_CERT_IN_CHAIN" }],
    ] as [string, Turn][]
  ) {
    it(`does not happen when ${what}`, async () => {
      assert.equal((await send([turn])).sent.length, 1);
    });
  }

  it("happens after a second to a GET whose connection was cut, and to nothing that may have been done", async () => {
    const cut: Turn = { fails: "ECONNRESET" };
    const get = await send([cut, cut, ok]);
    assert.deepEqual([get.status, get.sent.map(({ at }) => at)], [200, [0, 1_000, 2_000]]);
    for (const method of ["POST", "PUT", "PATCH", "DELETE"]) {
      const { sent, error } = await send([cut, ok], { method, body: {} });
      assert.ok(isNetworkError(error));
      assert.equal(sent.length, 1);
    }
  });

  it("happens after a time-out to a watch alone", async () => {
    const late: Turn = { fails: "ETIMEDOUT" };
    assert.equal((await send([late, ok], { watch: true })).status, 200);
    assert.ok(isNetworkError((await send([late, ok])).error));
  });

  it("does not happen to a body that is a stream", async () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(new TextEncoder().encode("once"));
        controller.close();
      },
    });
    const { sent, error } = await send([{ status: 429, retryAfter: "1" }, ok], { method: "POST", body });
    assert.ok(isTooManyRequests(error));
    assert.deepEqual(sent.map(({ body }) => body), ["once"]);
  });

  for (const [maxRetries, attempts] of [[0, 1], [1, 2], [5, 6], [undefined, 11]]) {
    it(`ends after ${attempts} attempts with maxRetries ${maxRetries ?? "not set"}`, async () => {
      const { sent, error } = await send([{ status: 503, retryAfter: "0" }], { maxRetries });
      assert.ok(isServiceUnavailable(error));
      assert.equal(sent.length, attempts);
    });
  }

  for (
    const [watch, steps] of [
      [false, ["limiter", "sent", "limiter", "sent", "limiter", "sent"]],
      [true, ["sent", "limiter", "sent", "limiter", "sent"]],
    ] as const
  ) {
    it(`waits first for the server, then for the rate, ${watch ? "as a watch does" : "before each attempt"} [rest 3.2]`, async () => {
      const clock = new ManualClock();
      const seen: [string, number][] = [];
      const note = (step: string) => seen.push([step, clock.now()]);
      const began = clock.now();
      const rest = new RestClient({
        server: "http://coxswain.test",
        clock,
        rateLimiter: { wait: () => Promise.resolve(note("limiter")) },
        fetch: () => {
          note("sent");
          const isLast = seen.filter(([step]) => step === "sent").length === 3;
          return Promise.resolve(
            isLast ? new Response() : new Response(null, { status: 503, headers: { "retry-after": "1" } }),
          );
        },
      });
      const sending = rest.get().resource("pods").query({ watch: watch || undefined }).send();
      for (let n = 0; n < 2; n++) {
        await clock.waitForTimer();
        await clock.advance(1_000);
      }
      (await sending).close();
      assert.deepEqual(seen.map(([step]) => step), steps);
      assert.deepEqual(
        seen.filter(([step]) => step === "limiter").map(([, at]) => at - began),
        watch ? [1_000, 2_000] : [0, 1_000, 2_000],
      );
      await rest[Symbol.asyncDispose]();
    });
  }

  it("is counted for each request alone, also when many run at once", async () => {
    const clock = new ManualClock();
    const asked = new Map<string, number>();
    const rest = new RestClient({
      server: "http://coxswain.test",
      clock,
      maxRetries: 2,
      fetch: (url) => {
        const path = new URL(String(url)).pathname;
        asked.set(path, (asked.get(path) ?? 0) + 1);
        return Promise.resolve(new Response(null, { status: 429, headers: { "retry-after": "1" } }));
      },
    });
    const paths = Array.from({ length: 5 }, (_, n) => `/${n}`);
    const all = paths.map((path) => assert.rejects(rest.get().absolutePath(path).send(), isTooManyRequests));
    for (let n = 0; n < 2; n++) {
      await clock.waitForTimer(5);
      await clock.advance(1_000);
    }
    await Promise.all(all);
    assert.deepEqual([...asked], paths.map((path) => [path, 3]));
    await rest[Symbol.asyncDispose]();
  });

  it("takes the success of the last attempt", async () => {
    assert.equal((await send([{ status: 503, retryAfter: "1" }, ok], { maxRetries: 1 })).status, 200);
  });

  it("stops waiting when the signal aborts", async () => {
    const clock = new ManualClock();
    const fetch = () =>
      Promise.resolve(new Response(null, { status: 503, headers: { "retry-after": "60" } }));
    const rest = new RestClient({
      server: "http://coxswain.test",
      clock,
      fetch,
      timeouts: { connect: 0, headers: 0 },
    });
    const controller = new AbortController();
    const sending = rest.get().absolutePath("/").send({ signal: controller.signal });
    await clock.waitForTimer();
    controller.abort("enough");
    await assert.rejects(sending, (reason) => reason === "enough");
    assert.equal(clock.timers, 0);
  });
});

describe("the rate of requests [rest 3.2]", () => {
  it("is limited beyond a burst, again for each attempt, and shared by the clients of a configuration", async () => {
    const { sent } = await send([{ status: 503, retryAfter: "0" }, { status: 503, retryAfter: "0" }, ok], {
      qps: 1,
      burst: 1,
    });
    assert.deepEqual(sent.map(({ at }) => at), [0, 1_000, 2_000]);
  });

  it("is not limited for the beginning of a watch", async () => {
    const { sent } = await send([ok], {
      watch: true,
      rateLimiter: { wait: () => Promise.reject(new Error("asked")) },
    });
    assert.equal(sent.length, 1);
  });

  it("is not limited at all with a qps of 0", async () => {
    const { sent } = await send([{ status: 503, retryAfter: "0" }, ok], { qps: 0 });
    assert.deepEqual(sent.map(({ at }) => at), [0, 0]);
  });
});

describe("credentials that are refused", () => {
  const source = (
    ...given: string[]
  ): { credentials: CredentialSource; refused: (Credentials | undefined)[] } => {
    const all = given.map((bearerToken) => ({ bearerToken }));
    const refused: (Credentials | undefined)[] = [];
    let at = 0;
    return {
      refused,
      credentials: (request) => {
        refused.push(request.refused);
        if (request.refused === all[at] && at < all.length - 1) at++;
        return all[at];
      },
    };
  };

  it("are replaced, and the request is sent once more with the others", async () => {
    const { credentials, refused } = source("old", "new");
    const { status, sent } = await send([{ status: 401 }, ok], {
      credentials,
      method: "POST",
      body: { a: 1 },
    });
    assert.equal(status, 200);
    assert.deepEqual(sent.map(({ authorization, body }) => [authorization, body]), [
      ["Bearer old", `{"a":1}`],
      ["Bearer new", `{"a":1}`],
    ]);
    assert.deepEqual(refused, [undefined, { bearerToken: "old" }]);
  });

  it("are not tried again when there are no others, and others only once", async () => {
    const one = await send([{ status: 401 }], source("only"));
    assert.ok(isUnauthorized(one.error));
    assert.equal(one.sent.length, 1);
    const two = await send([{ status: 401 }], source("a", "b", "c"));
    assert.ok(isUnauthorized(two.error));
    assert.deepEqual(two.sent.map(({ authorization }) => authorization), ["Bearer a", "Bearer b"]);
  });

  it("stand when their source fails to give others", async () => {
    const credentials: CredentialSource = ({ refused }) => {
      if (refused !== undefined) throw new Error("no plugin");
      return { bearerToken: "old" };
    };
    const { error, sent } = await send([{ status: 401 }], { credentials, logger: noLogger });
    assert.ok(isUnauthorized(error));
    assert.equal(sent.length, 1);
  });

  it("are not asked for by a request that has its own", async () => {
    const { credentials, refused } = source("old", "new");
    let authorization: string | null = null;
    const fetch = (_: unknown, init?: RequestInit) => {
      authorization = new Headers(init?.headers).get("authorization");
      return Promise.resolve(new Response(null, { status: 401 }));
    };
    const rest = new RestClient({
      server: "http://coxswain.test",
      credentials,
      fetch: fetch as typeof globalThis.fetch,
    });
    await assert.rejects(rest.get().absolutePath("/").header("Authorization", "Mine").send(), isUnauthorized);
    assert.deepEqual([authorization, refused.length], ["Mine", 0]);
  });

  it("are simply refused when they are fixed", async () => {
    const { error, sent } = await send([{ status: 401 }], { bearerToken: "fixed" });
    assert.ok(isUnauthorized(error));
    assert.equal(sent.length, 1);
  });
});
