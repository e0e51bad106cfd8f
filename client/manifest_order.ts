import type { Manifest } from "./read_manifests.ts";

/**
 * Kinds in the order in which others need them, as `Kind.group`: what is used before what uses it, so that pods find
 * their accounts, secrets and claims. `*` stands for all that are not named, custom resources above all. What stands
 * between all objects and the server (webhooks, policies) comes last, so that it does not stand in the way of the rest.
 *
 * @see Helm `kind_sorter.go` for the order of built-in kinds
 */
const ORDER = `
  Namespace
  CustomResourceDefinition.apiextensions.k8s.io
  PriorityClass.scheduling.k8s.io
  RuntimeClass.node.k8s.io
  StorageClass.storage.k8s.io
  ResourceQuota
  LimitRange
  NetworkPolicy.networking.k8s.io
  PodDisruptionBudget.policy
  ServiceAccount
  Secret
  ConfigMap
  PersistentVolume
  PersistentVolumeClaim
  ClusterRole.rbac.authorization.k8s.io
  ClusterRoleBinding.rbac.authorization.k8s.io
  Role.rbac.authorization.k8s.io
  RoleBinding.rbac.authorization.k8s.io
  Service
  DaemonSet.apps
  Pod
  ReplicationController
  ReplicaSet.apps
  Deployment.apps
  StatefulSet.apps
  HorizontalPodAutoscaler.autoscaling
  Job.batch
  CronJob.batch
  IngressClass.networking.k8s.io
  Ingress.networking.k8s.io
  *
  APIService.apiregistration.k8s.io
  MutatingAdmissionPolicy.admissionregistration.k8s.io
  MutatingAdmissionPolicyBinding.admissionregistration.k8s.io
  ValidatingAdmissionPolicy.admissionregistration.k8s.io
  ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io
  MutatingWebhookConfiguration.admissionregistration.k8s.io
  ValidatingWebhookConfiguration.admissionregistration.k8s.io
`.trim().split(/\s+/);

/** Group and kind as one word, as kubectl spells them: `Deployment.apps`, `Secret`. */
export function groupKindOf({ group, object }: Pick<Manifest, "group" | "object">): string {
  return group === "" ? object.kind : `${object.kind}.${group}`;
}

/** Where a kind stands, from 0. */
export function rankOf(groupKind: string): number {
  const rank = ORDER.indexOf(groupKind);
  return rank === -1 ? ORDER.indexOf("*") : rank;
}

/** Manifests in the order in which they can be applied; those of one kind stay in the order in which they are. */
export function inOrder(manifests: readonly Manifest[]): Manifest[] {
  return manifests.toSorted((a, b) => rankOf(groupKindOf(a)) - rankOf(groupKindOf(b)));
}
