import { isJsonObject, type JsonObject } from "./api_object.ts";
import { conform } from "./conform.ts";
import type { Shape } from "./schema.ts";
import { qosClass } from "./qos_class.ts";
import type { ServedResource } from "./served_resource.ts";
import { GENERATION } from "./template_generation.ts";

/** Defaults of a type, or what it makes of a value. Only fields that are absent are filled in. */
type Defaults = JsonObject | ((value: JsonObject) => JsonObject);

const RBAC = "rbac.authorization.k8s.io";
const TCP = { protocol: "TCP" };
const MODE = { defaultMode: 0o644 };
const CONTAINER = ({ image }: JsonObject): JsonObject => ({
  terminationMessagePath: "/dev/termination-log",
  terminationMessagePolicy: "File",
  imagePullPolicy: image ? pullPolicy(String(image)) : "IfNotPresent",
});

/** What the server fills in, by type, as `k8s.io/kubernetes/pkg/apis/…/defaults.go` has it for what tests use most. */
const DEFAULTS: Readonly<Record<string, Defaults>> = {
  "apiextensions_v1.CustomResourceDefinitionNames": ({ kind }) =>
    kind ? { singular: String(kind).toLowerCase(), listKind: `${kind}List` } : {},
  "apiextensions_v1.CustomResourceDefinitionSpec": { conversion: { strategy: "None" } },
  "apps_v1.DaemonSet": ({ metadata }) => {
    const { annotations, ...rest } = metadata as JsonObject;
    return { metadata: { ...rest, annotations: { [GENERATION]: "0", ...annotations as JsonObject } } };
  },
  "apps_v1.DaemonSetSpec": {
    updateStrategy: { type: "RollingUpdate" },
    revisionHistoryLimit: 10,
  },
  "apps_v1.DaemonSetUpdateStrategy": rolling({ maxUnavailable: 1, maxSurge: 0 }),
  "apps_v1.DeploymentSpec": { replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600 },
  "apps_v1.DeploymentStrategy": rolling({ maxUnavailable: "25%", maxSurge: "25%" }),
  "apps_v1.ReplicaSetSpec": { replicas: 1 },
  "apps_v1.StatefulSetPersistentVolumeClaimRetentionPolicy": { whenDeleted: "Retain", whenScaled: "Retain" },
  "apps_v1.StatefulSet": ({ spec }) => {
    const { volumeClaimTemplates: claims } = spec as { volumeClaimTemplates?: JsonObject[] };
    const whole = claims?.map((claim) => ({
      apiVersion: "v1",
      kind: "PersistentVolumeClaim",
      ...claim,
      status: { phase: "Pending", ...claim.status as JsonObject },
    }));
    return whole === undefined ? {} : { spec: { ...spec as JsonObject, volumeClaimTemplates: whole } };
  },
  "apps_v1.StatefulSetSpec": {
    podManagementPolicy: "OrderedReady",
    replicas: 1,
    revisionHistoryLimit: 10,
    persistentVolumeClaimRetentionPolicy: { whenDeleted: "Retain", whenScaled: "Retain" },
  },
  "apps_v1.StatefulSetUpdateStrategy": rolling({ partition: 0 }),
  "authentication_v1.TokenRequestSpec": { expirationSeconds: 3600 },
  "autoscaling_v2.HorizontalPodAutoscalerSpec": {
    minReplicas: 1,
    metrics: [{
      type: "Resource",
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 80 } },
    }],
  },
  "batch_v1.CronJobSpec": {
    concurrencyPolicy: "Allow",
    suspend: false,
    successfulJobsHistoryLimit: 3,
    failedJobsHistoryLimit: 1,
  },
  "batch_v1.Job": ({ metadata, spec }) => {
    const { completions, parallelism, podFailurePolicy } = spec as JsonObject;
    return {
      metadata: { ...templateLabels(spec), ...metadata as JsonObject },
      spec: {
        ...(completions === undefined && parallelism === undefined && { completions: 1 }),
        ...(parallelism === undefined && { parallelism: 1 }),
        backoffLimit: 6,
        completionMode: "NonIndexed",
        suspend: false,
        manualSelector: false,
        podReplacementPolicy: podFailurePolicy === undefined ? "TerminatingOrFailed" : "Failed",
        ...spec as JsonObject,
      },
    };
  },
  "core_v1.ConfigMapVolumeSource": MODE,
  "core_v1.Container": CONTAINER,
  "core_v1.ContainerPort": TCP,
  "core_v1.DownwardAPIVolumeSource": MODE,
  "core_v1.EndpointPort": TCP,
  "core_v1.EphemeralContainer": CONTAINER,
  "core_v1.HTTPGetAction": { path: "/", scheme: "HTTP" },
  "core_v1.HostPathVolumeSource": { type: "" },
  "core_v1.ObjectFieldSelector": { apiVersion: "v1" },
  "core_v1.PersistentVolumeClaimSpec": { volumeMode: "Filesystem" },
  "core_v1.PersistentVolumeSpec": { persistentVolumeReclaimPolicy: "Retain", volumeMode: "Filesystem" },
  "core_v1.Pod": ({ spec }) => ({
    spec: {
      enableServiceLinks: true,
      ...spec as JsonObject,
      ...withRequests(spec as JsonObject, "initContainers"),
      ...withRequests(spec as JsonObject, "containers"),
    },
  }),
  "core_v1.PodSpec": {
    dnsPolicy: "ClusterFirst",
    restartPolicy: "Always",
    securityContext: {},
    terminationGracePeriodSeconds: 30,
    schedulerName: "default-scheduler",
  },
  "core_v1.Probe": { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 },
  "core_v1.ProjectedVolumeSource": MODE,
  "core_v1.ReplicationController": ({ metadata, spec }) => {
    const labels = templateLabels(spec);
    return {
      metadata: { ...labels, ...metadata as JsonObject },
      spec: { ...("labels" in labels && { selector: labels.labels }), ...spec as JsonObject },
    };
  },
  "core_v1.ReplicationControllerSpec": { replicas: 1 },
  "core_v1.Secret": { type: "Opaque" },
  "core_v1.SecretVolumeSource": MODE,
  "core_v1.ServiceAccountTokenProjection": { expirationSeconds: 3600 },
  "core_v1.ServicePort": ({ port }) => ({ ...TCP, targetPort: port }),
  "core_v1.ServiceSpec": ({ type = "ClusterIP", sessionAffinity }) => ({
    sessionAffinity: "None",
    ...(sessionAffinity === "ClientIP" &&
      { sessionAffinityConfig: { clientIP: { timeoutSeconds: 10_800 } } }),
    type,
    ...(type === "LoadBalancer" && { allocateLoadBalancerNodePorts: true }),
    ...(type !== "ExternalName" && { internalTrafficPolicy: "Cluster" }),
    ...((type === "NodePort" || type === "LoadBalancer") && { externalTrafficPolicy: "Cluster" }),
  }),
  "core_v1.Volume": (value) => Object.keys(value).some((key) => key !== "name") ? {} : { emptyDir: {} },
  "discovery_v1.EndpointPort": { name: "", protocol: "TCP" },
  "networking_v1.NetworkPolicyPort": TCP,
  "networking_v1.NetworkPolicySpec": ({ egress }) => ({
    policyTypes: egress === undefined ? ["Ingress"] : ["Ingress", "Egress"],
  }),
  "rbac_v1.Subject": ({ kind }) => kind === "ServiceAccount" ? {} : { apiGroup: RBAC },
  "scheduling_v1.PriorityClass": { preemptionPolicy: "PreemptLowerPriority" },
  "storage_v1.CSIDriverSpec": {
    attachRequired: true,
    podInfoOnMount: false,
    storageCapacity: false,
    fsGroupPolicy: "ReadWriteOnceWithFSType",
    volumeLifecycleModes: ["Persistent"],
    requiresRepublish: false,
    seLinuxMount: false,
  },
  "storage_v1.StorageClass": { reclaimPolicy: "Delete", volumeBindingMode: "Immediate" },
};

