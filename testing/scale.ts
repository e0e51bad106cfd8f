import { formatLabelSelector, labelRequirements, type LabelSelector } from "../meta/mod.ts";
import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { failure, invalid, invalidValue, Refusal } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** Where a kind keeps what its `scale` shows: paths such as `.spec.replicas`. */
export interface ScalePaths {
  readonly specReplicasPath: string;
  readonly statusReplicasPath: string;
  readonly labelSelectorPath?: string;
}

const BUILT_IN: ScalePaths = { specReplicasPath: ".spec.replicas", statusReplicasPath: ".status.replicas" };

/** Whether an object says how many replicas it wants, as built-in kinds do. */
export function hasReplicas(object: ApiObject, { scale = BUILT_IN }: ServedResource): boolean {
  return at(object, scale.specReplicasPath) !== undefined;
}

/** The `Scale` of an object. @throws {Refusal} 500, if it is a custom resource that does not say its replicas. */
export function scaleOf(object: ApiObject, { builtIn, scale = BUILT_IN }: ServedResource): ApiObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, scale.specReplicasPath);
  if (!builtIn && replicas === undefined) {
    const message = `the spec replicas field ${JSON.stringify(scale.specReplicasPath)} does not exist`;
    const details = { causes: [{ message }] };
    throw new Refusal(failure(500, "InternalError", `Internal error occurred: ${message}`, details));
  }
  const selector = builtIn ? builtInSelector(object) : at(object, scale.labelSelectorPath ?? "");
  return {
    kind: "Scale",
    apiVersion: "autoscaling/v1",
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: { replicas: replicas ?? 0 },
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
  resource: ServedResource,
): ApiObject {
  const { scale: paths = BUILT_IN } = resource;
  const replicas = Number((scale.spec as JsonObject | undefined)?.replicas ?? 0);
  if (replicas < 0) throw tooFew(object.metadata.name, replicas, resource);
  const set = (value: unknown, [key, ...rest]: readonly string[]): JsonObject => {
    const map = isJsonObject(value) ? value : {};
    return { ...map, [key]: rest.length === 0 ? replicas : set(map[key], rest) };
  };
  return set(object, paths.specReplicasPath.split(".").slice(1)) as ApiObject;
}

/** What applying a `Scale` applies to the object: as many replicas, and nothing else. */
export function appliedScale(
  { metadata, spec }: JsonObject,
  { apiVersion, kind, scale: paths = BUILT_IN }: ServedResource,
): JsonObject {
  const { replicas } = isJsonObject(spec) ? spec : {};
  const nested = (keys: readonly string[]): unknown =>
    keys.length === 0 ? replicas : { [keys[0]]: nested(keys.slice(1)) };
  const content = replicas === undefined
    ? {}
    : nested(paths.specReplicasPath.split(".").slice(1)) as JsonObject;
  return { apiVersion, kind, metadata, ...content };
}

function tooFew(name: string, replicas: number, { builtIn, group, kind, scale }: ServedResource): Refusal {
  if (!builtIn) {
    const rule = "should be a non-negative integer";
    return invalid({ group, kind }, name, [invalidValue(scale?.specReplicasPath ?? "", replicas, rule)]);
  }
  const rule = "must be greater than or equal to 0";
  return invalid({ group: "autoscaling", kind: "Scale" }, name, [
    invalidValue("spec.replicas", replicas, rule),
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
