import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { httpCache } from "@coxswain/kube/discovery";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { type Answer, answering } from "./answers.ts";

const URL = "http://coxswain.test/apis";
const FILE = createHash("sha256").update(URL).digest("hex");
const NOW = new Date("2026-01-01T00:00:00Z");

async function folder(t: Cleanup): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "http-cache-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** Answers with a tag, and 304 to those who know it. */
function tagged(body: string, headers: Record<string, string> = {}): (request: Request) => Response {
  const etag = `"${createHash("sha256").update(body).digest("hex")}"`;
  const all = { etag, "content-type": "application/json", ...headers };
  return (request) =>
    request.headers.get("if-none-match") === etag
      ? new Response(null, { status: 304, headers: all })
      : new Response(body, { headers: all });
}

function caching(path: string, answer: Answer, now = NOW) {
  const clock = { date: () => now };
  const server = answering({ "/apis": answer }, { middleware: [httpCache({ folder: path, clock })] });
  const get = async (accept = "application/json") => {
    const response = await server.rest.get().absolutePath("/apis").header("Accept", accept).send();
    return { text: await response.text(), headers: response.headers, status: response.status };
  };
  return { ...server, get };
}

const stored = (response: string) => {
  const content = new TextEncoder().encode(response);
  return new Uint8Array([...createHash("sha256").update(content).digest(), ...content]);
};

