import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client } from "@coxswain/kube/client";
import { finalize } from "@coxswain/kube/controller";
import { isInvalid, isNotFound } from "@coxswain/kube/rest";
import { ApiServer } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { cleaned } from "../cleanup.ts";

const FINALIZER = "example.com/cleanup";

function setUp(t: { after(undo: () => unknown): void }, finalizers?: string[]) {
  const client = new Client(new ApiServer().restConfig());
  t.after(() => client[Symbol.asyncDispose]());
  const settings = client.resource(ConfigMap).namespace("default");
  const done: string[] = [];
  const run = async (stale?: Parameters<typeof finalize>[1]) =>
    await finalize(settings, stale ?? await settings.get("shop"), {
      finalizer: FINALIZER,
      apply: () => {
        done.push("apply");
        return "applied";
      },
      cleanUp: () => void done.push("clean up"),
    });
  const created = settings.create({ metadata: { name: "shop", ...finalizers && { finalizers } } });
  return { settings, done, run, created };
}

describe("finalize() (spec informers 24.7)", () => {
  for (const before of [undefined, ["example.com/other"]]) {
    it(
      `adds the finalizer first, ${
        before ? "beside another" : "as the only one"
      }, then applies, then cleans up, then lets go`,
      cleaned(async (t) => {
        const { settings, done, run, created } = setUp(t, before);
        await created;
        assert.equal(await run(), undefined);
        assert.deepEqual(done, [], "nothing is done that could not be undone");
        assert.deepEqual((await settings.get("shop")).metadata.finalizers, [...before ?? [], FINALIZER]);
        assert.equal(await run(), "applied");
        await settings.delete("shop");
        assert.equal(await run(), undefined);
        assert.deepEqual(done, ["apply", "clean up"]);
        if (before === undefined) await assert.rejects(settings.get("shop"), isNotFound);
        else assert.deepEqual((await settings.get("shop")).metadata.finalizers, before);
      }),
    );
  }

  it(
    "leaves an object alone that is being deleted without the finalizer",
    cleaned(async (t) => {
      const { settings, done, run, created } = setUp(t, ["example.com/other"]);
      await created;
      await settings.delete("shop");
      assert.equal(await run(), undefined);
      assert.deepEqual(done, []);
    }),
  );

  it(
    "fails when somebody has changed the finalizers since the object was read",
    cleaned(async (t) => {
      const { settings, run, created } = setUp(t);
      const stale = await created;
      await settings.patch("shop", { merge: { metadata: { finalizers: ["example.com/other"] } } });
      await assert.rejects(run(stale), isInvalid);
      assert.deepEqual((await settings.get("shop")).metadata.finalizers, ["example.com/other"]);
    }),
  );

  it(
    "keeps the finalizer when cleaning up fails",
    cleaned(async (t) => {
      const { settings, created } = setUp(t, [FINALIZER]);
      await created;
      await settings.delete("shop");
      const failing = finalize(settings, await settings.get("shop"), {
        finalizer: FINALIZER,
        apply: () => {},
        cleanUp: () => Promise.reject(new Error("not yet")),
      });
      await assert.rejects(failing, /not yet/);
      assert.deepEqual((await settings.get("shop")).metadata.finalizers, [FINALIZER]);
    }),
  );
});
