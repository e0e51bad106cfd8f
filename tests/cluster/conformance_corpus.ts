// The sequences of requests that both servers answer: written ones here, and generated ones from a seed.
import type { Sequence, Step } from "./conformance.ts";

const APPLY = "application/apply-patch+yaml";
const STRATEGIC = "application/strategic-merge-patch+json";
const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";

const MAPS = "/api/v1/namespaces/{ns}/configmaps";
const PODS = "/api/v1/namespaces/{ns}/pods";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments";

const get = (path: string): Step => ({ method: "GET", path });
const post = (path: string, body: unknown): Step => ({ method: "POST", path, body });
const put = (path: string, body: unknown): Step => ({ method: "PUT", path, body });
const apply = (path: string, manager: string, body: unknown, more = ""): Step => ({
  method: "PATCH",
  path: `${path}?fieldManager=${manager}${more}`,
  body,
  type: APPLY,
});
const patch = (path: string, type: string, body: unknown): Step => ({ method: "PATCH", path, body, type });

const map = (data?: unknown, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", ...metadata },
  ...(data === undefined ? {} : { data }),
});
const labels = { app: "web" };
const deployment = (
  spec: object = {},
  podSpec: object = { containers: [{ name: "main", image: "web:1" }] },
) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "a" },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec }, ...spec },
});
const A = `${MAPS}/a`;
const D = `${DEPLOYMENTS}/a`;
const containers = (...list: object[]) => ({ spec: { template: { spec: { containers: list } } } });
const appliedContainers = (...list: object[]) => ({
  ...deployment(),
  ...deployment({}, { containers: list }),
});

