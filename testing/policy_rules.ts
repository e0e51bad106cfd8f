import { compareQuantities, dnsSubdomainProblems, labelKeyProblems } from "../meta/mod.ts";
import { sameJson } from "./api_object.ts";
import type { Field } from "./field.ts";
import { asSelector, labelSelector, notMoreThanAll, pathSegment, positiveOrPercent } from "./text_rules.ts";

const RBAC = "rbac.authorization.k8s.io";
const METRIC_TYPES = ["ContainerResource", "External", "Object", "Pods", "Resource"];
const METRIC_SOURCES: Readonly<Record<string, string>> = {
  Object: "object",
  External: "external",
  Pods: "pods",
  Resource: "resource",
  ContainerResource: "containerResource",
};

export function roleRules(object: Field): void {
  const isNamespaced = object.at("metadata", "namespace").exists;
  for (const rule of object.at("rules").items) {
    rule.at("verbs").needed("verbs must contain at least one value");
    const urls = rule.at("nonResourceURLs");
    if (urls.isSet) {
      if (isNamespaced) urls.reject("namespaced rules cannot apply to non-resource URLs");
      if (["apiGroups", "resources", "resourceNames"].some((name) => rule.at(name).isSet)) {
        urls.reject("rules cannot apply to both regular resources and non-resource URLs");
      }
      continue;
    }
    rule.at("apiGroups").needed("resource rules must supply at least one api group");
    rule.at("resources").needed("resource rules must supply at least one resource");
  }
  const aggregation = object.at("aggregationRule");
  if (!aggregation.exists) return;
  aggregation.at("clusterRoleSelectors").needed(
    "at least one clusterRoleSelector required if aggregationRule is non-nil",
  );
  for (const selector of aggregation.at("clusterRoleSelectors").items) labelSelector(selector);
}

export function roleBindingRules(object: Field, old: Field | undefined): void {
  const isNamespaced = object.at("metadata", "namespace").exists;
  const ref = object.at("roleRef");
  if (ref.at("apiGroup").text !== RBAC) ref.at("apiGroup").refuse([RBAC], ref.at("apiGroup").text);
  const kinds = isNamespaced ? ["Role", "ClusterRole"] : ["ClusterRole"];
  if (!kinds.includes(ref.at("kind").text)) ref.at("kind").refuse(kinds, ref.at("kind").text);
  ref.at("name").needs(pathSegment);
  for (const subject of object.at("subjects").items) bindingSubject(subject, isNamespaced);
  if (old !== undefined && !sameJson(ref.value, old.at("roleRef").value)) {
    const { apiGroup, kind, name } = ref.map;
    ref.reject("cannot change roleRef", { APIGroup: apiGroup, Kind: kind, Name: name });
  }
}

function bindingSubject(subject: Field, isNamespaced: boolean): void {
  const [name, kind, group] = [subject.at("name"), subject.at("kind"), subject.at("apiGroup")];
  name.needed();
  if (kind.text === "ServiceAccount") {
    name.keeps(dnsSubdomainProblems);
    if (group.isSet) group.refuse([""]);
    if (!isNamespaced) subject.at("namespace").needed();
  } else if (kind.text === "User" || kind.text === "Group") {
    if (group.text !== RBAC) group.refuse([RBAC], group.text);
  } else kind.refuse(["ServiceAccount", "User", "Group"], kind.text);
}

export function disruptionBudgetRules(object: Field): void {
  const spec = object.at("spec");
  const [least, most] = [spec.at("minAvailable"), spec.at("maxUnavailable")];
  if (least.exists && most.exists) {
    spec.reject("minAvailable and maxUnavailable cannot be both set", {
      MinAvailable: least.value,
      Selector: spec.at("selector").exists ? asSelector(spec.at("selector").map) : null,
      MaxUnavailable: most.value,
      UnhealthyPodEvictionPolicy: spec.at("unhealthyPodEvictionPolicy").value ?? null,
    });
  }
  for (const bound of [least, most]) {
    if (!bound.exists) continue;
    positiveOrPercent(bound);
    notMoreThanAll(bound);
  }
  labelSelector(spec.at("selector"));
  spec.at("unhealthyPodEvictionPolicy").maybeOneOf("AlwaysAllow", "IfHealthyBudget");
}

export function autoscalerRules(object: Field): void {
  const spec = object.at("spec");
  const [least, most] = [spec.at("minReplicas"), spec.at("maxReplicas")];
  if (least.exists && least.number < 1) least.reject("must be greater than or equal to 1");
  if (!most.isSet) most.demand("must be set and greater than 0");
  else if (most.number < 0) most.reject("must be greater than or equal to 1");
  if (least.exists && most.number < least.number) {
    most.reject("must be greater than or equal to `minReplicas`", most.number);
  }
  scaleTarget(spec.at("scaleTargetRef"));
  const metrics = spec.at("metrics");
  for (const metric of metrics.items) metricRules(metric);
  const isAway = metrics.items.some((metric) => ["Object", "External"].includes(metric.at("type").text));
  if (least.exists && least.number === 0 && !isAway) {
    metrics.forbid("must specify at least one Object or External metric to support scaling to zero replicas");
  }
}

