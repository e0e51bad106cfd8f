import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Client, runUntilSignal } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { Lease } from "@coxswain/kube/types/coordination/v1";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";
import { type Running, startCommand, writeKubeconfig } from "../examples/start_example.ts";

const MAIN = fileURLToPath(new URL("./until_signal_main.ts", import.meta.url));
const OPTIONS = process.versions.deno === undefined ? [] : ["run", "-A", "--no-check", "--quiet"];

function start(scene: string, ...args: string[]): Running {
  return startCommand([process.execPath, ...OPTIONS, MAIN, scene, ...args]);
}

describe("runUntilSignal() (spec informers 24.6)", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(
      `lets a manager end what goes on and give its leadership back after ${signal}, with code 0`,
      cleaned(async (t) => {
        const server = new ApiServer();
        t.after(() => server[Symbol.asyncDispose]());
        const kubeconfig = await writeKubeconfig((await server.listen()).kubeconfig());
        t.after(() => kubeconfig[Symbol.asyncDispose]());
        const client = new Client(server.restConfig());
        t.after(() => client[Symbol.asyncDispose]());
        const settings = client.resource(ConfigMap).namespace("default");
        await settings.create({ metadata: { name: "shop" } });

        const process = start("manager", kubeconfig.file);
        await process.prints(/working/);
        process.kill(signal);
        const { code, stdout, stderr } = await process.ended;
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
        assert.match(stdout, /working\nworked\nended\n$/);
        assert.equal((await settings.get("shop")).data?.done, "yes");
        const lease = await client.resource(Lease).namespace("default").get("election");
        assert.equal(lease.spec?.holderIdentity ?? "", "", "another may lead at once");
      }),
    );
  }

  it("is quiet about work that ends with the signal's reason", async () => {
    const process = start("reason");
    await process.prints(/ready/);
    process.kill("SIGTERM");
    assert.deepEqual(await process.ended, { code: 0, stdout: "ready\nended undefined\n", stderr: "" });
  });

  it("hands on what else the work throws", async () => {
    const process = start("failure");
    await process.prints(/ready/);
    process.kill("SIGTERM");
    const { code, stdout } = await process.ended;
    assert.deepEqual({ code, stdout }, { code: 0, stdout: "ready\nfailed: cannot clean up\n" });
  });

  for (const [signal, expected] of [["SIGTERM", 143], ["SIGINT", 130]] as const) {
    it(`ends at once at a second signal, with code ${expected} after ${signal}`, async () => {
      const process = start("deaf");
      await process.prints(/ready/);
      process.kill("SIGTERM");
      await process.prints(/told/);
      process.kill(signal);
      assert.equal((await process.ended).code, expected);
    });
  }

  it("ends with code 1 when the work has not ended in time", async () => {
    const process = start("late");
    await process.prints(/ready/);
    process.kill("SIGTERM");
    assert.equal((await process.ended).code, 1);
  });

  it("leaves no handler behind when the work has ended: a signal does again what it did before", async () => {
    const process = start("after");
    await process.prints(/gave this\nlisteners 0\nready/);
    process.kill("SIGTERM");
    assert.equal((await process.ended).code, null, "the signal itself ended it");
  });

  it("leaves no handler behind when the work throws", async () => {
    const before = process.listenerCount("SIGTERM");
    await assert.rejects(runUntilSignal(() => Promise.reject(new Error("no"))), /^Error: no$/);
    assert.equal(process.listenerCount("SIGTERM"), before);
  });

  it("refuses a deadline that is none", async () => {
    await assert.rejects(runUntilSignal(() => {}, { deadline: 0 }), /deadline must be above 0 ms, got 0/);
  });
});
