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

export const PATCHES: readonly Sequence[] = [
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
