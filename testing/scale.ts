import { formatLabelSelector, labelRequirements, type LabelSelector } from "../meta/mod.ts";
import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { invalid, type Refusal } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** Where a kind keeps what its `scale` shows: paths such as `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

const BUILT_IN: ScalePaths = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };

/** The `Scale` of an object. */
export function scaleOf(object: ApiObject, { builtIn, scale = BUILT_IN }: ServedResource): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = builtIn ? builtInSelector(object) : at(object, scale.labelSelectorPath ?? "");
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: at(object, scale.specReplicasPath) ?? 0 },
    status: {
      replicas: at(object, scale.statusReplicasPath) ?? 0,
      ...(typeof selector === "string" && selector !== "" && { selector }),
    },
  };
}

/** The object with as many replicas as a `Scale` asks for. @throws {Refusal} 422, if that is less than none. */
export function withScale(
  object: ApiObject,
  scale: JsonObject,
  { scale: paths = BUILT_IN }: ServedResource,
): ApiObject {
  const replicas = Number((scale.spec as JsonObject | undefined)?.replicas ?? 0);
  if (replicas < 0) throw tooFew(object.metadata.name, replicas);
  const set = (value: unknown, [key, ...rest]: readonly string[]): JsonObject => {
    const map = isJsonObject(value) ? value : {};
    return { ...map, [key]: rest.length === 0 ? replicas : set(map[key], rest) };
  };
  return set(object, paths.specReplicasPath.split(".").slice(1)) as ApiObject;
}

function tooFew(name: string, replicas: number): Refusal {
  const message = `Invalid value: ${replicas}: must be greater than or equal to 0`;
  return invalid({ group: "autoscaling", kind: "Scale" }, name, [
    { reason: "FieldValueInvalid", field: "spec.replicas", message },
  ]);
}

function builtInSelector({ spec, kind }: ApiObject): string {
  const selector = (spec as JsonObject | undefined)?.selector;
  if (!isJsonObject(selector)) return "";
  const whole: LabelSelector = kind === "ReplicationController"
    ? { matchLabels: selector as Record<string, string> }
    : selector;
  try {
    return formatLabelSelector(
      labelRequirements(whole).map((one) => ({ ...one, values: [...one.values].sort() }))
        .sort((a, b) => a.key < b.key ? -1 : 1),
    );
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return ""; // one that a real server would not have stored
  }
}

function at(object: unknown, path: string): unknown {
  return path.split(".").slice(1).reduce<unknown>(
    (value, key) => isJsonObject(value) ? value[key] : undefined,
    object,
  );
}
