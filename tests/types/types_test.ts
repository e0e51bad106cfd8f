import assert from "node:assert/strict";
import { it } from "node:test";
import type { Client } from "@coxswain/kube/client";
import type { ApplyConfiguration, List, Stored } from "@coxswain/kube/meta";
import { CustomResourceDefinition, type JSONSchemaProps } from "@coxswain/kube/types/apiextensions/v1";
import type { Deployment } from "@coxswain/kube/types/apps/v1";
import { TokenReview } from "@coxswain/kube/types/authentication/v1";
import type { Scale } from "@coxswain/kube/types/autoscaling/v1";
import {
  Binding,
  ConfigMap,
  type Container,
  Node,
  Pod,
  type Secret,
  type Service,
} from "@coxswain/kube/types/core/v1";
import type { Eviction } from "@coxswain/kube/types/policy/v1";

/** Never called: the type checker reads it, and each line that must not compile says so. */
export function objects(): unknown[] {
  const pods: Pod[] = [
    {},
    { apiVersion: "v1", kind: "Pod", metadata: { name: "web-0" }, spec: { containers: [{ name: "main" }] } },
    { spec: { containers: [{ name: "main", imagePullPolicy: "Sometimes" }] } }, // a newer server may know it
    { spec: { containers: [{ name: "main", resources: { limits: { cpu: "500m" } } }] } },
    { spec: { containers: [{ name: "main", livenessProbe: { httpGet: { port: "http" } } }] } },
    { spec: { containers: [{ name: "main", livenessProbe: { httpGet: { port: 80 } } }] } },
    { spec: { containers: [{ name: "main", ports: [{ containerPort: 80 }] }], restartPolicy: "Never" } },
    // @ts-expect-error: a pod has containers
    { spec: {} },
    // @ts-expect-error: a container has a name
    { spec: { containers: [{ image: "nginx" }] } },
    // @ts-expect-error: another kind
    { kind: "Deployment" },
    // @ts-expect-error: another version
    { apiVersion: "apps/v1" },
    // @ts-expect-error: no such field
    { spec: { containers: [], replicas: 3 } },
    // @ts-expect-error: a time is text
    { metadata: { creationTimestamp: new Date(0) } },
    // @ts-expect-error: a port has a number
    { spec: { containers: [{ name: "main", ports: [{ containerPort: "http" }] }] } },
    // @ts-expect-error: a label is text
    { metadata: { labels: { replicas: 3 } } },
    // @ts-expect-error: a quantity is text, as the server returns it
    { spec: { containers: [{ name: "main", resources: { limits: { memory: 1024 } } }] } },
  ];
  const others = [
    { data: { a: "AAEC" }, immutable: true } satisfies Secret,
    { spec: { ports: [{ port: 80, targetPort: "http" }] } } satisfies Service,
    { spec: { selector: {}, template: { spec: { containers: [] } } } } satisfies Deployment,
    // @ts-expect-error: what a deployment selects and makes is needed
    { spec: { replicas: 3 } } satisfies Deployment,
    { target: { kind: "Node", name: "node-a" } } satisfies Binding,
    // @ts-expect-error: a binding has a target
    {} satisfies Binding,
    { metadata: { name: "web-0" }, deleteOptions: { gracePeriodSeconds: 0 } } satisfies Eviction,
    { spec: { replicas: 3 } } satisfies Scale,
    {
      type: "object",
      properties: { any: { items: [{ $ref: "a" }, {}] } },
      additionalProperties: false,
    } satisfies JSONSchemaProps,
    // @ts-expect-error: a schema is no text
    { properties: { any: "string" } } satisfies JSONSchemaProps,
  ];
  return [...pods, ...others];
}

