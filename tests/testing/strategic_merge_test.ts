import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { type Answer, CONFIG_MAPS, configMap, DEPLOYMENT_SPEC, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_test.ts asks it the same.

const DEPLOYMENTS = "/apis/apps/v1/namespaces/default/deployments";
const D = `${DEPLOYMENTS}/a`;

function patch(server: ApiServer, path: string, body: unknown): Promise<Answer> {
  const headers = { "content-type": "application/strategic-merge-patch+json" };
  return send(server, "PATCH", path, { body, headers });
}

async function serverWith(...containers: object[]): Promise<ApiServer> {
  const server = new ApiServer();
  await send(server, "POST", DEPLOYMENTS, {
    body: {
      metadata: { name: "a" },
      spec: { ...DEPLOYMENT_SPEC, template: { metadata: { labels: { app: "web" } }, spec: { containers } } },
    },
  });
  return server;
}

const inPod = (spec: object) => ({ spec: { template: { spec } } });

function containers({ body }: Answer): string[] {
  const { template } = body.spec as { template: { spec: { containers: { name: string; image: string }[] } } };
  return template.spec.containers.map(({ name, image }) => `${name} ${image}`);
}

describe("strategic merge patch", () => {
  const [a, b, c] = ["a", "b", "c"].map((name) => ({ name, image: "x" }));
  for (
    const { name, spec, expected } of [
      {
        name: "changes an item of a list by its key",
        spec: { containers: [{ name: "b", image: "y" }] },
        expected: ["a x", "b y", "c x"],
      },
      {
        name: "adds an item",
        spec: { containers: [{ name: "d", image: "y" }] },
        expected: ["d y", "a x", "b x", "c x"],
      },
      {
        name: "removes an item",
        spec: { containers: [{ name: "b", $patch: "delete" }] },
        expected: ["a x", "c x"],
      },
      {
        name: "replaces a list",
        spec: { containers: [{ name: "d", image: "y" }, { $patch: "replace" }] },
        expected: ["d y"],
      },
      {
        name: "orders elements",
        spec: {
          "$setElementOrder/containers": [{ name: "c" }, { name: "a" }],
          containers: [{ name: "c", image: "y" }],
        },
        expected: ["b x", "c y", "a x"],
      },
    ]
  ) {
    it(name, async () => {
      const answer = await patch(await serverWith(a, b, c), D, inPod(spec));
      assert.deepEqual([answer.code, containers(answer)], [200, expected]);
    });
  }

  it("merges lists of scalars where the type says so, and deletes from them", async () => {
    const server = new ApiServer();
    const path = `${CONFIG_MAPS}/a`;
    await send(server, "POST", CONFIG_MAPS, {
      body: configMap("a", { metadata: { finalizers: ["x.io/a", "x.io/b"] } }),
    });
    const added = await patch(server, path, { metadata: { finalizers: ["x.io/c", "x.io/a"] } });
    assert.deepEqual(added.body.metadata.finalizers, ["x.io/c", "x.io/a", "x.io/b"]);
    const left = await patch(server, path, {
      metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/a"] },
    });
    assert.deepEqual(left.body.metadata.finalizers, ["x.io/c", "x.io/b"]);
  });

  it("keeps only the keys that it names", async () => {
    const strategy = { $retainKeys: ["type"], type: "Recreate" };
    const { body } = await patch(await serverWith(a), D, { spec: { strategy } });
    assert.deepEqual(body.spec?.strategy, { type: "Recreate" });
  });

  it("merges, replaces and empties maps", async () => {
    const server = new ApiServer();
    const path = `${CONFIG_MAPS}/a`;
    await send(server, "POST", CONFIG_MAPS, { body: configMap("a", { data: { a: "1", b: "2" } }) });
    assert.deepEqual((await patch(server, path, { data: { b: null, c: "3" } })).body.data, {
      a: "1",
      c: "3",
    });
    assert.deepEqual((await patch(server, path, { data: { $patch: "replace", d: "4" } })).body.data, {
      d: "4",
    });
    assert.equal((await patch(server, path, { data: { $patch: "delete" } })).body.data, undefined);
  });

  for (
    const { name, body, code, message } of [
      {
        name: "an item without its key",
        body: inPod({ containers: [{ image: "z" }] }),
        code: 500,
        message: "map: map[image:z] does not contain declared merge key: name",
      },
      {
        name: "an unknown directive",
        body: inPod({ containers: [{ name: "a", $patch: "nope" }] }),
        code: 500,
        message: "unknown patch type: nope in map: map[$patch:nope name:a]",
      },
      {
        name: "keys that are not retained",
        body: { spec: { strategy: { $retainKeys: ["type"], x: "1" } } },
        code: 400,
        message: "invalid patch format of retainKeys",
      },
    ]
  ) {
    it(`refuses ${name}: ${code}, and changes nothing`, async () => {
      const server = await serverWith(a);
      const answer = await patch(server, D, body);
      assert.deepEqual([answer.code, answer.body.message], [code, message]);
      assert.deepEqual(containers(await send(server, "GET", D)), ["a x"]);
    });
  }
});