const APPLIES: Sequence[] = [
  { name: "apply creates", steps: [apply(A, "one", map({ a: "1" }, { labels })), get(A)] },
  {
    name: "apply again changes nothing",
    steps: [apply(A, "one", map({ a: "1" })), apply(A, "one", map({ a: "1" }))],
  },
  {
    name: "what is no longer applied goes",
    steps: [
      apply(A, "one", map({ a: "1", b: "2" })),
      apply(A, "one", map({ a: "1" })),
      apply(A, "one", map()),
    ],
  },
  {
    name: "two managers share a field; the last one takes it away",
    steps: [
      apply(A, "one", map({ a: "1" })),
      apply(A, "two", map({ a: "1" })),
      apply(A, "one", map({})),
      apply(A, "two", map({})),
    ],
  },
  {
    name: "a conflict with one manager, then force",
    steps: [
      apply(A, "one", map({ a: "1" })),
      apply(A, "two", map({ a: "2" })),
      apply(A, "two", map({ a: "2" }), "&force=true"),
      apply(A, "one", map({ a: "1" })),
    ],
  },
  {
    name: "conflicts in several fields with several managers",
    steps: [
      apply(A, "one", map({ a: "1", b: "1" })),
      apply(A, "two", map({ c: "1" }, { labels })),
      apply(A, "three", map({ a: "2", b: "2", c: "2" }, { labels: { app: "x" } })),
    ],
  },
  {
    name: "a conflict with an updater tells the version",
    steps: [
      post(MAPS, map({ a: "1" })),
      apply(A, "one", map({ a: "2" })),
      apply(A, "one", map({ a: "2" }), "&force=true"),
    ],
  },
  {
    name: "an update takes fields from an applier",
    steps: [
      apply(A, "one", map({ a: "1", b: "1" })),
      put(`${A}?fieldManager=two`, map({ a: "2", b: "1" })),
      apply(A, "one", map({ a: "1", b: "1" })),
    ],
  },
  {
    name: "an update removes what another applied",
    steps: [
      apply(A, "one", map({ a: "1", b: "1" })),
      put(`${A}?fieldManager=two`, map({ b: "1" })),
      apply(A, "one", map({ a: "1", b: "1" })),
    ],
  },
  { name: "without a manager", steps: [patch(A, APPLY, map())] },
  { name: "force without apply", steps: [patch(`${A}?force=true`, MERGE, {})] },
  { name: "managedFields are refused", steps: [apply(A, "one", map({}, { managedFields: [] }))] },
  { name: "another kind", steps: [apply(A, "one", { ...map(), kind: "Secret" })] },
  { name: "no version", steps: [apply(A, "one", { kind: "ConfigMap", metadata: { name: "a" } })] },
  { name: "another name", steps: [apply(A, "one", map({}, { name: "b" }))] },
  { name: "another namespace", steps: [apply(A, "one", map({}, { namespace: "elsewhere" }))] },
  { name: "no name, new", steps: [apply(A, "one", { apiVersion: "v1", kind: "ConfigMap" })] },
  {
    name: "no name, existing",
    steps: [post(MAPS, map()), apply(A, "one", { apiVersion: "v1", kind: "ConfigMap" })],
  },
  { name: "an unknown field", steps: [apply(A, "one", { ...map(), foo: 1 })] },
  { name: "a wrong type", steps: [apply(A, "one", map({ a: 1 }))] },
  { name: "a list for a map", steps: [apply(A, "one", map(["a"]))] },
  { name: "a text for a boolean", steps: [apply(A, "one", { ...map(), immutable: "yes" })] },
  { name: "a text for a number", steps: [apply(D, "one", deployment({ replicas: "1" }))] },
  { name: "a map for a list", steps: [apply(D, "one", deployment({}, { containers: {} }))] },
  { name: "no object", steps: [apply(A, "one", "[1]")] },
  {
    name: "a stale version",
    steps: [post(MAPS, map()), apply(A, "one", map({ a: "1" }, { resourceVersion: "1" }))],
  },
  { name: "a version of nothing", steps: [apply(A, "one", map({ a: "1" }, { resourceVersion: "1" }))] },
  {
    name: "a uid of nothing",
    steps: [apply(A, "one", map({ a: "1" }, { uid: "00000000-0000-0000-0000-000000000000" }))],
  },
  {
    name: "as YAML",
    steps: [apply(A, "one", "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: '1'\n")],
  },
  { name: "a dry run", steps: [apply(A, "one", map({ a: "1" }), "&dryRun=All"), get(A)] },
  {
    name: "a dry run of a change",
    steps: [apply(A, "one", map({ a: "1" })), apply(A, "one", map({ a: "2" }), "&dryRun=All"), get(A)],
  },
  {
    name: "finalizers are a set",
    steps: [
      apply(A, "one", map({}, { finalizers: ["x.io/a"] })),
      apply(A, "two", map({}, { finalizers: ["x.io/b", "x.io/a"] })),
      apply(A, "one", map({})),
      apply(A, "two", map({})),
    ],
  },
  {
    name: "an element of a set twice",
    steps: [apply(A, "one", map({}, { finalizers: ["x.io/a", "x.io/a"] }))],
  },
  {
    name: "owner references by uid",
    steps: [
      apply(
        A,
        "one",
        map({}, { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u1" }] }),
      ),
      apply(
        A,
        "two",
        map({}, { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "q", uid: "u2" }] }),
      ),
      apply(A, "one", map({})),
    ],
  },
  {
    name: "an update can empty managedFields",
    steps: [
      apply(A, "one", map({ a: "1" })),
      put(A, map({ a: "1" }, { managedFields: [{}] })),
      put(A, map({ a: "2" })),
      apply(A, "one", map({ a: "1" }), "&force=true"),
    ],
  },
  {
    name: "an update of the same tells nothing new",
    steps: [
      post(MAPS, map({ a: "1" })),
      put(A, map({ a: "1" })),
      put(`${A}?fieldManager=other`, map({ a: "1" })),
    ],
  },
  {
    name: "kubectl moves from its side to the server's",
    steps: [
      post(
        `${MAPS}?fieldManager=kubectl-client-side-apply`,
        map({ a: "1", b: "1" }, {
          annotations: {
            "kubectl.kubernetes.io/last-applied-configuration":
              '{"apiVersion":"v1","data":{"a":"1","b":"1"},"kind":"ConfigMap","metadata":{"annotations":{},"name":"a"}}\n',
          },
        }),
      ),
      apply(A, "kubectl", map({ a: "2" })),
    ],
  },
  {
    name: "many updaters become one",
    steps: Array.from(
      { length: 13 },
      (_, index) =>
        index === 0
          ? post(`${MAPS}?fieldManager=m0`, map({ k0: "1" }))
          : patch(`${A}?fieldManager=m${index}`, MERGE, { data: { [`k${index}`]: "1" } }),
    ),
  },
  { name: "a deployment", steps: [apply(D, "one", deployment()), get(D)] },
  {
    name: "containers by name, in the order applied",
    steps: [
      apply(D, "one", appliedContainers({ name: "a", image: "x" }, { name: "b", image: "x" })),
      apply(D, "two", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a" },
        ...containers({ name: "c", image: "y" }, { name: "b", env: [{ name: "E", value: "1" }] }),
      }),
      apply(D, "one", appliedContainers({ name: "b", image: "x" }, { name: "a", image: "x" })),
      apply(D, "one", appliedContainers({ name: "a", image: "x" })),
    ],
  },
  {
    name: "ports by number and protocol",
    steps: [
      apply(
        D,
        "one",
        appliedContainers({
          name: "a",
          image: "x",
          ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "UDP" }],
        }),
      ),
      apply(
        D,
        "one",
        appliedContainers({
          name: "a",
          image: "x",
          ports: [{ containerPort: 80, protocol: "TCP", name: "http" }],
        }),
      ),
    ],
  },
  {
    name: "a port twice",
    steps: [
      apply(
        D,
        "one",
        appliedContainers({
          name: "a",
          image: "x",
          ports: [{ containerPort: 80 }, { containerPort: 80, protocol: "TCP" }],
        }),
      ),
    ],
  },
  { name: "a container without a name", steps: [apply(D, "one", appliedContainers({ image: "x" }))] },
  {
    name: "replicas change hands to an autoscaler",
    steps: [
      apply(D, "one", deployment({ replicas: 2 })),
      patch(`${D}?fieldManager=hpa`, MERGE, { spec: { replicas: 5 } }),
      apply(D, "one", deployment({ replicas: 2 })),
      apply(D, "one", deployment()),
    ],
  },
  {
    name: "atomic lists and maps change as a whole",
    steps: [
      apply(D, "one", appliedContainers({ name: "a", image: "x", args: ["1", "2"] })),
      apply(D, "two", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a" },
        ...containers({ name: "a", args: ["1"] }),
      }),
      apply(D, "two", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a" },
        ...containers({ name: "a", args: ["1"] }),
      }, "&force=true"),
    ],
  },
  {
    name: "the status has its own manager",
    steps: [
      apply(D, "one", deployment()),
      apply(`${D}/status`, "controller", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a" },
        status: {
          replicas: 1,
          conditions: [{ type: "Available", status: "True", reason: "R", message: "M" }],
        },
      }),
      apply(`${D}/status`, "controller", {
        apiVersion: "apps/v1",
        kind: "Deployment",
        metadata: { name: "a" },
        status: { replicas: 1 },
      }),
      patch(`${D}/status?fieldManager=other`, MERGE, { status: { replicas: 2 } }),
      apply(D, "one", { ...deployment(), status: { replicas: 9 } }),
    ],
  },
  {
    name: "the status of nothing",
    steps: [apply(`${D}/status`, "one", { ...deployment(), status: { replicas: 1 } })],
  },
];