/** As {@linkcode objects}: what a server returns. */
export function stored(
  pod: Stored<Pod>,
  settings: Stored<ConfigMap>,
  node: Stored<Node>,
  list: List<Stored<Pod>>,
): void {
  const texts: string[] = [
    pod.metadata.name,
    pod.metadata.namespace,
    pod.metadata.uid,
    list.items[0].spec.containers[0].name,
  ];
  const phase: string | undefined = pod.status.phase;
  const known: boolean = pod.status.phase === "Running" || pod.status.phase === "SomethingNew";
  const identity: ["v1", "Pod"] = [pod.apiVersion, pod.kind];
  const container: Container = pod.spec.containers[0];
  // @ts-expect-error: a time may be null when nobody has set it
  const probed: string | undefined = pod.status.conditions?.[0].lastProbeTime;
  // @ts-expect-error: data is not always there
  const data: Record<string, string> = settings.data;
  // @ts-expect-error: a node is in no namespace
  const namespace: string = node.metadata.namespace;
  // @ts-expect-error: a pod has no replicas
  pod.spec.replicas;
  const sent: Pod = pod; // what was returned can be sent
  assert.ok([texts, phase, known, identity, container, probed, data, namespace, sent]);
}

/** As {@linkcode objects}: parts that server-side apply takes as a whole only. */
export function appliedWhole(): ApplyConfiguration<Container>[] {
  return [
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s", key: "k" } } }] },
    // @ts-expect-error: a reference to a key has a key
    { env: [{ name: "A", valueFrom: { secretKeyRef: { name: "s" } } }] },
  ];
}

/** As {@linkcode objects}: what server-side apply takes. (spec rest 22.2) */
export function applied(): ApplyConfiguration<Deployment>[] {
  return [
    { spec: { replicas: 3 } },
    {
      spec: {
        template: {
          spec: { containers: [{ name: "main", image: "nginx", env: [{ name: "A", value: "b" }] }] },
        },
      },
    },
    { spec: { template: { spec: { containers: [{ name: "main", ports: [{ containerPort: 80 }] }] } } } },
    { spec: { template: { spec: { volumes: [{ name: "data", emptyDir: {} }], nodeSelector: { a: "b" } } } } },
    {
      metadata: { labels: { app: "web" }, finalizers: ["a"] },
      status: { conditions: [{ type: "Ready", status: "True" }] },
    },
    // @ts-expect-error: which container?
    { spec: { template: { spec: { containers: [{ image: "nginx" }] } } } },
    // @ts-expect-error: which variable?
    { spec: { template: { spec: { containers: [{ name: "main", env: [{ value: "b" }] }] } } } },
    // @ts-expect-error: which port?
    { spec: { template: { spec: { containers: [{ name: "main", ports: [{ protocol: "TCP" }] }] } } } },
    // @ts-expect-error: which volume?
    { spec: { template: { spec: { volumes: [{ emptyDir: {} }] } } } },
    // @ts-expect-error: a toleration is no item of a map; its list is replaced, and this is no toleration
    { spec: { template: { spec: { tolerations: [{ nope: true }] } } } },
    // @ts-expect-error: no such field
    { spec: { template: { spec: { containers: [{ name: "main", imag: "nginx" }] } } } },
    // @ts-expect-error: replicas are counted
    { spec: { replicas: "3" } },
  ];
}

/** As {@linkcode objects}: what the descriptors let a client do. */
export async function descriptors(client: Client): Promise<void> {
  await client.resource(TokenReview).create({ spec: { token: "t" } });
  // @ts-expect-error: a review is not stored
  client.resource(TokenReview).list();
  // @ts-expect-error: nor is a binding
  client.resource(Binding).namespace("shop").get("a");
  // @ts-expect-error: settings have no status
  client.resource(ConfigMap).namespace("shop").updateStatus({ metadata: { name: "a" } });
  // @ts-expect-error: definitions belong to the cluster
  client.resource(CustomResourceDefinition).namespace("shop");
  await client.resource(Node).get("node-a");
}

it("say what a server takes and returns", () => {
  assert.deepEqual([Pod.plural, Pod.scope, Node.scope], ["pods", "Namespaced", "Cluster"]);
});
