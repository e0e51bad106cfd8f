import { isJsonObject, type JsonObject } from "./api_object.ts";

/** The class of service of a pod, by what its containers ask for and are held to. */
export function qosClass(spec: JsonObject): "Guaranteed" | "Burstable" | "BestEffort" {
  const containers = [...list(spec.initContainers), ...list(spec.containers)];
  const asked = containers.map(({ resources }) => {
    const { requests = {}, limits = {} } = (isJsonObject(resources) ? resources : {}) as {
      requests?: JsonObject;
      limits?: JsonObject;
    };
    return { requests, limits };
  });
  const isNone = asked.every(({ requests, limits }) =>
    [requests, limits].every((map) => map.cpu === undefined && map.memory === undefined)
  );
  if (isNone) return "BestEffort";
  const isFull = asked.every(({ requests, limits }) =>
    ["cpu", "memory"].every((name) =>
      limits[name] !== undefined && (requests[name] === undefined || requests[name] === limits[name])
    )
  );
  return isFull ? "Guaranteed" : "Burstable";
}

function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
