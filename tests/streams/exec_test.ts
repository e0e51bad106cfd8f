import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import {
  type Credentials,
  isConfigError,
  isForbidden,
  isNetworkError,
  type RestConfigInit,
  StatusError,
} from "@coxswain/kube/rest";
import { exec, type ExecOptions, type RemoteProcess } from "@coxswain/kube/streams";
import { ManualClock } from "@coxswain/kube/testing";
import { seededRandom } from "../../testing/seeded_random.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { type Answer, type Handshake, rawAnswer, type ServerSocket, socketServer } from "./socket_server.ts";

const SUCCESS = JSON.stringify({ metadata: {}, status: "Success" });
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

interface Link {
  server: Awaited<ReturnType<typeof socketServer>>;
  run: (options?: Partial<ExecOptions>) => Promise<{ child: RemoteProcess; peer: ServerSocket }>;
  client: Client;
}

async function link(
  t: Cleanup,
  answer?: (handshake: Handshake) => Answer | Promise<Answer>,
  init: Partial<RestConfigInit> = {},
): Promise<Link> {
  const server = await socketServer(t, answer);
  const client = new Client({ server: server.url, ...init });
  t.after(() => client[Symbol.asyncDispose]());
  return {
    server,
    client,
    run: async (options) => {
      const peer = server.next();
      const child = await exec(client, { namespace: "shop", name: "web-0", command: ["true"], ...options });
      return { child, peer: await peer };
    },
  };
}

