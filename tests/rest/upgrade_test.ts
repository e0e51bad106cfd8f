import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Credentials,
  isForbidden,
  isNetworkError,
  RestClient,
  type RestConfigInit,
  StatusError,
  type Transport,
  type TransportRequest,
  type TransportSettings,
} from "@coxswain/kube/rest";
import { cleaned, type Cleanup } from "../cleanup.ts";

type Attempt = TransportRequest & { url: string; settings: TransportSettings };

/** A client and a transport that answers by a function, with what it was asked and how often it was closed. */
function upgrading(
  t: Cleanup,
  answer: (request: Attempt) => Response | Promise<Response>,
  init: Partial<RestConfigInit> = {},
) {
  const rest = new RestClient({ server: "http://coxswain.test", ...init });
  t.after(() => rest[Symbol.asyncDispose]());
  const attempts: Attempt[] = [];
  let closed = 0;
  const open = (settings: TransportSettings): Transport => ({
    reportsConnect: false,
    fetch: async (url, request) => {
      attempts.push({ ...request, url, settings });
      return await answer(attempts.at(-1)!);
    },
    close: () => void closed++,
  });
  const request = rest.post().resource("pods").namespace("shop").name("web-0").subresource("exec");
  return { rest, attempts, open, request, closed: () => closed };
}

const goesOn = () => new Response(null);
const headerOf = ({ headers }: Attempt, name: string) =>
  headers.filter(([other]) => other.toLowerCase() === name).map(([, value]) => value);

describe("RestClient.upgrade() [rest 14.2]", () => {
  it(
    "sends what a request sends, by the caller's transport, with the settings that hold now",
    cleaned(async (t) => {
      const { rest, attempts, open, request, closed } = upgrading(t, goesOn, {
        credentials: () => ({ bearerToken: "abc123", cert: "CERT", key: "KEY" }),
        tls: { serverName: "api.coxswain.test" },
        impersonate: { userName: "jane", groups: ["a", "b"] },
        userAgent: "shop/1",
        proxy: "http://proxy.test:3128",
        middleware: [
          (request, next) => next({ ...request, headers: [...request.headers, ["X-Seen", "yes"]] }),
        ],
      });
      const upgrade = await rest.upgrade(request.query({ command: ["sh", "-c"] }), open);
      const [attempt] = attempts;
      assert.equal(
        attempt.url,
        "http://coxswain.test/api/v1/namespaces/shop/pods/web-0/exec?command=sh&command=-c",
      );
      assert.deepEqual(
        ["authorization", "impersonate-user", "impersonate-group", "user-agent", "x-seen"]
          .map((name) => headerOf(attempt, name)),
        [["Bearer abc123"], ["jane"], ["a", "b"], ["shop/1"], ["yes"]],
      );
      const { tls, proxies, fetch } = attempt.settings;
      assert.deepEqual([tls.cert, tls.key, tls.serverName, fetch], [
        "CERT",
        "KEY",
        "api.coxswain.test",
        undefined,
      ]);
      assert.equal(proxies.proxyFor(new URL(attempt.url))?.host, "proxy.test:3128");
      assert.equal(closed(), 1);
      assert.equal(upgrade.signal.aborted, false);
      upgrade.release();
    }),
  );

  it(
    "asks for other credentials after a 401, once",
    cleaned(async (t) => {
      const asked: (Credentials | undefined)[] = [];
      const { rest, attempts, open, request, closed } = upgrading(
        t,
        (attempt) =>
          headerOf(attempt, "authorization")[0] === "Bearer 2"
            ? goesOn()
            : new Response("no", { status: 401 }),
        {
          credentials: ({ refused }) => {
            asked.push(refused);
            return { bearerToken: String(asked.length) };
          },
        },
      );
      await rest.upgrade(request, open);
      assert.deepEqual(attempts.map((attempt) => headerOf(attempt, "authorization")), [["Bearer 1"], [
        "Bearer 2",
      ]]);
      assert.deepEqual([asked[1]?.bearerToken, closed()], ["1", 2]);
    }),
  );

  it(
    "sends nothing again because the server failed, since a command may have begun",
    cleaned(async (t) => {
      const { rest, attempts, open, request, closed } = upgrading(
        t,
        () => new Response("later", { status: 503, headers: { "retry-after": "1" } }),
      );
      await assert.rejects(
        rest.upgrade(request, open),
        (error: StatusError) => error instanceof StatusError && error.code === 503,
      );
      assert.deepEqual([attempts.length, closed()], [1, 1]);
    }),
  );

  it(
    "throws the server's own words, and failures of the network",
    cleaned(async (t) => {
      const status = {
        apiVersion: "v1",
        kind: "Status",
        status: "Failure",
        code: 403,
        reason: "Forbidden",
        message: "no exec",
      };
      const answers = [
        () => Response.json(status, { status: 403 }),
        () => Promise.reject(Object.assign(new Error("no"), { code: "ECONNREFUSED" })),
      ];
      const { rest, open, request } = upgrading(t, () => answers.shift()!());
      await assert.rejects(
        rest.upgrade(request, open),
        (error: Error) => isForbidden(error) && error.message === "no exec",
      );
      await assert.rejects(
        rest.upgrade(request, open),
        (error) => isNetworkError(error) && error.reason === "refused",
      );
    }),
  );

  it(
    "is not limited in its rate",
    cleaned(async (t) => {
      const { rest, open, request } = upgrading(t, goesOn, {
        rateLimiter: { wait: () => Promise.reject(new Error("nobody should wait")) },
      });
      (await rest.upgrade(request, open)).release();
    }),
  );

  it(
    "lives on until its caller aborts it, or the client is closed, unless it has been released",
    cleaned(async (t) => {
      const { rest, open, request } = upgrading(t, goesOn);
      const controller = new AbortController();
      const [own, held, released] = [
        await rest.upgrade(request, open, { signal: controller.signal }),
        await rest.upgrade(request, open),
        await rest.upgrade(request, open),
      ];
      released.release();
      released.release();
      controller.abort("enough");
      assert.deepEqual([own.signal.reason, held.signal.aborted], ["enough", false]);
      await rest[Symbol.asyncDispose]();
      assert.deepEqual([held.signal.reason.name, released.signal.aborted], ["AbortError", false]);
      await assert.rejects(rest.upgrade(request, open), /the client is closed/);
    }),
  );

  it(
    "ends with the signal's reason while it waits for an answer",
    cleaned(async (t) => {
      const controller = new AbortController();
      const { rest, open, request, closed } = upgrading(t, () => {
        controller.abort("enough");
        return new Promise(() => {});
      });
      await assert.rejects(
        rest.upgrade(request, open, { signal: controller.signal }),
        (error) => error === "enough",
      );
      assert.equal(closed(), 1);
    }),
  );
});
