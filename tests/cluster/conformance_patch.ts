// Sequences of requests: patches.
import type { Sequence } from "./conformance.ts";
import {
  A,
  containers,
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
  post,
  STRATEGIC,
} from "./conformance_steps.ts";

const WRITTEN: readonly Sequence[] = [
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

/** Operations of a JSON patch on a map with data `a` and `b`, and finalizers. */
const OPERATIONS: readonly (readonly [string, unknown])[] = [
  ["adds a field", [{ op: "add", path: "/data/c", value: "3" }]],
  ["adds what is there", [{ op: "add", path: "/data/a", value: "9" }]],
  ["adds to what is not there", [{ op: "add", path: "/nope/c", value: "3" }]],
  ["adds a map", [{ op: "add", path: "/metadata/labels", value: { x: "y" } }]],
  ["adds without a value", [{ op: "add", path: "/data/c" }]],
  ["adds null", [{ op: "add", path: "/data/c", value: null }]],
  ["adds a number", [{ op: "add", path: "/data/c", value: 3 }]],
  ["adds an element at the end", [{ op: "add", path: "/metadata/finalizers/-", value: "x.io/c" }]],
  ["adds an element at the start", [{ op: "add", path: "/metadata/finalizers/0", value: "x.io/c" }]],
  ["adds an element in the middle", [{ op: "add", path: "/metadata/finalizers/1", value: "x.io/c" }]],
  ["adds an element just after the end", [{ op: "add", path: "/metadata/finalizers/2", value: "x.io/c" }]],
  ["adds an element beyond the end", [{ op: "add", path: "/metadata/finalizers/9", value: "x.io/c" }]],
  ["adds an element before the start", [{ op: "add", path: "/metadata/finalizers/-1", value: "x.io/c" }]],
  ["adds an element nowhere", [{ op: "add", path: "/metadata/finalizers/x", value: "x.io/c" }]],
  ["removes a field", [{ op: "remove", path: "/data/a" }]],
  ["removes what is not there", [{ op: "remove", path: "/data/z" }]],
  ["removes a whole map", [{ op: "remove", path: "/data" }]],
  ["removes an element", [{ op: "remove", path: "/metadata/finalizers/0" }]],
  ["removes the last element", [{ op: "remove", path: "/metadata/finalizers/-1" }]],
  ["removes an element that is not there", [{ op: "remove", path: "/metadata/finalizers/7" }]],
  ["replaces a field", [{ op: "replace", path: "/data/a", value: "9" }]],
  ["replaces what is not there", [{ op: "replace", path: "/data/z", value: "9" }]],
  ["replaces an element", [{ op: "replace", path: "/metadata/finalizers/1", value: "x.io/z" }]],
  ["replaces an element that is not there", [{
    op: "replace",
    path: "/metadata/finalizers/2",
    value: "x.io/z",
  }]],
  ["replaces all", [{
    op: "replace",
    path: "",
    value: { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } },
  }]],
  ["tests what is so", [{ op: "test", path: "/data/a", value: "1" }, {
    op: "add",
    path: "/data/c",
    value: "3",
  }]],
  ["tests what is not so", [{ op: "test", path: "/data/a", value: "2" }, {
    op: "add",
    path: "/data/c",
    value: "3",
  }]],
  ["tests what is not there", [{ op: "test", path: "/data/z", value: "2" }]],
  ["tests for null what is not there", [{ op: "test", path: "/data/z", value: null }]],
  ["tests a map", [{ op: "test", path: "/data", value: { b: "2", a: "1" } }]],
  ["tests a list", [{ op: "test", path: "/metadata/finalizers", value: ["x.io/a", "x.io/b"] }]],
  ["tests its version", [{ op: "test", path: "/metadata/resourceVersion", value: "1" }]],
  ["copies", [{ op: "copy", from: "/data/a", path: "/data/c" }]],
  ["copies what is not there", [{ op: "copy", from: "/data/z", path: "/data/c" }]],
  ["moves", [{ op: "move", from: "/data/a", path: "/data/c" }]],
  ["moves what is not there", [{ op: "move", from: "/data/z", path: "/data/c" }]],
  ["moves an element", [{ op: "move", from: "/metadata/finalizers/0", path: "/metadata/finalizers/1" }]],
  ["does what is unknown", [{ op: "nope", path: "/data/a" }]],
  ["says nothing", [{}]],
  ["has no path", [{ op: "add", value: 1 }]],
  ["has a path without a slash", [{ op: "add", path: "data/c", value: "3" }]],
  ["has escapes in its path", [{ op: "add", path: "/metadata/annotations", value: {} }, {
    op: "add",
    path: "/metadata/annotations/x.io~1y~0z",
    value: "1",
  }]],
  ["is empty", []],
  ["is an object", {}],
  ["is a list of texts", ["x"]],
  ["is null", null],
  ["is no JSON", "["],
  ["changes the name", [{ op: "replace", path: "/metadata/name", value: "b" }]],
  ["changes the kind", [{ op: "replace", path: "/kind", value: "Nope" }]],
  ["adds an unknown field", [{ op: "add", path: "/nope", value: 1 }]],
  ["goes into a text", [{ op: "add", path: "/data/a/b", value: "1" }]],
  ["is very long", Array.from({ length: 10_001 }, () => ({ op: "test", path: "/data/a", value: "1" }))],
];