/** Whether somebody takes what is to be sent. It may stay full, which shows when many turns of the event loop change nothing. */
async function drains({ socket }: ServerSocket): Promise<boolean> {
  for (let turn = 0, before = socket.writableLength; turn < 50; turn++) {
    if (socket.writableLength === 0) return true;
    if (socket.writableLength < before) [turn, before] = [0, socket.writableLength];
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return false;
}

const cause = (message: string) => ({ causes: [{ reason: "ExitCode", message }] });

describe("exec()", () => {
  it(
    "asks with GET for the newest protocol first, and for the streams that are wanted [rest 14.2]",
    cleaned(async (t) => {
      const { run, server } = await link(t, undefined, { bearerToken: "abc", userAgent: "shop/1" });
      const { peer } = await run({ container: "main", command: ["sh", "-c", "a b"], stdin: true });
      assert.equal(
        server.handshakes[0].path,
        "/api/v1/namespaces/shop/pods/web-0/exec?command=sh&command=-c&command=a+b&container=main&stderr=true&stdin=true&stdout=true",
      );
      const { headers, protocols } = peer.handshake;
      assert.deepEqual(protocols, ["v5.channel.k8s.io", "v4.channel.k8s.io"]);
      assert.deepEqual([headers.authorization, headers["user-agent"]], [["Bearer abc"], ["shop/1"]]);
      assert.equal(headers["sec-websocket-extensions"], undefined);
    }),
  );

  it(
    "has one output with a terminal, and tells its size [rest 14.4, 14.5]",
    cleaned(async (t) => {
      const { run } = await link(t);
      const { child, peer } = await run({ tty: { columns: 80, rows: 24 } });
      assert.doesNotMatch(peer.handshake.path, /stderr/);
      assert.throws(() => child.stderr, TypeError);
      await child.resize({ columns: 100, rows: 30 });
      for (const size of ['{"Width":80,"Height":24}\n', '{"Width":100,"Height":30}\n']) {
        const { opcode, payload } = (await peer.next())!;
        assert.deepEqual([opcode, payload[0], text(payload.subarray(1))], [2, 4, size]);
      }
      await assert.rejects(child.resize({ columns: 0, rows: 1 }), RangeError);
    }),
  );

  for (
    const { name, options } of [
      { name: "no command", options: { command: [] } },
      { name: "no stream", options: { stdout: false, stderr: false } },
      { name: "stderr with a terminal", options: { tty: true, stderr: true } },
    ]
  ) {
    it(
      `refuses ${name} before it asks anybody`,
      cleaned(async (t) => {
        const { client, server } = await link(t);
        await assert.rejects(exec(client, { name: "web-0", command: ["a"], ...options }), TypeError);
        assert.equal(server.handshakes.length, 0);
      }),
    );
  }

  it(
    "keeps channels apart, lets go of what is for none, and ends with the connection [rest 14.4]",
    cleaned(async (t) => {
      const { run } = await link(t);
      const { child, peer } = await run();
      peer.send(1, "one");
      peer.send(2, "two");
      peer.send(1); // no payload: no end either
      peer.send(9, "nobody's");
      peer.frame(2, Uint8Array.of(255, 1)); // a close signal that comes is for nobody
      peer.send(1, "three");
      peer.send(3, SUCCESS);
      peer.close(1000);
      const { stdout, stderr, code, success } = await child.output();
      assert.deepEqual([text(stdout), text(stderr), code, success], ["onethree", "two", 0, true]);
      await peer.closed;
    }),
  );

  it(
    "loses nothing of what comes before anybody reads [rest 14.4]",
    cleaned(async (t) => {
      const { server, client } = await link(t);
      const coming = server.next().then((peer) => {
        peer.send(1, "early");
        peer.send(3, SUCCESS);
        peer.close(1000);
        return peer;
      });
      const child = await exec(client, { name: "web-0", command: ["true"] });
      await (await coming).closed;
      assert.equal((await child.status).code, 0);
      assert.equal(await new Response(child.stdout).text(), "early");
    }),
  );

  it(
    "sends input in pieces of 32 KiB, and its end on v5 [rest 14.3, 14.4]",
    cleaned(async (t) => {
      const { run } = await link(t);
      const { child, peer } = await run({ stdin: true });
      const output = child.output({ input: new Uint8Array(70_000).fill(7) });
      const sizes: number[] = [];
      for (;;) {
        const { payload } = (await peer.next())!;
        if (payload[0] === 255) {
          assert.deepEqual([...payload], [255, 0]);
          break;
        }
        assert.equal(payload[0], 0);
        sizes.push(payload.length - 1);
      }
      assert.deepEqual(sizes, [32768, 32768, 4464]);
      peer.send(1, "more after the end of the input");
      peer.send(3, SUCCESS);
      peer.close(1000);
      assert.equal(text((await output).stdout), "more after the end of the input");
    }),
  );

  it(
    "refuses to end input on v4, which cannot say so, instead of letting the command wait for ever [rest 14.4]",
    cleaned(async (t) => {
      const { run } = await link(t, () => ({ protocol: "v4.channel.k8s.io" }));
      const { child, peer } = await run({ stdin: true });
      await assert.rejects(child.stdin.close(), /v4\.channel\.k8s\.io/);
      peer.send(3, SUCCESS);
      peer.close(1000);
      assert.equal((await child.status).code, 0);
      const other = await run({ stdin: true });
      await assert.rejects(other.child.output({ input: "a" }), /v4\.channel\.k8s\.io/);
    }),
  );

  for (
    const { name, said, outcome } of [
      { name: "nothing", said: "", outcome: 0 },
      { name: "a success", said: SUCCESS, outcome: 0 },
      {
        name: "an exit code",
        said: JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details: cause("137") }),
        outcome: 137,
      },
      { name: "{}", said: "{}", outcome: TypeError },
      { name: "no JSON", said: "oh no", outcome: SyntaxError },
      { name: "a list", said: "[]", outcome: TypeError },
      {
        name: "no details",
        said: JSON.stringify({ status: "Failure", reason: "NonZeroExitCode" }),
        outcome: /details must be set/,
      },
      {
        name: "no cause",
        said: JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details: {} }),
        outcome: /no ExitCode cause given/,
      },
      ...["256", "-1", "1.5", "x", ""].map((code) => ({
        name: `the exit code ${JSON.stringify(code)}`,
        said: JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details: cause(code) }),
        outcome: /invalid exit code value/,
      })),
      {
        name: "another failure",
        said: JSON.stringify({ status: "Failure", reason: "InternalError", message: "no such program" }),
        outcome: /^StatusError: no such program$/,
      },
    ]
  ) {
    it(
      `takes ${name} from the error channel for what it is [rest 14.6]`,
      cleaned(async (t) => {
        const { run } = await link(t);
        const { child, peer } = await run();
        peer.send(3, said);
        peer.close(1000);
        if (typeof outcome === "number") {
          const { code, success, signal } = await child.status;
          assert.deepEqual([code, success], [outcome, outcome === 0]);
          assert.equal(signal, outcome === 137 ? "SIGKILL" : undefined);
        } else await assert.rejects(child.status, outcome);
      }),
    );
  }

  it(
    "takes text of the error channel of old protocols for a failure [rest 14.6]",
    cleaned(async (t) => {
      const protocol = "v2.channel.k8s.io";
      const { run } = await link(t, () => ({ protocol }));
      const { child, peer } = await run({ protocols: [protocol] });
      peer.send(3, "exec failed");
      peer.close(1000);
      await assert.rejects(child.status, /error executing remote command: exec failed/);
    }),
  );

  for (
    const { name, end, message } of [
      { name: "cut", end: (peer: ServerSocket) => peer.cut(), message: /the connection was cut/ },
      {
        name: "closed for a reason",
        end: (peer: ServerSocket) => peer.close(1011, "lost it"),
        message: /code 1011: lost it/,
      },
      {
        name: "closed without a code",
        end: (peer: ServerSocket) => void peer.frame(8),
        message: /code 1005/,
      },
      {
        name: "used for text",
        end: (peer: ServerSocket) => void peer.frame(1, "text"),
        message: /unexpected message type: 1/,
      },
      {
        name: "used for a message without a channel",
        end: (peer: ServerSocket) => void peer.frame(2),
        message: /it has no channel/,
      },
      {
        name: "used for a frame that is none",
        end: (peer: ServerSocket) => void peer.socket.write(Uint8Array.of(0xf2, 0x00)),
        message: /Invalid WebSocket frame|RSV/,
      },
      {
        name: "used for a message that is announced as larger than any",
        end: (peer: ServerSocket) => void peer.socket.write(Uint8Array.of(0x82, 127, 0, 0, 1, 0, 0, 0, 0, 0)),
        message: /Max payload|frame|payload/i,
      },
    ]
  ) {
    it(
      `rejects everywhere, and leaves no connection, when that is ${name} [rest 14.4]`,
      cleaned(async (t) => {
        const { run } = await link(t);
        const { child, peer } = await run({ stdin: true });
        const reading = new Response(child.stdout).text();
        reading.catch(() => {});
        end(peer);
        await assert.rejects(child.status, message);
        await assert.rejects(reading);
        await assert.rejects(child.stdin.getWriter().write(Uint8Array.of(1)));
        peer.cut();
        await peer.closed;
      }),
    );
  }

  for (const seed of [1, 2, 3, 4, 5, 6, 7, 8]) {
    it(
      `comes to an end, whatever frames come, and leaves no connection: seed ${seed} [rest 14.4]`,
      cleaned(async (t) => {
        const random = seededRandom(seed);
        const pick = (count: number) => Math.floor(random() * count);
        const { run } = await link(t);
        for (let round = 0; round < 15; round++) {
          const { child, peer } = await run({ stdin: true });
          let most = 0;
          const ended = child.output().then(
            ({ stdout, stderr }) => most = stdout.length + stderr.length,
            () => {},
          );
          let sent = 0;
          for (let count = pick(40); count > 0; count--) {
            const payload = Uint8Array.from({ length: pick(300) }, () => pick(256));
            if (pick(2) === 0) payload[0] = pick(5);
            sent += payload.length;
            const opcode = [2, 2, 2, 2, 2, 0, 1, 8, 9, 10, pick(16)][pick(11)];
            if (pick(12) > 0) peer.frame(opcode, payload);
            else { // bits that mean nothing, lengths that are not kept
              const claimed = [pick(128), 126, 127][pick(3)];
              peer.socket.write(Uint8Array.of(pick(256), claimed, ...payload.subarray(0, pick(20))));
            }
          }
          if (pick(2) === 0) peer.close([1000, 1001, 1011, 4000][pick(4)]);
          else peer.cut();
          await ended;
          await child.status.catch(() => {});
          assert.ok(most <= sent);
          peer.cut();
          await peer.closed;
        }
      }),
    );
  }

  it(
    "ends with the signal's reason, also with the client, and leaves no connection",
    cleaned(async (t) => {
      const { run, client } = await link(t);
      const controller = new AbortController();
      const { child, peer } = await run({ signal: controller.signal });
      controller.abort("enough");
      await assert.rejects(child.status, (reason) => reason === "enough");
      await peer.closed;
      const other = await run();
      await other.child[Symbol.asyncDispose]();
      await other.child[Symbol.asyncDispose]();
      await other.peer.closed;
      const last = await run();
      await client[Symbol.asyncDispose]();
      await assert.rejects(last.child.status, { name: "AbortError" });
      await last.peer.closed;
    }),
  );

  it(
    "is aborted while the handshake is not answered",
    cleaned(async (t) => {
      const asked = Promise.withResolvers<void>();
      const { client } = await link(t, () => {
        asked.resolve();
        return new Promise(() => {});
      });
      const controller = new AbortController();
      const running = exec(client, { name: "a", command: ["b"], signal: controller.signal });
      await asked.promise;
      controller.abort("enough");
      await assert.rejects(running, (reason) => reason === "enough");
    }),
  );

  it(
    "notices a line that has gone dead, and keeps one that answers [rest 14.4]",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { run } = await link(t, undefined, { clock });
      const { child, peer } = await run();
      peer.answersPings = false;
      let over = false;
      child.status.catch(() => over = true);
      await clock.advance(60_000);
      assert.equal(over, false);
      await clock.advance(2_000);
      await assert.rejects(child.status, /silent for 61 s/);
    }),
  );

  it(
    "keeps a line on which nothing but answers to its pings come, beyond the longest silence [rest 14.4]",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { run } = await link(t, undefined, { clock });
      const { child, peer } = await run();
      let over = false;
      child.status.catch(() => over = true);
      for (let seconds = 0; seconds < 125; seconds += 5) {
        const pinged = peer.pinged();
        await clock.advance(5_000);
        await pinged;
        peer.frame(9); // answered once our answer has been heard, which came before it
        assert.equal((await peer.next())?.opcode, 10);
        assert.equal(over, false, `${seconds} s`);
      }
      peer.answersPings = false;
      await clock.advance(62_000);
      await assert.rejects(child.status, /silent for 61 s/);
    }),
  );

  it(
    "waits with a command that does not read its input, longer than for a line that is dead",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { run } = await link(t, undefined, { clock });
      const { child, peer } = await run({ stdin: true });
      peer.socket.pause();
      const writer = child.stdin.getWriter();
      let written = 0;
      let isEnough = false;
      const writing = (async () => {
        for (; !isEnough; written++) await writer.write(new Uint8Array(65536));
      })();
      for (let turn = 0, before = 0; turn < 50; turn++) {
        if (written !== before) [turn, before] = [0, written];
        await new Promise((resolve) => setTimeout(resolve, 0));
      }
      let over = false;
      child.status.catch(() => over = true);
      await clock.advance(600_000);
      assert.equal(over, false);
      isEnough = true;
      peer.socket.resume();
      peer.send(3, SUCCESS);
      await writing;
      peer.close(1000);
      assert.equal((await child.status).code, 0);
    }),
  );

  it(
    "does not ping a server that has just been heard",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { run } = await link(t, undefined, { clock });
      const { child, peer } = await run({ stdin: true });
      const reader = child.stdout.getReader();
      const writer = child.stdin.getWriter();
      for (let count = 0; count < 3; count++) {
        peer.send(1, "tick");
        await reader.read();
        await clock.advance(5_000);
        await writer.write(Uint8Array.of(1));
        await peer.next();
        assert.equal(peer.pings, 0);
      }
      const pinged = peer.pinged();
      await clock.advance(5_000);
      await pinged;
    }),
  );

  it(
    "holds the server back while nobody reads, and loses nothing [rest 14.4]",
    cleaned(async (t) => {
      const clock = new ManualClock();
      const { run } = await link(t, undefined, { clock });
      const { child, peer } = await run({ stderr: false, stdin: true });
      const piece = new Uint8Array(64 * 1024).fill(5);
      let sent = 0;
      while (sent < 64 * 1024 * 1024) {
        sent += piece.length;
        if (!peer.send(1, piece) && !await drains(peer)) break;
      }
      assert.ok(sent < 32 * 1024 * 1024, `${sent} bytes were taken and not read`);
      await clock.advance(120_000);
      await child.stdin.getWriter().write(Uint8Array.of(1));
      await peer.next();
      assert.equal(peer.pings, 0); // a ping after its end would make a server drop what is on the way
      peer.send(3, SUCCESS);
      peer.close(1000);
      let received = 0;
      for await (const bytes of child.stdout) received += bytes.length;
      assert.equal(received, sent);
      assert.equal((await child.status).code, 0);
    }),
  );

  it(
    "hears the last words of a server that reads no more, while it is still being written to [rest 14]",
    cleaned(async (t) => {
      const { run } = await link(t);
      const said = JSON.stringify({ status: "Failure", reason: "NonZeroExitCode", details: cause("3") });
      for (let count = 0; count < 20; count++) {
        const { child, peer } = await run({ stdin: true });
        const writer = child.stdin.getWriter();
        const writing = (async () => {
          for (;;) await writer.write(new Uint8Array(65536));
        })();
        writing.catch(() => {});
        await peer.next();
        peer.socket.pause();
        peer.socket.setNoDelay(true); // or the system would still have what it is to send when the connection breaks off
        peer.send(3, said);
        peer.frame(8, Uint8Array.of(1000 >> 8, 1000 & 255));
        peer.cut(); // with input that it has not read, so that our writes fail from now on
        await peer.closed;
        assert.equal((await child.status).code, 3);
        await assert.rejects(writing);
      }
    }),
  );

  it(
    "goes on when output is cancelled, and drops it [rest 14.4]",
    cleaned(async (t) => {
      const { run } = await link(t);
      const { child, peer } = await run();
      await child.stdout.cancel();
      for (let index = 0; index < 20; index++) peer.send(1, new Uint8Array(64 * 1024));
      peer.send(3, SUCCESS);
      peer.close(1000);
      assert.equal((await child.status).code, 0);
    }),
  );
});