/** The labels of a template, if it has some. */
function templateLabels(spec: unknown): { labels?: JsonObject } {
  const { template } = spec as { template?: { metadata?: { labels?: JsonObject } } };
  const labels = template?.metadata?.labels;
  return labels === undefined ? {} : { labels };
}

/** Who says what a container is held to, and not what it asks for, asks for that. */
function withRequests(spec: JsonObject, name: string): JsonObject {
  if (!Array.isArray(spec[name])) return {};
  const containers = spec[name].map((container) => {
    const { limits, requests } = (container?.resources ?? {}) as JsonObject;
    if (!isJsonObject(limits)) return container;
    const whole = { ...limits, ...(isJsonObject(requests) ? requests : {}) };
    return { ...container, resources: { ...container.resources, requests: whole } };
  });
  return { [name]: containers };
}

function rolling(rollingUpdate: JsonObject): Defaults {
  return ({ type = "RollingUpdate", rollingUpdate: given }) => ({
    type,
    ...(type === "RollingUpdate" &&
      { rollingUpdate: { ...rollingUpdate, ...(isJsonObject(given) ? given : {}) } }),
  });
}

/** An image without a tag, or with the tag `latest`, may change; others do not. */
function pullPolicy(image: string): string {
  const [, tag] = /:([^/:@]+)(?:@.*)?$/.exec(image) ?? [];
  if (image.includes("@") && tag === undefined) return "IfNotPresent";
  return tag === undefined || tag === "latest" ? "Always" : "IfNotPresent";
}

