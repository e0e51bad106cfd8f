import type { CellReader } from "./cell_reader.ts";
import { humanDuration } from "./human_duration.ts";
import { metricsText } from "./metrics_text.ts";
import { podCells } from "./pod_cells.ts";

/** What the row of an object says. */
type Cells = (object: CellReader) => unknown[];

const NONE = "<none>";
const UNSET = "<unset>";

const nameAndAge: Cells = ({ name, age }) => [name, age];
const webhooks: Cells = (one) => [one.name, one.list("webhooks").length, one.age];
const roleBinding: Cells = (one) => [
  one.name,
  `${one.text("roleRef.kind")}/${one.text("roleRef.name")}`,
  one.age,
  ...["User", "Group", "ServiceAccount"].map((kind) =>
    one.list("subjects").filter((subject) => subject.text("kind") === kind).map((subject) =>
      kind === "ServiceAccount"
        ? `${subject.text("namespace")}/${subject.text("name")}`
        : subject.text("name")
    ).join(", ")
  ),
];
const replicaSet: Cells = (one) => [
  one.name,
  one.number("spec.replicas"),
  one.number("status.replicas"),
  one.number("status.readyReplicas"),
  one.age,
  ...one.containers("spec.template.spec.containers"),
];
const admissionPolicy = (rules: string): Cells => (one) => [
  one.name,
  one.list(rules).length,
  one.has("spec.paramKind")
    ? `${one.text("spec.paramKind.apiVersion")}/${one.text("spec.paramKind.kind")}`
    : UNSET,
  one.age,
];
const policyBinding: Cells = (one) => [one.name, one.text("spec.policyName"), parameterText(one), one.age];