describe("A handshake of exec() that is refused", () => {
  const status = { apiVersion: "v1", kind: "Status", status: "Failure", code: 403, reason: "Forbidden" };

  it(
    "is a StatusError with the server's words [rest 14.3]",
    cleaned(async (t) => {
      const { run } = await link(
        t,
        () => ({ raw: rawAnswer("403 Forbidden", { ...status, message: "pods is forbidden" }) }),
      );
      await assert.rejects(
        run(),
        (error) => isForbidden(error) && /^pods is forbidden$/.test((error as Error).message),
      );
    }),
  );

  it(
    "repeats text that is no Status [rest 14.3]",
    cleaned(async (t) => {
      const { run } = await link(
        t,
        () => ({ raw: rawAnswer("500 Oops", "the kubelet is away", "text/plain") }),
      );
      await assert.rejects(
        run(),
        (error) => error instanceof StatusError && /the kubelet is away/.test(error.message),
      );
    }),
  );

  for (
    const { name, answer } of [
      { name: "chooses no protocol", answer: {} },
      { name: "chooses another protocol", answer: { protocol: "v9.channel.k8s.io" } },
      { name: "answers 200", answer: { raw: rawAnswer("200 OK", "hello", "text/plain") } },
      { name: "breaks off", answer: { raw: "HTTP/1.1 101" } },
    ]
  ) {
    it(
      `fails when the server ${name} [rest 14.3]`,
      cleaned(async (t) => {
        const { run } = await link(t, () => answer);
        await assert.rejects(run(), isNetworkError);
      }),
    );
  }

  it(
    "is sent again with other credentials after a 401, once [rest 14.2]",
    cleaned(async (t) => {
      const refused: (Credentials | undefined)[] = [];
      const { run, server } = await link(
        t,
        ({ headers, protocols }) =>
          headers.authorization[0] === "Bearer new"
            ? { protocol: protocols[0] }
            : { raw: rawAnswer("401 Unauthorized", { ...status, code: 401, reason: "Unauthorized" }) },
        {
          credentials: (request) => {
            refused.push(request.refused);
            return { bearerToken: request.refused ? "new" : "old" };
          },
        },
      );
      const { child } = await run();
      assert.equal(server.handshakes.length, 2);
      assert.deepEqual(refused, [undefined, { bearerToken: "old" }]);
      await child[Symbol.asyncDispose]();
    }),
  );

  it(
    "carries impersonation in as many lines, and what middleware adds [rest 14.2]",
    cleaned(async (t) => {
      const { run } = await link(t, undefined, {
        impersonate: { userName: "jane", groups: ["a", "b, c"] },
        middleware: [
          (request, next) => next({ ...request, headers: [...request.headers, ["X-Seen", "yes"]] }),
        ],
      });
      const { peer } = await run();
      const { headers } = peer.handshake;
      assert.deepEqual([headers["impersonate-user"], headers["impersonate-group"], headers["x-seen"]], [
        ["jane"],
        ["a", "b, c"],
        ["yes"],
      ]);
    }),
  );
});

