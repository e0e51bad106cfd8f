import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { rename } from "node:fs/promises";
import { Agent, request } from "node:https";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect as connectTls } from "node:tls";
import { certificateFiles, type CertificatePair, issueServingCertificate } from "@coxswain/kube/certificates";
import { healthHandler, serve, type ServeOptions } from "@coxswain/kube/controller";
import type { LogFields, Logger } from "@coxswain/kube/observe";
import { ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";

const HOST = "127.0.0.1";

async function serving(t: Cleanup, handle: Parameters<typeof serve>[0], options: ServeOptions = {}) {
  const server = await serve(handle, { hostname: HOST, ...options });
  t.after(() => server.close());
  return { server, url: `http://${HOST}:${server.port}` };
}

/** What a client is shown. */
function fingerprintAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls(
      { port, host: HOST, servername: "localhost", rejectUnauthorized: false },
      () => {
        const { fingerprint256 } = socket.getPeerCertificate();
        socket.destroy();
        resolve(fingerprint256);
      },
    );
    socket.once("error", reject);
  });
}

const fingerprintOf = ({ cert }: CertificatePair) => new X509Certificate(cert).fingerprint256;

/** One request over TLS; the agent says whether its connection is kept. */
function ask(
  port: number,
  ca: string,
  agent: Agent,
  path = "/",
): Promise<{ status: number; text: string; isReused: boolean }> {
  return new Promise((resolve, reject) => {
    const asking = request({ port, host: HOST, servername: "localhost", ca, agent, path }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk: string) => text += chunk);
      reply.on("end", () => resolve({ status: reply.statusCode ?? 0, text, isReused: asking.reusedSocket }));
    });
    asking.once("error", reject);
    asking.end();
  });
}

/** Writes text to a plain connection, and gives all that comes back until it closes. */
function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: HOST }, () => void socket.write(text));
    let answer = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => answer += chunk);
    socket.on("close", () => resolve(answer));
    socket.on("error", reject);
  });
}

function recordingLogger(): { logger: Logger; lines: { message: string; fields: LogFields }[] } {
  const lines: { message: string; fields: LogFields }[] = [];
  const log = (message: string, fields: LogFields = {}) => void lines.push({ message, fields });
  return { logger: { debug: log, info: log, warn: log, error: log }, lines };
}