/** The cells of rows by resource, as `k8s.io/kubernetes/pkg/printers/internalversion` makes them. */
const CELLS: Readonly<Record<string, Cells>> = {
  "apiservices.apiregistration.k8s.io": (one) => {
    const [available] = one.list("status.conditions").filter((condition) =>
      condition.text("type") === "Available"
    );
    const status = available?.text("status") ?? "Unknown";
    return [
      one.name,
      one.has("spec.service")
        ? `${one.text("spec.service.namespace")}/${one.text("spec.service.name")}`
        : "Local",
      status === "True" || available === undefined ? status : `${status} (${available.text("reason")})`,
      one.age,
    ];
  },
  "certificatesigningrequests.certificates.k8s.io": (one) => [
    one.name,
    one.age,
    one.text("spec.signerName", NONE),
    one.text("spec.username"),
    one.has("spec.expirationSeconds") ? humanDuration(one.number("spec.expirationSeconds") * 1_000) : NONE,
    signingText(one),
  ],
  "clusterrolebindings.rbac.authorization.k8s.io": roleBinding,
  "clustertrustbundles.certificates.k8s.io": (one) => [one.name, one.text("spec.signerName", NONE)],
  "componentstatuses": (one) => {
    const healthy = one.list("conditions").find((condition) => condition.text("type") === "Healthy");
    const status = healthy?.text("status") === "True" ? "Healthy" : "Unhealthy";
    return [
      one.name,
      healthy === undefined ? "Unknown" : status,
      healthy?.text("message") ?? "",
      healthy?.text("error") ?? "",
    ];
  },
  "configmaps": (one) => [
    one.name,
    Object.keys(one.map("data")).length + Object.keys(one.map("binaryData")).length,
    one.age,
  ],
  "controllerrevisions.apps": (one) => {
    const owner = one.list("metadata.ownerReferences").find((reference) => reference.boolean("controller"));
    const [group] = owner?.text("apiVersion").includes("/") ? owner.text("apiVersion").split("/") : [""];
    const kind = `${owner?.text("kind")}${group === "" ? "" : `.${group}`}`.toLowerCase();
    return [
      one.name,
      owner === undefined ? NONE : `${kind}/${owner.text("name")}`,
      one.number("revision"),
      one.age,
    ];
  },
  "cronjobs.batch": (one) => [
    one.name,
    one.text("spec.schedule"),
    one.text("spec.timeZone", NONE),
    one.has("spec.suspend") ? one.boolean("spec.suspend") ? "True" : "False" : UNSET,
    one.list("status.active").length,
    one.has("status.lastScheduleTime") ? one.since("status.lastScheduleTime") : NONE,
    one.age,
    ...one.containers("spec.jobTemplate.spec.template.spec.containers"),
    one.selector("spec.jobTemplate.spec.selector"),
  ],
  "csidrivers.storage.k8s.io": (one) => [
    one.name,
    one.boolean("spec.attachRequired", true),
    one.boolean("spec.podInfoOnMount"),
    one.boolean("spec.storageCapacity"),
    one.has("spec.tokenRequests")
      ? one.list("spec.tokenRequests").map((request) => request.text("audience")).join(",")
      : UNSET,
    one.boolean("spec.requiresRepublish"),
    one.texts("spec.volumeLifecycleModes").join(",") || NONE,
    one.age,
  ],
  "csinodes.storage.k8s.io": (one) => [one.name, one.list("spec.drivers").length, one.age],
  "daemonsets.apps": (one) => [
    one.name,
    one.number("status.desiredNumberScheduled"),
    one.number("status.currentNumberScheduled"),
    one.number("status.numberReady"),
    one.number("status.updatedNumberScheduled"),
    one.number("status.numberAvailable"),
    one.labels("spec.template.spec.nodeSelector"),
    one.age,
    ...one.containers("spec.template.spec.containers"),
    one.selector("spec.selector"),
  ],
  "deployments.apps": (one) => [
    one.name,
    `${one.number("status.readyReplicas")}/${one.number("spec.replicas")}`,
    one.number("status.updatedReplicas"),
    one.number("status.availableReplicas"),
    one.age,
    ...one.containers("spec.template.spec.containers"),
    one.selector("spec.selector", ""),
  ],
  "deviceclasses.resource.k8s.io": nameAndAge,
  "devicetaintrules.resource.k8s.io": (one) => [
    one.name,
    one.text("spec.taint.key"),
    one.text("spec.taint.value"),
    one.text("spec.taint.effect"),
    one.has("spec.taint.timeAdded") ? one.since("spec.taint.timeAdded") : "",
    one.age,
  ],
  "endpoints": (one) => [one.name, endpointsText(one), one.age],
  "endpointslices.discovery.k8s.io": (one) => [
    one.name,
    one.text("addressType"),
    few(
      one.list("ports").map((port) => port.text("port", port.has("name") ? port.text("name") : "*")),
      UNSET,
    ),
    few(one.list("endpoints").flatMap((endpoint) => endpoint.texts("addresses")), UNSET),
    one.age,
  ],
  "events": (one) => {
    const first = one.has("firstTimestamp") ? one.since("firstTimestamp") : one.since("eventTime");
    const last = one.has("lastTimestamp") ? one.since("lastTimestamp") : first;
    const name = one.text("involvedObject.name");
    const kind = one.text("involvedObject.kind").toLowerCase();
    const instance = one.text("source.host", one.text("reportingInstance"));
    const component = one.text("source.component", one.text("reportingComponent"));
    return [
      one.has("series") ? one.since("series.lastObservedTime") : last,
      one.text("type"),
      one.text("reason"),
      name === "" ? kind : `${kind}/${name}`,
      one.text("involvedObject.fieldPath"),
      instance === "" ? component : `${component}, ${instance}`,
      one.text("message").trim(),
      first,
      one.has("series") ? one.number("series.count") : one.number("count") || 1,
      one.name,
    ];
  },
  "flowschemas.flowcontrol.apiserver.k8s.io": (one) => [
    one.name,
    one.text("spec.priorityLevelConfiguration.name"),
    one.number("spec.matchingPrecedence"),
    one.text("spec.distinguisherMethod.type", NONE),
    one.age,
    one.list("status.conditions").find((condition) => condition.text("type") === "Dangling")?.text(
      "status",
    ) ?? "?",
  ],
  "horizontalpodautoscalers.autoscaling": (one) => [
    one.name,
    `${one.text("spec.scaleTargetRef.kind")}/${one.text("spec.scaleTargetRef.name")}`,
    metricsText(one),
    one.text("spec.minReplicas", UNSET),
    one.number("spec.maxReplicas"),
    one.number("status.currentReplicas"),
    one.age,
  ],
  "ingressclasses.networking.k8s.io": (one) => {
    const parameters = one.below("spec.parameters");
    const group = parameters.has("apiGroup") ? `.${parameters.text("apiGroup")}` : "";
    return [
      withDefaultMark(one, ["ingressclass.kubernetes.io/is-default-class"]),
      one.text("spec.controller"),
      one.has("spec.parameters") ? `${parameters.text("kind")}${group}/${parameters.text("name")}` : NONE,
      one.age,
    ];
  },
  "ingresses.networking.k8s.io": (one) => [
    one.name,
    one.text("spec.ingressClassName", NONE),
    hostsText(one),
    balancerAddresses(one).join(","),
    one.list("spec.tls").length > 0 ? "80, 443" : "80",
    one.age,
  ],
  "ipaddresses.networking.k8s.io": (one) => {
    const parent = one.below("spec.parentRef");
    const group = parent.text("group");
    const path = [
      `${parent.text("resource")}${group === "" ? "" : `.${group}`}`.toLowerCase(),
      ...parent.text("namespace") === "" ? [] : [parent.text("namespace")],
      parent.text("name"),
    ];
    return [one.name, one.has("spec.parentRef") ? path.join("/") : NONE, one.age];
  },
  "jobs.batch": (one) => [
    one.name,
    jobStatus(one),
    completionsText(one),
    jobDuration(one),
    one.age,
    ...one.containers("spec.template.spec.containers"),
    one.selector("spec.selector"),
  ],
  "leasecandidates.coordination.k8s.io": (one) => [
    one.name,
    one.text("spec.leaseName"),
    one.text("spec.binaryVersion"),
    one.text("spec.emulationVersion"),
    one.age,
  ],
  "leases.coordination.k8s.io": (one) => [one.name, one.text("spec.holderIdentity"), one.age],
  "mutatingadmissionpolicies.admissionregistration.k8s.io": admissionPolicy("spec.mutations"),
  "mutatingadmissionpolicybindings.admissionregistration.k8s.io": policyBinding,
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
  "namespaces": (one) => [one.name, one.text("status.phase"), one.age],
  "networkpolicies.networking.k8s.io": (one) => [one.name, one.selector("spec.podSelector"), one.age],
  "nodes": (one) => {
    const info = one.below("status.nodeInfo");
    const ready = one.condition("Ready");
    const status = [ready === undefined ? "Unknown" : ready ? "Ready" : "NotReady"];
    if (one.boolean("spec.unschedulable")) status.push("SchedulingDisabled");
    const architecture = info.text("architecture");
    return [
      one.name,
      status.join(","),
      nodeRoles(one).join(",") || NONE,
      one.age,
      info.text("kubeletVersion"),
      nodeAddress(one, "InternalIP"),
      nodeAddress(one, "ExternalIP"),
      info.text("osImage", "<unknown>"),
      info.text("kernelVersion", "<unknown>") + (architecture === "" ? "" : ` (${architecture})`),
      info.text("containerRuntimeVersion", "<unknown>"),
    ];
  },
  "persistentvolumeclaims": (one) => {
    const isBound = one.text("spec.volumeName") !== "";
    return [
      one.name,
      one.has("metadata.deletionTimestamp") ? "Terminating" : one.text("status.phase"),
      one.text("spec.volumeName"),
      isBound ? one.text("status.capacity.storage", "0") : "",
      isBound ? accessModes(one, "status.accessModes") : "",
      storageClass(one),
      one.text("spec.volumeAttributesClassName", UNSET),
      one.age,
      one.text("spec.volumeMode", UNSET),
    ];
  },
  "persistentvolumes": (one) => [
    one.name,
    one.text("spec.capacity.storage", "0"),
    accessModes(one, "spec.accessModes"),
    one.text("spec.persistentVolumeReclaimPolicy"),
    one.has("metadata.deletionTimestamp") ? "Terminating" : one.text("status.phase"),
    one.has("spec.claimRef")
      ? `${one.text("spec.claimRef.namespace")}/${one.text("spec.claimRef.name")}`
      : "",
    storageClass(one),
    one.text("spec.volumeAttributesClassName", UNSET),
    one.text("status.reason"),
    one.age,
    one.text("spec.volumeMode", UNSET),
  ],
  "podcertificaterequests.certificates.k8s.io": (one) => [
    one.name,
    one.text("spec.podName"),
    one.text("spec.serviceAccountName"),
    one.text("spec.nodeName"),
    one.text("spec.signerName"),
    one.list("status.conditions").map((condition) => condition.text("type"))
      .filter((type) => ["Issued", "Denied", "Failed"].includes(type)).at(-1) ?? "Pending",
    one.labels("spec.unverifiedUserAnnotations"),
  ],
  "poddisruptionbudgets.policy": (one) => [
    one.name,
    one.text("spec.minAvailable", "N/A"),
    one.text("spec.maxUnavailable", "N/A"),
    one.number("status.disruptionsAllowed"),
    one.age,
  ],
  "podgroups.scheduling.k8s.io": (one) => {
    const disrupted = one.list("status.conditions").find((condition) =>
      condition.text("type") === "DisruptionTarget"
    );
    const scheduled = one.condition("PodGroupScheduled");
    const status = scheduled === undefined ? "Pending" : scheduled ? "Scheduled" : "Unschedulable";
    return [
      one.name,
      one.has("spec.schedulingPolicy.gang") ? "Gang" : "Basic",
      one.text("spec.podGroupTemplateRef.workload.workloadName", NONE),
      disrupted?.text("reason") ?? status,
      one.age,
    ];
  },
  "pods": podCells,
  "podtemplates": (one) => [
    one.name,
    ...one.containers("template.spec.containers"),
    one.labels("template.metadata.labels"),
  ],
  "priorityclasses.scheduling.k8s.io": (one) => [
    one.name,
    one.number("value"),
    one.boolean("globalDefault"),
    one.age,
    one.text("preemptionPolicy"),
  ],
  "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io": (one) => {
    const queuing = one.below("spec.limited.limitResponse.queuing");
    const queue = (field: string) =>
      one.has("spec.limited.limitResponse.queuing") ? queuing.number(field) : NONE;
    return [
      one.name,
      one.text("spec.type"),
      one.has("spec.limited") ? one.number("spec.limited.nominalConcurrencyShares") : NONE,
      queue("queues"),
      queue("handSize"),
      queue("queueLengthLimit"),
      one.age,
    ];
  },
  "replicasets.apps": (one) => [...replicaSet(one), one.selector("spec.selector")],
  "replicationcontrollers": (one) => [...replicaSet(one), one.labels("spec.selector")],
  "resourceclaims.resource.k8s.io": (one) => {
    const isDeleted = one.has("metadata.deletionTimestamp");
    const isReserved = one.list("status.reservedFor").length > 0;
    const states = [
      ...isDeleted ? ["deleted"] : [],
      ...one.has("status.allocation")
        ? ["allocated", ...isReserved ? ["reserved"] : []]
        : isDeleted
        ? []
        : ["pending"],
    ];
    return [one.name, states.join(","), one.age];
  },
  "resourceclaimtemplates.resource.k8s.io": nameAndAge,
  "resourcepoolstatusrequests.resource.k8s.io": poolStatus,
  "resourcequotas": (one) => {
    const [used, hard] = [one.map("status.used"), one.map("status.hard")];
    const texts = (isLimit: boolean) =>
      Object.keys(hard).sort().filter((resource) => resource.startsWith("limits.") === isLimit)
        .map((resource) => `${resource}: ${used[resource] ?? "0"}/${hard[resource]}`).join(", ");
    return [one.name, texts(false), texts(true), one.age];
  },
  "resourceslices.resource.k8s.io": (one) => [
    one.name,
    one.text("spec.nodeName"),
    one.text("spec.driver"),
    one.text("spec.pool.name"),
    one.age,
  ],
  "rolebindings.rbac.authorization.k8s.io": roleBinding,
  "runtimeclasses.node.k8s.io": (one) => [one.name, one.text("handler"), one.age],
  "scales.autoscaling": (
    one,
  ) => [one.name, one.number("spec.replicas"), one.number("status.replicas"), one.age],
  "secrets": (one) => [one.name, one.text("type"), Object.keys(one.map("data")).length, one.age],
  "serviceaccounts": nameAndAge,
  "servicecidrs.networking.k8s.io": (one) => [one.name, one.texts("spec.cidrs").join(","), one.age],
  "services": (one) => [
    one.name,
    one.text("spec.type"),
    one.texts("spec.clusterIPs")[0] ?? NONE,
    externalAddress(one),
    one.list("spec.ports").map(portText).join(",") || NONE,
    one.age,
    one.labels("spec.selector"),
  ],
  "statefulsets.apps": (one) => [
    one.name,
    `${one.number("status.readyReplicas")}/${one.number("spec.replicas")}`,
    one.age,
    ...one.containers("spec.template.spec.containers"),
  ],
  "storageclasses.storage.k8s.io": (one) => [
    withDefaultMark(one, [
      "storageclass.kubernetes.io/is-default-class",
      "storageclass.beta.kubernetes.io/is-default-class",
    ]),
    one.text("provisioner"),
    one.text("reclaimPolicy", "Delete"),
    one.text("volumeBindingMode", "Immediate"),
    one.boolean("allowVolumeExpansion"),
    one.age,
  ],
  "storageversionmigrations.storagemigration.k8s.io": (one) => {
    const group = one.text("spec.resource.group");
    const states = ["Running", "Failed", "Succeeded"];
    const reached = one.list("status.conditions").filter((condition) =>
      condition.text("status") === "True" && states.includes(condition.text("type"))
    );
    return [
      one.name,
      one.text("spec.resource.resource") + (group === "" ? "" : `.${group}`),
      reached.at(-1)?.text("type") ?? "Unknown",
    ];
  },
  "storageversions.internal.apiserver.k8s.io": (one) => [
    one.name,
    one.text("status.commonEncodingVersion", UNSET),
    few(
      one.list("status.storageVersions").map((version) =>
        `${version.text("apiServerID")}=${version.text("encodingVersion")}`
      ),
      UNSET,
    ),
    one.age,
  ],
  "validatingadmissionpolicies.admissionregistration.k8s.io": admissionPolicy("spec.validations"),
  "validatingadmissionpolicybindings.admissionregistration.k8s.io": policyBinding,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": webhooks,
  "volumeattachments.storage.k8s.io": (one) => [
    one.name,
    one.text("spec.attacher"),
    one.text("spec.source.persistentVolumeName"),
    one.text("spec.nodeName"),
    one.boolean("status.attached"),
    one.age,
  ],
  "volumeattributesclasses.storage.k8s.io": (one) => [one.name, one.text("driverName"), one.age],
  "workloads.scheduling.k8s.io": nameAndAge,
};

