import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { Field } from "./field.ts";
import { badRequest, conflict, type FieldProblem, serverError } from "./refusal.ts";
import type { Target } from "./target.ts";

/** @throws {Refusal} 400, if what is asked for is about another pod. */
export function checkActsOn(kind: "Binding" | "Eviction", body: JsonObject, { name }: Target): void {
  const { name: sent } = isJsonObject(body.metadata) ? body.metadata : {};
  if (sent !== name) throw badRequest(`name in URL does not match name in ${kind} object`);
}

/** A pod on the node that a `Binding` names. @throws {Refusal} 409, if it cannot go there; 500, for a bad binding. */
export function boundPod(
  pod: ApiObject,
  binding: JsonObject,
  { resource, name }: Target,
  now: string,
): ApiObject {
  checkBinding(binding);
  const spec = (pod.spec ?? {}) as JsonObject;
  const refuse = (problem: string) =>
    conflict({ ...resource, title: "pods/binding", plural: "pods/binding" }, name, problem);
  if (pod.metadata.deletionTimestamp !== undefined) {
    throw refuse(`pod ${name} is being deleted, cannot be assigned to a host`);
  }
  if (spec.nodeName) throw refuse(`pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`);
  if (Array.isArray(spec.schedulingGates) && spec.schedulingGates.length > 0) {
    throw refuse(`pod ${name} has non-empty .spec.schedulingGates`);
  }
  const { annotations, labels } = (binding.metadata ?? {}) as JsonObject;
  const metadata = {
    ...pod.metadata,
    annotations: { ...pod.metadata.annotations, ...annotations as Record<string, string> },
    labels: { ...pod.metadata.labels, ...labels as Record<string, string> },
  };
  const { name: nodeName } = binding.target as JsonObject;
  return withCondition({ ...pod, metadata, spec: { ...spec, nodeName } }, {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: now,
  });
}

/** Its problems are no 422 on a real server either. */
function checkBinding(binding: JsonObject): void {
  const problems: FieldProblem[] = [];
  const target = new Field(binding.target, "target", problems);
  if (target.at("kind").isSet && target.at("kind").text !== "Node") {
    target.at("kind").refuse(["Node", "<empty>"]);
  }
  target.at("name").needed();
  const texts = problems.map(({ field, message }) => `${field}: ${message}`);
  if (texts.length > 0) throw serverError(texts.length === 1 ? texts[0] : `[${texts.join(", ")}]`);
}

/** A pod that says why it will be gone. */
export function evictedPod(pod: ApiObject, now: string): ApiObject {
  return withCondition(pod, {
    type: "DisruptionTarget",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: "EvictionByEvictionAPI",
    message: "Eviction API: evicting",
  });
}

function withCondition(pod: ApiObject, condition: JsonObject): ApiObject {
  const status = pod.status as JsonObject | undefined;
  const conditions = (status?.conditions ?? []) as JsonObject[];
  const place = conditions.findIndex(({ type }) => type === condition.type);
  const others = place < 0 ? [...conditions, condition] : conditions.with(place, condition);
  return { ...pod, status: { ...status, conditions: others } };
}
