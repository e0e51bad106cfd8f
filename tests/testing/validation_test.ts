import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { CONFIG_MAPS, configMap, DEPLOYMENT_SPEC, mergePatch, POD_SPEC, PODS, send } from "./exchange.ts";

// Each expectation is what a real server of 1.36 answers: tests/cluster/conformance_validation.ts asks it far more.

const path = (apiVersion: string, plural: string) =>
  `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}/namespaces/default/${plural}`;
const DEPLOYMENTS = path("apps/v1", "deployments");
const SERVICES = path("v1", "services");
const SECRETS = path("v1", "secrets");

describe("what a server refuses to create", () => {
  for (
    const { name, at, body, message } of [
      {
        name: "a pod without containers",
        at: PODS,
        body: { spec: {} },
        message: 'Pod "a" is invalid: spec.containers: Required value',
      },
      {
        name: "a container without an image, in a template",
        at: DEPLOYMENTS,
        body: {
          spec: {
            ...DEPLOYMENT_SPEC,
            template: { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main" }] } },
          },
        },
        message: 'Deployment.apps "a" is invalid: spec.template.spec.containers[0].image: Required value',
      },
      {
        name: "a selector that does not match",
        at: DEPLOYMENTS,
        body: { spec: { ...DEPLOYMENT_SPEC, selector: { matchLabels: { app: "other" } } } },
        message:
          'Deployment.apps "a" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
      },
      {
        name: "more annotations than there is room for, in bytes",
        at: CONFIG_MAPS,
        body: { metadata: { name: "a", annotations: { a: "ü".repeat(131_072) } } },
        message:
          'ConfigMap "a" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
      },
      {
        name: "a job that always restarts",
        at: path("batch/v1", "jobs"),
        body: { spec: { template: { spec: POD_SPEC } } },
        message:
          'Job.batch "a" is invalid: spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"',
      },
      {
        name: "a schedule that is none",
        at: path("batch/v1", "cronjobs"),
        body: {
          spec: {
            schedule: "often",
            jobTemplate: { spec: { template: { spec: { ...POD_SPEC, restartPolicy: "Never" } } } },
          },
        },
        message:
          'CronJob.batch "a" is invalid: spec.schedule: Invalid value: "often": expected exactly 5 fields, found 1: [often]',
      },
      {
        name: "a service without ports",
        at: SERVICES,
        body: { spec: {} },
        message: 'Service "a" is invalid: spec.ports: Required value',
      },
      {
        name: "a key that is none",
        at: CONFIG_MAPS,
        body: { data: { "a/b": "1" } },
        message:
          "ConfigMap \"a\" is invalid: data[a/b]: Invalid value: \"a/b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')",
      },
      {
        name: "half a certificate",
        at: SECRETS,
        body: { type: "kubernetes.io/tls", data: { "tls.crt": "MQ==" } },
        message: 'Secret "a" is invalid: data[tls.key]: Required value',
      },
      {
        name: "a claim without a size",
        at: path("v1", "persistentvolumeclaims"),
        body: { spec: { accessModes: ["ReadWriteOnce"] } },
        message: 'PersistentVolumeClaim "a" is invalid: spec.resources[storage]: Required value',
      },
      {
        name: "a path of no type",
        at: path("networking.k8s.io/v1", "ingresses"),
        body: { spec: { rules: [{ http: { paths: [{ path: "/" }] } }] } },
        message:
          'Ingress.networking.k8s.io "a" is invalid: spec.rules[0].http.paths[0].pathType: Required value: pathType must be specified',
      },
      {
        name: "a budget with two bounds",
        at: path("policy/v1", "poddisruptionbudgets"),
        body: { spec: { minAvailable: 1, maxUnavailable: "101%" } },
        message:
          'PodDisruptionBudget.policy "a" is invalid: [spec: Invalid value: {"MinAvailable":1,"Selector":null,' +
          '"MaxUnavailable":"101%","UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set, ' +
          'spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%]',
      },
      {
        name: "a rule without verbs",
        at: path("rbac.authorization.k8s.io/v1", "roles"),
        body: { rules: [{ apiGroups: [""], resources: ["pods"] }] },
        message:
          'Role.rbac.authorization.k8s.io "a" is invalid: rules[0].verbs: Required value: verbs must contain at least one value',
      },
    ]
  ) {
    it(name, async () => {
      const answer = await send(new ApiServer(), "POST", at, { body: { metadata: { name: "a" }, ...body } });
      assert.deepEqual([answer.code, answer.body.message], [422, message]);
      assert.equal(answer.body.details?.causes?.length, message.includes("[spec: ") ? 2 : 1);
    });
  }
});

describe("what a server refuses to change", () => {
  it("is the selector of a deployment", async () => {
    const server = new ApiServer();
    await send(server, "POST", DEPLOYMENTS, { body: { metadata: { name: "a" }, spec: DEPLOYMENT_SPEC } });
    const labels = { app: "other" };
    const { code, body } = await mergePatch(server, `${DEPLOYMENTS}/a`, {
      spec: { selector: { matchLabels: labels }, template: { metadata: { labels } } },
    });
    assert.equal(code, 422);
    assert.match(body.message ?? "", /spec\.selector: Invalid value: .*: field is immutable$/);
  });

  it("is almost all of a pod", async () => {
    const server = new ApiServer();
    await send(server, "POST", PODS, { body: { metadata: { name: "a" }, spec: POD_SPEC } });
    const image = [{ ...POD_SPEC.containers[0], image: "web:2" }];
    assert.equal((await mergePatch(server, `${PODS}/a`, { spec: { containers: image } })).code, 200);
    const { code, body } = await mergePatch(server, `${PODS}/a`, { spec: { nodeName: "node-a" } });
    assert.equal(code, 422);
    assert.match(body.message ?? "", /spec: Forbidden: pod updates may not change fields other than /);
  });

  it("is what is sealed", async () => {
    const server = new ApiServer();
    await send(server, "POST", CONFIG_MAPS, { body: configMap("a", { data: { a: "1" }, immutable: true }) });
    const { code, body } = await mergePatch(server, `${CONFIG_MAPS}/a`, { data: { a: "2" } });
    assert.deepEqual([code, body.message], [
      422,
      'ConfigMap "a" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    ]);
  });

  it("is not what was wrong with a fixture", async () => {
    const server = new ApiServer();
    server.load({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } });
    assert.equal((await mergePatch(server, `${PODS}/a`, { metadata: { labels: { b: "c" } } })).code, 200);
    const { body } = await mergePatch(server, `${PODS}/a`, { spec: { restartPolicy: "x" } });
    assert.match(body.message ?? "", /spec\.restartPolicy: Unsupported value: "x"/);
  });
});

describe("what a server adds", () => {
  it("to pods: a priority and tolerations, which are nobody's", async () => {
    const server = new ApiServer();
    const classes = "/apis/scheduling.k8s.io/v1/priorityclasses";
    await send(server, "POST", classes, { body: { metadata: { name: "high" }, value: 1000 } });
    const { body } = await send(server, "POST", PODS, {
      body: { metadata: { name: "a" }, spec: { ...POD_SPEC, priorityClassName: "high" } },
    });
    assert.deepEqual([body.spec?.priority, body.spec?.preemptionPolicy], [1000, "PreemptLowerPriority"]);
    assert.equal((body.spec?.tolerations as unknown[]).length, 2);
    assert.doesNotMatch(JSON.stringify(body.metadata.managedFields), /f:tolerations|f:priority"/);
    const none = { metadata: { name: "b" }, spec: { ...POD_SPEC, priorityClassName: "none" } };
    const refused = await send(server, "POST", PODS, { body: none });
    assert.deepEqual([refused.code, refused.body.message], [
      403,
      'pods "b" is forbidden: no PriorityClass with name none was found',
    ]);
  });

  it("to the status of pods: the list of what has one address, and its class of service", async () => {
    const server = new ApiServer();
    await send(server, "POST", PODS, { body: { metadata: { name: "a" }, spec: POD_SPEC } });
    const status = { phase: "Running", podIP: "10.1.0.1" };
    const { body } = await send(server, "PUT", `${PODS}/a/status`, {
      body: { metadata: { name: "a" }, status },
    });
    assert.deepEqual(body.status, { ...status, podIPs: [{ ip: "10.1.0.1" }], qosClass: "BestEffort" });
  });

  it("to services: addresses and ports, the same ones each time, until they are gone", async () => {
    const server = new ApiServer();
    const create = async (name: string, spec: object) =>
      (await send(server, "POST", SERVICES, { body: { metadata: { name }, spec } })).body;
    const ports = [{ port: 80 }];
    assert.equal((await create("a", { ports })).spec?.clusterIP, "10.0.0.10");
    const second = await create("b", { ports, type: "NodePort" });
    assert.deepEqual(second.spec?.clusterIPs, ["10.0.0.11"]);
    assert.equal((second.spec?.ports as { nodePort: number }[])[0].nodePort, 30_000);
    const taken = await create("c", { ports, clusterIP: "10.0.0.10" });
    assert.equal(
      taken.message,
      'Service "c" is invalid: spec.clusterIPs: Invalid value: ["10.0.0.10"]: failed to allocate IP 10.0.0.10: provided IP is already allocated',
    );
    await send(server, "DELETE", `${SERVICES}/a`);
    assert.equal((await create("c", { ports, clusterIP: "10.0.0.10" })).spec?.clusterIP, "10.0.0.10");
  });

  it("to secrets: what was sent in clear, encoded", async () => {
    const { body } = await send(new ApiServer(), "POST", SECRETS, {
      body: { metadata: { name: "a" }, stringData: { a: "1" }, data: { b: "Mg==" } },
    });
    assert.deepEqual([body.data, "stringData" in body], [{ a: "MQ==", b: "Mg==" }, false]);
  });

  it("to jobs: a selector of their own", async () => {
    const spec = { template: { spec: { ...POD_SPEC, restartPolicy: "Never" } } };
    const { body } = await send(new ApiServer(), "POST", path("batch/v1", "jobs"), {
      body: { metadata: { name: "a" }, spec },
    });
    const matchLabels = { "batch.kubernetes.io/controller-uid": body.metadata.uid };
    assert.deepEqual(body.spec?.selector, { matchLabels });
  });
});
