import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { LogFields } from "@coxswain/kube/observe";
import { noLogger } from "@coxswain/kube/observe";
import { requestLog, RestClient, type RestRequest } from "@coxswain/kube/rest";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";

type Line = [message: string, fields: LogFields | undefined];

/** A client that logs its requests, to a server that gives one answer. */
function clientOf(t: Cleanup, verbosity: number, answer: () => Response | Error) {
  const lines: Line[] = [];
  const clock = new ManualClock();
  const logger = {
    ...noLogger,
    debug: (message: string, fields?: LogFields) => void lines.push([message, fields]),
  };
  const rest = new RestClient({
    server: "http://coxswain.test",
    bearerToken: "abc123",
    maxRetries: 0,
    clock,
    middleware: [requestLog({ logger, verbosity, clock })],
    fetch: async () => {
      await clock.advance(25);
      const given = answer();
      return given instanceof Error ? Promise.reject(given) : given;
    },
  });
  t.after(() => rest[Symbol.asyncDispose]());
  return { rest, lines };
}

const json = (value: unknown, headers = {}) => () =>
  new Response(JSON.stringify(value), { headers: { "content-type": "application/json", ...headers } });

/** What is logged of one request, whose answer is read whole. */
async function logged(
  t: Cleanup,
  verbosity: number,
  build: (rest: RestClient) => RestRequest,
  answer: () => Response = json({ a: 1 }),
): Promise<Line[]> {
  const { rest, lines } = clientOf(t, verbosity, answer);
  const expected = await answer().text();
  assert.equal(await (await build(rest).send()).text(), expected, "the caller gets the answer as it is");
  return lines;
}

const post = (rest: RestClient) =>
  rest.post().resource("pods").namespace("shop").query({ dryRun: "All" }).body({ b: 2 });
const WHAT = "POST http://coxswain.test/api/v1/namespaces/shop/pods?dryRun=All";
const SHORT = { status: 200, milliseconds: 25 };
const requestHeaders = {
  Accept: "application/json, */*",
  Authorization: "Bearer <masked>",
  "Content-Type": "application/json",
  "User-Agent": "coxswain",
};

describe("requestLog() (spec rest 7.9)", () => {
  for (
    const [verbosity, lines] of [
      [0, []],
      [5, []],
      [6, [[WHAT, SHORT]]],
      [7, [[WHAT, { ...SHORT, requestHeaders }]]],
      [8, [
        [WHAT, {
          ...SHORT,
          requestHeaders,
          requestBody: '{"b":2}',
          responseHeaders: { "content-type": "application/json" },
        }],
        [`${WHAT}: body`, { bytes: 7, body: '{"a":1}' }],
      ]],
    ] as [number, Line[]][]
  ) {
    it(
      `tells at ${verbosity} what client-go tells`,
      cleaned(async (t) => assert.deepEqual(await logged(t, verbosity, post), lines)),
    );
  }

  it(
    "tells of failures, and hands them on",
    cleaned(async (t) => {
      const { rest, lines } = clientOf(t, 6, () => Object.assign(new Error("x"), { code: "ECONNREFUSED" }));
      await assert.rejects(rest.get().absolutePath("/a").send());
      const error = "NetworkError: GET http://coxswain.test/a failed: connection refused";
      assert.deepEqual(lines, [["GET http://coxswain.test/a", { milliseconds: 25, error }]]);
    }),
  );

  it("refuses a verbosity that is none", () => {
    for (const verbosity of [NaN, -1]) {
      assert.throws(() => requestLog({ logger: noLogger, verbosity }), RangeError);
    }
  });
});

