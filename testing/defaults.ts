import { isJsonObject, type JsonObject } from "./api_object.ts";
import type { ServedResource } from "./served_resource.ts";

/** Defaults of `spec` that clients select by or wait for. A real server fills in many more. */
const SPEC_DEFAULTS: Readonly<Record<string, JsonObject>> = {
  "pods": {
    restartPolicy: "Always",
    terminationGracePeriodSeconds: 30,
    dnsPolicy: "ClusterFirst",
    schedulerName: "default-scheduler",
  },
  "deployments.apps": { replicas: 1 },
  "replicasets.apps": { replicas: 1 },
  "statefulsets.apps": { replicas: 1 },
  "replicationcontrollers": { replicas: 1 },
  "namespaces": { finalizers: ["kubernetes"] },
};

/** The status that an object starts with; what the client sent as status is not looked at. */
const FIRST_STATUS: Readonly<Record<string, JsonObject>> = {
  "pods": { phase: "Pending" },
  "namespaces": { phase: "Active" },
  "persistentvolumes": { phase: "Pending" },
  "persistentvolumeclaims": { phase: "Pending" },
};

/** The object with the defaults of its kind, where it says nothing itself. */
export function withDefaults<T extends JsonObject>(object: T, { title }: ServedResource): T {
  const defaults = SPEC_DEFAULTS[title];
  const spec = object.spec ?? {};
  if (defaults === undefined || !isJsonObject(spec)) return object;
  const missing = Object.entries(defaults).filter(([field]) => (spec[field] ?? undefined) === undefined);
  return missing.length === 0 ? object : { ...object, spec: { ...spec, ...Object.fromEntries(missing) } };
}

/** What a new object has as status, given what was sent. */
export function firstStatus(sent: unknown, { title, builtIn, subresources }: ServedResource): unknown {
  if (!subresources.has("status")) return sent;
  if (title === "nodes") return sent; // the kubelet registers its node and the status in one request
  return FIRST_STATUS[title] ?? (builtIn ? {} : undefined);
}
