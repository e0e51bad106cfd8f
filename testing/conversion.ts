import { type ApiObject, isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
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

const METRICS = "autoscaling.alpha.kubernetes.io/metrics";

/** What becomes of an object, by kind and both versions, where it is more than another version's name. */
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  "Event v1 events.k8s.io/v1": (event) => renamed(event, EVENT_FIELDS),
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

/** Metrics besides that of the processor are in an annotation of the old version. */
function withMetrics({ metadata, spec, status, ...rest }: ApiObject): JsonObject {
  const { targetCPUUtilizationPercentage: cpu, ...others } = spec as JsonObject;
  const { currentCPUUtilizationPercentage: current, ...known } = (status ?? {}) as JsonObject;
  const { [METRICS]: text = "[]", ...annotations } = metadata.annotations ?? {};
  const metrics = JSON.parse(text) as unknown[];
  if (cpu !== undefined) {
    const target = { type: "Utilization", averageUtilization: cpu };
    metrics.push({ type: "Resource", resource: { name: "cpu", target } });
  }
  const currentMetrics = current === undefined ? [] : [
    { type: "Resource", resource: { name: "cpu", current: { averageUtilization: current } } },
  ];
  return {
    ...rest,
    metadata: { ...metadata, annotations },
    spec: { ...others, metrics },
    status: { ...known, ...(currentMetrics.length > 0 && { currentMetrics }) },
  };
}

function withCpuAlone({ metadata, spec, status, ...rest }: ApiObject): JsonObject {
  const { metrics = [], behavior: _, ...others } = spec as JsonObject & { metrics?: JsonObject[] };
  const { currentMetrics = [], conditions: __, ...known } = (status ?? {}) as JsonObject & {
    currentMetrics?: { type?: string; resource?: { name?: string; current?: JsonObject } }[];
  };
  const cpu = metrics.find(isCpu);
  const more = metrics.filter((metric) => !sameJson(metric, cpu));
  const target = (cpu?.resource as { target?: JsonObject } | undefined)?.target;
  const current = currentMetrics.find(({ type, resource }) =>
    type === "Resource" && resource?.name === "cpu"
  );
  return {
    ...rest,
    metadata: {
      ...metadata,
      ...(more.length > 0 && { annotations: { ...metadata.annotations, [METRICS]: JSON.stringify(more) } }),
    },
    spec: { ...others, targetCPUUtilizationPercentage: target?.averageUtilization },
    status: { ...known, currentCPUUtilizationPercentage: current?.resource?.current?.averageUtilization },
  };
}
