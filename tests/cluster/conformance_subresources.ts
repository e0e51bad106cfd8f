// Sequences of requests: subresources.
import type { Sequence } from "./conformance.ts";
import {
  app,
  APPS,
  D,
  defined,
  deployment,
  DEPLOYMENTS,
  get,
  MERGE,
  patch,
  PODS,
  post,
  put,
  schemaOf,
  SPEC,
  W,
} from "./conformance_steps.ts";

export const SUBRESOURCES: readonly Sequence[] = [
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

export const WARNINGS: readonly Sequence[] = [{
  name: "a port of two containers",
  steps: [post(
    DEPLOYMENTS,
    deployment({}, {
      containers: ["a", "b"].map((name) => ({ name, image: "x", ports: [{ containerPort: 80 }] })),
    }),
  )],
}];