const PATCHES: Sequence[] = [
  {
    name: "a strategic merge adds, changes and removes containers",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(D, STRATEGIC, containers({ name: "side", image: "s" })),
      patch(D, STRATEGIC, containers({ name: "main", image: "web:2" })),
      patch(D, STRATEGIC, containers({ name: "side", $patch: "delete" })),
      patch(D, STRATEGIC, containers({ name: "other", image: "o" }, { $patch: "replace" })),
      get(D),
    ],
  },
  {
    name: "a strategic merge orders elements",
    steps: [
      post(
        DEPLOYMENTS,
        deployment({}, { containers: ["a", "b", "c"].map((name) => ({ name, image: "x" })) }),
      ),
      patch(D, STRATEGIC, {
        spec: {
          template: {
            spec: {
              "$setElementOrder/containers": [{ name: "c" }, { name: "a" }],
              containers: [{ name: "c", image: "y" }],
            },
          },
        },
      }),
      patch(D, STRATEGIC, {
        spec: {
          template: {
            spec: { "$setElementOrder/containers": [{ name: "b" }, { name: "a" }, { name: "c" }] },
          },
        },
      }),
    ],
  },
  {
    name: "a strategic merge of primitives",
    steps: [
      post(MAPS, map({}, { finalizers: ["x.io/a", "x.io/b"] })),
      patch(A, STRATEGIC, { metadata: { finalizers: ["x.io/c", "x.io/a"] } }),
      patch(A, STRATEGIC, { metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/a"] } }),
      patch(A, STRATEGIC, {
        metadata: {
          "$setElementOrder/finalizers": ["x.io/c", "x.io/b"],
          "$deleteFromPrimitiveList/finalizers": ["x.io/zzz"],
        },
      }),
      patch(A, STRATEGIC, { metadata: { finalizers: null } }),
    ],
  },
  {
    name: "a strategic merge keeps keys",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(D, STRATEGIC, { spec: { strategy: { $retainKeys: ["type"], type: "Recreate" } } }),
      patch(D, STRATEGIC, {
        spec: { strategy: { $retainKeys: ["type"], type: "Recreate", rollingUpdate: {} } },
      }),
    ],
  },
  {
    name: "a strategic merge of maps",
    steps: [
      post(MAPS, map({ a: "1", b: "2" })),
      patch(A, STRATEGIC, { data: { b: null, c: "3" } }),
      patch(A, STRATEGIC, { data: { $patch: "replace", d: "4" } }),
      patch(A, STRATEGIC, { data: { $patch: "delete" } }),
      patch(A, STRATEGIC, { data: { x: null } }),
    ],
  },
  {
    name: "a strategic merge of env and ports",
    steps: [
      post(
        DEPLOYMENTS,
        deployment({}, {
          containers: [{
            name: "a",
            image: "x",
            env: [{ name: "A", value: "1" }],
            ports: [{ containerPort: 80 }],
          }],
        }),
      ),
      patch(
        D,
        STRATEGIC,
        containers({
          name: "a",
          env: [{ name: "B", value: "2" }, { name: "A", value: "3" }],
          ports: [{ containerPort: 81 }],
        }),
      ),
      patch(D, STRATEGIC, containers({ name: "a", env: [{ name: "B", $patch: "delete" }], args: ["x"] })),
      patch(D, STRATEGIC, containers({ name: "a", env: [{ name: "A", value: null }] })),
    ],
  },
  {
    name: "a strategic merge without a key",
    steps: [post(DEPLOYMENTS, deployment()), patch(D, STRATEGIC, containers({ image: "z" }))],
  },
  {
    name: "an unknown directive",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(D, STRATEGIC, containers({ name: "main", $patch: "nope" })),
    ],
  },
  { name: "a strategic merge of nothing", steps: [patch(A, STRATEGIC, { data: {} })] },
  {
    name: "retained keys that are not named",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(D, STRATEGIC, { spec: { strategy: { $retainKeys: ["type"], x: "1" } } }),
    ],
  },
  {
    name: "merge and JSON patches have managers",
    steps: [
      post(`${MAPS}?fieldManager=one`, map({ a: "1" })),
      patch(`${A}?fieldManager=two`, MERGE, { data: { b: "2" }, metadata: { labels } }),
      patch(`${A}?fieldManager=three`, JSON_PATCH, [{ op: "add", path: "/data/c", value: "3" }, {
        op: "remove",
        path: "/data/a",
      }]),
      patch(A, MERGE, {}),
    ],
  },
  {
    name: "labels and annotations through the status",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(`${D}/status`, MERGE, {
        metadata: { labels: { a: "1" }, annotations: { b: "2" } },
        status: { replicas: 1 },
      }),
      patch(D, MERGE, { metadata: { labels: { a: "1" } } }),
    ],
  },
];

