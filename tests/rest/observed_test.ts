import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type LogFields, type Logger, PrometheusMeter } from "@coxswain/kube/observe";
import {
  isNetworkError,
  type Middleware,
  RestClient,
  type RestConfigInit,
  type Warning,
} from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";

/** A client of a server that gives one answer after the other, the last one for ever. */
function clientOf(answers: (Response | Error)[], init: Partial<RestConfigInit> = {}) {
  const clock = new ManualClock();
  const lines: [level: string, message: string, fields?: LogFields][] = [];
  const log = (level: string) => (message: string, fields?: LogFields) =>
    void lines.push([level, message, fields]);
  const logger: Logger = { debug: log("debug"), info: log("info"), warn: log("warn"), error: log("error") };
  const sent: [string, string][][] = [];
  const rest = new RestClient({
    server: "http://coxswain.test/",
    clock,
    logger,
    fetch: (_, init) => {
      sent.push(init!.headers as [string, string][]);
      const answer = answers.length > 1 ? answers.shift()! : answers[0];
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer.clone());
    },
    ...init,
  });
  return { rest, clock, lines, sent };
}

const bytes = (text: string) =>
  new ReadableStream<Uint8Array>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });

describe("warnings of a server [rest 5]", () => {
  const warned = (text = "{}", status = 200) =>
    new Response(text, {
      status,
      headers: [["warning", '299 - "v1beta1 is deprecated"'], ["warning", '199 - "x", 299 - "other"']],
    });

  it("reach the handler all, also those of a refusal", async () => {
    for (const status of [200, 404]) {
      const warnings: Warning[] = [];
      const { rest } = clientOf([warned("{}", status)], { onWarning: (warning) => warnings.push(warning) });
      await rest.get().absolutePath("/").send().then((answer) => answer.close(), () => {});
      assert.deepEqual(warnings.map(({ code, text }) => [code, text]), [[299, "v1beta1 is deprecated"], [
        199,
        "x",
      ], [299, "other"]]);
    }
  });

  it("reach the handler of a request in place of the client's", async () => {
    const seen: string[] = [];
    const { rest, lines } = clientOf([warned()], {
      onWarning: ({ code, text }) => code === 299 && seen.push(`client ${text}`),
    });
    const get = rest.get().absolutePath("/");
    (await get.send({ onWarning: ({ code, text }) => code === 299 && seen.push(`request ${text}`) })).close();
    (await get.send({ onWarning: undefined })).close();
    const texts = ["v1beta1 is deprecated", "other"];
    assert.deepEqual(seen, [
      ...texts.map((text) => `request ${text}`),
      ...texts.map((text) => `client ${text}`),
    ]);
    assert.deepEqual(lines, []);
  });

  it("are logged once each when there is no handler", async () => {
    const { rest, lines } = clientOf([warned()]);
    for (let i = 0; i < 3; i++) (await rest.get().absolutePath("/").send()).close();
    assert.deepEqual(lines.map(([level, message]) => `${level} ${message}`), [
      "warn Warning: v1beta1 is deprecated",
      "warn Warning: other",
    ]);
  });

  it("do not fail a request when their handler does", async () => {
    const onWarning = () => {
      throw new Error("mine");
    };
    const { rest, lines } = clientOf([warned("ok")], { onWarning });
    assert.equal(await (await rest.get().absolutePath("/").send()).text(), "ok");
    assert.deepEqual(lines.map(([level]) => level), ["error"]);
  });
});

describe("middleware [rest 7.1]", () => {
  it("stands around each attempt, the first outermost, and sees the credentials", async () => {
    const order: string[] = [];
    const layer = (name: string): Middleware => async (request, next) => {
      order.push(`${name} ${request.headers.some(([header]) => header === "Authorization")}`);
      const answer = await next({ ...request, headers: [...request.headers, ["X-Layer", name]] });
      order.push(`${name} ${answer.status}`);
      return answer;
    };
    const { rest, sent } = clientOf([new Response("ok")], {
      bearerToken: "abc",
      middleware: [layer("a"), layer("b")],
    });
    await (await rest.get().absolutePath("/").send()).text();
    assert.deepEqual(order, ["a true", "b true", "b 200", "a 200"]);
    assert.deepEqual(sent[0].filter(([name]) => name === "X-Layer").map(([, value]) => value), ["a", "b"]);
  });

  it("may answer itself, and fail in its own words", async () => {
    const { rest, sent } = clientOf([new Response("server")], {
      middleware: [() => Promise.resolve(new Response("mine"))],
    });
    assert.equal(await (await rest.get().absolutePath("/").send()).text(), "mine");
    assert.equal(sent.length, 0);
    const failure = new Error("mine");
    const failing = clientOf([new Response("server")], { middleware: [() => Promise.reject(failure)] });
    await assert.rejects(failing.rest.get().absolutePath("/").send(), (error) => error === failure);
  });

  it("lets an abort through to the transport, however many there are [rest 7.1]", async () => {
    const through: Middleware = (request, next) => next({ ...request });
    const reached = Promise.withResolvers<AbortSignal>();
    const { rest } = clientOf([new Response()], {
      middleware: [through, through, through],
      fetch: (_, init) => {
        reached.resolve(init!.signal!);
        return new Promise(() => {});
      },
    });
    const controller = new AbortController();
    const sending = rest.get().absolutePath("/").send({ signal: controller.signal });
    const signal = await reached.promise;
    controller.abort("enough");
    await assert.rejects(sending, (error) => error === "enough");
    assert.equal(signal.reason, "enough");
  });

  it("sees the network's failure as callers do", async () => {
    let seen: unknown;
    const watching: Middleware = (request, next) =>
      next(request).catch((error) => {
        seen = error;
        throw error;
      });
    const { rest } = clientOf([Object.assign(new Error("x"), { code: "ECONNREFUSED" })], {
      middleware: [watching],
    });
    await assert.rejects(rest.get().absolutePath("/").send(), isNetworkError);
    assert.ok(isNetworkError(seen));
  });
});

