// Sequences of requests: objects are made, changed and deleted.
import type { RequestStep, Sequence, Step } from "./conformance.ts";
import {
  A,
  apply,
  D,
  deployment,
  DEPLOYMENTS,
  get,
  JSON_PATCH,
  labels,
  map,
  MAPS,
  MERGE,
  patch,
  PODS,
  post,
  put,
  remove,
  save,
  STRATEGIC,
} from "./conformance_steps.ts";

const SECRETS = "/api/v1/namespaces/{ns}/secrets";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/{ns}/leases";
const RV = { rv: "metadata.resourceVersion", uid: "metadata.uid" };
const NOBODY = "00000000-0000-0000-0000-000000000000";
const held = { finalizers: ["x.io/a"] };
const many = (...names: string[]): RequestStep[] =>
  names.map((name, index) =>
    post(MAPS, map({ n: String(index) }, { name, labels: { app: index % 2 === 0 ? "even" : "odd" } }))
  );
const pod = (metadata: object = {}, spec: object = {}) => ({
  metadata: { name: "a", ...metadata },
  spec: { containers: [{ name: "main", image: "x" }], ...spec },
});
const P = `${PODS}/a`;

/** What `metadata` may say of itself in a create. */
const CREATES: readonly (readonly [string, unknown])[] = [
  ["a uid", { uid: NOBODY }],
  ["a version", { resourceVersion: "5" }],
  ["version zero", { resourceVersion: "0" }],
  ["a generation", { generation: 7 }],
  ["a creation time", { creationTimestamp: "2020-01-01T00:00:00Z" }],
  ["a deletion time", { deletionTimestamp: "2020-01-01T00:00:00Z", deletionGracePeriodSeconds: 5 }],
  ["a self link", { selfLink: "/x" }],
  ["its own namespace", { namespace: "{ns}" }],
  ["another namespace", { namespace: "elsewhere" }],
  ["no name", { name: undefined }],
  ["an empty name", { name: "" }],
  ["a name in capitals", { name: "A" }],
  ["a name with a slash", { name: "a/b" }],
  ["a name with a dot", { name: "a.b" }],
  ["a name that begins with a dash", { name: "-a" }],
  ["a name that is too long", { name: "a".repeat(254) }],
  ["a name of the greatest length", { name: "a".repeat(253) }],
  ["a name that is made up", { name: undefined, generateName: "made-" }],
  ["a name that is made up from too much", { name: undefined, generateName: "b".repeat(70) }],
  ["a name made up from what cannot be one", { name: undefined, generateName: "A-" }],
  ["a name, and one to make up", { generateName: "made-" }],
  ["labels", { labels: { app: "web", "x.io/y": "", empty: "" } }],
  ["a label key that is none", { labels: { "a b": "1" } }],
  ["a label key with an empty prefix", { labels: { "/b": "1" } }],
  ["a label key with two slashes", { labels: { "a/b/c": "1" } }],
  ["a label key that is too long", { labels: { ["k".repeat(64)]: "1" } }],
  ["a label prefix that is none", { labels: { "A_b/c": "1" } }],
  ["a label value that is none", { labels: { a: "b c" } }],
  ["a label value that is too long", { labels: { a: "v".repeat(64) } }],
  ["a label value that is a number", { labels: { a: 1 } }],
  ["a label value that is null", { labels: { a: null } }],
  ["labels that are a list", { labels: ["a"] }],
  ["labels that are null", { labels: null }],
  ["an annotation", { annotations: { "X.io/Y": "any thing ü \u0000" } }],
  ["an annotation key that is none", { annotations: { "a b": "1" } }],
  ["annotations that are too long", { annotations: { a: "x".repeat(262145) } }],
  ["annotations that are too long in bytes alone", { annotations: { a: "ü".repeat(131072) } }],
  ["a finalizer", held],
  ["a finalizer twice", { finalizers: ["x.io/a", "x.io/a"] }],
  ["a finalizer without a prefix", { finalizers: ["a"] }],
  ["a finalizer that is none", { finalizers: ["x.io/a b"] }],
  ["finalizers that contradict each other", { finalizers: ["orphan", "foregroundDeletion"] }],
  ["an owner", { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "u" }] }],
  ["an owner without a uid", { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p" }] }],
  ["an owner without a name", { ownerReferences: [{ apiVersion: "v1", kind: "Pod", uid: "u" }] }],
  ["an owner without a kind", { ownerReferences: [{ apiVersion: "v1", name: "p", uid: "u" }] }],
  ["an owner of a bad version", {
    ownerReferences: [{ apiVersion: "a/b/c", kind: "Pod", name: "p", uid: "u" }],
  }],
  ["an event as an owner", { ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "p", uid: "u" }] }],
  ["two controllers", {
    ownerReferences: ["u", "v"].map((uid) => ({
      apiVersion: "v1",
      kind: "Pod",
      name: uid,
      uid,
      controller: true,
    })),
  }],
  ["the same owner twice", {
    ownerReferences: ["u", "u"].map((uid) => ({ apiVersion: "v1", kind: "Pod", name: uid, uid })),
  }],
  ["managedFields", {
    managedFields: [{
      manager: "m",
      operation: "Update",
      apiVersion: "v1",
      fieldsType: "FieldsV1",
      fieldsV1: { "f:data": {} },
    }],
  }],
  ["managedFields that are none", { managedFields: [{ manager: "m", operation: "Nope" }] }],
  ["managedFields of another type", {
    managedFields: [{ manager: "m", operation: "Update", apiVersion: "v1", fieldsType: "Nope" }],
  }],
];

