/**
 * Kinds of the core group, `v1`. Each name is both the interface of the objects and the descriptor to pass to
 * a client.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const pod: Pod = { metadata: { name: "web-0" }, spec: { containers: [{ name: "main", image: "nginx" }] } };
 * assert.equal(Pod.plural, "pods");
 * assert.equal(pod.spec?.containers[0].name, "main");
 * ```
 *
 * @module
 */
import { defineResource, type KubernetesObject, type ObjectMeta, type ResourceType } from "../meta/mod.ts";

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] as const;

/** A group of containers that run together on one node. */
export interface Pod extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `Pod`. */
  kind?: "Pod";
  /** Name, labels and what else all objects share. */
  metadata?: ObjectMeta;
  /** What is wanted. */
  spec?: PodSpec;
  /** What is the case, as the cluster last saw it. */
  status?: PodStatus;
}

/** Descriptor of {@linkcode Pod}. */
export const Pod: ResourceType<Pod, "Namespaced"> = defineResource<Pod>({
  group: "",
  version: "v1",
  kind: "Pod",
  plural: "pods",
  shortNames: ["po"],
  categories: ["all"],
  verbs: VERBS,
  subresources: [
    "attach",
    "binding",
    "ephemeralcontainers",
    "eviction",
    "exec",
    "log",
    "portforward",
    "proxy",
    "resize",
    "status",
  ],
});

