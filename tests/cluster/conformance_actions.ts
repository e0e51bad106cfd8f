// Sequences of requests: what can be done to objects besides reading and writing them.
import type { Sequence } from "./conformance.ts";
import {
  APPLY,
  apply,
  D,
  deployment,
  DEPLOYMENTS,
  get,
  MERGE,
  patch,
  PODS,
  post,
  remove,
  STRATEGIC,
} from "./conformance_steps.ts";

const main = { name: "main", image: "web:1" };
const pod = (more: object = {}, metadata: object = {}) => ({
  metadata: { name: "a", labels: { app: "web" }, ...metadata },
  spec: { containers: [main], ...more },
});
const P = `${PODS}/a`;
const BUDGETS = "/apis/policy/v1/namespaces/{ns}/poddisruptionbudgets";
const selector = { matchLabels: { app: "web" } };
const budget = (name: string) => ({ metadata: { name }, spec: { selector, minAvailable: 1 } });
const evict = post(`${P}/eviction`, { metadata: { name: "a" } });
const bind = post(`${P}/binding`, { metadata: { name: "a" }, target: { kind: "Node", name: "node-a" } });
const running = (ready: string) =>
  patch(`${P}/status`, MERGE, {
    status: { phase: "Running", conditions: [{ type: "Ready", status: ready }] },
  });
const allowed = (status: object) =>
  patch(`${BUDGETS}/a/status`, MERGE, {
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 0,
      desiredHealthy: 1,
      currentHealthy: 1,
      expectedPods: 1,
      ...status,
    },
  });
/** A pod that runs, and a budget for it. */
const guarded = (ready = "True") => [post(PODS, pod()), bind, running(ready), post(BUDGETS, budget("a"))];
const ACCOUNTS = "/api/v1/namespaces/{ns}/serviceaccounts";
const TOKEN = `${ACCOUNTS}/a/token`;
const account = post(ACCOUNTS, { metadata: { name: "a" } });
const debug = { name: "debug", image: "tools:1", targetContainerName: "main" };
const E = `${P}/ephemeralcontainers`;
const R = `${P}/resize`;
const resources = (cpu: string) => ({ requests: { cpu }, limits: { cpu } });
const scale = (replicas: number) => ({
  apiVersion: "autoscaling/v1",
  kind: "Scale",
  metadata: { name: "a" },
  spec: { replicas },
});