/** What an update may say. */
const UPDATES: readonly (readonly [string, object])[] = [
  ["a stale version", { resourceVersion: "1" }],
  ["its version", { resourceVersion: "{rv}" }],
  ["version zero", { resourceVersion: "0" }],
  ["a version that is none", { resourceVersion: "x" }],
  ["its uid", { uid: "{uid}" }],
  ["another uid", { uid: NOBODY }],
  ["another uid and its version", { uid: NOBODY, resourceVersion: "{rv}" }],
  ["another name", { name: "b" }],
  ["no name", { name: undefined }],
  ["another namespace", { namespace: "elsewhere" }],
  ["a generation", { generation: 9 }],
  ["a creation time", { creationTimestamp: "2020-01-01T00:00:00Z" }],
  ["a deletion time", { deletionTimestamp: "2020-01-01T00:00:00Z" }],
  ["another way to make its name", { generateName: "made-" }],
  ["labels that are none", { labels: { "a b": "c d" } }],
  ["a finalizer", held],
];

const METADATA: Sequence[] = [
  ...CREATES.map(([what, metadata]) => ({
    name: `a create says ${what}`,
    steps: [post(MAPS, map({ a: "1" }, metadata as object)), get(A)],
  })),
  ...["pods", "secrets", "namespaces", "services"].flatMap((plural) =>
    CREATES.filter(([what]) => /name/.test(what) && !/label|namespace/.test(what)).map((
      [what, metadata],
    ) => ({
      name: `a create of ${plural} says ${what}`,
      steps: [
        post(`/api/v1${plural === "namespaces" ? "" : "/namespaces/{ns}"}/${plural}?dryRun=All`, {
          metadata: { name: "a", ...metadata as object },
          ...(plural === "pods"
            ? { spec: pod().spec }
            : plural === "services"
            ? { spec: { ports: [{ port: 80 }], clusterIP: "None" } }
            : {}),
        }),
      ],
    }))
  ),
  ...UPDATES.flatMap(([what, metadata]) => [
    {
      name: `an update says ${what}`,
      steps: [save(post(MAPS, map({ a: "1" })), RV), put(A, map({ a: "2" }, metadata)), get(A)],
    },
    {
      name: `a patch says ${what}`,
      steps: [save(post(MAPS, map({ a: "1" })), RV), patch(A, MERGE, { data: { a: "2" }, metadata }), get(A)],
    },
    {
      name: `an update of a lease says ${what}`,
      steps: [
        save(post(LEASES, { metadata: { name: "a" } }), RV),
        put(`${LEASES}/a`, { metadata: { name: "a", ...metadata }, spec: { holderIdentity: "me" } }),
        get(`${LEASES}/a`),
      ],
    },
  ]),
];

