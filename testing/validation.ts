import type { JsonObject } from "./api_object.ts";
import {
  claimRules,
  configMapRules,
  nodeRules,
  quotaRules,
  secretRules,
  serviceRules,
  volumeRules,
} from "./core_rules.ts";
import { Field } from "./field.ts";
import { endpointSliceRules, ingressClassRules, ingressRules, networkPolicyRules } from "./network_rules.ts";
import { ephemeralContainerRules, podRules, podTemplate, resizeRules } from "./pod_rules.ts";
import {
  autoscalerRules,
  disruptionBudgetRules,
  leaseRules,
  priorityClassRules,
  roleBindingRules,
  roleRules,
  runtimeClassRules,
  signingRequestRules,
  storageClassRules,
} from "./policy_rules.ts";
import type { FieldProblem } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import {
  cronJobRules,
  daemonSetRules,
  deploymentRules,
  jobRules,
  replicaSetRules,
  replicationControllerRules,
  statefulSetRules,
} from "./workload_rules.ts";

/** What the content of a kind must be like, when it is new and when it changes. In the order in which a server tells it. */
type Rules = (object: Field, old: Field | undefined) => void;

const RBAC = "rbac.authorization.k8s.io/v1";

/** By version and kind. Kinds that are not here may say anything that their types allow. */
const RULES: Readonly<Record<string, Rules>> = {
  "v1/ConfigMap": configMapRules,
  "v1/Node": nodeRules,
  "v1/PersistentVolume": volumeRules,
  "v1/PersistentVolumeClaim": claimRules,
  "v1/Pod": podRules,
  "v1/PodTemplate": (object) => podTemplate(object.at("template")),
  "v1/ReplicationController": replicationControllerRules,
  "v1/ResourceQuota": quotaRules,
  "v1/Secret": secretRules,
  "v1/Service": serviceRules,
  "apps/v1/DaemonSet": daemonSetRules,
  "apps/v1/Deployment": deploymentRules,
  "apps/v1/ReplicaSet": replicaSetRules,
  "apps/v1/StatefulSet": statefulSetRules,
  "autoscaling/v2/HorizontalPodAutoscaler": autoscalerRules,
  "batch/v1/CronJob": cronJobRules,
  "batch/v1/Job": jobRules,
  "certificates.k8s.io/v1/CertificateSigningRequest": signingRequestRules,
  "coordination.k8s.io/v1/Lease": leaseRules,
  "discovery.k8s.io/v1/EndpointSlice": endpointSliceRules,
  "networking.k8s.io/v1/Ingress": ingressRules,
  "networking.k8s.io/v1/IngressClass": ingressClassRules,
  "networking.k8s.io/v1/NetworkPolicy": networkPolicyRules,
  "node.k8s.io/v1/RuntimeClass": runtimeClassRules,
  "policy/v1/PodDisruptionBudget": disruptionBudgetRules,
  [`${RBAC}/ClusterRole`]: roleRules,
  [`${RBAC}/ClusterRoleBinding`]: roleBindingRules,
  [`${RBAC}/Role`]: roleRules,
  [`${RBAC}/RoleBinding`]: roleBindingRules,
  "scheduling.k8s.io/v1/PriorityClass": priorityClassRules,
  "storage.k8s.io/v1/StorageClass": storageClassRules,
};

/** What changes through a subresource keeps rules of its own. */
const PARTS: Readonly<Record<string, Rules>> = {
  ephemeralcontainers: ephemeralContainerRules,
  resize: resizeRules,
};

/**
 * What is wrong with the content of an object of a built-in kind, in the server's words.
 *
 * @param old What it was, if it changes. What was wrong with that already may stay: fixtures need not be complete.
 */
export function builtInProblems(
  object: JsonObject,
  old: JsonObject | undefined,
  { apiVersion, kind }: ServedResource,
  via: string,
): FieldProblem[] {
  const rules = PARTS[via] ?? RULES[`${apiVersion}/${kind}`];
  if (rules === undefined) return [];
  const problems = problemsBy(rules, object, old);
  if (problems.length === 0 || old === undefined) return problems;
  const known = new Set(problemsBy(rules, old, old).map(({ field, message }) => `${field} ${message}`));
  return problems.filter(({ field, message }) => !known.has(`${field} ${message}`));
}

function problemsBy(rules: Rules, object: JsonObject, old: JsonObject | undefined): FieldProblem[] {
  const problems: FieldProblem[] = [];
  rules(new Field(object, "", problems), old && new Field(old, "", []));
  return problems;
}