const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const APPS = "/apis/{ns}.example.com/v1/namespaces/{ns}/webapps";
const schemaOf = (properties: object) => ({
  type: "object",
  required: ["spec"],
  properties: {
    spec: { type: "object", required: ["size"], properties },
    status: { type: "object", properties: { ready: { type: "integer" } } },
  },
});
const SPEC = {
  size: { type: "integer", minimum: 1, maximum: 5 },
  color: { type: "string", enum: ["red", "blue"], default: "red" },
  code: { type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 4 },
  list: { type: "array", minItems: 1, maxItems: 2, items: { type: "string" } },
  ports: {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["n"],
    items: {
      type: "object",
      required: ["n"],
      properties: { n: { type: "integer" }, protocol: { type: "string", default: "TCP" } },
    },
  },
  set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
  any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  either: { "x-kubernetes-int-or-string": true },
  map: { type: "object", additionalProperties: { type: "integer" } },
  none: { type: "string", nullable: true },
  share: { type: "number", minimum: 0, exclusiveMinimum: true, multipleOf: 2 },
  isOn: { type: "boolean" },
  deep: { type: "object", default: {}, properties: { x: { type: "integer", default: 7 } } },
  whole: {
    type: "object",
    "x-kubernetes-map-type": "atomic",
    properties: { a: { type: "string" }, b: { type: "string" } },
  },
};
const definition = (versions?: object[], more: object = {}) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "webapps.{ns}.example.com" },
  spec: {
    group: "{ns}.example.com",
    scope: "Namespaced",
    names: { kind: "WebApp", plural: "webapps", shortNames: ["wa"] },
    versions: versions ?? [{
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: schemaOf(SPEC) },
      subresources: { status: {} },
    }],
    ...more,
  },
});
const defined = (versions?: object[]): Step[] => [
  post(DEFINITIONS, definition(versions)),
  { ...get(`${DEFINITIONS}/webapps.{ns}.example.com`), until: /"type":"Established","status":"True"/ },
  { ...get(APPS), until: /WebAppList/ },
];
const app = (spec?: unknown, more: object = {}) => ({
  apiVersion: "{ns}.example.com/v1",
  kind: "WebApp",
  metadata: { name: "a" },
  ...(spec === undefined ? {} : { spec }),
  ...more,
});
const W = `${APPS}/a`;