const WRITES: Sequence[] = [
  { name: "an object exists already", steps: [post(MAPS, map()), post(MAPS, map({ a: "1" })), get(A)] },
  { name: "an update of nothing", steps: [put(A, map({ a: "1" }))] },
  {
    name: "a patch of nothing",
    steps: [patch(A, MERGE, {}), patch(A, JSON_PATCH, []), patch(A, STRATEGIC, {})],
  },
  {
    name: "an update of the same",
    steps: [save(post(MAPS, map({ a: "1" })), RV), put(A, map({ a: "1" })), get(A)],
  },
  {
    name: "an update of the same by another manager",
    steps: [
      post(`${MAPS}?fieldManager=one`, map({ a: "1" })),
      put(`${A}?fieldManager=two`, map({ a: "1" })),
      get(A),
    ],
  },
  {
    name: "a lease comes with an update",
    steps: [put(`${LEASES}/a`, { metadata: { name: "a" } }), get(`${LEASES}/a`)],
  },
  {
    name: "a lease comes with an update that says a version",
    steps: [put(`${LEASES}/a`, { metadata: { name: "a", resourceVersion: "3" } }), get(`${LEASES}/a`)],
  },
  {
    name: "a lease comes with an update that says a uid",
    steps: [put(`${LEASES}/a`, { metadata: { name: "a", uid: NOBODY } }), get(`${LEASES}/a`)],
  },
  {
    name: "a namespace that is not there",
    steps: [
      post("/api/v1/namespaces/nowhere/configmaps", map()),
      get("/api/v1/namespaces/nowhere/configmaps"),
      get("/api/v1/namespaces/nowhere/configmaps/a"),
      remove("/api/v1/namespaces/nowhere/configmaps"),
    ],
  },
  {
    name: "immutable data",
    steps: [
      post(MAPS, { ...map({ a: "1" }), immutable: true }),
      patch(A, MERGE, { data: { a: "2" } }),
      patch(A, MERGE, { immutable: false }),
      patch(A, MERGE, { metadata: { labels } }),
      patch(A, MERGE, { binaryData: { x: "AA==" } }),
    ],
  },
  {
    name: "data of a map",
    steps: [
      post(MAPS, {
        ...map({ a: "ü — 日本 \u{1f680}", b: 'line\nline\ttab "q" \\ <&>' }),
        binaryData: { c: "AAEC/w==" },
      }),
      get(A),
      post(MAPS, { ...map({ a: "1" }, { name: "b" }), binaryData: { a: "AA==" } }),
      post(MAPS, map({ "a b": "1" }, { name: "c" })),
      post(MAPS, map({ "..": "1" }, { name: "c" })),
      post(MAPS, { ...map({}, { name: "c" }), binaryData: { a: "no base64!" } }),
      post(MAPS, map({ a: "x".repeat(1048577) }, { name: "c" })),
    ],
  },
  {
    name: "data of a secret",
    steps: [
      post(SECRETS, {
        metadata: { name: "a" },
        stringData: { a: "1", b: "ü" },
        data: { b: "MQ==", c: "Mg==" },
      }),
      get(`${SECRETS}/a`),
      patch(`${SECRETS}/a`, MERGE, { stringData: { d: "4" } }),
      patch(`${SECRETS}/a`, MERGE, { type: "other" }),
      post(SECRETS, { metadata: { name: "b" }, data: { a: "not base64" } }),
      post(SECRETS, { metadata: { name: "b" }, type: "kubernetes.io/basic-auth" }),
      post(SECRETS, { metadata: { name: "b" }, type: "kubernetes.io/tls", stringData: { "tls.crt": "a" } }),
      post(SECRETS, {
        metadata: { name: "b" },
        type: "kubernetes.io/dockerconfigjson",
        stringData: { ".dockerconfigjson": "{" },
      }),
    ],
  },
  {
    name: "generations count what is desired",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(D, MERGE, { spec: { replicas: 2 } }),
      patch(D, MERGE, { spec: { replicas: 2 } }),
      patch(D, MERGE, { metadata: { labels } }),
      patch(D, MERGE, { metadata: { annotations: labels } }),
      patch(`${D}/status`, MERGE, { status: { replicas: 2 } }),
      patch(`${D}/status`, MERGE, { spec: { replicas: 9 } }),
      patch(D, MERGE, { status: { replicas: 9 } }),
      put(`${D}/status`, { ...deployment(), status: { replicas: 3, observedGeneration: 1 } }),
    ],
  },
  {
    name: "generations of pods",
    steps: [
      post(PODS, pod()),
      patch(P, STRATEGIC, { spec: { containers: [{ name: "main", image: "y" }] } }),
      patch(P, MERGE, { metadata: { labels } }),
      patch(`${P}/status`, MERGE, { status: { phase: "Running", podIP: "10.1.0.1" } }),
      patch(`${P}/status`, MERGE, {
        spec: { nodeName: "x" },
        metadata: { labels: { b: "1" }, annotations: { c: "1" } },
      }),
      put(`${P}/status`, { ...pod({ labels: {} }), status: { phase: "Failed" } }),
    ],
  },
  {
    name: "a large object",
    steps: [
      post(MAPS, map(Object.fromEntries(Array.from({ length: 500 }, (_, n) => [`k${n}`, "v".repeat(n)])))),
      get(A),
    ],
  },
];