describe("The bodies that requestLog() shows (spec rest 3.7)", () => {
  const text = (length: number) => () => new Response("x".repeat(length));
  for (
    const [verbosity, length, shown] of [
      [8, 1_024, "x".repeat(1_024)],
      [8, 1_025, `${"x".repeat(1_024)} [truncated 1 chars]`],
      [8, 100_000, `${"x".repeat(1_024)} [truncated 98976 chars]`],
      [9, 10_240, "x".repeat(10_240)],
      [9, 10_250, `${"x".repeat(10_240)} [truncated 10 chars]`],
      [10, 100_000, "x".repeat(100_000)],
      [99, 100_000, "x".repeat(100_000)],
    ] as const
  ) {
    it(
      `are cut at ${verbosity} where client-go cuts them: ${length} characters`,
      cleaned(async (t) => {
        const lines = await logged(t, verbosity, (rest) => rest.get().absolutePath("/a"), text(length));
        assert.deepEqual(lines[1][1], { bytes: length, body: shown });
      }),
    );
  }

  it(
    "are hexadecimal when they are no text, and no more than a word when they are streams",
    cleaned(async (t) => {
      const lines = await logged(
        t,
        8,
        (rest) => rest.post().absolutePath("/a").body(Uint8Array.of(0x6b, 0x38, 0x73, 0), "x/y"),
        () => new Response(Uint8Array.of(1, 0xff)),
      );
      assert.deepEqual([lines[0][1]!.requestBody, lines[1][1]!.body], ["6b 38 73 00", "01 ff"]);
      const { rest, lines: others } = clientOf(t, 8, json({}));
      await (await rest.post().absolutePath("/a").body(ReadableStream.from([])).send()).text();
      assert.equal(others[0][1]!.requestBody, "<stream>");
    }),
  );

  it(
    "are not those of a watch or of a followed log, whose end may be far",
    cleaned(async (t) => {
      for (const query of [{ watch: true }, { follow: true }]) {
        assert.equal((await logged(t, 10, (rest) => rest.get().absolutePath("/a").query(query))).length, 1);
      }
    }),
  );

  it(
    "are as much as was read when the reader leaves, which ends the request too",
    cleaned(async (t) => {
      let cancelled: unknown;
      const { rest, lines } = clientOf(t, 10, () =>
        new Response(
          new ReadableStream({
            pull: (controller) => controller.enqueue(new TextEncoder().encode("part")),
            cancel: (reason) => void (cancelled = reason ?? "cancelled"),
          }, { highWaterMark: 0 }),
        ));
      const reader = (await rest.get().absolutePath("/a").send()).stream().getReader();
      await reader.read();
      await reader.cancel("enough");
      assert.ok(cancelled !== undefined);
      assert.deepEqual(lines[1][1], { bytes: 4, body: "part" });
    }),
  );
});

describe("requestLog() shows no secret, whatever the verbosity", () => {
  const SECRET = "hunter2";
  const secrets: [string, (rest: RestClient) => RestRequest, () => Response][] = [
    [
      "of a Secret",
      (rest) => rest.post().resource("secrets").namespace("shop").body({ kind: "Secret", data: SECRET }),
      json({ kind: "Secret", data: SECRET }),
    ],
    ["of Secrets", (rest) => rest.get().resource("secrets"), json({ kind: "SecretList", data: SECRET })],
    [
      "of a Secret at a path of its own",
      (rest) => rest.post().absolutePath("/a").body({ kind: "Secret", data: SECRET }),
      json({ kind: "Secret", data: SECRET }),
    ],
    [
      "of a token that is asked for",
      (rest) =>
        rest.post().resource("serviceaccounts").namespace("shop").name("ci").subresource("token").body({}),
      json({ status: { token: SECRET } }),
    ],
    [
      "of a token that is reviewed",
      (rest) =>
        rest.post().groupVersion("authentication.k8s.io", "v1").resource("tokenreviews").body({
          spec: { token: SECRET },
        }),
      json({ spec: { token: SECRET } }),
    ],
    [
      "behind the server's proxy",
      (rest) =>
        rest.post().resource("services").namespace("shop").name("web").subresource("proxy", "login")
          .body({ password: SECRET }),
      json({ session: SECRET }),
    ],
    [
      "in headers",
      (rest) =>
        rest.get().absolutePath("/a").header("Authorization", SECRET).header("Cookie", SECRET)
          .header("X-Api-Key", SECRET).header("X-Amz-Security-Token", SECRET).header(
            "Proxy-Authorization",
            SECRET,
          ),
      json({}, { "set-cookie": SECRET, "x-token": SECRET }),
    ],
    [
      "in a command, and in parameters",
      (rest) => rest.get().absolutePath("/a").query({ command: ["login", SECRET], access_token: SECRET }),
      json({}),
    ],
  ];
  for (const [name, build, answer] of secrets) {
    it(
      name,
      cleaned(async (t) => {
        for (const verbosity of [6, 7, 8, 9, 10]) {
          const text = JSON.stringify(await logged(t, verbosity, build, answer));
          assert.ok(!text.includes(SECRET) && !text.includes("abc123"), text);
          assert.ok(verbosity < 7 || text.includes("<masked>"));
        }
      }),
    );
  }
});
