import { dnsLabelProblems, labelRequirements, type LabelSelector, matchesLabels } from "../meta/mod.ts";
import { isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import { cronProblem } from "./cron_schedule.ts";
import type { Field } from "./field.ts";
import { podTemplate } from "./pod_rules.ts";
import {
  asSelector,
  labels,
  labelSelector,
  notMoreThanAll,
  percentOf,
  positiveOrPercent,
} from "./text_rules.ts";

const NO_MATCH = "`selector` does not match template `labels`";

export function deploymentRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  spec.at("replicas").notNegative();
  selectedTemplate(spec, "deployment");
  deploymentStrategy(spec.at("strategy"));
  for (const name of ["minReadySeconds", "revisionHistoryLimit"]) spec.at(name).notNegative();
  const deadline = spec.at("progressDeadlineSeconds");
  deadline.notNegative();
  if (deadline.exists && deadline.number <= spec.at("minReadySeconds").number) {
    deadline.reject("must be greater than minReadySeconds");
  }
  if (old !== undefined) spec.at("selector").immutable(old.at("spec", "selector"));
}

export function replicaSetRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  for (const name of ["replicas", "minReadySeconds"]) spec.at(name).notNegative();
  selectedTemplate(spec, "deployment"); // so it says
  if (old !== undefined) spec.at("selector").immutable(old.at("spec", "selector"));
}

export function statefulSetRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  const policy = spec.at("podManagementPolicy");
  if (policy.needed() && !["OrderedReady", "Parallel"].includes(policy.text)) {
    policy.reject("must be 'OrderedReady' or 'Parallel'");
  }
  const strategy = spec.at("updateStrategy");
  const type = strategy.at("type").text;
  if (type === "RollingUpdate") strategy.at("rollingUpdate", "partition").notNegative();
  else if (type !== "OnDelete") {
    strategy.reject("must be 'RollingUpdate' or 'OnDelete'", { Type: type, RollingUpdate: null });
  } else if (strategy.at("rollingUpdate").exists) {
    strategy.at("rollingUpdate").reject("only allowed for updateStrategy 'RollingUpdate'");
  }
  for (const name of ["replicas", "minReadySeconds"]) spec.at(name).notNegative();
  spec.at("ordinals", "start").notNegative();
  if (old === undefined) spec.at("serviceName").keeps(dnsLabelProblems);
  selectedTemplate(spec, "statefulset", withClaims(spec));
  if (old === undefined) return;
  const fixed = ({ map }: Field): JsonObject => {
    const { replicas: _, template: __, updateStrategy: ___, minReadySeconds: ____, ...rest } = map;
    const { ordinals: _____, revisionHistoryLimit: ______, ...less } = rest;
    return { ...less, persistentVolumeClaimRetentionPolicy: null };
  };
  if (!sameJson(fixed(spec), fixed(old.at("spec")))) {
    spec.forbid(
      "updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', " +
        "'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden",
    );
  }
}

export function daemonSetRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  if (old !== undefined) spec.at("selector").immutable(old.at("spec", "selector"));
  const selector = spec.at("selector");
  const isUsable = labelSelector(selector);
  if (isUsable && !matches(selector.value, spec)) {
    templateLabels(spec).reject(NO_MATCH, templateLabels(spec).value ?? null);
  }
  if (selector.exists && isEmpty(selector)) selector.reject("empty selector is invalid for daemonset");
  podTemplate(spec.at("template"));
  alwaysRestarts(spec, "DaemonSet");
  spec.at("minReadySeconds").notNegative();
  const strategy = spec.at("updateStrategy");
  const rolling = strategy.at("rollingUpdate");
  if (strategy.at("type").text === "RollingUpdate") {
    for (const name of ["maxUnavailable", "maxSurge"]) {
      positiveOrPercent(rolling.at(name));
      notMoreThanAll(rolling.at(name));
    }
    const [unavailable, surge] = ["maxUnavailable", "maxSurge"].map((name) => isSome(rolling.at(name)));
    if (unavailable && surge) rolling.at("maxSurge").reject("may not be set when maxUnavailable is non-zero");
    else if (!unavailable && !surge) rolling.at("maxUnavailable").demand("cannot be 0 when maxSurge is 0");
  } else if (strategy.at("type").text !== "OnDelete") {
    strategy.refuse(["RollingUpdate", "OnDelete"], { Type: strategy.at("type").text, RollingUpdate: null });
  }
  spec.at("revisionHistoryLimit").notNegative();
}

