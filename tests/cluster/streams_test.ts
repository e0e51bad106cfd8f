import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createServer as createHttpServer } from "node:http";
import { connect as dial, createServer, type Socket } from "node:net";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { Client, connect, isNetworkError, isNotFound, isUnauthorized, StatusError } from "@coxswain/kube";
import { isBadRequest, isForbidden } from "@coxswain/kube/rest";
import { attach, exec, type ExecOptions, portForward } from "@coxswain/kube/streams";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { ProxyServer } from "../runtimes/proxy_server.ts";
import { cluster } from "./cluster.ts";

/** How much goes each way, in MiB. 256 takes half a minute on each runtime. */
const MEBIBYTES = Number(process.env.COXSWAIN_STREAM_MIB ?? 32);
/** How many commands end while they are written to. */
const ENDINGS = Number(process.env.COXSWAIN_STREAM_ENDINGS ?? 100);
const MIB = 1024 * 1024;
/** How much more memory may be in use in the middle of that, in bytes: buffers, not what went through. */
const MOST_MEMORY = 160 * MIB;

const { kubeconfig, server } = cluster();
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Bytes that look random and are the same each time, 64 KiB at once. */
function* bytesOf(length: number): Generator<Uint8Array> {
  let state = 12345;
  for (let at = 0; at < length; at += 65536) {
    const piece = new Uint32Array(Math.min(65536, length - at) / 4);
    for (let index = 0; index < piece.length; index++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      piece[index] = state;
    }
    yield new Uint8Array(piece.buffer);
  }
}

/** A port of a server that repeats what it gets. */
async function echoServer(t: Cleanup): Promise<number> {
  const sockets = new Set<Socket>();
  const echo = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  t.after(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => echo.close(resolve));
  });
  return (echo.address() as { port: number }).port;
}

