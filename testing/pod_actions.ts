import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { conflict } from "./refusal.ts";
import type { Target } from "./target.ts";

/** A pod on the node that a `Binding` names. @throws {Refusal} 409, if it has one already. */
export function boundPod(
  pod: ApiObject,
  binding: JsonObject,
  { resource, name }: Target,
  now: string,
): ApiObject {
  const spec = pod.spec as JsonObject | undefined;
  const target = isJsonObject(binding.target) ? binding.target : {};
  if (spec?.nodeName) {
    const problem = `pod ${name} is already assigned to node ${JSON.stringify(spec.nodeName)}`;
    throw conflict({ ...resource, title: "pods/binding", plural: "pods/binding" }, name, problem);
  }
  return withCondition({ ...pod, spec: { ...spec, nodeName: target.name } }, {
    type: "PodScheduled",
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: now,
  });
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
  const others = ((status?.conditions ?? []) as JsonObject[]).filter(({ type }) => type !== condition.type);
  return { ...pod, status: { ...status, conditions: [...others, condition] } };
}
