// Sequences of requests: server-side apply.
import type { Sequence } from "./conformance.ts";
import {
  A,
  appliedContainers,
  APPLY,
  apply,
  containers,
  D,
  deployment,
  get,
  labels,
  map,
  MAPS,
  MERGE,
  patch,
  post,
  put,
} from "./conformance_steps.ts";

export const APPLIES: readonly Sequence[] = [
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
          ? post(`${MAPS}?fieldManager=m00`, map({ k0: "1" }))
          : patch(`${A}?fieldManager=m${String(index).padStart(2, "0")}`, MERGE, {
            data: { [`k${index}`]: "1" },
          }),
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
