// Generated types against the server that they speak of: what compiles is taken, what comes back is as they say.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { type Client, connect, isInvalid, isNotFound } from "@coxswain/kube";
import { runCodegen } from "@coxswain/kube/codegen";
import type { ResourceType } from "@coxswain/kube/meta";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { HorizontalPodAutoscaler } from "@coxswain/kube/types/autoscaling/v2";
import { CronJob, Job } from "@coxswain/kube/types/batch/v1";
import {
  Event,
  LimitRange,
  Namespace,
  Node,
  PersistentVolumeClaim,
  Pod,
  Service,
} from "@coxswain/kube/types/core/v1";
import { EndpointSlice } from "@coxswain/kube/types/discovery/v1";
import { Ingress, NetworkPolicy } from "@coxswain/kube/types/networking/v1";
import { PodDisruptionBudget } from "@coxswain/kube/types/policy/v1";
import { ClusterRole } from "@coxswain/kube/types/rbac/v1";
import { CSINode } from "@coxswain/kube/types/storage/v1";
import { parseAllDocuments } from "yaml";
import { WebApp, WebAppSpec } from "../codegen/generated/codegen_example_com_v1.ts";
import { WebApp as OldWebApp } from "../codegen/generated/codegen_example_com_v1beta1.ts";
import {
  ClassOfTwo,
  Function,
  Record,
  String,
  Time,
} from "../codegen/generated/names_codegen_example_com_v1.ts";
import { cluster } from "./cluster.ts";

const DEFINITIONS = fileURLToPath(new URL("../codegen/definitions/", import.meta.url));
const GENERATED = fileURLToPath(new URL("../codegen/generated", import.meta.url));

function definitions(): CustomResourceDefinition[] {
  const objects = readdirSync(DEFINITIONS).flatMap((name) =>
    parseAllDocuments(readFileSync(DEFINITIONS + name, "utf8")).map((document) => document.toJS())
  );
  const all = objects.flatMap((object) => object.kind === "List" ? object.items : [object]);
  return all.filter(({ kind }) => kind === "CustomResourceDefinition");
}