const CUSTOM: Sequence[] = [
  {
    name: "a definition, and what it makes served",
    steps: [...defined(), post(APPS, app({ size: 1 })), get(APPS), get(W)],
  },
  {
    name: "custom resources are pruned and get defaults",
    steps: [
      ...defined(),
      post(
        APPS,
        app({ size: 1, foo: 1, any: { z: 1 }, ports: [{ n: 1, u: 2 }], none: null, color: null }, {
          bar: 1,
          status: { ready: 3 },
        }),
      ),
      post(`${APPS}?fieldValidation=Strict`, app({ size: 1, foo: 1 }, { bar: 1 })),
      patch(W, MERGE, { spec: { deep: { x: null }, foo: 1 } }),
      put(W, app({ size: 2, either: "x" })),
    ],
  },
  {
    name: "custom resources are validated",
    steps: [
      ...defined(),
      ...[
        {},
        undefined,
        "x",
        { size: "x" },
        { size: 0 },
        { size: 9 },
        { size: 1, color: "x" },
        { size: 1, code: "X1" },
        { size: null },
        { size: 1, code: "a" },
        { size: 1, code: "abcde" },
        { size: 1, list: [] },
        { size: 1, list: ["a", "b", "c"] },
        { size: 1, list: [1] },
        { size: 1, ports: [{ n: 1 }, { n: 1 }] },
        { size: 1, ports: [{}] },
        { size: 1, set: ["a", "a"] },
        { size: 1, map: { a: "x" } },
        { size: 1, share: 0 },
        { size: 1, share: 3 },
        { size: 1, isOn: "x" },
        { size: 1, either: true },
        { size: 1, deep: "x" },
      ].map((spec) => post(APPS, app(spec))),
      post(APPS, app({ size: 1 })),
      patch(W, MERGE, { spec: { size: 0 } }),
      patch(W, JSON_PATCH, [{ op: "remove", path: "/spec" }]),
      patch(W, STRATEGIC, { spec: { size: 2 } }),
    ],
  },
  {
    name: "custom resources are applied by their schemas",
    steps: [
      ...defined(),
      apply(W, "one", app({ size: 1, ports: [{ n: 1 }], set: ["a"], whole: { a: "1" }, list: ["x"] })),
      apply(W, "two", app({ size: 1, ports: [{ n: 2, protocol: "UDP" }], set: ["b"] })),
      apply(W, "two", app({ size: 1, ports: [{ n: 1, protocol: "UDP" }] })),
      apply(W, "two", app({ size: 1, whole: { b: "2" } })),
      apply(W, "two", app({ size: 1, any: { deep: { x: [1] } } })),
      apply(W, "one", app({ size: 1 })),
      apply(W, "one", app({ size: 1, foo: 1 })),
      apply(`${W}/status`, "three", app(undefined, { status: { ready: 1 } })),
    ],
  },
  {
    name: "the status of custom resources is apart",
    steps: [
      ...defined(),
      post(APPS, app({ size: 1 }, { status: { ready: 1 } })),
      patch(`${W}/status`, MERGE, { spec: { size: 5 }, status: { ready: 2 }, metadata: { labels } }),
      patch(W, MERGE, { status: { ready: 3 } }),
      patch(W, MERGE, { spec: { size: 2 } }),
    ],
  },
  {
    name: "a definition goes, and all of its kind with it",
    steps: [
      ...defined(),
      post(APPS, app({ size: 1 })),
      { method: "DELETE", path: `${DEFINITIONS}/webapps.{ns}.example.com` },
      { ...get(`${DEFINITIONS}/webapps.{ns}.example.com`), until: /"code":404/ },
      { ...get(W), until: /page not found/ },
    ],
  },
  {
    name: "two versions are views of the same objects",
    steps: [
      ...defined(["v1", "v2"].map((name) => ({
        name,
        served: true,
        storage: name === "v1",
        schema: { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
      }))),
      post(APPS, app({ size: 1 })),
      { ...get(W.replace("/v1/", "/v2/")), until: /WebApp/ },
      get(APPS.replace("/v1/", "/v2/")),
      patch(W.replace("/v1/", "/v2/"), MERGE, { spec: { size: 2 } }),
      get(W),
    ],
  },
  {
    name: "definitions that cannot be",
    steps: [
      post(DEFINITIONS, { ...definition(), metadata: { name: "x" } }),
      post(DEFINITIONS, definition([{ name: "v1", served: true, storage: true }])),
    ],
  },
];

const SUBRESOURCES: Sequence[] = [
  {
    name: "a deployment is scaled",
    steps: [
      post(DEPLOYMENTS, deployment()),
      get(`${D}/scale`),
      put(`${D}/scale?fieldManager=one`, { metadata: { name: "a" }, spec: { replicas: 3 } }),
      patch(`${D}/scale?fieldManager=two`, MERGE, { spec: { replicas: 5 } }),
      get(D),
      patch(`${D}/scale`, MERGE, { spec: { replicas: -1 } }),
      put(`${D}/scale`, { metadata: { name: "a", resourceVersion: "1" }, spec: { replicas: 3 } }),
      put(`${D}/scale`, { metadata: { name: "b" }, spec: { replicas: 3 } }),
      get(`${DEPLOYMENTS}/b/scale`),
    ],
  },
  {
    name: "a custom resource is scaled",
    steps: [
      ...defined([{
        name: "v1",
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schemaOf(SPEC) },
        subresources: { scale: { specReplicasPath: ".spec.size", statusReplicasPath: ".status.ready" } },
      }]),
      post(APPS, app({ size: 1 })),
      get(`${W}/scale`),
      put(`${W}/scale?fieldManager=one`, {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "a" },
        spec: { replicas: 3 },
      }),
      patch(`${W}/scale`, MERGE, { spec: { replicas: 9 } }),
      get(W),
    ],
  },
  {
    name: "pods are bound and evicted",
    steps: [
      post(PODS, { metadata: { name: "a" }, spec: { containers: [{ name: "a", image: "x" }] } }),
      post(`${PODS}/a/binding`, { metadata: { name: "a" }, target: { kind: "Node", name: "node-a" } }),
      get(`${PODS}/a`),
      post(`${PODS}/a/binding`, { metadata: { name: "a" }, target: { kind: "Node", name: "node-b" } }),
      post(`${PODS}/b/binding`, { metadata: { name: "b" }, target: { kind: "Node", name: "node-b" } }),
      post(`${PODS}/a/eviction`, { metadata: { name: "a" } }),
      get(`${PODS}/a`),
      post(`${PODS}/b/eviction`, { metadata: { name: "b" } }),
    ],
  },
];