const DRY_RUNS: Sequence[] = [
  {
    name: "a dry run of each verb",
    steps: [
      post(`${MAPS}?dryRun=All`, map({ a: "1" })),
      get(A),
      post(MAPS, map({ a: "1" })),
      post(`${MAPS}?dryRun=All`, map({ a: "1" })),
      put(`${A}?dryRun=All`, map({ a: "2" })),
      patch(`${A}?dryRun=All`, MERGE, { data: { b: "2" } }),
      remove(`${A}?dryRun=All`),
      remove(`${MAPS}?dryRun=All`),
      remove(A, { dryRun: ["All"] }),
      get(A),
    ],
  },
  {
    name: "dry runs that are none",
    steps: ["", "all", "None", "All&dryRun=All", "All&dryRun=x"].flatMap((value) => [
      post(`${MAPS}?dryRun=${value}`, map()),
      remove(`${A}?dryRun=${value}`),
    ]),
  },
  {
    name: "a dry run makes a name up",
    steps: [post(`${MAPS}?dryRun=All`, { metadata: { generateName: "made-" } }), get(MAPS)],
  },
  {
    name: "a dry run of a pod's end",
    steps: [
      post(PODS, pod()),
      remove(`${P}?dryRun=All`),
      remove(P, { dryRun: ["All"], gracePeriodSeconds: 0 }),
      get(P),
    ],
  },
  {
    name: "a dry run of scaling",
    steps: [
      post(DEPLOYMENTS, deployment()),
      patch(`${D}/scale?dryRun=All`, MERGE, { spec: { replicas: 4 } }),
      get(`${D}/scale`),
    ],
  },
];