describe("httpCache()", () => {
  it(
    "asks with the tag, and serves what it has on 304, in the next run too (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      const first = caching(path, tagged('{"a":"ü"}'));
      assert.equal((await first.get()).text, '{"a":"ü"}');
      const second = caching(path, tagged('{"a":"ü"}'));
      const { text, status, headers } = await second.get();
      assert.equal(text, '{"a":"ü"}');
      assert.equal(status, 200);
      assert.equal(headers.get("content-type"), "application/json");
      assert.equal(first.requests[0].headers.get("if-none-match"), null);
      assert.match(second.requests[0].headers.get("if-none-match")!, /^"[0-9a-f]{64}"$/);
    }),
  );

  it(
    "takes what is new (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      await caching(path, tagged("1")).get();
      assert.equal((await caching(path, tagged("2")).get()).text, "2");
      assert.equal((await caching(path, tagged("2")).get()).text, "2");
    }),
  );

  it(
    "names files by the SHA-256 of the URL and begins them with that of their content (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      await caching(path, tagged("1")).get();
      assert.deepEqual((await readdir(path)).sort(), [".diskv-temp", FILE]);
      assert.deepEqual(await readdir(join(path, ".diskv-temp")), []);
      const bytes = await readFile(join(path, FILE));
      assert.equal(
        bytes.subarray(0, 32).toString("hex"),
        createHash("sha256").update(bytes.subarray(32)).digest("hex"),
      );
      assert.match(
        bytes.subarray(32).toString(),
        /^HTTP\/1\.1 200 OK\r\nContent-Length: 1\r\n(.+\r\n)*\r\n1$/,
      );
      if (process.platform !== "win32") assert.equal((await stat(join(path, FILE))).mode & 0o777, 0o660);
    }),
  );

  for (
    const { name, response, text } of [
      {
        name: "with a length",
        response: 'HTTP/2.0 200 OK\r\nContent-Length: 4\r\nEtag: "x"\r\n\r\nkept',
        text: "kept",
      },
      {
        name: "up to the end",
        response: 'HTTP/2.0 200 OK\r\nConnection: close\r\nEtag: "x"\r\n\r\nkept',
        text: "kept",
      },
      {
        name: "in chunks",
        response:
          'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nEtag: "x"\r\n\r\n2\r\nke\r\n2\r\npt\r\n0\r\n\r\n',
        text: "kept",
      },
      {
        name: "in chunks that end too soon",
        response: 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nEtag: "x"\r\n\r\n9\r\nke\r\n',
        text: "new",
      },
      {
        name: "of another length",
        response: 'HTTP/2.0 200 OK\r\nContent-Length: 9\r\nEtag: "x"\r\n\r\nkept',
        text: "new",
      },
      { name: "without head", response: "kept", text: "new" },
      { name: "with odd headers", response: "HTTP/1.1 200 OK\r\n: x\r\n\r\nkept", text: "new" },
    ]
  ) {
    it(
      `reads what client-go has written: a body ${name} (spec rest 16.6)`,
      cleaned(async (t) => {
        const path = await folder(t);
        await writeFile(join(path, FILE), stored(response));
        const { get } = caching(
          path,
          (request) =>
            request.headers.get("if-none-match") === '"x"'
              ? new Response(null, { status: 304, headers: { etag: '"x"' } })
              : new Response("new", { headers: { etag: '"y"' } }),
        );
        assert.equal((await get()).text, text);
      }),
    );
  }

  for (
    const { name, damage } of [
      { name: "damaged", damage: (bytes: Uint8Array) => bytes.with(bytes.length - 1, 50) },
      { name: "short", damage: (bytes: Uint8Array) => bytes.subarray(0, 20) },
      { name: "empty", damage: () => new Uint8Array() },
    ]
  ) {
    it(
      `does not use a file that is ${name} (spec rest 16.6)`,
      cleaned(async (t) => {
        const path = await folder(t);
        await caching(path, tagged("1")).get();
        await writeFile(join(path, FILE), damage(new Uint8Array(await readFile(join(path, FILE)))));
        const { get, requests } = caching(path, tagged("1"));
        assert.equal((await get()).text, "1");
        assert.equal(requests[0].headers.get("if-none-match"), null);
      }),
    );
  }

  it(
    "does not ask before an answer has expired, unless it must (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      const date = "Thu, 01 Jan 2026 00:00:00 GMT";
      const expires = "Fri, 01 Jan 2027 00:00:00 UTC"; // as the server writes it
      await caching(path, tagged("1", { date, expires, "cache-control": "public, immutable" })).get();
      assert.equal((await caching(path, tagged("2")).get()).text, "1");
      assert.equal((await caching(path, tagged("2"), new Date("2027-01-02")).get()).text, "2");
      await caching(path, tagged("3", { date, "cache-control": "max-age=60" })).get();
      assert.equal((await caching(path, tagged("4"), new Date("2026-01-01T00:00:59Z")).get()).text, "3");
      assert.equal(
        (await caching(
          path,
          tagged("5", { date, expires, "cache-control": "no-cache" }),
          new Date("2026-01-01T00:01:01Z"),
        ).get()).text,
        "5",
      );
      assert.equal((await caching(path, tagged("6")).get()).text, "6");
    }),
  );

  it(
    "does not give one form of an answer for another (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      const answer = (request: Request) =>
        tagged(request.headers.get("accept")!, { vary: "Accept" })(request);
      assert.equal((await caching(path, answer).get("text/a")).text, "text/a");
      const other = caching(path, answer);
      assert.equal((await other.get("text/b")).text, "text/b");
      assert.equal(other.requests[0].headers.get("if-none-match"), null);
      const { headers } = await caching(path, answer).get("text/b");
      assert.equal(headers.get("x-varied-accept"), null);
    }),
  );

  it(
    "forgets what is no more, and keeps what the server cannot tell at the moment (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      await caching(path, tagged("1")).get();
      await assert.rejects(caching(path, new Response("", { status: 503 })).get());
      assert.ok((await readdir(path)).includes(FILE));
      await assert.rejects(caching(path, new Response("", { status: 404 })).get());
      assert.ok(!(await readdir(path)).includes(FILE));
    }),
  );

  it(
    "keeps nothing without a tag, nor what the server wants kept nowhere, nor what changes something (spec rest 16.6)",
    cleaned(async (t) => {
      const path = await folder(t);
      await caching(path, new Response("1")).get();
      await caching(path, tagged("1", { "cache-control": "no-store" })).get();
      const { rest } = caching(path, tagged("1"));
      await (await rest.post().absolutePath("/apis").body({}).send()).text();
      assert.deepEqual(await readdir(path), []);
    }),
  );

  it(
    "ends with the signal's reason while it reads",
    cleaned(async (t) => {
      const path = await folder(t);
      const cancelled = Promise.withResolvers<void>();
      const controller = new AbortController();
      let chunks = 0;
      const endless = () =>
        new Response(
          new ReadableStream({
            pull(stream) {
              stream.enqueue(new Uint8Array(1));
              if (++chunks === 3) controller.abort(new Error("enough"));
            },
            cancel: () => cancelled.resolve(),
          }, { highWaterMark: 0 }),
          { headers: { etag: '"x"' } },
        );
      const { rest } = caching(path, endless);
      const { signal } = controller;
      await assert.rejects(rest.get().absolutePath("/apis").send({ signal }), { message: "enough" });
      await cancelled.promise;
      assert.deepEqual(await readdir(path), []);
    }),
  );

  it(
    "works without a folder that can be written",
    cleaned(async (t) => {
      const path = await folder(t);
      await writeFile(join(path, "file"), "");
      assert.equal((await caching(join(path, "file"), tagged("1")).get()).text, "1");
    }),
  );
});