const WARNINGS: Sequence[] = [{
  name: "a port of two containers",
  steps: [post(
    DEPLOYMENTS,
    deployment({}, {
      containers: ["a", "b"].map((name) => ({ name, image: "x", ports: [{ containerPort: 80 }] })),
    }),
  )],
}];

const UNKNOWN: Sequence[] = ["", "Warn", "Strict", "Ignore", "Nonsense"].flatMap((validation) => {
  const query = validation === "" ? "" : `?fieldValidation=${validation}`;
  const name = validation === "" ? "by default" : validation;
  return [
    {
      name: `unknown fields of a create, ${name}`,
      steps: [post(MAPS + query, { ...map({ a: "1" }), foo: 1, bar: { a: 1 } }), get(A)],
    },
    {
      name: `unknown fields deep inside, ${name}`,
      steps: [
        post(
          DEPLOYMENTS + query,
          deployment({ foo: 1 }, { containers: [{ name: "a", image: "x", imagee: "y" }] }),
        ),
      ],
    },
    {
      name: `unknown fields of patches, ${name}`,
      steps: [
        post(MAPS, map()),
        patch(A + query, MERGE, { foo: 1 }),
        patch(A + query, STRATEGIC, { foo: 1 }),
        put(A + query, { ...map({ a: "1" }), foo: 1 }),
      ],
    },
  ];
});