/** What a deletion may ask for. */
const DELETIONS: readonly (readonly [string, unknown])[] = [
  ["nothing", undefined],
  ["nothing, in a body", {}],
  ["what it is", { kind: "DeleteOptions", apiVersion: "v1" }],
  ["what it is, of meta", { kind: "DeleteOptions", apiVersion: "meta.k8s.io/v1" }],
  ["another kind", { kind: "Pod", apiVersion: "v1" }],
  ["its uid", { preconditions: { uid: "{uid}" } }],
  ["another uid", { preconditions: { uid: NOBODY } }],
  ["its version", { preconditions: { resourceVersion: "{rv}" } }],
  ["another version", { preconditions: { resourceVersion: "1" } }],
  ["grace", { gracePeriodSeconds: 10 }],
  ["no grace", { gracePeriodSeconds: 0 }],
  ["grace below zero", { gracePeriodSeconds: -1 }],
  ["grace that is no number", { gracePeriodSeconds: "x" }],
  ["foreground", { propagationPolicy: "Foreground" }],
  ["background", { propagationPolicy: "Background" }],
  ["orphans", { propagationPolicy: "Orphan" }],
  ["an unknown policy", { propagationPolicy: "Nope" }],
  ["orphans, the old way", { orphanDependents: true }],
  ["no orphans, the old way", { orphanDependents: false }],
  ["both ways", { orphanDependents: true, propagationPolicy: "Orphan" }],
  ["an unknown field", { foo: 1 }],
  ["a dry run", { dryRun: ["All"] }],
  ["a dry run that is none", { dryRun: ["x"] }],
  ["no JSON", "{"],
  ["a list", "[]"],
];

