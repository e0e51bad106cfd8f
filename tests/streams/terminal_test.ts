import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { connectTerminal, exec } from "@coxswain/kube/streams";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { socketServer } from "./socket_server.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A terminal that a test types into. */
class FakeInput extends EventEmitter {
  isTTY = true;
  raw: boolean[] = [];
  isPaused = true;
  setRawMode(isRaw: boolean) {
    this.raw.push(isRaw);
  }
  pause() {
    this.isPaused = true;
  }
  readonly listened = Promise.withResolvers<void>();
  resume() {
    this.isPaused = false;
    this.listened.resolve();
  }
}

class FakeOutput extends EventEmitter {
  columns = 80;
  rows = 24;
  shown = "";
  problem: Error | undefined;
  write(bytes: Uint8Array, callback: (error?: Error) => void) {
    if (this.problem === undefined) this.shown += text(bytes);
    callback(this.problem);
    if (this.problem !== undefined) this.emit("error", this.problem);
  }
}

async function link(t: Cleanup, tty: boolean) {
  const server = await socketServer(t);
  const client = new Client({ server: server.url });
  t.after(() => client[Symbol.asyncDispose]());
  const next = server.next();
  const child = await exec(client, { name: "web-0", command: ["sh"], stdin: true, tty });
  const [input, output, errors] = [new FakeInput(), new FakeOutput(), new FakeOutput()];
  const running = connectTerminal(child, { input, output, errors });
  await input.listened.promise;
  return { peer: await next, input, output, errors, running };
}

describe("connectTerminal()", () => {
  it(
    "hands over keys, sizes and output, and leaves the terminal as it was [rest 14.5]",
    cleaned(async (t) => {
      const { peer, input, output, running } = await link(t, true);
      assert.deepEqual([...(await peer.next())!.payload.subarray(0, 1)], [4]);
      assert.deepEqual(input.raw, [true]);
      input.emit("data", new TextEncoder().encode("\x03"));
      assert.deepEqual([...(await peer.next())!.payload], [0, 3]);
      Object.assign(output, { columns: 100, rows: 30 }).emit("resize");
      assert.equal(text((await peer.next())!.payload.subarray(1)), '{"Width":100,"Height":30}\n');
      peer.send(1, "$ ");
      peer.send(3, JSON.stringify({ status: "Success" }));
      peer.close(1000);
      assert.equal((await running).code, 0);
      assert.equal(output.shown, "$ ");
      assert.deepEqual(input.raw, [true, false]);
      assert.equal(input.isPaused, true);
      assert.equal(
        input.listenerCount("data") + input.listenerCount("end") + output.listenerCount("resize"),
        0,
      );
    }),
  );

  it(
    "leaves the terminal as it was when the connection is cut",
    cleaned(async (t) => {
      const { peer, input, running } = await link(t, true);
      peer.cut();
      await assert.rejects(running, { name: "NetworkError" });
      assert.deepEqual(input.raw, [true, false]);
    }),
  );

  for (const name of ["output", "errors"] as const) {
    it(
      `ends, and leaves the command, when ${name} takes no more`,
      cleaned(async (t) => {
        const { peer, input, running, ...outputs } = await link(t, false);
        const { output, errors } = outputs;
        const problem = Object.assign(new Error("write EPIPE"), { code: "EPIPE" });
        outputs[name].problem = problem;
        peer.send(name === "output" ? 1 : 2, "more");
        await assert.rejects(running, (error) => error === problem);
        await peer.closed;
        assert.equal(input.isPaused, true);
        assert.equal(output.listenerCount("error") + errors.listenerCount("error"), 0);
      }),
    );
  }

  it(
    "keeps the outputs apart without a terminal, and ends the input",
    cleaned(async (t) => {
      const { peer, input, output, errors, running } = await link(t, false);
      input.emit("end");
      assert.deepEqual([...(await peer.next())!.payload], [255, 0]);
      peer.send(1, "out");
      peer.send(2, "err");
      peer.send(3, JSON.stringify({ status: "Success" }));
      peer.close(1000);
      await running;
      assert.deepEqual([output.shown, errors.shown, input.raw], ["out", "err", []]);
    }),
  );
});