/** The printer of a resource's rows. Those without one show a name and a time. */
export function builtInCells(title: string): Cells {
  return CELLS[title] ?? ((one) => [one.name, one.text("metadata.creationTimestamp")]);
}

/** The first three, and how many more there are. */
function few(texts: readonly string[], none: string): string {
  if (texts.length === 0) return none;
  const more = texts.length > 3 ? ` + ${texts.length - 3} more...` : "";
  return texts.slice(0, 3).join(",") + more;
}

function withDefaultMark(one: CellReader, annotations: readonly string[]): string {
  const found = one.map("metadata.annotations");
  return one.name + (annotations.some((key) => found[key] === "true") ? " (default)" : "");
}

function parameterText(one: CellReader): string {
  const parameter = one.below("spec.paramRef");
  if (parameter.text("name") !== "") return `${parameter.text("namespace", "*")}/${parameter.text("name")}`;
  return one.has("spec.paramRef.selector") ? goSelector(one.below("spec.paramRef.selector")) : UNSET;
}

/** A selector as Go prints the struct, which a real server shows. */
function goSelector(selector: CellReader): string {
  const labels = Object.entries(selector.map("matchLabels")).sort().map(([key, value]) =>
    `${key}: ${value},`
  );
  const expressions = selector.list("matchExpressions").map((one) =>
    `LabelSelectorRequirement{Key:${one.text("key")},Operator:${one.text("operator")},Values:[${
      one.texts("values").join(" ")
    }],},`
  );
  return `&LabelSelector{MatchLabels:map[string]string{${labels.join("")}},` +
    `MatchExpressions:[]LabelSelectorRequirement{${expressions.join("")}},}`;
}