describe("serve()", () => {
  it(
    "gives a web request to the handler, and its answer to who asked",
    cleaned(async (t) => {
      const { url } = await serving(t, async (request) => {
        const { method, headers } = request;
        const { pathname, search } = new URL(request.url);
        return Response.json([method, pathname + search, headers.get("x-shop"), await request.text()], {
          status: 201,
          headers: { "x-answer": "yes" },
        });
      });
      const headers = { "x-shop": "7" };
      const answer = await fetch(`${url}/a//b?c=d`, { method: "POST", headers, body: "grüße" });
      assert.deepEqual(await answer.json(), ["POST", "/a//b?c=d", "7", "grüße"]);
      assert.deepEqual([answer.status, answer.headers.get("x-answer")], [201, "yes"]);
    }),
  );

  it(
    "takes a function for each path, and has 404 for the others",
    cleaned(async (t) => {
      const { url } = await serving(t, {
        "/readyz": healthHandler({}),
        "/a": () => new Response("a"),
      });
      assert.equal(await (await fetch(`${url}/readyz?verbose`)).text(), "readyz check passed\n");
      assert.equal(await (await fetch(`${url}/a`)).text(), "a");
      for (const path of ["/", "/a/", "/toString"]) {
        const answer = await fetch(url + path);
        assert.deepEqual([answer.status, await answer.text()], [404, "not found\n"]);
      }
    }),
  );

  it(
    "answers HEAD without a body, and knows its length",
    cleaned(async (t) => {
      const { server } = await serving(t, () => new Response("hello"));
      const text = await raw(server.port, "HEAD / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
      assert.match(text, /^HTTP\/1.1 200 OK\r\n/);
      assert.match(text, /content-length: 5\r\n/i);
      assert.ok(text.endsWith("\r\n\r\n"), text);
    }),
  );

  it(
    "answers 500 when a handler throws, tells the logger why and nobody else, and goes on",
    cleaned(async (t) => {
      const { logger, lines } = recordingLogger();
      let calls = 0;
      const { url } = await serving(t, () => {
        if (++calls === 1) throw new Error("the secret is 42");
        return new Response("fine");
      }, { logger });
      const answer = await fetch(url);
      assert.deepEqual([answer.status, await answer.text()], [500, "internal error\n"]);
      assert.match(String(lines[0].fields.error), /the secret is 42/);
      assert.equal(await (await fetch(url)).text(), "fine");
    }),
  );

  it(
    "refuses a body that is longer than any review",
    cleaned(async (t) => {
      const { url } = await serving(t, () => assert.fail("was handled"));
      const body = new Uint8Array(17 * 1024 * 1024);
      // Who still writes may learn of the closed connection before the answer.
      const status = await fetch(url, { method: "POST", body }).then((answer) => answer.status, () => "cut");
      assert.ok(status === 413 || status === "cut", String(status));
    }),
  );

  it(
    "aborts the request's signal when who asked has gone away",
    cleaned(async (t) => {
      const asked = Promise.withResolvers<void>();
      const gone = Promise.withResolvers<void>();
      const { server } = await serving(t, async ({ signal }) => {
        asked.resolve();
        await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
        gone.resolve();
        return new Response();
      });
      const socket = connect({ port: server.port, host: HOST }, () => {
        socket.write("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      });
      await asked.promise;
      socket.destroy();
      await gone.promise;
    }),
  );

  it(
    "says why it cannot listen",
    cleaned(async (t) => {
      const { server } = await serving(t, () => new Response());
      await assert.rejects(
        serve(() => new Response(), { hostname: HOST, port: server.port }),
        /EADDRINUSE|in use/,
      );
    }),
  );

  it("refuses what cannot be served", async () => {
    await assert.rejects(
      serve(() => new Response(), { tls: { cert: "no", key: "no" } }),
      /Cannot use tls.cert/,
    );
    await assert.rejects(serve(() => new Response(), { tls: () => undefined }), /no certificate yet/);
    await assert.rejects(serve(() => new Response(), { reloadInterval: 0 }), /above 0 ms, got 0/);
  });
});

describe("serve() with certificates that are renewed", () => {
  it(
    "shows new connections the new one, and drops none that is open",
    cleaned(async (t) => {
      const [first, second] = [
        await issueServingCertificate("localhost"),
        await issueServingCertificate("localhost"),
      ];
      let current = first;
      const clock = new ManualClock();
      const asked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<Response>();
      const { server } = await serving(t, ({ url }) => {
        if (!url.endsWith("/slow")) return new Response("quick");
        asked.resolve();
        return answer.promise;
      }, { tls: () => current, clock, reloadInterval: 5_000 });
      const [keeping, slow] = [new Agent({ keepAlive: true, maxSockets: 1 }), new Agent()];
      t.after(() => (keeping.destroy(), slow.destroy()));
      assert.equal((await ask(server.port, first.ca, keeping)).text, "quick");
      const underWay = ask(server.port, first.ca, slow, "/slow");
      await asked.promise;
      assert.equal(await fingerprintAt(server.port), fingerprintOf(first));

      current = second;
      await clock.advance(5_000);
      while (await fingerprintAt(server.port) !== fingerprintOf(second)) await clock.advance(5_000);
      answer.resolve(new Response("slow"));
      assert.equal((await underWay).text, "slow");
      const { text, isReused } = await ask(server.port, first.ca, keeping);
      assert.deepEqual([text, isReused], ["quick", true]);
      const trusting = new Agent();
      t.after(() => trusting.destroy());
      assert.equal((await ask(server.port, second.ca, trusting)).text, "quick");
    }),
  );

  it(
    "goes on with the old one when the new one is of no use, and says so once",
    cleaned(async (t) => {
      const good = await issueServingCertificate("localhost");
      const other = await issueServingCertificate("localhost");
      let give: () => CertificatePair | undefined = () => good;
      const { logger, lines } = recordingLogger();
      const { server } = await serving(t, () => new Response(), { tls: () => give(), logger });
      for (
        const [bad, expected] of [
          [() => ({ cert: other.cert, key: good.key }), /not the key of tls.cert/],
          [() => ({ cert: "", key: "" }), /cannot be read/],
          [() => {
            throw new Error("gone");
          }, /gone/],
        ] as [() => CertificatePair, RegExp][]
      ) {
        give = bad;
        const before = lines.length;
        await server.reload();
        await server.reload();
        assert.equal(lines.length, before + 1);
        assert.match(String(lines.at(-1)?.fields.error), expected);
        assert.equal(await fingerprintAt(server.port), fingerprintOf(good));
      }
      give = () => undefined;
      await server.reload();
      assert.equal(await fingerprintAt(server.port), fingerprintOf(good));
      give = () => other;
      await server.reload();
      assert.equal(await fingerprintAt(server.port), fingerprintOf(other));
      assert.equal(lines.at(-1)?.message, "serving a new certificate");
    }),
  );

  it(
    "follows the files of a mounted Secret, whose folder is a link that is replaced",
    cleaned(async (t) => {
      const folder = await mkdtemp(join(tmpdir(), "coxswain-serve-"));
      t.after(() => rm(folder, { recursive: true }));
      const write = async (name: string, { cert, key }: CertificatePair) => {
        await writeFile(join(folder, `${name}.crt`), cert);
        await writeFile(join(folder, `${name}.key`), key);
        for (const part of ["crt", "key"]) {
          await symlink(join(folder, `${name}.${part}`), join(folder, `next.${part}`));
          await rename(join(folder, `next.${part}`), join(folder, `tls.${part}`));
        }
      };
      const [first, second] = [
        await issueServingCertificate("localhost"),
        await issueServingCertificate("localhost"),
      ];
      await write("first", first);
      const tls = certificateFiles(join(folder, "tls.crt"), join(folder, "tls.key"));
      const { server } = await serving(t, () => new Response(), { tls });
      assert.equal(await fingerprintAt(server.port), fingerprintOf(first));
      await write("second", second);
      await server.reload();
      assert.equal(await fingerprintAt(server.port), fingerprintOf(second));
    }),
  );
});

describe("serve(), closed", () => {
  it(
    "lets what is asked be answered, and takes nothing new",
    cleaned(async (t) => {
      const asked = Promise.withResolvers<void>();
      const answer = Promise.withResolvers<Response>();
      const { server } = await serving(t, () => (asked.resolve(), answer.promise), {
        clock: new ManualClock(),
      });
      const idle = raw(server.port, "");
      const answered = raw(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
      await asked.promise;
      const closed = server.close();
      await assert.rejects(raw(server.port, ""), /ECONNREFUSED|refused/);
      answer.resolve(new Response("the last"));
      assert.match(await answered, /^HTTP\/1.1 200 OK\r\n[^]*\r\n\r\nthe last$/);
      await closed;
      assert.equal(await idle, "");
      await server.close();
    }),
  );

  it(
    "cuts off what is not answered in time",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const asked = Promise.withResolvers<void>();
      const handle = () => (asked.resolve(), new Promise<Response>(() => {}));
      const { server } = await serving(t, handle, { clock, gracePeriod: 3_000 });
      const answered = raw(server.port, "GET / HTTP/1.1\r\nHost: a\r\n\r\n").catch(() => "");
      await asked.promise;
      const closed = server.close();
      await clock.advance(3_000);
      await closed;
      assert.equal(await answered, "");
    }),
  );
});