function scaleTarget(ref: Field): void {
  ref.at("kind").needs(pathSegment);
  ref.at("name").needs(pathSegment);
  const version = ref.at("apiVersion");
  if (!version.text.includes("/")) version.reject("apiVersion must specify API group", version.text);
}

function metricRules(metric: Field): void {
  const type = metric.at("type");
  type.needed("must specify a metric source type");
  if (!METRIC_TYPES.includes(type.text)) type.refuse(METRIC_TYPES, type.text);
  const present = Object.values(METRIC_SOURCES).filter((source) => metric.at(source).exists);
  if (present[0] === "resource" || present[0] === "containerResource") {
    resourceMetric(metric.at(present[0]));
  }
  const expected = METRIC_SOURCES[type.text];
  if (expected === undefined) type.refuse(METRIC_TYPES, type.text);
  else if (!metric.at(expected).exists) {
    metric.at(expected).demand("must populate information for the given metric source");
  }
  for (const other of present.length === 1 ? [] : present.filter((source) => source !== expected)) {
    metric.at(other).forbid("must populate the given metric source only");
  }
}

function resourceMetric(source: Field): void {
  source.at("name").needed("must specify a resource name");
  const target = source.at("target");
  const [type, utilization, value] = [
    target.at("type"),
    target.at("averageUtilization"),
    target.at("averageValue"),
  ];
  type.needed("must specify a metric target type");
  if (!["Utilization", "Value", "AverageValue"].includes(type.text)) {
    type.reject("must be either Utilization, Value, or AverageValue", type.text);
  }
  if (value.exists && compareQuantities(value.value as string, "0") <= 0) value.reject("must be positive");
  if (utilization.exists && utilization.number < 1) utilization.reject("must be greater than 0");
  if (!utilization.exists && !value.exists) {
    utilization.demand("must set either a target raw value or a target utilization");
  }
  if (utilization.exists && value.exists) {
    value.forbid("may not set both a target raw value and a target utilization");
  }
}

export function leaseRules(object: Field): void {
  const spec = object.at("spec");
  const duration = spec.at("leaseDurationSeconds");
  if (duration.exists && duration.number <= 0) duration.reject("must be greater than 0");
  spec.at("leaseTransitions").notNegative();
}

export function signingRequestRules(object: Field, old: Field | undefined): void {
  if (old !== undefined) return; // its spec does not change
  const spec = object.at("spec");
  const request = spec.at("request");
  if (!/^\s*-----BEGIN CERTIFICATE REQUEST-----/m.test(decoded(request.text))) {
    request.reject("PEM block type must be CERTIFICATE REQUEST");
  }
  spec.at("usages").needed();
  const signer = spec.at("signerName");
  if (signer.needed() && signer.text.split("/").length !== 2) {
    signer.reject("must be a fully qualified domain and path of the form 'example.com/signer-name'");
  }
  const seconds = spec.at("expirationSeconds");
  if (seconds.exists && seconds.number < 600) {
    seconds.reject("may not specify a duration less than 600 seconds (10 minutes)");
  }
}

function decoded(base64: string): string {
  try {
    return atob(base64);
  } catch {
    return ""; // the request was refused when it was read
  }
}

export function storageClassRules(object: Field, old: Field | undefined): void {
  const provisioner = object.at("provisioner");
  if (old !== undefined) {
    for (const name of ["parameters", "provisioner", "reclaimPolicy", "volumeBindingMode"]) {
      object.at(name).immutable(old.at(name));
    }
    return;
  }
  if (provisioner.needed()) {
    for (const problem of labelKeyProblems(provisioner.text.toLowerCase())) {
      provisioner.reject(problem, provisioner.text.toLowerCase());
    }
  }
  object.at("reclaimPolicy").maybeOneOf("Delete", "Retain");
  object.at("volumeBindingMode").oneOf("Immediate", "WaitForFirstConsumer");
}

/** The highest priority that users may define. */
const MOST_PRIORITY = 1_000_000_000;

export function priorityClassRules(object: Field, old: Field | undefined): void {
  const value = object.at("value");
  if (old !== undefined) {
    if (value.number !== old.at("value").number) value.forbid("may not be changed in an update.");
    object.at("preemptionPolicy").immutable(old.at("preemptionPolicy"));
    return;
  }
  const name = object.at("metadata", "name");
  if (name.text.startsWith("system-")) {
    name.forbid(
      "priority class names with 'system-' prefix are reserved for system use only. error: " +
        `${name.text} is not a known system priority class`,
    );
  } else if (value.number > MOST_PRIORITY) {
    value.forbid(`maximum allowed value of a user defined priority is ${MOST_PRIORITY}`);
  }
  object.at("preemptionPolicy").maybeOneOf("PreemptLowerPriority", "Never");
}

export function runtimeClassRules(object: Field, old: Field | undefined): void {
  const handler = object.at("handler");
  if (old !== undefined) return handler.immutable(old.at("handler"));
  handler.needed();
}
