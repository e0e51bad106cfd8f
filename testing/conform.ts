import { isJsonObject, type JsonObject } from "./api_object.ts";
import { EMPTY, type MapShape, type Shape } from "./schema.ts";

/**
 * An object as the server's own type holds it: without fields that the type does not have, without nulls and empty
 * lists and maps, and with what is there in each object.
 *
 * @param unknown Where the paths of dropped fields go.
 */
export function conform(value: unknown, shape: Shape, unknown?: string[], path = ""): unknown {
  if (shape.is === "list") {
    if (!Array.isArray(value)) return value;
    return value.map((item, index) =>
      item === null ? zeroOf(shape.item) : conform(item, shape.item, unknown, `${path}[${index}]`)
    );
  }
  return shape.is === "map" && isJsonObject(value) ? conformMap(value, shape, unknown, path) : value;
}

/** Fields that are no pointers in Go, and so are not written when they are false or 0. */
const OMITTED: Readonly<Record<string, readonly string[]>> = {
  "apps_v1.DaemonSetSpec": ["minReadySeconds"],
  "apps_v1.DeploymentSpec": ["minReadySeconds", "paused"],
  "apps_v1.ReplicaSetSpec": ["minReadySeconds"],
  "apps_v1.StatefulSetSpec": ["minReadySeconds"],
  "core_v1.Container": ["stdin", "stdinOnce", "tty"],
  "core_v1.ContainerPort": ["hostPort"],
  "core_v1.NodeSpec": ["unschedulable"],
  "core_v1.PodSpec": ["hostIPC", "hostNetwork", "hostPID"],
  "core_v1.Probe": ["initialDelaySeconds"],
  "core_v1.ReplicationControllerSpec": ["minReadySeconds"],
  "core_v1.ServicePort": ["nodePort"],
  "core_v1.ServiceSpec": ["healthCheckNodePort", "publishNotReadyAddresses"],
  "core_v1.VolumeMount": ["readOnly"],
};

function conformMap(
  value: JsonObject,
  shape: MapShape,
  unknown: string[] | undefined,
  path: string,
): JsonObject {
  const whole: JsonObject = {};
  for (const [key, below] of Object.entries(value)) {
    const type = shape.fields.get(key)?.shape ?? shape.item;
    const at = path === "" ? key : `${path}.${key}`;
    if (type === undefined) {
      unknown?.push(at);
      continue;
    }
    if (below === null && shape.item === undefined) continue;
    const held = below === null ? zeroOf(type) : conform(below, type, unknown, at);
    // Of managedFields an empty list says that nobody manages anything any more.
    if (shape.item === undefined && isEmpty(held, type) && key !== "managedFields") continue;
    if ((held === false || held === 0) && OMITTED[shape.name ?? ""]?.includes(key)) continue;
    Object.defineProperty(whole, key, { value: held, writable: true, enumerable: true, configurable: true });
  }
  for (const [key, { default: fallback, shape: type }] of shape.fields) {
    if (fallback === undefined || whole[key] !== undefined) continue;
    whole[key] = fallback === EMPTY ? conform({}, type) : fallback;
  }
  return whole;
}

/** What null is in a list or a map, whose values are no pointers in Go. */
function zeroOf(type: Shape): unknown {
  if (type.is === "scalar") return { string: "", number: 0, boolean: false, any: null }[type.type];
  return type.is === "map" && type.item === undefined ? conform({}, type) : null;
}

/** Empty lists and maps are left out; an empty struct says that it is there. */
function isEmpty(value: unknown, type: Shape): boolean {
  if (Array.isArray(value)) return type.is === "list" && value.length === 0;
  return type.is === "map" && type.item !== undefined && isJsonObject(value) &&
    Object.keys(value).length === 0;
}