function signingText(one: CellReader): string {
  const types = one.list("status.conditions").map((condition) => condition.text("type"));
  const decision = types.includes("Denied") ? "Denied" : types.includes("Approved") ? "Approved" : "Pending";
  const failed = types.includes("Failed") ? ",Failed" : "";
  return decision + failed + (one.text("status.certificate") === "" ? "" : ",Issued");
}

function endpointsText(one: CellReader): string {
  return few(
    one.list("subsets").flatMap((subset) => {
      const addresses = subset.list("addresses").map((address) => address.text("ip"));
      const ports = subset.list("ports").map((port) => port.text("port"));
      if (ports.length === 0) return addresses;
      return ports.flatMap((port) => addresses.map((ip) => `${ip.includes(":") ? `[${ip}]` : ip}:${port}`));
    }),
    one.list("subsets").length === 0 ? NONE : "",
  );
}

function hostsText(one: CellReader): string {
  const rules = one.list("spec.rules");
  const hosts = rules.map((rule) => rule.text("host")).filter((host) => host !== "");
  if (hosts.length === 0) return "*";
  return hosts.slice(0, 3).join(",") + (hosts.length > 3 ? ` + ${rules.length - 3} more...` : "");
}

function balancerAddresses(one: CellReader): string[] {
  const addresses = one.list("status.loadBalancer.ingress").map((entry) =>
    entry.text("ip", entry.text("hostname"))
  );
  return [...new Set(addresses.filter((address) => address !== ""))].sort();
}