describe("impersonation [rest 7.2]", () => {
  const impersonate = { userName: "jane", groups: ["a", "b"], extra: { "example.com/scope": ["x"] } };

  it("adds headers, one for each group", async () => {
    const { rest, sent } = clientOf([new Response("ok")], { impersonate });
    (await rest.get().absolutePath("/").send()).close();
    assert.deepEqual(sent[0].filter(([name]) => name.startsWith("Impersonate")), [
      ["Impersonate-User", "jane"],
      ["Impersonate-Group", "a"],
      ["Impersonate-Group", "b"],
      ["Impersonate-Extra-example.com%2Fscope", "x"],
    ]);
  });

  it("leaves a request alone that says itself whom it acts as", async () => {
    const { rest, sent } = clientOf([new Response("ok")], { impersonate });
    (await rest.get().absolutePath("/").header("impersonate-user", "joe").send()).close();
    assert.deepEqual(sent[0].filter(([name]) => /^impersonate/i.test(name)), [["impersonate-user", "joe"]]);
  });
});

describe("metrics of requests [rest 12]", () => {
  it("count one call, each of its attempts, and each retry", async () => {
    const meter = new PrometheusMeter();
    const refused = new Response(null, { status: 503, headers: { "retry-after": "2" } });
    const { rest, clock } = clientOf([refused, new Response(bytes("12345"))], { meter });
    const sending = rest.post().resource("pods").namespace("shop").body("1234567").send();
    await clock.waitForTimer(1);
    await clock.advance(2_000);
    assert.equal(await (await sending).text(), "12345");
    const text = meter.text();
    for (
      const line of [
        'rest_client_requests_total{code="503",host="coxswain.test",method="POST"} 1',
        'rest_client_requests_total{code="200",host="coxswain.test",method="POST"} 1',
        'rest_client_request_retries_total{code="200",host="coxswain.test",verb="POST"} 1',
        'rest_client_request_duration_seconds_count{host="coxswain.test",verb="POST"} 1',
        'rest_client_request_duration_seconds_sum{host="coxswain.test",verb="POST"} 2',
        'rest_client_rate_limiter_duration_seconds_count{host="coxswain.test",verb="POST"} 2',
        'rest_client_request_size_bytes_sum{host="coxswain.test",verb="POST"} 14',
        'rest_client_response_size_bytes_sum{host="coxswain.test",verb="POST"} 5',
      ]
    ) assert.ok(text.includes(line), `${line}\n${text}`);
  });

  it("tell durations apart by URL when asked to", async () => {
    const meter = new PrometheusMeter();
    const { rest } = clientOf([new Response("{}")], { meter, durationsBy: "url" });
    (await rest.get().resource("pods").namespace("shop").name("web-0").send()).close();
    const url = "/api/v1/namespaces/{namespace}/pods/{name}";
    assert.ok(
      meter.text().includes(
        `rest_client_request_duration_seconds_count{host="coxswain.test",url="${url}",verb="GET"} 1`,
      ),
      meter.text(),
    );
  });

  it("count what got no answer as <error>", async () => {
    const meter = new PrometheusMeter();
    const { rest } = clientOf([Object.assign(new Error("x"), { code: "ECONNREFUSED" })], { meter });
    await assert.rejects(rest.get().absolutePath("/").send());
    assert.match(
      meter.text(),
      /rest_client_requests_total\{code="<error>",host="coxswain.test",method="GET"\} 1/,
    );
  });
});

describe("lines in the log [rest 3.6]", () => {
  it("tell of long waits for the rate limit, and of requests that are sent again", async () => {
    const { rest, clock, lines } = clientOf([new Response("ok")], { qps: 0.5, burst: 1 });
    for (let i = 0; i < 2; i++) {
      const sending = rest.get().absolutePath("/x").query({ secret: "hunter2" }).send();
      if (i > 0) await clock.advance(2_000);
      (await sending).close();
    }
    assert.deepEqual(lines, [[
      "warn",
      "Waited for the rate limit of this client, not of the server: GET http://coxswain.test/x",
      { milliseconds: 2_000 },
    ]]);
    const again = clientOf([
      new Response(null, { status: 429, headers: { "retry-after": "1" } }),
      new Response("ok"),
    ]);
    const sending = again.rest.get().absolutePath("/x").send();
    await again.clock.waitForTimer();
    await again.clock.advance(1_000);
    (await sending).close();
    assert.deepEqual(again.lines, [[
      "debug",
      "Sending again: GET http://coxswain.test/x",
      { delay: 1_000, retries: 1, status: 429 },
    ]]);
  });
});
