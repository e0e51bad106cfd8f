import { isJsonObject, type JsonObject } from "./api_object.ts";
import type { ServedResource } from "./served_resource.ts";

/** Kinds whose `spec` a real server writes even when nothing is in it; so it does with those that have defaults. */
const ALWAYS_SPEC = new Set([
  "daemonsets.apps",
  "ingressclasses.networking.k8s.io",
  "ingresses.networking.k8s.io",
  "jobs.batch",
  "leases.coordination.k8s.io",
  "limitranges",
  "networkpolicies.networking.k8s.io",
  "nodes",
  "persistentvolumeclaims",
  "persistentvolumes",
  "poddisruptionbudgets.policy",
  "resourcequotas",
  "services",
]);

/** Other parts that a real server writes even when nothing is in them. */
const ALWAYS: Readonly<Record<string, JsonObject>> = {
  "events": { source: {} },
  "events.events.k8s.io": { deprecatedSource: {}, regarding: {} },
  "podtemplates": { template: {} },
};

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
  if (ALWAYS[title] !== undefined) return { ...ALWAYS[title], ...object };
  const defaults = SPEC_DEFAULTS[title] ?? (ALWAYS_SPEC.has(title) ? {} : undefined);
  const spec = object.spec ?? {};
  if (defaults === undefined || !isJsonObject(spec)) return object;
  const missing = Object.entries(defaults).filter(([field]) => (spec[field] ?? undefined) === undefined);
  const isWhole = missing.length === 0 && (object.spec ?? undefined) !== undefined;
  return isWhole ? object : { ...object, spec: { ...spec, ...Object.fromEntries(missing) } };
}

/** What a new object has as status, given what was sent. */
export function firstStatus(sent: unknown, { title, builtIn, subresources }: ServedResource): unknown {
  if (!subresources.has("status")) return sent;
  if (title === "nodes") return sent ?? {}; // the kubelet registers its node and the status in one request
  return FIRST_STATUS[title] ?? (builtIn ? {} : undefined);
}