const DELETES: Sequence[] = [
  ...DELETIONS.flatMap(([what, options]) => [
    { name: `a deletion asks for ${what}`, steps: [save(post(MAPS, map()), RV), remove(A, options), get(A)] },
    {
      name: `a deletion of what has finalizers asks for ${what}`,
      steps: [
        save(post(MAPS, map({}, held)), RV),
        remove(A, options),
        get(A),
        patch(A, MERGE, { metadata: { finalizers: null } }),
        get(A),
      ],
    },
    {
      name: `a deletion of a pod asks for ${what}`,
      steps: [save(post(PODS, pod()), RV), remove(P, options), get(P), remove(P)],
    },
    {
      name: `a deletion of a deployment asks for ${what}`,
      steps: [save(post(DEPLOYMENTS, deployment()), RV), remove(D, options), get(D)],
    },
    {
      name: `a deletion of a collection asks for ${what}`,
      steps: [save(many("a")[0], RV), ...many("b", "c"), remove(MAPS, options), get(MAPS)],
    },
  ]),
  ...[
    "gracePeriodSeconds=0",
    "gracePeriodSeconds=x",
    "propagationPolicy=Foreground",
    "propagationPolicy=Orphan",
    "propagationPolicy=Nope",
    "orphanDependents=true",
    "orphanDependents=false&propagationPolicy=Orphan",
    "dryRun=All",
    "ignoreStoreReadErrorWithClusterBreakingPotential=true",
  ].map((query) => ({
    name: `a deletion asks in its path for ${query}`,
    steps: [post(PODS, pod()), remove(`${P}?${query}`), get(P), remove(`${PODS}?${query}`), get(PODS)],
  })),
  { name: "a deletion of nothing", steps: [remove(A), remove(P), remove(`${PODS}/a/status`)] },
  {
    name: "what is being deleted takes no new finalizers",
    steps: [
      post(MAPS, map({}, { finalizers: ["x.io/a", "x.io/b"] })),
      remove(A),
      remove(A),
      patch(A, MERGE, { metadata: { finalizers: ["x.io/a", "x.io/b", "x.io/c"] } }),
      patch(A, MERGE, { data: { still: "here" } }),
      patch(A, MERGE, { metadata: { finalizers: ["x.io/b"] } }),
      put(A, map({ last: "words" })),
      get(A),
    ],
  },
  {
    name: "the last finalizer goes with an apply",
    steps: [
      apply(A, "one", map({ a: "1" }, held)),
      remove(A),
      apply(A, "one", map({ a: "1" })),
      get(A),
    ],
  },
  {
    name: "the last finalizer goes in a dry run",
    steps: [
      post(MAPS, map({}, held)),
      remove(A),
      patch(`${A}?dryRun=All`, MERGE, { metadata: { finalizers: null } }),
      get(A),
    ],
  },
  {
    name: "a finalizer is added in the deletion's foreground",
    steps: [
      post(MAPS, map({}, held)),
      remove(A, { propagationPolicy: "Foreground" }),
      remove(A, { propagationPolicy: "Background" }),
      remove(A, { propagationPolicy: "Orphan" }),
      patch(A, MERGE, { metadata: { finalizers: ["foregroundDeletion"] } }),
      patch(A, MERGE, { metadata: { finalizers: [] } }),
    ],
  },
  {
    name: "a pod's grace gets shorter, not longer",
    steps: [
      post(PODS, pod({}, { nodeName: "node-a" })),
      remove(P),
      remove(P, { gracePeriodSeconds: 60 }),
      remove(P, { gracePeriodSeconds: 5 }),
      patch(P, MERGE, { metadata: { labels } }),
      remove(P, { gracePeriodSeconds: 0 }),
      get(P),
    ],
  },
  {
    name: "a pod's own grace",
    steps: [
      post(PODS, pod({}, { nodeName: "node-a", terminationGracePeriodSeconds: 7 })),
      remove(P),
      remove(P, { gracePeriodSeconds: 1 }),
    ],
  },
  {
    name: "a pod that has ended needs no grace",
    steps: [
      post(PODS, pod({}, { nodeName: "node-a" })),
      patch(`${P}/status`, MERGE, { status: { phase: "Succeeded" } }),
      remove(P),
      get(P),
    ],
  },
  {
    name: "a pod with finalizers",
    steps: [
      post(PODS, pod(held, { nodeName: "node-a" })),
      remove(P),
      remove(P, { gracePeriodSeconds: 0 }),
      patch(P, MERGE, { metadata: { finalizers: null } }),
      get(P),
    ],
  },
  {
    name: "collections are deleted in part",
    steps: [
      ...many("a", "b", "c", "d", "e"),
      remove(`${MAPS}?labelSelector=app%3Dodd`),
      get(MAPS),
      remove(`${MAPS}?fieldSelector=metadata.name%3Da`),
      get(MAPS),
      remove(`${MAPS}?labelSelector=app%3Dnobody`),
      remove(`${MAPS}?limit=1`),
      get(MAPS),
      remove(`${MAPS}?fieldSelector=data.x%3Da`),
      remove(`${MAPS}?labelSelector=a%20b`),
      remove(`${MAPS}?limit=x`),
    ],
  },
  {
    name: "collections with finalizers",
    steps: [...many("a"), post(MAPS, map({}, { name: "b", ...held })), remove(MAPS), get(MAPS)],
  },
  {
    name: "namespaces that may not be deleted",
    steps: ["default", "kube-system", "kube-public"].map((name) =>
      remove(`/api/v1/namespaces/${name}?dryRun=All`)
    ),
  },
  {
    name: "a namespace is being deleted",
    steps: [
      post(MAPS, map()),
      remove("/api/v1/namespaces/{ns}"),
      get("/api/v1/namespaces/{ns}"),
      post(MAPS, map({}, { name: "b" })),
      patch(A, MERGE, { data: { a: "1" } }),
      remove("/api/v1/namespaces/{ns}"),
      put("/api/v1/namespaces/{ns}/finalize", { metadata: { name: "{ns}" }, spec: { finalizers: [] } }),
      get("/api/v1/namespaces/{ns}"),
      get(A),
    ] as Step[],
  },
];

/** All of them. */
export const OBJECTS: readonly Sequence[] = [...METADATA, ...WRITES, ...DRY_RUNS, ...DELETES];
