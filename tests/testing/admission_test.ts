import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { type AdmissionHook, ApiServer } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, mergePatch, PODS, send } from "./exchange.ts";

const APPLY = "application/apply-patch+yaml";

interface Map extends KubernetesObject {
  data?: Record<string, string>;
}

/** Notes what it was asked. */
function witness(notes: string[], more: Partial<AdmissionHook> = {}): AdmissionHook {
  return {
    name: "witness.example.com",
    resource: "*/*",
    validate: ({ operation, resource, subresource, namespace, name, dryRun, user, object, oldObject }) => {
      const what = [resource, subresource].filter(Boolean).join("/");
      const states = `${oldObject ? "old" : ""}${object ? "new" : ""}`;
      notes.push(`${operation} ${what} ${namespace}/${name} ${states} ${user.name}${dryRun ? " dry" : ""}`);
    },
    ...more,
  };
}

describe("admission hooks", () => {
  it("are asked about what is created, updated and deleted", async () => {
    const notes: string[] = [];
    const server = new ApiServer({ admission: [witness(notes)] });
    server.load(configMap("loaded") as unknown as KubernetesObject); // of which nobody is asked
    await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    await mergePatch(server, `${CONFIG_MAPS}/a?dryRun=All`, { data: { key: "value" } });
    const body = { ...configMap("b"), data: { key: "value" } };
    const headers = { "content-type": APPLY };
    await send(server, "PATCH", `${CONFIG_MAPS}/b?fieldManager=me`, { body, headers });
    await send(server, "POST", PODS, {
      body: { metadata: { name: "web" }, spec: { containers: [{ name: "a", image: "a" }] } },
    });
    await mergePatch(server, `${PODS}/web/status`, { status: { phase: "Running" } });
    await send(server, "DELETE", `${CONFIG_MAPS}/a`);
    assert.deepEqual(notes, [
      "CREATE configmaps default/a new admin",
      "UPDATE configmaps default/a oldnew admin dry",
      "CREATE configmaps default/b new admin",
      "CREATE pods default/web new admin",
      "UPDATE pods/status default/web oldnew admin",
      "DELETE configmaps default/a old admin",
    ]);
  });

  it("change objects, one after another, before they are checked and stored", async () => {
    const hooks: AdmissionHook<Map>[] = [
      { name: "one", mutate: ({ object }) => void (object!.data = { order: "one" }) },
      {
        name: "two",
        mutate: ({ object }) => ({ ...object!, data: { order: `${object!.data?.order},two` } }),
      },
      { name: "three", resource: "secrets", mutate: ({ object }) => void (object!.data = {}) },
    ];
    const server = new ApiServer({ admission: hooks });
    const created = await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    assert.deepEqual(created.body.data, { order: "one,two" });
    const [managed] = created.body.metadata.managedFields!;
    assert.deepEqual(managed.fieldsV1, { "f:data": { ".": {}, "f:order": {} } });
    const changed = await mergePatch(server, `${CONFIG_MAPS}/a`, { metadata: { labels: { a: "b" } } });
    assert.deepEqual([changed.body.data, changed.body.metadata.labels], [{ order: "one,two" }, { a: "b" }]);
  });

  it("see what is stored only when nothing else is against it", async () => {
    const notes: string[] = [];
    const server = new ApiServer({ admission: [witness(notes)] });
    assert.equal((await send(server, "POST", CONFIG_MAPS, { body: configMap("Not a name") })).code, 422);
    assert.equal((await send(server, "DELETE", `${CONFIG_MAPS}/none`)).code, 404);
    assert.deepEqual(notes, []);
  });

  it("refuse in the words of the server, and nothing is stored", async () => {
    const notes: string[] = [];
    const server = new ApiServer({
      admission: [
        {
          name: "quota.example.com",
          resource: "configmaps",
          operations: ["CREATE"],
          validate: ({ deny, warn }) => {
            warn('there are "many" already');
            deny("too many");
          },
        },
        witness(notes),
      ],
    });
    const { code, body, headers } = await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    assert.equal(code, 403);
    assert.equal(body.message, 'admission webhook "quota.example.com" denied the request: too many');
    assert.equal(body.reason, "Forbidden");
    assert.equal(headers.get("warning"), '299 - "there are \\"many\\" already"');
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).code, 404);
    assert.deepEqual(notes, []); // who comes later is not asked
  });

  it("may refuse with another status, and warn without refusing", async () => {
    const server = new ApiServer({
      admission: [{
        name: "h",
        validate: ({ operation, deny, warn }) => {
          if (operation === "DELETE") deny("locked", { code: 409, reason: "Conflict" });
          warn("careful");
        },
      }],
    });
    const created = await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    assert.deepEqual([created.code, created.headers.get("warning")], [201, '299 - "careful"']);
    const deleted = await send(server, "DELETE", `${CONFIG_MAPS}/a`);
    assert.deepEqual([deleted.code, deleted.body.reason], [409, "Conflict"]);
  });

  it("that fail are webhooks that could not be called", async () => {
    const fail = (): never => {
      throw new Error("no route to host");
    };
    const server = new ApiServer({
      admission: [{ name: "down.example.com", operations: ["CREATE"], mutate: fail }],
    });
    const { code, body } = await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    assert.deepEqual([code, body.reason, body.message], [
      500,
      "InternalError",
      'Internal error occurred: failed calling webhook "down.example.com": no route to host',
    ]);
  });

  it("must not wait", async () => {
    const late = (() => Promise.reject(new Error("later"))) as () => void;
    const server = new ApiServer({ admission: [{ name: "late", validate: late }] });
    const { code, body } = await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    assert.equal(code, 500);
    assert.match(body.message!, /it must not wait/);
  });

  it("cannot change what is stored but by what they give back", async () => {
    const server = new ApiServer({
      admission: [{
        name: "h",
        validate: ({ object, oldObject }) => {
          for (const one of [object, oldObject]) if (one) one.metadata!.labels = { changed: "yes" };
        },
      }],
    });
    await send(server, "POST", CONFIG_MAPS, { body: configMap("a") });
    await mergePatch(server, `${CONFIG_MAPS}/a`, { data: { key: "value" } });
    assert.equal((await send(server, "GET", `${CONFIG_MAPS}/a`)).body.metadata.labels, undefined);
  });
});