/** All sequences. */
export function corpus(): Sequence[] {
  const seeds = Array.from({ length: 120 }, (_, index) => index + 1);
  return [
    ...APPLIES,
    ...PATCHES,
    ...UNKNOWN,
    ...CUSTOM,
    ...SUBRESOURCES,
    ...WARNINGS,
    ...seeds.map(generated),
  ];
}

/** Random requests of three managers to one object; the same seed gives the same ones. */
function generated(seed: number): Sequence {
  const random = randomFrom(seed);
  const pick = <T>(...values: readonly T[]): T => values[Math.floor(random() * values.length)];
  const chance = (probability: number): boolean => random() < probability;
  const some = (keys: readonly string[]) =>
    Object.fromEntries(keys.filter(() => chance(0.5)).map((key) => [key, pick("1", "2")]));
  const isMap = chance(0.5);
  const path = isMap ? A : D;
  const object = (): object => {
    const metadata = {
      ...(chance(0.4) && { labels: some(["x", "y"]) }),
      ...(chance(0.2) && { annotations: some(["x", "y"]) }),
      ...(chance(0.2) && { finalizers: ["x.io/a", "x.io/b"].filter(() => chance(0.6)) }),
    };
    if (isMap) return map(some(["a", "b", "c"]), metadata);
    const containers = ["main", ...["s", "t"].filter(() => chance(0.4))].map((name) => ({
      name,
      image: pick("web:1", "web:2", "web"),
      ...(chance(0.4) &&
        { env: ["A", "B"].filter(() => chance(0.6)).map((name) => ({ name, value: pick("1", "2") })) }),
      ...(chance(0.4) && { args: pick(["1"], ["1", "2"]) }),
      ...(name === "main" && chance(0.5) &&
        { ports: [80, 81].filter(() => chance(0.6)).map((containerPort) => ({ containerPort })) }),
      ...(chance(0.2) && { readinessProbe: { httpGet: { port: 80 } } }),
    }));
    const whole = deployment(
      { ...(chance(0.5) && { replicas: pick(1, 2, 3) }) },
      {
        containers,
        ...(chance(0.2) && { nodeSelector: some(["x", "y"]) }),
        ...(chance(0.2) && { volumes: [{ name: "v", configMap: { name: pick("c", "d") } }] }),
      },
    );
    return { ...whole, metadata: { ...metadata, name: "a" } };
  };
  const steps = Array.from({ length: 3 + Math.floor(random() * 5) }, (_, index): Step => {
    const manager = pick("one", "two", "three");
    const kind = index === 0
      ? pick("apply", "create")
      : pick("apply", "apply", "merge", "strategic", "put", "status");
    const query = `?fieldManager=${manager}`;
    switch (kind) {
      case "create":
        return post((isMap ? MAPS : DEPLOYMENTS) + query, object());
      case "put":
        return put(path + query, object());
      case "merge":
        return patch(
          path + query,
          MERGE,
          isMap ? { data: { a: pick(null, "1", "3") } } : { spec: { replicas: pick(1, 4) } },
        );
      case "strategic":
        return patch(
          path + query,
          STRATEGIC,
          isMap
            ? { data: { b: pick(null, "1", "3") }, metadata: { finalizers: pick([], ["x.io/c"]) } }
            : containers({ name: pick("main", "s"), image: pick("web:3", "web:1") }),
        );
      case "status":
        return isMap ? apply(path, manager, object()) : patch(`${path}/status${query}`, MERGE, {
          status: { replicas: pick(1, 2), readyReplicas: pick(null, 1) },
        });
      default:
        return apply(path, manager, object(), chance(0.4) ? "&force=true" : "");
    }
  });
  return { name: `generated from ${seed}`, steps: [...steps, get(path)] };
}

/** Numbers from 0 to 1 (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return ((bits ^ (bits >>> 14)) >>> 0) / 4294967296;
  };
}