export function replicationControllerRules(object: Field): void {
  const spec = object.at("spec");
  spec.at("minReadySeconds").notNegative();
  spec.at("selector").needed();
  spec.at("replicas").notNegative();
  const template = spec.at("template");
  if (!template.exists) return template.demand();
  const wanted = Object.entries(spec.at("selector").map);
  const given = template.at("metadata", "labels").map;
  if (!wanted.every(([key, value]) => given[key] === value)) {
    templateLabels(spec).reject(NO_MATCH, templateLabels(spec).value ?? null);
  }
  podTemplate(template);
  alwaysRestarts(spec, "ReplicationController");
}

export function jobRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  const selector = spec.at("selector");
  if (old === undefined && spec.at("manualSelector").value !== true) generatedSelector(object, selector);
  jobSpec(spec);
  if (!selector.exists) selector.demand();
  else if (labelSelector(selector) && !matches(selector.value, spec)) {
    templateLabels(spec).reject(NO_MATCH, templateLabels(spec).value ?? null);
  }
  if (old === undefined) return;
  const before = old.at("spec");
  if (spec.at("completionMode").text !== "Indexed") {
    spec.at("completions").immutable(before.at("completions"));
  }
  spec.at("selector").immutable(before.at("selector"));
  spec.at("template").immutable(before.at("template"));
  for (
    const name of ["completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"]
  ) {
    spec.at(name).immutable(before.at(name));
  }
}

/** What selects a job's pods is the server's to say, unless it is told otherwise. */
function generatedSelector(object: Field, selector: Field): void {
  const given = object.at("spec", "template", "metadata", "labels").map;
  const name = object.at("metadata", "name").text;
  const names = [
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-name",
    "controller-uid",
    "job-name",
  ];
  const generated = Object.fromEntries(
    names.map((key) => [key, key.endsWith("uid") ? String(given[key]) : name]),
  );
  const isMet = matchesLabels(labelRequirements(selector.map as LabelSelector), generated);
  if (!isMet) selector.reject("`selector` not auto-generated", asSelector(selector.map));
}

export function cronJobRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  const schedule = spec.at("schedule");
  if (schedule.needed()) {
    const problem = cronProblem(schedule.text);
    if (problem !== undefined) schedule.reject(problem);
    if (schedule.text.includes("TZ")) {
      schedule.reject("cannot use TZ or CRON_TZ in schedule, use timeZone field instead");
    }
  }
  spec.at("startingDeadlineSeconds").notNegative();
  const zone = spec.at("timeZone");
  if (zone.exists && zone.text === "") zone.reject("timeZone must be nil or non-empty string");
  else if (zone.exists && !isTimeZone(zone.text)) zone.reject(`unknown time zone ${zone.text}`);
  spec.at("concurrencyPolicy").oneOf("Allow", "Forbid", "Replace");
  const template = spec.at("jobTemplate", "spec");
  jobSpec(template);
  if (template.at("selector").exists) template.at("selector").reject("`selector` will be auto-generated");
  if (template.at("manualSelector").value === true) template.at("manualSelector").refuse(["nil", "false"]);
  for (const name of ["successfulJobsHistoryLimit", "failedJobsHistoryLimit"]) spec.at(name).notNegative();
  const name = object.at("metadata", "name");
  if (old === undefined && name.text.length > 52) name.reject("must be no more than 52 characters");
}