/** What is wanted of a pod. */
export interface PodSpec {
  /** The containers; at least one. */
  containers: Container[];
  /** Containers that run one after the other before the others start. */
  initContainers?: Container[];
  /** The node that the pod runs on; set by the scheduler. */
  nodeName?: string;
  /** Labels that a node must have to be chosen. */
  nodeSelector?: Record<string, string>;
  /** When containers are started again. Default `Always`. */
  restartPolicy?: "Always" | "Never" | "OnFailure" | (string & Record<never, never>);
  /** The service account that the pod acts as. */
  serviceAccountName?: string;
  /** Seconds that the pod gets to end by itself. Default 30. */
  terminationGracePeriodSeconds?: number;
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** One container of a pod. */
export interface Container {
  /** Name, unique in the pod. */
  name: string;
  /** The image to run. */
  image?: string;
  /** The command, in place of the image's. */
  command?: string[];
  /** Arguments of the command, in place of the image's. */
  args?: string[];
  /** Environment variables. */
  env?: { name: string; value?: string; valueFrom?: Record<string, unknown> }[];
  /** Ports that the container listens on. */
  ports?: { containerPort: number; name?: string; protocol?: string; hostPort?: number; hostIP?: string }[];
  /** What the container needs at least and may use at most, as quantities. */
  resources?: { limits?: Record<string, string>; requests?: Record<string, string> };
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** What is the case with a pod. */
export interface PodStatus {
  /** Where the pod is in its life. */
  phase?: "Pending" | "Running" | "Succeeded" | "Failed" | "Unknown" | (string & Record<never, never>);
  /** Why the pod is in this phase, in one word. */
  reason?: string;
  /** Why the pod is in this phase, for people. */
  message?: string;
  /** Address of the pod in the cluster. */
  podIP?: string;
  /** Address of its node. */
  hostIP?: string;
  /** When the node took notice of the pod, in RFC 3339. */
  startTime?: string;
  /** Single facts, such as `Ready`. */
  conditions?: Condition[];
  /** How each container is doing. */
  containerStatuses?: ContainerStatus[];
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** How one container of a pod is doing. */
export interface ContainerStatus {
  /** Name of the container. */
  name: string;
  /** Whether it takes requests. */
  ready: boolean;
  /** How often it was started again. */
  restartCount: number;
  /** The image that runs. */
  image: string;
  /** The image, by digest. */
  imageID: string;
  /** What it is doing: one of the three. */
  state?: {
    /** Since when it runs. */
    running?: { startedAt?: string };
    /** Why it does not run yet. */
    waiting?: { reason?: string; message?: string };
    /** How it ended. */
    terminated?: { exitCode: number; reason?: string; message?: string; signal?: number };
  };
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** One fact about an object. */
export interface Condition {
  /** Which fact. */
  type: string;
  /** Whether it is the case. */
  status: "True" | "False" | "Unknown" | (string & Record<never, never>);
  /** Why, in one word. */
  reason?: string;
  /** Why, for people. */
  message?: string;
  /** When `status` changed last, in RFC 3339. */
  lastTransitionTime?: string;
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** A scope for names. */
export interface Namespace extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `Namespace`. */
  kind?: "Namespace";
  /** What is wanted. */
  spec?: { finalizers?: string[] };
  /** Whether it is `Active` or `Terminating`. */
  status?: { phase?: string; conditions?: Condition[] };
}

/** Descriptor of {@linkcode Namespace}. */
export const Namespace: ResourceType<Namespace, "Cluster"> = defineResource<Namespace, "Cluster">({
  group: "",
  version: "v1",
  kind: "Namespace",
  plural: "namespaces",
  scope: "Cluster",
  shortNames: ["ns"],
  verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
  subresources: ["finalize", "status"],
});

/** A machine that runs pods. */
export interface Node extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `Node`. */
  kind?: "Node";
  /** What is wanted. */
  spec?: { unschedulable?: boolean; podCIDR?: string; providerID?: string; [field: string]: unknown };
  /** What is the case, as the node last said. */
  status?: {
    addresses?: { type: string; address: string }[];
    conditions?: Condition[];
    capacity?: Record<string, string>;
    allocatable?: Record<string, string>;
    [field: string]: unknown;
  };
}

/** Descriptor of {@linkcode Node}. */
export const Node: ResourceType<Node, "Cluster"> = defineResource<Node, "Cluster">({
  group: "",
  version: "v1",
  kind: "Node",
  plural: "nodes",
  scope: "Cluster",
  shortNames: ["no"],
  verbs: VERBS,
  subresources: ["proxy", "status"],
});

/** Settings for programs, in the open. */
export interface ConfigMap extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `ConfigMap`. */
  kind?: "ConfigMap";
  /** Texts by key. */
  data?: Record<string, string>;
  /** Bytes by key, in base64. */
  binaryData?: Record<string, string>;
  /** Whether the data can never change again. */
  immutable?: boolean;
}

/** Descriptor of {@linkcode ConfigMap}. */
export const ConfigMap: ResourceType<ConfigMap, "Namespaced"> = defineResource<ConfigMap>({
  group: "",
  version: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  shortNames: ["cm"],
  verbs: VERBS,
  subresources: [],
});

/** Settings for programs that not everybody may read. */
export interface Secret extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `Secret`. */
  kind?: "Secret";
  /** Bytes by key, in base64. */
  data?: Record<string, string>;
  /** Texts by key; the server turns them into `data` and never returns them. */
  stringData?: Record<string, string>;
  /** What kind of secret it is, such as `Opaque`. */
  type?: string;
  /** Whether the data can never change again. */
  immutable?: boolean;
}

/** Descriptor of {@linkcode Secret}. */
export const Secret: ResourceType<Secret, "Namespaced"> = defineResource<Secret>({
  group: "",
  version: "v1",
  kind: "Secret",
  plural: "secrets",
  verbs: VERBS,
  subresources: [],
});

/** A name and an address for a set of pods. */
export interface Service extends KubernetesObject {
  /** Always `v1`. */
  apiVersion?: "v1";
  /** Always `Service`. */
  kind?: "Service";
  /** What is wanted. */
  spec?: {
    selector?: Record<string, string>;
    ports?: {
      port: number;
      name?: string;
      protocol?: string;
      targetPort?: number | string;
      nodePort?: number;
    }[];
    type?: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName" | (string & Record<never, never>);
    clusterIP?: string;
    [field: string]: unknown;
  };
  /** What is the case. */
  status?: { loadBalancer?: { ingress?: { ip?: string; hostname?: string }[] }; conditions?: Condition[] };
}

/** Descriptor of {@linkcode Service}. */
export const Service: ResourceType<Service, "Namespaced"> = defineResource<Service>({
  group: "",
  version: "v1",
  kind: "Service",
  plural: "services",
  shortNames: ["svc"],
  categories: ["all"],
  verbs: VERBS,
  subresources: ["proxy", "status"],
});