/** Evictions, bindings, tokens, ephemeral containers, sizes of containers, scales. */
export const ACTIONS: readonly Sequence[] = [
  {
    name: "a pod that has not started is evicted, budget or not",
    steps: [post(PODS, pod()), post(BUDGETS, budget("a")), evict, get(P)],
  },
  {
    name: "a pod is not evicted before its budget is looked at",
    steps: [...guarded(), evict, get(P)],
  },
  {
    name: "a pod is not evicted against its budget",
    steps: [...guarded(), allowed({}), evict, get(`${BUDGETS}/a`)],
  },
  {
    name: "a pod is evicted when its budget allows it, which counts",
    steps: [
      ...guarded(),
      allowed({ disruptionsAllowed: 2, currentHealthy: 3 }),
      evict,
      get(`${BUDGETS}/a`),
      get(P),
    ],
  },
  {
    name: "the last pod that may be evicted",
    steps: [...guarded(), allowed({ disruptionsAllowed: 1, currentHealthy: 2 }), evict, get(`${BUDGETS}/a`)],
  },
  {
    name: "a trial of an eviction",
    steps: [
      ...guarded(),
      allowed({ disruptionsAllowed: 1, currentHealthy: 2 }),
      post(`${P}/eviction?dryRun=All`, { metadata: { name: "a" } }),
      get(P),
    ],
  },
  {
    name: "an unready pod is evicted while there are enough others",
    steps: [...guarded("False"), allowed({ currentHealthy: 1 }), evict, get(`${BUDGETS}/a`)],
  },
  {
    name: "a pod of two budgets",
    steps: [...guarded(), post(BUDGETS, budget("b")), evict],
  },
  {
    name: "an eviction of another name",
    steps: [post(PODS, pod()), post(`${P}/eviction`, { metadata: { name: "b" } })],
  },
  {
    name: "a binding of another name",
    steps: [post(PODS, pod()), post(`${P}/binding`, { metadata: { name: "b" }, target: { name: "n" } })],
  },
  {
    name: "a binding to nothing",
    steps: [post(PODS, pod()), post(`${P}/binding`, { metadata: { name: "a" }, target: {} })],
  },
  {
    name: "a binding to a pod",
    steps: [
      post(PODS, pod()),
      post(`${P}/binding`, { metadata: { name: "a" }, target: { kind: "Pod", name: "n" } }),
    ],
  },
  {
    name: "a binding of a pod with a gate",
    steps: [
      post(PODS, pod({ schedulingGates: [{ name: "example.com/wait" }] })),
      bind,
      get(P),
      patch(P, MERGE, { spec: { schedulingGates: [] } }),
      bind,
      get(P),
    ],
  },
  {
    name: "a binding of a pod that goes",
    steps: [post(PODS, pod({}, { finalizers: ["example.com/hold"] })), remove(P), bind],
  },
  {
    name: "a binding that says more",
    steps: [
      post(PODS, pod()),
      post(`${P}/binding`, {
        metadata: { name: "a", annotations: { a: "1" }, labels: { b: "2" } },
        target: { kind: "Node", name: "n" },
      }),
      get(P),
    ],
  },
  { name: "a token", steps: [account, post(TOKEN, { spec: {} })] },
  {
    name: "a token for an audience, for a while",
    steps: [account, post(TOKEN, { spec: { audiences: ["api"], expirationSeconds: 900 } })],
  },
  { name: "a token that ends too soon", steps: [account, post(TOKEN, { spec: { expirationSeconds: 5 } })] },
  { name: "a token for another", steps: [account, post(TOKEN, { metadata: { name: "b" }, spec: {} })] },
  { name: "a token of nobody", steps: [post(TOKEN, { spec: {} })] },
  { name: "a token is not there to be read", steps: [account, get(TOKEN)] },
  {
    name: "a token for a pod of another account",
    steps: [
      account,
      post(PODS, pod()),
      post(TOKEN, { spec: { boundObjectRef: { apiVersion: "v1", kind: "Pod", name: "a" } } }),
    ],
  },
  {
    name: "a token for what there is not",
    steps: [
      account,
      post("/api/v1/namespaces/{ns}/secrets", { metadata: { name: "a" } }),
      post(TOKEN, { spec: { boundObjectRef: { apiVersion: "v1", kind: "Secret", name: "b" } } }),
      post(TOKEN, { spec: { boundObjectRef: { apiVersion: "v1", kind: "ConfigMap", name: "a" } } }),
    ],
  },
  {
    name: "an ephemeral container is added, and stays as it is",
    steps: [
      post(PODS, pod()),
      get(E),
      patch(E, STRATEGIC, { spec: { ephemeralContainers: [debug] } }),
      patch(E, STRATEGIC, { spec: { ephemeralContainers: [{ name: "second", image: "tools:1" }] } }),
      patch(E, MERGE, { spec: { ephemeralContainers: [] } }),
      get(P),
    ],
  },
  {
    name: "an ephemeral container of a container that there is not",
    steps: [
      post(PODS, pod()),
      patch(E, STRATEGIC, { spec: { ephemeralContainers: [{ ...debug, targetContainerName: "x" }] } }),
    ],
  },
  {
    name: "an ephemeral container with ports",
    steps: [
      post(PODS, pod()),
      patch(E, STRATEGIC, { spec: { ephemeralContainers: [{ ...debug, ports: [{ containerPort: 80 }] }] } }),
    ],
  },
  {
    name: "nothing else of a pod changes with its ephemeral containers",
    steps: [
      post(PODS, pod()),
      patch(E, STRATEGIC, {
        metadata: { labels: { a: "b" } },
        spec: { containers: [{ name: "main", image: "x" }], ephemeralContainers: [debug] },
      }),
    ],
  },
  {
    name: "a pod gets another size",
    steps: [
      post(PODS, pod({ containers: [{ ...main, resources: resources("1") }] })),
      get(R),
      patch(R, STRATEGIC, { spec: { containers: [{ name: "main", resources: resources("2") }] } }),
      patch(R, STRATEGIC, {
        spec: { containers: [{ name: "main", image: "x", resources: resources("3") }] },
      }),
    ],
  },
  {
    name: "the class of service of a pod does not change with its size",
    steps: [
      post(PODS, pod({ containers: [{ ...main, resources: { requests: { cpu: "1" } } }] })),
      patch(R, STRATEGIC, {
        spec: {
          containers: [{
            name: "main",
            resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1", memory: "1Gi" } },
          }],
        },
      }),
    ],
  },
  {
    name: "a scale is applied",
    steps: [
      apply(D, "one", deployment({ replicas: 2 })),
      apply(`${D}/scale`, "two", scale(2)),
      apply(`${D}/scale`, "two", scale(3)),
      apply(`${D}/scale`, "two", scale(3), "&force=true"),
      get(D),
      apply(`${DEPLOYMENTS}/b/scale`, "two", { ...scale(3), metadata: { name: "b" } }),
      patch(`${D}/scale`, APPLY, scale(1)),
    ],
  },
  {
    name: "a job says that its pods stay",
    steps: [
      post("/apis/batch/v1/namespaces/{ns}/jobs", {
        metadata: { name: "a" },
        spec: { template: { spec: { containers: [main], restartPolicy: "Never" } } },
      }),
      remove("/apis/batch/v1/namespaces/{ns}/jobs/a"),
      get("/apis/batch/v1/namespaces/{ns}/jobs/a"),
    ],
  },
  {
    name: "a variable twice",
    steps: [
      post(
        PODS,
        pod({ containers: [{ ...main, env: [{ name: "A", value: "1" }, { name: "A", value: "2" }] }] }),
      ),
    ],
  },
  {
    name: "a port twice in one container",
    steps: [
      post(
        PODS,
        pod({
          containers: [{
            ...main,
            ports: [{ containerPort: 80, name: "a" }, { containerPort: 80, name: "b" }],
          }],
        }),
      ),
    ],
  },
  { name: "a pod with a dot in its name", steps: [post(PODS, { ...pod(), metadata: { name: "a.b" } })] },
  {
    name: "a deployment with a dot in its name",
    steps: [post(DEPLOYMENTS, { ...deployment(), metadata: { name: "a.b" } })],
  },
  {
    name: "an old label of nodes",
    steps: [post(PODS, pod({ nodeSelector: { "beta.kubernetes.io/os": "linux" } }))],
  },
  {
    name: "endpoints",
    steps: [
      post("/api/v1/namespaces/{ns}/endpoints", { metadata: { name: "a" } }),
      get("/api/v1/namespaces/{ns}/endpoints/a"),
    ],
  },
];

const SIGNING = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
const request = (name: string, spec: object) => ({
  metadata: { name },
  spec: { signerName: "example.com/signer", usages: ["client auth"], ...spec },
});
const NOTHING = "bm90aGluZw==";

/** Requests for certificates. */
export const REQUESTS: readonly Sequence[] = [
  { name: "a request that is none", steps: [post(SIGNING, request("{ns}-a", { request: NOTHING }))] },
  {
    name: "a request for nothing",
    steps: [post(SIGNING, request("{ns}-b", { request: NOTHING, usages: [] }))],
  },
  {
    name: "a request by no name",
    steps: [post(SIGNING, request("{ns}-c", { request: NOTHING, signerName: "nobody" }))],
  },
];