const JSON_PATCHES: readonly Sequence[] = OPERATIONS.map(([what, operations]) => ({
  name: `a JSON patch ${what}`,
  steps: [
    post(MAPS, map({ a: "1", b: "2" }, { finalizers: ["x.io/a", "x.io/b"] })),
    patch(A, JSON_PATCH, operations),
    get(A),
  ],
}));

/** Merge patches of a deployment with two containers. */
const two = {
  containers: [{ name: "a", image: "x", ports: [{ containerPort: 80 }] }, {
    name: "b",
    image: "y",
    env: [{ name: "A", value: "1" }, { name: "B", value: "2" }],
  }],
  volumes: [{ name: "v", emptyDir: {} }],
};
const inPod = (spec: object) => ({ spec: { template: { spec } } });
const STRATEGIC_PATCHES: readonly (readonly [string, unknown])[] = [
  ["nothing at all", {}],
  ["null", null],
  ["a list", []],
  ["a text", '"x"'],
  ["an image", inPod({ containers: [{ name: "a", image: "z" }] })],
  [
    "a new container first",
    inPod({
      "$setElementOrder/containers": [{ name: "c" }, { name: "a" }, { name: "b" }],
      containers: [{ name: "c", image: "z" }],
    }),
  ],
  ["an order that misses one", inPod({ "$setElementOrder/containers": [{ name: "b" }] })],
  ["an order alone", inPod({ "$setElementOrder/containers": [{ name: "b" }, { name: "a" }] })],
  [
    "an order with a stranger",
    inPod({ "$setElementOrder/containers": [{ name: "z" }, { name: "b" }, { name: "a" }] }),
  ],
  [
    "an order that misses what is patched",
    inPod({ "$setElementOrder/containers": [{ name: "b" }], containers: [{ name: "a", image: "z" }] }),
  ],
  ["an order that is no list", inPod({ "$setElementOrder/containers": "x" })],
  ["an order of texts", inPod({ "$setElementOrder/containers": ["a", "b"] })],
  ["a container away", inPod({ containers: [{ name: "a", $patch: "delete" }] })],
  ["a container away that is not there", inPod({ containers: [{ name: "z", $patch: "delete" }] })],
  ["all containers replaced", inPod({ containers: [{ $patch: "replace" }, { name: "z", image: "z" }] })],
  ["a container replaced", inPod({ containers: [{ name: "b", image: "z", $patch: "replace" }] })],
  ["a container merged by word", inPod({ containers: [{ name: "b", image: "z", $patch: "merge" }] })],
  ["an unknown directive in a map", inPod({ $patch: "nope" })],
  ["a directive that is a number", inPod({ $patch: 1 })],
  [
    "env changed and added",
    inPod({ containers: [{ name: "b", env: [{ name: "C", value: "3" }, { name: "A", value: "9" }] }] }),
  ],
  ["env away", inPod({ containers: [{ name: "b", env: [{ name: "A", $patch: "delete" }] }] })],
  ["env null", inPod({ containers: [{ name: "b", env: null }] })],
  ["env replaced", inPod({ containers: [{ name: "b", env: [{ $patch: "replace" }] }] })],
  [
    "a port of the same number",
    inPod({ containers: [{ name: "a", ports: [{ containerPort: 80, protocol: "UDP" }] }] }),
  ],
  ["a port without a number", inPod({ containers: [{ name: "a", ports: [{ name: "x" }] }] })],
  ["the args", inPod({ containers: [{ name: "a", args: ["1", "2"] }] })],
  ["a volume of another sort", inPod({ volumes: [{ name: "v", configMap: { name: "c" } }] })],
  [
    "a volume of another sort, retained keys",
    inPod({ volumes: [{ name: "v", $retainKeys: ["name", "configMap"], configMap: { name: "c" } }] }),
  ],
  ["retained keys that are no list", { spec: { strategy: { $retainKeys: "type" } } }],
  ["retained keys that are numbers", { spec: { strategy: { $retainKeys: [1] } } }],
  ["the strategy null", { spec: { strategy: null } }],
  ["the strategy replaced", { spec: { strategy: { $patch: "replace", type: "Recreate" } } }],
  ["the strategy away", { spec: { strategy: { $patch: "delete" } } }],
  ["the pod's spec replaced", inPod({ $patch: "replace", containers: [{ name: "z", image: "z" }] })],
  ["labels", { metadata: { labels: { a: "1", app: null } } }],
  ["labels replaced", { metadata: { labels: { $patch: "replace", a: "1" } } }],
  ["finalizers merged", { metadata: { finalizers: ["x.io/b"] } }],
  ["finalizers away", { metadata: { "$deleteFromPrimitiveList/finalizers": ["x.io/a"] } }],
  ["finalizers away and added", {
    metadata: { finalizers: ["x.io/b"], "$deleteFromPrimitiveList/finalizers": ["x.io/a"] },
  }],
  ["finalizers ordered", {
    metadata: { finalizers: ["x.io/0"], "$setElementOrder/finalizers": ["x.io/0", "x.io/a"] },
  }],
  ["finalizers that are a text", { metadata: { finalizers: "x.io/b" } }],
  ["finalizers away that are no list", { metadata: { "$deleteFromPrimitiveList/finalizers": "x.io/a" } }],
  [
    "a primitive list that is atomic",
    // Without `command` beside it: a server goes through both in the random order of Go's maps.
    inPod({ containers: [{ name: "a", "$deleteFromPrimitiveList/command": ["x"] }] }),
  ],
  ["a null in a list", inPod({ containers: [null] })],
  ["a container twice", inPod({ containers: [{ name: "a", image: "1" }, { name: "a", image: "2" }] })],
  ["tolerations", inPod({ tolerations: [{ key: "a", operator: "Exists" }] })],
  ["pull secrets", inPod({ imagePullSecrets: [{ name: "s" }] })],
  ["an unknown field", { spec: { nope: 1 } }],
  ["an unknown directive of a key", { spec: { "$nope/x": [1] } }],
  ["a kind", { kind: "Nope" }],
  ["a name", { metadata: { name: "b" } }],
  ["the status", { status: { replicas: 3 } }],
];

const STRATEGICS: readonly Sequence[] = STRATEGIC_PATCHES.flatMap(([what, body]) => [
  {
    name: `a strategic merge of ${what}`,
    steps: [
      post(DEPLOYMENTS, { ...deployment({}, two), metadata: { name: "a", labels, finalizers: ["x.io/a"] } }),
      patch(D, STRATEGIC, body),
      patch(D, STRATEGIC, body),
      get(D),
    ],
  },
  {
    name: `a plain merge of ${what}`,
    steps: [
      post(DEPLOYMENTS, { ...deployment({}, two), metadata: { name: "a", labels, finalizers: ["x.io/a"] } }),
      patch(D, MERGE, body),
      get(D),
    ],
  },
]);

/** All of them. */
export const PATCHES: readonly Sequence[] = [...WRITTEN, ...JSON_PATCHES, ...STRATEGICS];