function jobSpec(spec: Field): void {
  for (
    const name of [
      "parallelism",
      "completions",
      "activeDeadlineSeconds",
      "backoffLimit",
      "ttlSecondsAfterFinished",
      "backoffLimitPerIndex",
      "maxFailedIndexes",
    ]
  ) spec.at(name).notNegative();
  if (spec.at("maxFailedIndexes").exists && !spec.at("backoffLimitPerIndex").exists) {
    spec.at("backoffLimitPerIndex").demand("when maxFailedIndexes is specified");
  }
  spec.at("completionMode").maybeOneOf("NonIndexed", "Indexed");
  const isIndexed = spec.at("completionMode").text === "Indexed";
  if (isIndexed && !spec.at("completions").exists) {
    spec.at("completions").demand("when completion mode is Indexed");
  }
  for (const name of isIndexed ? [] : ["backoffLimitPerIndex", "maxFailedIndexes"]) {
    if (spec.at(name).exists) spec.at(name).reject("requires indexed completion mode");
  }
  if (spec.at("podReplacementPolicy").exists) {
    spec.at("podReplacementPolicy").maybeOneOf("Failed", "TerminatingOrFailed");
  }
  podTemplate(spec.at("template"));
  const policy = spec.at("template", "spec", "restartPolicy");
  if (policy.text === "Always" || policy.text === "") policy.demand('valid values: "OnFailure", "Never"');
  else if (!["OnFailure", "Never"].includes(policy.text)) policy.refuse(["OnFailure", "Never"]);
  else if (spec.at("podFailurePolicy").exists && policy.text !== "Never") {
    policy.reject('only "Never" is supported when podFailurePolicy is specified');
  }
}

/** The selector of a workload and its template, which has to match. */
function selectedTemplate(spec: Field, kind: string, template: Field = spec.at("template")): void {
  const selector = spec.at("selector");
  let isUsable = true;
  if (!selector.exists) selector.demand();
  else {
    isUsable = labelSelector(selector);
    if (isEmpty(selector)) selector.reject(`empty selector is invalid for ${kind}`);
  }
  if (!isUsable) {
    selector.reject(kind === "statefulset" ? "" : "invalid label selector", asSelector(selector.map));
    if (kind !== "statefulset") return;
  } else {
    if (!matches(selector.value, spec)) {
      templateLabels(spec).reject(NO_MATCH, templateLabels(spec).value ?? null);
    }
    podTemplate(template);
    if (kind === "statefulset") labels(template.at("labels").as(template.at("metadata", "labels").value));
  }
  alwaysRestarts(spec, kind === "statefulset" ? "StatefulSet" : "ReplicaSet");
}

/** The template with the volumes that a StatefulSet makes from its claims. */
function withClaims(spec: Field): Field {
  const template = spec.at("template");
  const claims = spec.at("volumeClaimTemplates").items.map((claim) => claim.at("metadata", "name").text);
  if (claims.length === 0) return template;
  const made = claims.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }));
  const others = template.at("spec", "volumes").list.filter((volume) =>
    !(isJsonObject(volume) && claims.includes(String(volume.name)))
  );
  return template.as({
    ...template.map,
    spec: { ...template.at("spec").map, volumes: [...made, ...others] },
  });
}

function deploymentStrategy(strategy: Field): void {
  const type = strategy.at("type").text;
  const rolling = strategy.at("rollingUpdate");
  if (type === "Recreate") {
    if (rolling.exists) rolling.forbid("may not be specified when strategy `type` is 'Recreate'");
  } else if (type === "RollingUpdate") {
    const [unavailable, surge] = [rolling.at("maxUnavailable"), rolling.at("maxSurge")];
    positiveOrPercent(unavailable);
    positiveOrPercent(surge);
    if (!isSome(unavailable) && !isSome(surge)) unavailable.reject("may not be 0 when `maxSurge` is 0");
    notMoreThanAll(unavailable);
  } else strategy.refuse(["Recreate", "RollingUpdate"], { Type: type, RollingUpdate: null });
}

function alwaysRestarts(spec: Field, kind: string): void {
  const policy = spec.at("template", "spec", "restartPolicy");
  if (policy.text !== "Always") policy.refuse(["Always"], policy.text);
  const deadline = spec.at("template", "spec", "activeDeadlineSeconds");
  if (deadline.exists) deadline.forbid(`activeDeadlineSeconds in ${kind} is not Supported`);
}

function templateLabels(spec: Field): Field {
  return spec.at("template", "metadata", "labels");
}

function isEmpty(selector: Field): boolean {
  return !selector.at("matchExpressions").isSet && Object.keys(selector.at("matchLabels").map).length === 0;
}

function matches(selector: unknown, spec: Field): boolean {
  if (!isJsonObject(selector)) return false; // none selects nothing
  return matchesLabels(
    labelRequirements(selector as LabelSelector),
    templateLabels(spec).map as Record<string, string>,
  );
}

function isSome({ value }: Field): boolean {
  return (percentOf(value) ?? value ?? 0) !== 0;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false; // so the engine says that it knows no such zone
  }
}