describe("generated types and a real API server", () => {
  let client: Client;
  let namespace: string;

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    namespace =
      (await client.resource(Namespace).create({ metadata: { generateName: "codegen-" } })).metadata.name;
    for (const definition of definitions()) {
      await client.resource(CustomResourceDefinition).create(definition);
    }
    for (const type of [WebApp, WebAppSpec, OldWebApp, Record, Time, Function, String, ClassOfTwo]) {
      await served(type);
    }
  });
  after(async () => {
    for (const { metadata } of definitions()) {
      await client.resource(CustomResourceDefinition).delete(metadata?.name ?? "");
    }
    await client.resource(Namespace).delete(namespace);
    await client[Symbol.asyncDispose]();
  });

  /** Asks until the server serves it, which is soon after its definition was stored. */
  async function served(type: ResourceType): Promise<void> {
    for (;;) {
      try {
        return void await client.resource(type).list();
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    }
  }

  const everything: WebApp = {
    metadata: { name: "everything", labels: { app: "shop" } },
    spec: {
      image: "registry.example.com/shop:1.4.2",
      schedule: "@daily",
      replicas: 3,
      minReplicas: 2,
      ratio: 1.5,
      strategy: { type: "Recreate", maxSurge: 1 },
      weekday: 3,
      level: "low", // null is allowed too, and yet a server of 1.36 refuses it when there is an enum
      secret: null,
      expires: "2027-01-01T00:00:00Z",
      certificate: "AAEC",
      homepage: "https://shop.example.com/",
      containers: [
        {
          name: "main",
          args: ["--verbose"],
          ports: [{ port: 80, targetPort: "http" }, { port: 80, protocol: "UDP", targetPort: 8080 }],
          resources: { limits: { cpu: "500m", memory: 1024 } },
        },
        { name: "side" },
      ],
      hosts: ["shop.example.com"],
      groups: { admins: ["ada", "grace"], guests: [] },
      backends: { eu: { host: "eu.example.com", weight: 2 }, us: { host: "us.example.com" } },
      matrix: [[1, 0], [0, 1.5]],
      selector: { app: "shop", tier: "web" },
      source: { git: { url: "https://git.example.com/shop" } },
      values: { list: [1, "two", { three: null }], text: "ü", flag: true },
      settings: { mode: "fast", further: { known: "to nobody" } },
      template: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "made" }, data: { a: "b" } },
      job: { apiVersion: "v1", kind: "Secret", data: { a: "b" } },
      default: "",
      class: { new: true },
      function: "f",
      $ref: "r",
      "1st": 1,
      "status-code": { a: "a" },
      statusCode: { b: "b" },
      "quota.example.com/limit": 5,
    },
  };

  it("round-trip an object that uses every feature, with defaults where they say so", async () => {
    const apps = client.resource(WebApp).namespace(namespace);
    const stored = await apps.create(everything);
    assert.equal(stored.paused, false); // guaranteed, as it has a default
    const expected = structuredClone(everything.spec);
    const [main] = expected.containers ?? [];
    if (main.ports) main.ports[0].protocol = "TCP";
    if (expected.backends) expected.backends.us.weight = 1;
    assert.deepEqual(stored.spec, expected);
    assert.deepEqual(await apps.get("everything"), stored);
  });

  it("fill in what may be left out", async () => {
    const apps = client.resource(WebApp).namespace(namespace);
    const { spec, paused } = await apps.create({
      metadata: { name: "small" },
      spec: { image: "nginx", always: true },
    });
    assert.deepEqual({ spec, paused }, {
      paused: false,
      spec: {
        image: "nginx",
        always: true,
        replicas: 1,
        default: "",
        strategy: { type: "RollingUpdate", maxSurge: "25%" },
      },
    });
  });

  it("leave to the server what is in comments only", async () => {
    const apps = client.resource(WebApp).namespace(namespace);
    const refused = async (spec: WebApp["spec"], says: RegExp): Promise<void> => {
      await assert.rejects(apps.create({ metadata: { name: "no" }, spec }), (error: Error) => {
        assert.ok(isInvalid(error), error.message);
        assert.match(error.message, says);
        return true;
      });
    };
    await refused({ image: "a b", always: true }, /spec\.image/);
    await refused({ image: "a" }, /oneOf|must validate one and only one schema/);
    await refused({ image: "a", always: true, replicas: 1, minReplicas: 2 }, /failed rule/);
    await refused({ image: "a", always: true, source: {} }, /spec\.source/);
  });

  it("apply item by item what merges by key, and as a whole what does not (spec rest 22.2)", async () => {
    const apps = client.resource(WebApp).namespace(namespace);
    const one = { fieldManager: "one" };
    const two = { fieldManager: "two" };
    await apps.apply("shared", {
      spec: {
        image: "nginx",
        always: true,
        containers: [{ name: "main", ports: [{ port: 80 }] }],
        selector: { app: "shop" },
        groups: { admins: ["ada"] },
      },
    }, one);
    const { spec } = await apps.apply("shared", {
      spec: {
        containers: [{ name: "side", args: ["-v"] }, { name: "main", ports: [{ port: 81 }] }],
        hosts: ["a.example.com"],
      },
    }, two);
    const byName = spec.containers?.toSorted((a, b) => a.name < b.name ? -1 : 1);
    byName?.[0].ports?.sort((a, b) => a.port - b.port);
    assert.deepEqual(byName, [
      { name: "main", ports: [{ port: 80, protocol: "TCP" }, { port: 81, protocol: "TCP" }] },
      { name: "side", args: ["-v"] },
    ]);
    await assert.rejects(
      apps.apply("shared", { spec: { selector: { app: "other" } } }, two),
      /conflict with "one".*\.spec\.selector/s,
    );
  });

  it("work for subresources, other versions and names that are hard to write", async () => {
    const apps = client.resource(WebApp).namespace(namespace);
    const created = await apps.create({ metadata: { name: "status" }, spec: { image: "a", always: true } });
    const { status } = await apps.updateStatus({
      ...created,
      status: {
        replicas: 1,
        conditions: [{
          type: "Ready",
          status: "True",
          lastTransitionTime: "2026-01-01T00:00:00Z",
          reason: "Up",
          message: "",
        }],
      },
    });
    assert.equal(status?.conditions?.[0].reason, "Up");
    const old = await client.resource(OldWebApp).namespace(namespace).get("status");
    assert.deepEqual([old.apiVersion, old.spec?.image], ["codegen.example.com/v1beta1", "a"]);

    await client.resource(WebAppSpec).create({ metadata: { name: "one" }, data: { a: "b" } });
    const record = await client.resource(Record).create({
      metadata: { name: "one" },
      labels: { a: "b" },
      at: "2026-01-01T00:00:00Z",
    });
    assert.deepEqual([record.kind, record.labels], ["Record", { a: "b" }]);
    const named = { metadata: { name: "one" } };
    const time = await client.resource(Time).namespace(namespace).create({ ...named, zone: { offset: 1 } });
    const text = await client.resource(String).namespace(namespace).create({ ...named, text: "a" });
    const called = await client.resource(Function).namespace(namespace).create({
      ...named,
      spec: { object: "a" },
    });
    const classes = await client.resource(ClassOfTwo).namespace(namespace).create({
      ...named,
      resourceType: "a",
    });
    assert.deepEqual([time.kind, text.kind, called.kind, classes.kind], [
      "Time",
      "string",
      "Function",
      "class-of-two",
    ]);
    assert.deepEqual((await client.resource(ClassOfTwo).list()).items, [classes]);
  });

  it("are the same from a cluster as from files", async () => {
    let says = "";
    const code = await runCodegen([
      ...["--cluster", "--kubeconfig", cluster().kubeconfig, "--check", "--out", GENERATED],
      ...["--group", "codegen.example.com", "--group", "names.codegen.example.com"],
    ], { out: () => {}, error: (text) => says += text });
    assert.equal(code, 0, says);
    assert.equal(says.match(/is up to date/g)?.length, 3, says);
  });

  it("are made of a group without definitions from what the server says of it", async () => {
    let text = "";
    const code = await runCodegen([
      ...["--cluster", "--kubeconfig", cluster().kubeconfig, "--group", "apps", "--out", "-"],
    ], { out: (part) => text += part, error: (part) => text += part });
    assert.equal(code, 0, text);
    assert.match(text, /export const Deployment: ResourceType</);
    assert.match(text, /export interface PodSpec \{/); // of another group, and so declared here
  });

  it("are right about what is always there", async () => {
    const label = { app: "a" };
    const template = { metadata: { labels: label }, spec: { containers: [{ name: "a", image: "a" }] } };
    const job = { spec: { template: { spec: { ...template.spec, restartPolicy: "Never" } } } };
    const metadata = { name: "guaranteed" };
    const stored = [
      await client.resource(Pod).namespace(namespace).create({ metadata, spec: template.spec }),
      await client.resource(Deployment).namespace(namespace).create({
        metadata,
        spec: { selector: { matchLabels: label }, template },
      }),
      await client.resource(Job).namespace(namespace).create({ metadata, ...job }),
      await client.resource(CronJob).namespace(namespace).create({
        metadata,
        spec: { schedule: "@daily", jobTemplate: job },
      }),
      await client.resource(Service).namespace(namespace).create({ metadata, spec: { clusterIP: "None" } }),
      await client.resource(PersistentVolumeClaim).namespace(namespace).create({
        metadata,
        spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } },
      }),
      await client.resource(HorizontalPodAutoscaler).namespace(namespace).create({
        metadata,
        spec: { maxReplicas: 1, scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "a" } },
      }),
      await client.resource(PodDisruptionBudget).namespace(namespace).create({ metadata }),
      await client.resource(Ingress).namespace(namespace).create({
        metadata,
        spec: { defaultBackend: { service: { name: "a", port: { number: 80 } } } },
      }),
    ];
    for (const object of stored) {
      assert.deepEqual([typeof object.spec, typeof object.status], ["object", "object"], object.kind);
      assert.equal(object.metadata.namespace, namespace);
    }
    const policy = await client.resource(NetworkPolicy).namespace(namespace).create({
      metadata,
      spec: { podSelector: {} },
    });
    assert.equal(typeof policy.spec, "object");
    for (
      const object of [
        await client.resource(Namespace).get(namespace),
        await client.resource(Node).get("node-a"),
      ]
    ) {
      assert.deepEqual([typeof object.spec, typeof object.status], ["object", "object"], object.kind);
    }
  });

  it("are right about times that are null when nobody has set them", async () => {
    const pods = client.resource(Pod).namespace(namespace);
    const pod = await pods.create({
      metadata: { name: "times" },
      spec: { containers: [{ name: "a", image: "a" }] },
    });
    const { status } = await pods.updateStatus({
      ...pod,
      status: { conditions: [{ type: "Ready", status: "True" }] },
    });
    const [condition] = status.conditions ?? [];
    assert.deepEqual([condition.lastProbeTime, condition.lastTransitionTime], [null, null]);
    assert.ok(!("startTime" in status)); // this one is left out
    const event = await client.resource(Event).namespace(namespace).create({
      metadata: { name: "times" },
      involvedObject: { kind: "Pod", namespace, name: "times" },
    });
    assert.deepEqual([event.eventTime, event.firstTimestamp, event.lastTimestamp], [null, null, null]);
    assert.equal(typeof event.source, "object");
  });

  it("are right about lists that are null when they are empty", async () => {
    const metadata = { name: namespace }; // as those of the cluster need one that is nobody else's
    const here = { name: "empty" };
    const role = await client.resource(ClusterRole).create({ metadata });
    const limits = await client.resource(LimitRange).namespace(namespace).create({
      metadata: here,
      spec: { limits: [] },
    });
    const slice = await client.resource(EndpointSlice).namespace(namespace).create({
      metadata: here,
      addressType: "IPv4",
      endpoints: [],
    });
    const node = await client.resource(CSINode).create({ metadata, spec: { drivers: [] } });
    const lists = [role.rules, limits.spec.limits, slice.endpoints, slice.ports, node.spec.drivers];
    assert.deepEqual(lists, [null, null, null, null, null]);
    await client.resource(ClusterRole).delete(namespace);
    await client.resource(CSINode).delete(namespace);
  });
});