describe("exec() with a fetch of the program's own", () => {
  const fetch = () => Promise.reject(new Error("never used"));

  it(
    "uses the platform's WebSocket, and carries a token in a subprotocol",
    cleaned(async (t) => {
      const { run } = await link(t, ({ protocols }) => ({ protocol: protocols[0] }), {
        fetch,
        bearerToken: "tok/en+",
      });
      const { child, peer } = await run({ stdin: true });
      assert.equal(
        peer.handshake.protocols[2],
        `base64url.bearer.authorization.k8s.io.${
          btoa("tok/en+").replace("+", "-").replace("/", "_").replace(/=+$/, "")
        }`,
      );
      const output = child.output({ input: "hello" });
      assert.equal(text((await peer.next())!.payload.subarray(1)), "hello");
      assert.deepEqual([...(await peer.next())!.payload], [255, 0]);
      peer.send(1, "hi");
      peer.send(3, SUCCESS);
      peer.close(1000);
      assert.equal(text((await output).stdout), "hi");
    }),
  );

  it(
    "refuses by name what that cannot carry",
    cleaned(async (t) => {
      for (const init of [{ impersonate: { userName: "jane" } }, { username: "jane", password: "secret" }]) {
        const { run } = await link(t, undefined, { fetch, ...init });
        await assert.rejects(run(), (error) => isConfigError(error) && !/secret/.test(String(error)));
      }
    }),
  );
});
