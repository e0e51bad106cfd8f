import { type ApiObject, isJsonObject, type JsonObject } from "./api_object.ts";
import { conform } from "./conform.ts";
import { builtInShape } from "./schema.ts";

type Conversion = (object: ApiObject) => JsonObject;

/** Fields that only have another name in the other version of an event. */
const EVENT_FIELDS: readonly (readonly [core: string, events: string])[] = [
  ["involvedObject", "regarding"],
  ["message", "note"],
  ["source", "deprecatedSource"],
  ["firstTimestamp", "deprecatedFirstTimestamp"],
  ["lastTimestamp", "deprecatedLastTimestamp"],
  ["count", "deprecatedCount"],
  ["reportingComponent", "reportingController"],
];

const PREFIX = "autoscaling.alpha.kubernetes.io/";

/** What becomes of an object, by kind and both versions, where it is more than another version's name. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  // The new version leaves out what is empty.
  "Event v1 events.k8s.io/v1": ({ reportingComponent, reportingInstance, ...event }) =>
    renamed({
      ...event,
      ...(reportingComponent !== "" && { reportingComponent }),
      ...(reportingInstance !== "" && { reportingInstance }),
    } as ApiObject, EVENT_FIELDS),
  "Event events.k8s.io/v1 v1": (event) =>
    renamed(event, EVENT_FIELDS.map(([core, events]) => [events, core])),
  "HorizontalPodAutoscaler autoscaling/v1 autoscaling/v2": withMetrics,
  "HorizontalPodAutoscaler autoscaling/v2 autoscaling/v1": withCpuAlone,
};

/**
 * The object in another version of its kind.
 *
 * @param apiVersion One of the versions that share the place where the object is stored.
 */
export function converted(object: ApiObject, apiVersion: string): ApiObject {
  const { apiVersion: from, kind } = object;
  if (from === apiVersion) return object;
  const conversion = CONVERSIONS[`${kind} ${from} ${apiVersion}`];
  if (conversion === undefined) return { ...object, apiVersion };
  const shape = builtInShape(apiVersion, kind)!; // the table has both versions
  return conform({ ...conversion(object), apiVersion }, shape) as ApiObject;
}

function renamed(object: ApiObject, names: readonly (readonly [string, string])[]): JsonObject {
  const other = new Map(names);
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [other.get(key) ?? key, value]));
}

/** The use of the processor, which the old version has a field for. */
function isCpu(metric: unknown): boolean {
  const { type, resource } = metric as JsonObject;
  return type === "Resource" && isJsonObject(resource) && resource.name === "cpu" &&
    isJsonObject(resource.target) && resource.target.averageUtilization !== undefined;
}

/** What the old version has no fields for is in annotations, here as the new version writes it. */
function withMetrics({ metadata, spec, status, ...rest }: ApiObject): JsonObject {
  const { targetCPUUtilizationPercentage: cpu, ...others } = spec as JsonObject;
  const { currentCPUUtilizationPercentage: current, ...known } = (status ?? {}) as JsonObject;
  const annotations = { ...metadata.annotations };
  const taken = (name: string): unknown[] => {
    const { [PREFIX + name]: text } = annotations;
    delete annotations[PREFIX + name];
    return text === undefined ? [] : JSON.parse(text);
  };
  const use = { type: "Utilization", averageUtilization: cpu };
  const [metrics, currentMetrics, conditions] = ["metrics", "current-metrics", "conditions"].map(taken);
  const [behavior] = taken("behavior");
  if (cpu !== undefined) metrics.unshift({ type: "Resource", resource: { name: "cpu", target: use } });
  if (current !== undefined && currentMetrics.length === 0) {
    const averageUtilization = current;
    currentMetrics.push({ type: "Resource", resource: { name: "cpu", current: { averageUtilization } } });
  }
  return {
    ...rest,
    metadata: { ...metadata, annotations },
    spec: { ...others, metrics, behavior },
    status: { ...known, currentMetrics, conditions: conditions.length > 0 ? conditions : undefined },
  };
}

function withCpuAlone({ metadata, spec, status, ...rest }: ApiObject): JsonObject {
  const { metrics = [], behavior, ...others } = spec as JsonObject & { metrics?: JsonObject[] };
  const { currentMetrics, conditions, ...known } = (status ?? {}) as JsonObject & {
    currentMetrics?: { type?: string; resource?: { name?: string; current?: JsonObject } }[] | null;
    conditions?: JsonObject[] | null;
  };
  const cpu = metrics.find(isCpu);
  const target = (cpu?.resource as { target?: JsonObject } | undefined)?.target;
  const current = currentMetrics?.find(({ type, resource }) =>
    type === "Resource" && resource?.name === "cpu"
  );
  const kept = {
    "metrics": metrics.filter((metric) => metric !== cpu),
    "current-metrics": currentMetrics ?? [],
    "conditions": conditions ?? [],
    "behavior": behavior === undefined ? [] : [behavior],
  };
  const annotations = Object.entries(kept).filter(([, values]) => values.length > 0)
    .map(([name, values]) => [PREFIX + name, JSON.stringify(values)]);
  return {
    ...rest,
    metadata: {
      ...metadata,
      ...(annotations.length > 0 &&
        { annotations: { ...metadata.annotations, ...Object.fromEntries(annotations) } }),
    },
    spec: { ...others, targetCPUUtilizationPercentage: target?.averageUtilization },
    status: { ...known, currentCPUUtilizationPercentage: current?.resource?.current?.averageUtilization },
  };
}