describe("streams of a real API server and the kubelet's own handlers", () => {
  let client: Client;
  const web = { namespace: "default", name: "web", container: "main" };
  const run = (command: string[], options: Partial<ExecOptions> = {}) =>
    exec(client, { ...web, command, ...options });

  before(async () => {
    client = await connect({ kubeconfig });
  });
  after(() => client[Symbol.asyncDispose]());

  for (
    const { command, code, signal } of [
      { command: ["true"], code: 0, signal: undefined },
      { command: ["sh", "-c", "exit 1"], code: 1, signal: undefined },
      { command: ["sh", "-c", "kill -9 $$"], code: 137, signal: "SIGKILL" },
      { command: ["sh", "-c", "exit 255"], code: 255, signal: undefined },
    ]
  ) {
    it(`give the exit code ${code} [rest 14.6]`, async () => {
      const status = await (await run(command)).status;
      assert.deepEqual([status.code, status.success, status.signal], [code, code === 0, signal]);
    });
  }

  it("keep the two outputs apart, and take arguments as they are", async () => {
    const child = await run(["sh", "-c", 'printf %s "$1"; printf %s err >&2', "sh", "a 'b' \"c\" ü $HOME"]);
    const { stdout, stderr } = await child.output();
    assert.deepEqual([text(stdout), text(stderr)], ["a 'b' \"c\" ü $HOME", "err"]);
  });

  it("say in the server's words what cannot be run", async () => {
    const missing = await run(["no-such-program"]);
    await assert.rejects(missing.status, (error: Error) => {
      assert.ok(error instanceof StatusError);
      assert.match(error.message, /"no-such-program": executable file not found in \$PATH/);
      return true;
    });
    await assert.rejects(run(["true"], { name: "nope" }), isNotFound);
    await assert.rejects(run(["true"], { container: "nope" }), isBadRequest);
    await assert.rejects(run(["true"], { protocols: ["v9.channel.k8s.io"] }), isForbidden);
  });

  it("close the input, after which the command goes on and says more [rest 14.4]", async () => {
    const child = await run(["sh", "-c", "cat; echo; echo end"], { stdin: true });
    assert.equal(child.protocol, "v5.channel.k8s.io");
    assert.equal(text((await child.output({ input: "hello" })).stdout), "hello\nend\n");
  });

  it("also speak v4, where the input has no end [rest 14.4]", async () => {
    const child = await run(["head", "-c", "5"], { stdin: true, protocols: ["v4.channel.k8s.io"] });
    assert.equal(child.protocol, "v4.channel.k8s.io");
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("hello"));
    assert.equal(text((await child.output()).stdout), "hello");
  });

  it("end with the command, though it has not read its input [rest 14]", async () => {
    const child = await run(["sh", "-c", "head -c 1; sleep 0.3; exit 3"], { stdin: true, stderr: false });
    const writer = child.stdin.getWriter();
    const writing = (async () => {
      for (;;) await writer.write(new Uint8Array(65536));
    })();
    writing.catch(() => {});
    assert.equal((await child.status).code, 3);
    await assert.rejects(writing);
  });

  it(`give the exit code of each of ${ENDINGS} commands that end while their input is written [rest 14]`, async () => {
    const codes = new Set<number>();
    const end = async () => {
      const child = await run(["sh", "-c", "head -c 1 >/dev/null; exit 3"], { stdin: true, stderr: false });
      const writer = child.stdin.getWriter();
      const writing = (async () => {
        for (;;) await writer.write(new Uint8Array(65536));
      })();
      writing.catch(() => {});
      codes.add((await child.status).code);
      await assert.rejects(writing);
    };
    let left = ENDINGS;
    await Promise.all([1, 2].map(async () => {
      while (left-- > 0) await end();
    }));
    assert.deepEqual([...codes], [3]);
  });

  it(
    `carry ${MEBIBYTES} MiB each way without a difference, in flat memory, while a reader takes a rest [rest 14]`,
    async () => {
      const child = await run(["cat"], { stdin: true, stderr: false });
      const sent = createHash("sha256");
      const before = process.memoryUsage().rss;
      const sending = (async () => {
        const writer = child.stdin.getWriter();
        for (const piece of bytesOf(MEBIBYTES * MIB)) {
          sent.update(piece);
          await writer.write(piece);
        }
        await writer.close();
      })();
      const received = createHash("sha256");
      let length = 0;
      let most = 0;
      let rest = 3;
      for await (const piece of child.stdout) {
        received.update(piece);
        length += piece.length;
        most = Math.max(most, process.memoryUsage().rss - before);
        if (rest > 0 && length > (4 - rest) * MIB) {
          rest--;
          await new Promise((resolve) => setTimeout(resolve, 200)); // what comes meanwhile has to wait, not to be kept
        }
      }
      await sending;
      assert.equal(length, MEBIBYTES * MIB);
      assert.equal(received.digest("hex"), sent.digest("hex"));
      assert.equal((await child.status).code, 0);
      assert.ok(most < MOST_MEMORY, `${Math.round(most / MIB)} MiB more were in use`);
      if (process.env.COXSWAIN_STREAM_MIB) {
        console.log(`${MEBIBYTES} MiB: at most ${Math.round(most / MIB)} MiB more memory`);
      }
    },
  );

  it("hold back a command that writes without end, until somebody reads [rest 14.4]", async () => {
    const before = process.memoryUsage().rss;
    // It begins when its number is here: behind an output that nobody reads, stderr would have to wait.
    const child = await run(["sh", "-c", "echo $$ >&2; read go; exec cat /dev/zero"], { stdin: true });
    const pid = text((await child.stderr.getReader().read()).value!).trim();
    await child.stdin.getWriter().write(new TextEncoder().encode("go\n"));
    const written = () => /wchar: (\d+)/.exec(readFileSync(`/proc/${pid}/io`, "utf8"))![1];
    for (let last = "", times = 0; times < 10; times++) {
      const now = written();
      if (now !== last) times = 0; // it still writes
      last = now;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const more = process.memoryUsage().rss - before;
    await child[Symbol.asyncDispose]();
    assert.ok(more < MOST_MEMORY, `${Math.round(more / MIB)} MiB more are in use`);
  });

  it("are 200 at once", async () => {
    const outputs = await Promise.all(
      Array.from(
        { length: 200 },
        async (_, index) => text((await (await run(["echo", `${index}`])).output()).stdout),
      ),
    );
    assert.deepEqual(outputs, Array.from({ length: 200 }, (_, index) => `${index}\n`));
  });

  it("show a program in a terminal its size, and each new one [rest 14.5]", async () => {
    const script = "trap 'stty size' WINCH; stty size; echo ready; while :; do sleep 0.05; done";
    const child = await run(["bash", "-c", script], { stdin: true, tty: { columns: 90, rows: 30 } });
    let seen = "";
    for await (const bytes of child.stdout) {
      seen += text(bytes);
      if (/ready/.test(seen) && !/\b40 100\b/.test(seen)) await child.resize({ columns: 100, rows: 40 });
      if (/\b40 100\b/.test(seen)) break;
    }
    await child[Symbol.asyncDispose]();
    assert.match(seen, /ready/);
  });

  it("attach to what runs already", async () => {
    const child = await attach(client, { ...web, stdin: true, stderr: false });
    assert.equal(text((await child.output({ input: "hello" })).stdout), "attached\nhello");
  });

  for (
    const { name, command, stdin } of [
      { name: "reads", command: "echo $$; exec cat", stdin: true },
      { name: "writes", command: "echo $$; exec yes", stdin: false },
    ]
  ) {
    it(`that are aborted leave no process of a command that ${name}`, async () => {
      const controller = new AbortController();
      const child = await run(["sh", "-c", command], { stdin, signal: controller.signal });
      const reader = child.stdout.getReader();
      const pid = text((await reader.read()).value!).split("\n")[0];
      assert.ok(existsSync(`/proc/${pid}`));
      controller.abort("enough");
      await assert.rejects(child.status, (reason) => reason === "enough");
      await assert.rejects(reader.read(), (reason) => reason === "enough");
      while (existsSync(`/proc/${pid}`)) {
        await new Promise((resolve) => setTimeout(resolve, 20)); // the runner's own limit ends this
      }
    });
  }

  it("reject when the server is killed", async () => {
    const child = await run(["cat"], { stdin: true });
    const forward = portForward(client, { namespace: "default", name: "web" });
    const connection = await forward.connect(1).catch(() => undefined);
    await connection?.closed.catch(() => {});
    await cluster().kill();
    try {
      await assert.rejects(child.status, (error) => isNetworkError(error) && error.reason === "cut");
      await assert.rejects(run(["true"]), (error) => isNetworkError(error) && error.reason === "refused");
    } finally {
      await cluster().start();
      await forward[Symbol.asyncDispose]();
    }
  });

  for (const context of ["admin", "token", "embedded", "service-account"]) {
    it(
      `are let in by the context ${context} [rest 14.2]`,
      cleaned(async (t) => {
        const other = await connect({ kubeconfig, context });
        t.after(() => other[Symbol.asyncDispose]());
        const child = await exec(other, { ...web, command: ["echo", "hi"] });
        assert.equal(text((await child.output()).stdout), "hi\n");
      }),
    );
  }

  it(
    "are not let in where requests are not",
    cleaned(async (t) => {
      for (
        const [context, refused] of [
          ["expired", isUnauthorized],
          ["reader", isForbidden],
          ["wrong-ca", isNetworkError],
        ] as const
      ) {
        const other = await connect({ kubeconfig, context });
        t.after(() => other[Symbol.asyncDispose]());
        await assert.rejects(exec(other, { ...web, command: ["true"] }), refused, context);
      }
    }),
  );

  it(
    "go through a proxy, with and without a user [rest 14]",
    cleaned(async (t) => {
      const proxy = await ProxyServer.listen();
      t.after(() => proxy.close());
      for (const user of ["", "jane:secret@"]) {
        const other = new Client(client.rest.config.with({ proxy: `http://${user}127.0.0.1:${proxy.port}` }));
        t.after(() => other[Symbol.asyncDispose]());
        const child = await exec(other, { ...web, command: ["cat"], stdin: true });
        assert.equal(text((await child.output({ input: "hi" })).stdout), "hi");
      }
      const host = new URL(server).host;
      const asked = proxy.asked.map((what, index) => {
        const user = proxy.users[index];
        return `${what.replace("CONNECT ", "")} ${user === undefined ? "nobody" : `Basic ${btoa(user)}`}`;
      });
      assert.deepEqual([...new Set(asked)], [`${host} nobody`, `${host} Basic ${btoa("jane:secret")}`]);
    }),
  );

  it(
    "forward a port, 50 connections at once, byte by byte [rest 15]",
    cleaned(async (t) => {
      const port = await echoServer(t);
      const forward = portForward(client, { namespace: "default", name: "web" });
      t.after(() => forward[Symbol.asyncDispose]());
      await Promise.all(Array.from({ length: 50 }, async (_, index) => {
        const connection = await forward.connect(port);
        const writer = connection.writable.getWriter();
        const said = new TextEncoder().encode(`hello ${index}`);
        await writer.write(said);
        let heard = "";
        for await (const bytes of connection.readable) {
          heard += text(bytes);
          if (heard.length === said.length) break;
        }
        assert.equal(heard, `hello ${index}`);
        await connection[Symbol.asyncDispose]();
      }));
    }),
  );

  it(
    `forward ${MEBIBYTES} MiB each way through a local port, without a difference [rest 15]`,
    cleaned(async (t) => {
      const port = await echoServer(t);
      const forward = portForward(client, { namespace: "default", name: "web" });
      t.after(() => forward[Symbol.asyncDispose]());
      const { ports } = await forward.listen({ ports: [`:${port}`], addresses: ["127.0.0.1"] });
      const socket = dial(ports[0].local as number, "127.0.0.1");
      t.after(() => void socket.destroy());
      const sent = createHash("sha256");
      const received = createHash("sha256");
      const sending = (async () => {
        for (const piece of bytesOf(MEBIBYTES * MIB)) {
          sent.update(piece);
          if (!socket.write(piece)) await new Promise((resolve) => socket.once("drain", resolve));
        }
      })();
      let length = 0;
      for await (const bytes of socket) {
        received.update(bytes);
        if ((length += bytes.length) === MEBIBYTES * MIB) break;
      }
      await sending;
      assert.equal(received.digest("hex"), sent.digest("hex"));
    }),
  );

  it(
    "answer a fetch through a forwarded port, and say that nothing listens [rest 15]",
    cleaned(async (t) => {
      const http = createHttpServer((request, response) => {
        let body = "";
        request.on("data", (bytes) => body += bytes);
        request.on("end", () => response.end(`${request.method} ${request.url} ${body}`));
      });
      await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
      t.after(() => new Promise((resolve) => http.close(resolve)));
      const { port } = http.address() as { port: number };
      const forward = portForward(client, { namespace: "default", name: "web" });
      t.after(() => forward[Symbol.asyncDispose]());
      const answer = await forward.fetch(`http://web:${port}/path?q=1`, { method: "POST", body: "payload" });
      assert.equal(await answer.text(), "POST /path?q=1 payload");
      await assert.rejects(forward.fetch("http://web:1/"), { name: "NetworkError", reason: "refused" });
    }),
  );
});