/** The value with the defaults of its type, and those of its parts, where it says nothing itself. */
function withDefaults<T>(value: T, shape: Shape): T {
  if (shape.is === "list" && Array.isArray(value)) {
    return mapped(value, (item) => withDefaults(item, shape.item)) as T;
  }
  if (shape.is !== "map" || !isJsonObject(value)) return value;
  const defaults = DEFAULTS[shape.name ?? ""] ?? {};
  let whole: JsonObject = value;
  for (const [key, fallback] of Object.entries(typeof defaults === "function" ? defaults(value) : defaults)) {
    const given = value[key] ?? undefined;
    // What a default says about an object that is there already completes it.
    if (given === undefined || (typeof defaults === "function" && isJsonObject(given))) {
      whole = { ...whole, [key]: fallback };
    }
  }
  for (const [key, below] of Object.entries(whole)) {
    if (typeof below !== "object" || below === null) continue;
    const type = shape.fields.get(key)?.shape ?? shape.item;
    const filled = type === undefined ? below : withDefaults(below, type);
    if (filled !== below) whole = { ...whole, [key]: filled };
  }
  return whole as T;
}

/** The list itself, if nothing in it changes. */
function mapped(list: readonly unknown[], change: (item: unknown) => unknown): readonly unknown[] {
  const made = list.map(change);
  return made.some((item, index) => item !== list[index]) ? made : list;
}

/** What an object says once the server has read it: what is for writing only has its place, and nothing is missing. */
export function filledIn<T extends JsonObject>(object: T, { apiVersion, kind, shape }: ServedResource): T {
  const read = READ[`${apiVersion}/${kind}`];
  return withDefaults(read === undefined ? object : read(object) as T, shape);
}

/** What reading makes of an object. */
const READ: Readonly<Record<string, (object: JsonObject) => JsonObject>> = {
  "v1/Pod": ({ status, ...object }) => {
    if (!isJsonObject(status)) return object;
    const { podIP, podIPs } = status;
    const first = Array.isArray(podIPs) && isJsonObject(podIPs[0]) ? podIPs[0].ip : undefined;
    if (first !== undefined) return { ...object, status: { ...status, podIP: first } };
    return { ...object, status: podIP ? { ...status, podIPs: [{ ip: podIP }] } : status };
  },
  "v1/ReplicationController": ({ spec, ...object }) => {
    const { minReadySeconds, ...rest } = (spec ?? {}) as JsonObject;
    return { ...object, spec: minReadySeconds === 0 ? rest : spec };
  },
  "v1/Secret": ({ stringData, ...object }) => {
    if (!isJsonObject(stringData)) return object;
    const encoded = Object.entries(stringData).map(([key, value]) => [key, base64(String(value))]);
    return { ...object, data: { ...object.data as JsonObject, ...Object.fromEntries(encoded) } };
  },
  "v1/Service": ({ spec, ...object }) => {
    const { clusterIP, ...rest } = (spec ?? {}) as JsonObject;
    return { ...object, spec: clusterIP === "" ? rest : spec };
  },
  [`${RBAC}/v1/ClusterRoleBinding`]: withRoleGroup,
  [`${RBAC}/v1/RoleBinding`]: withRoleGroup,
};

/** A role is of the only group that there is for roles. */
function withRoleGroup({ roleRef, ...object }: JsonObject): JsonObject {
  const { apiGroup, ...rest } = (roleRef ?? {}) as JsonObject;
  return { ...object, roleRef: { apiGroup: apiGroup || RBAC, ...rest } };
}

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}

/** The status that an object starts with; what the client sent as status is not looked at. */
const FIRST_STATUS: Readonly<Record<string, JsonObject>> = {
  "horizontalpodautoscalers.autoscaling": { currentMetrics: null },
  "namespaces": { phase: "Active" },
  "persistentvolumes": { phase: "Pending" },
  "persistentvolumeclaims": { phase: "Pending" },
};

/** What a new object has as status, given what was sent. */
export function firstStatus(
  sent: unknown,
  resource: ServedResource,
  spec: unknown,
  now: string,
): unknown {
  const { title, builtIn, subresources, shape } = resource;
  if (!subresources.has("status")) return sent;
  if (title === "nodes") return sent ?? {}; // the kubelet registers its node and the status in one request
  if (!builtIn) return undefined;
  const type = shape.fields.get("status")?.shape;
  return {
    ...(type === undefined ? {} : conform({}, type) as JsonObject),
    ...(title === "pods" ? firstPodStatus(isJsonObject(spec) ? spec : {}, now) : FIRST_STATUS[title]),
  };
}

function firstPodStatus(spec: JsonObject, now: string): JsonObject {
  const { schedulingGates } = spec;
  const isGated = Array.isArray(schedulingGates) && schedulingGates.length > 0;
  const gated = {
    type: "PodScheduled",
    status: "False",
    lastProbeTime: null,
    lastTransitionTime: now,
    reason: "SchedulingGated",
    message: "Scheduling is blocked due to non-empty scheduling gates",
  };
  return { phase: "Pending", qosClass: qosClass(spec), ...(isGated && { conditions: [gated] }) };
}
