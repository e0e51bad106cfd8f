// Sequences of requests: custom resources and their definitions.
import type { Sequence } from "./conformance.ts";
import {
  app,
  apply,
  APPS,
  defined,
  definition,
  DEFINITIONS,
  get,
  JSON_PATCH,
  labels,
  MERGE,
  patch,
  post,
  put,
  STRATEGIC,
  W,
} from "./conformance_steps.ts";

export const CUSTOM: readonly Sequence[] = [
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
