/**
 * Kinds of the group `apps`, `v1`. Each name is both the interface of the objects and the descriptor to pass to
 * a client.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { Deployment } from "@coxswain/kube/types/apps/v1";
 * assert.equal(Deployment.plural, "deployments");
 * ```
 *
 * @module
 */
import { defineResource, type KubernetesObject, type ObjectMeta, type ResourceType } from "../meta/mod.ts";
import type { Condition, PodSpec } from "./core_v1.ts";

/** Keeps a number of equal pods running, and replaces them step by step when their template changes. */
export interface Deployment extends KubernetesObject {
  /** Always `apps/v1`. */
  apiVersion?: "apps/v1";
  /** Always `Deployment`. */
  kind?: "Deployment";
  /** What is wanted. */
  spec?: DeploymentSpec;
  /** What is the case. */
  status?: DeploymentStatus;
}

/** Descriptor of {@linkcode Deployment}. */
export const Deployment: ResourceType<Deployment, "Namespaced"> = defineResource<Deployment>({
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
  shortNames: ["deploy"],
  categories: ["all"],
  verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
  subresources: ["scale", "status"],
});

/** What is wanted of a deployment. */
export interface DeploymentSpec {
  /** How many pods. Default 1. */
  replicas?: number;
  /** Which pods are its own. Cannot change. */
  selector: {
    matchLabels?: Record<string, string>;
    matchExpressions?: { key: string; operator: string; values?: string[] }[];
  };
  /** What each pod is made from. */
  template: { metadata?: ObjectMeta; spec?: PodSpec };
  /** How old pods are replaced. */
  strategy?: {
    type?: "RollingUpdate" | "Recreate" | (string & Record<never, never>);
    rollingUpdate?: { maxSurge?: number | string; maxUnavailable?: number | string };
  };
  /** Whether changes of the template wait. */
  paused?: boolean;
  /** Further fields of the API. */
  [field: string]: unknown;
}

/** What is the case with a deployment. */
export interface DeploymentStatus {
  /** The generation that these figures are of. */
  observedGeneration?: number;
  /** Pods that exist. */
  replicas?: number;
  /** Pods made from the present template. */
  updatedReplicas?: number;
  /** Pods that are ready. */
  readyReplicas?: number;
  /** Pods that have been ready for long enough. */
  availableReplicas?: number;
  /** Pods that are not. */
  unavailableReplicas?: number;
  /** Single facts, such as `Available`. */
  conditions?: Condition[];
  /** Further fields of the API. */
  [field: string]: unknown;
}