function externalAddress(one: CellReader): string {
  const external = one.texts("spec.externalIPs");
  switch (one.text("spec.type")) {
    case "ClusterIP":
    case "NodePort":
      return external.join(",") || NONE;
    case "LoadBalancer":
      return [...balancerAddresses(one), ...external].join(",") || "<pending>";
    case "ExternalName":
      return one.text("spec.externalName");
    default:
      return "<unknown>";
  }
}

function portText(port: CellReader): string {
  const node = port.number("nodePort");
  return `${port.number("port")}${node > 0 ? `:${node}` : ""}/${port.text("protocol")}`;
}

function completionsText(one: CellReader): string {
  const done = one.number("status.succeeded");
  if (one.has("spec.completions")) return `${done}/${one.number("spec.completions")}`;
  const parallelism = one.number("spec.parallelism");
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function jobStatus(one: CellReader): string {
  if (one.condition("Complete")) return "Complete";
  if (one.condition("Failed")) return "Failed";
  if (one.has("metadata.deletionTimestamp")) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find((type) => one.condition(type)) ??
    "Running";
}

function jobDuration(one: CellReader): string {
  const { "status.startTime": start, "status.completionTime": end } = {
    "status.startTime": one.text("status.startTime"),
    "status.completionTime": one.text("status.completionTime"),
  };
  if (start === "") return "";
  return end === "" ? one.since("status.startTime") : humanDuration(Date.parse(end) - Date.parse(start));
}

function nodeRoles(one: CellReader): string[] {
  const prefix = "node-role.kubernetes.io/";
  const roles = Object.entries(one.map("metadata.labels")).map(([key, value]) =>
    key.startsWith(prefix) ? key.slice(prefix.length) : key === "kubernetes.io/role" ? String(value) : ""
  );
  return [...new Set(roles.filter((role) => role !== ""))].sort();
}

function nodeAddress(one: CellReader, type: string): string {
  const found = one.list("status.addresses").find((address) => address.text("type") === type);
  return found?.text("address") ?? NONE;
}

const ACCESS_MODES = [
  ["ReadWriteOnce", "RWO"],
  ["ReadOnlyMany", "ROX"],
  ["ReadWriteMany", "RWX"],
  ["ReadWriteOncePod", "RWOP"],
] as const;

function accessModes(one: CellReader, path: string): string {
  const modes = one.texts(path);
  return ACCESS_MODES.filter(([mode]) => modes.includes(mode)).map(([, short]) => short).join(",");
}

function storageClass(one: CellReader): string {
  const annotated = one.map("metadata.annotations")["volume.beta.kubernetes.io/storage-class"];
  return annotated === undefined ? one.text("spec.storageClassName") : String(annotated);
}

function poolStatus(one: CellReader): unknown[] {
  const state = one.list("status.conditions").find((condition) =>
    ["Complete", "Failed"].includes(condition.text("type")) && condition.text("status") === "True"
  );
  const pools = one.list("status.pools");
  const isFailed = state?.text("type") === "Failed";
  const sum = (field: string) =>
    isFailed || !one.has("status")
      ? "-"
      : String(pools.reduce((total, pool) => total + pool.number(field), 0));
  const count = one.number("status.poolCount");
  const status = state?.text("type") ?? "Pending";
  const errors = pools.filter((pool) => pool.has("validationError")).length;
  return [
    one.name,
    one.text("spec.driver"),
    sum("totalDevices"),
    sum("availableDevices"),
    sum("allocatedDevices"),
    sum("unavailableDevices"),
    isFailed || !one.has("status") ? "-" : String(errors),
    count,
    status === "Complete" && count > pools.length ? `Complete (${pools.length}/${count} pools)` : status,
    status === "Complete" ? state!.since("lastTransitionTime") : NONE,
  ];
}
