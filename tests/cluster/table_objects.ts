// Objects whose rows in Tables differ, for tests/cluster/tables_test.ts.

interface Sample {
  /** Of the collection, `{ns}` being the test's namespace. */
  readonly path: string;
  readonly object: Readonly<Record<string, unknown>>;
}

/** A request for a certificate that nobody is to sign: PEM in base64. */
const SIGNING_REQUEST =
  "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0KTUlITU1ITUNBUUF3RVRFUE1BMEdBMVVFQXd3R2RHRmliR1Z6TUZr" +
  "d0V3WUhLb1pJemowQ0FRWUlLb1pJemowRApBUWNEUWdBRU5TM2hYVTRzaG9JQUlYaTUzSmpRNi8yY0tYWUo2QXg5WEZqeHhLOEtz" +
  "NmNWSWs4cDAxZXZJdXhZCkErQjEwM2xXZVg3c0dwaWhYenloQU9oL0h3empLNkFBTUFvR0NDcUdTTTQ5QkFNQ0Ewa0FNRVlDSVFD" +
  "cFZCUy8KV0pxK2QwOWhjSHFuWTJvVUg1WWRmSTYzTzZYWmFaUyszbk9kSmdJaEFQTWNTTEJTeURJL0JtNGtDOUI4L3FxZApIdGp1" +
  "ejFnTkRXY3JXR2M2SnJUMwotLS0tLUVORCBDRVJUSUZJQ0FURSBSRVFVRVNULS0tLS0K";

const EARLIER = "2026-01-02T03:04:05Z";
const containers = [{ name: "main", image: "web:1" }, { name: "log", image: "log:2" }];
const template = { metadata: { labels: { app: "web" } }, spec: { containers } };
const selector = {
  matchLabels: { app: "web" },
  matchExpressions: [{ key: "tier", operator: "NotIn", values: ["b", "a"] }, {
    key: "zone",
    operator: "Exists",
  }],
};
const matching = { ...template, metadata: { labels: { app: "web", tier: "c", zone: "z" } } };

function core(plural: string, name: string, more: object = {}, metadata: object = {}): Sample {
  return { path: `/api/v1/namespaces/{ns}/${plural}`, object: { metadata: { name, ...metadata }, ...more } };
}
function cluster(
  group: string,
  plural: string,
  name: string,
  more: object = {},
  metadata: object = {},
): Sample {
  const root = group === "" ? "/api/v1" : `/apis/${group}`;
  return { path: `${root}/${plural}`, object: { metadata: { name, ...metadata }, ...more } };
}
function inGroup(
  group: string,
  plural: string,
  name: string,
  more: object = {},
  metadata: object = {},
): Sample {
  return {
    path: `/apis/${group}/namespaces/{ns}/${plural}`,
    object: { metadata: { name, ...metadata }, ...more },
  };
}

const running = { running: { startedAt: EARLIER } };
const ended = (exitCode: number, more: object = {}) => ({
  terminated: { exitCode, finishedAt: EARLIER, ...more },
});
const waiting = (reason: string) => ({ waiting: { reason } });
const status = (name: string, state: object, more: object = {}) => ({
  name,
  state,
  ready: false,
  restartCount: 0,
  image: "web:1",
  imageID: "",
  ...more,
});
const condition = (type: string, value = "True", more: object = {}) => ({
  type,
  status: value,
  lastTransitionTime: EARLIER,
  ...more,
});

function pod(name: string, status: object, spec: object = {}): Sample {
  return core("pods", name, { spec: { containers, ...spec }, status });
}

const init = [{ name: "first", image: "i:1" }, { name: "second", image: "i:2" }];
const sidecar = [{ name: "proxy", image: "p:1", restartPolicy: "Always" }, { name: "first", image: "i:1" }];

export const TABLE_OBJECTS: readonly Sample[] = [
  pod("new", {}),
  pod("gated", { conditions: [condition("PodScheduled", "False", { reason: "SchedulingGated" })] }),
  pod("running", {
    phase: "Running",
    podIP: "10.1.0.1",
    podIPs: [{ ip: "10.1.0.1" }, { ip: "fd00::1" }],
    nominatedNodeName: "node-b",
    conditions: [condition("Ready"), condition("Initialized"), condition("example.com/gate")],
    containerStatuses: [
      status("main", running, { ready: true, restartCount: 2, lastState: ended(1) }),
      status("log", running, { ready: true }),
    ],
  }, { readinessGates: [{ conditionType: "example.com/gate" }, { conditionType: "example.com/other" }] }),
  pod("waiting", {
    phase: "Pending",
    containerStatuses: [
      status("main", waiting("ImagePullBackOff")),
      status("log", waiting("ContainerCreating")),
    ],
  }),
  pod("crashing", {
    phase: "Running",
    containerStatuses: [
      status("main", ended(3)),
      status("log", ended(0, { signal: 9 }), { restartCount: 7 }),
    ],
  }),
  pod("done", {
    phase: "Succeeded",
    containerStatuses: [status("main", ended(0, { reason: "Completed" })), status("log", ended(0))],
  }),
  pod("half-done", {
    phase: "Running",
    conditions: [condition("Ready", "False")],
    containerStatuses: [
      status("main", ended(0, { reason: "Completed" })),
      status("log", running, { ready: true }),
    ],
  }),
  pod("half-failed", {
    phase: "Running",
    containerStatuses: [
      status("main", ended(0, { reason: "Completed" })),
      status("log", ended(2, { reason: "Error" })),
    ],
  }),
  pod("failed", { phase: "Failed", reason: "Evicted", message: "no room" }),
  pod("init", {
    phase: "Pending",
    initContainerStatuses: [status("first", ended(0)), status("second", running)],
  }, {
    initContainers: init,
  }),
  pod("init-failed", {
    phase: "Pending",
    initContainerStatuses: [status("first", ended(4), { restartCount: 3 })],
  }, {
    initContainers: init,
  }),
  pod(
    "init-signal",
    { phase: "Pending", initContainerStatuses: [status("first", ended(1, { signal: 6 }))] },
    {
      initContainers: init,
    },
  ),
  pod("init-waiting", {
    phase: "Pending",
    initContainerStatuses: [status("first", waiting("CrashLoopBackOff"))],
  }, {
    initContainers: init,
  }),
  pod("sidecar", {
    phase: "Running",
    conditions: [condition("Initialized"), condition("Ready")],
    initContainerStatuses: [
      status("proxy", running, { ready: true, started: true, restartCount: 1, lastState: ended(1) }),
      status("first", ended(0), { restartCount: 5 }),
    ],
    containerStatuses: [status("main", running, { ready: true }), status("log", running, { ready: true })],
  }, { initContainers: sidecar }),
  core("podtemplates", "one", { template }),
  core("podtemplates", "none", { template: { spec: { containers: [{ name: "a", image: "b" }] } } }),
  core("replicationcontrollers", "one", {
    spec: { replicas: 3, selector: { app: "web" }, template },
    status: { replicas: 2, readyReplicas: 1 },
  }),
  core("services", "one", { spec: { selector: { b: "2", app: "web" }, ports: [{ port: 80 }] } }),
  core("services", "many", {
    spec: {
      type: "NodePort",
      externalIPs: ["192.0.2.1", "192.0.2.2"],
      ports: [{ name: "a", port: 80 }, { name: "b", port: 53, protocol: "UDP" }],
    },
  }),
  core("services", "headless", { spec: { clusterIP: "None", selector: { app: "web" } } }),
  core("services", "named", { spec: { type: "ExternalName", externalName: "example.com" } }),
  core("services", "pending", { spec: { type: "LoadBalancer", ports: [{ port: 80 }] } }),
  core("services", "balanced", {
    spec: { type: "LoadBalancer", ports: [{ port: 80 }], externalIPs: ["192.0.2.9"] },
    status: { loadBalancer: { ingress: [{ ip: "203.0.113.9" }, { hostname: "a-long-name.example.com" }] } },
  }),
  core("endpoints", "none"),
  core("endpoints", "many", {
    subsets: [
      {
        addresses: [{ ip: "10.1.0.1" }, { ip: "10.1.0.2" }],
        ports: [{ name: "a", port: 80 }, { name: "b", port: 81 }],
      },
      { addresses: [{ ip: "10.1.0.3" }], ports: [{ port: 80 }] },
    ],
  }),
  core("endpoints", "portless", { subsets: [{ addresses: [{ ip: "10.1.0.1" }] }] }),
  core("configmaps", "one", { data: { a: "1", b: "2" }, binaryData: { c: "AA==" } }),
  core("configmaps", "none"),
  core("secrets", "one", { type: "example.com/token", data: { a: "AA==" } }),
  core("serviceaccounts", "one"),
  core("limitranges", "one", { spec: { limits: [] } }),
  core("resourcequotas", "one", {
    spec: { hard: { "cpu": "1", "limits.memory": "2Gi" } },
    status: {
      hard: { "requests.cpu": "1", "limits.memory": "2Gi", "pods": "4" },
      used: { "requests.cpu": "500m", "limits.memory": "1Gi" },
    },
  }),
  core("persistentvolumeclaims", "pending", {
    spec: {
      accessModes: ["ReadWriteOnce"],
      resources: { requests: { storage: "1Gi" } },
      storageClassName: "fast",
    },
  }),
  core("persistentvolumeclaims", "bound", {
    spec: {
      accessModes: ["ReadWriteOnce", "ReadOnlyMany"],
      resources: { requests: { storage: "1Gi" } },
      volumeName: "tables-one",
    },
    status: { phase: "Bound", capacity: { storage: "2Gi" }, accessModes: ["ReadWriteMany", "ReadWriteOnce"] },
  }, { annotations: { "volume.beta.kubernetes.io/storage-class": "old" } }),
  core("events", "new", {
    involvedObject: { kind: "Pod", name: "web", namespace: "tables", fieldPath: "spec.containers{main}" },
    reason: "Pulled",
    message: "  image is there\n",
    type: "Normal",
    source: { component: "kubelet", host: "node-a" },
    firstTimestamp: EARLIER,
    lastTimestamp: EARLIER,
    count: 4,
  }),
  core("events", "series", {
    involvedObject: { kind: "Pod", namespace: "tables" },
    reason: "Slow",
    action: "Wait",
    type: "Warning",
    reportingComponent: "example.com/one",
    reportingInstance: "one-0",
    eventTime: "2026-01-02T03:04:05.000000Z",
    series: { count: 9, lastObservedTime: "2026-01-02T03:04:05.000000Z" },
  }),
  cluster("", "nodes", "tables-a", {
    spec: { unschedulable: true },
    status: {
      conditions: [condition("Ready", "False", { lastHeartbeatTime: EARLIER })],
      addresses: [{ type: "InternalIP", address: "10.0.0.1" }, { type: "ExternalIP", address: "192.0.2.1" }],
      nodeInfo: {
        kubeletVersion: "v1.36.0",
        osImage: "Linux",
        kernelVersion: "6.1",
        containerRuntimeVersion: "containerd://2",
        architecture: "arm64",
      },
    },
  }, { labels: { "node-role.kubernetes.io/worker": "", "kubernetes.io/role": "edge" } }),
  cluster("", "nodes", "tables-b", { status: { conditions: [condition("Ready", "True")] } }),
  cluster("", "persistentvolumes", "tables-one", {
    spec: {
      capacity: { storage: "5Gi" },
      accessModes: ["ReadWriteOnce", "ReadWriteOncePod"].slice(0, 1),
      hostPath: { path: "/data" },
      claimRef: { namespace: "tables", name: "bound" },
      storageClassName: "fast",
    },
    status: { phase: "Released", reason: "why" },
  }),
  inGroup("apps/v1", "deployments", "one", {
    spec: { replicas: 3, selector, template: matching },
    status: { replicas: 3, readyReplicas: 2, updatedReplicas: 1, availableReplicas: 2 },
  }),
  inGroup("apps/v1", "replicasets", "one", {
    spec: { replicas: 3, selector, template: matching },
    status: { replicas: 3, readyReplicas: 2 },
  }),
  inGroup("apps/v1", "statefulsets", "one", {
    spec: { replicas: 3, selector, template: matching, serviceName: "web" },
    status: { replicas: 3, readyReplicas: 2 },
  }),
  inGroup("apps/v1", "daemonsets", "one", {
    spec: {
      selector: { matchLabels: { app: "web" } },
      template: { ...template, spec: { containers, nodeSelector: { disk: "ssd", arch: "arm" } } },
    },
    status: {
      desiredNumberScheduled: 5,
      currentNumberScheduled: 4,
      numberReady: 3,
      updatedNumberScheduled: 2,
      numberAvailable: 1,
      numberMisscheduled: 0,
    },
  }),
  inGroup("apps/v1", "controllerrevisions", "owned", { revision: 4, data: {} }, {
    ownerReferences: [{
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      name: "one",
      uid: "1",
      controller: true,
    }],
  }),
  inGroup("apps/v1", "controllerrevisions", "free", { revision: 1, data: {} }),
  inGroup("batch/v1", "jobs", "new", {
    spec: { template: { spec: { containers, restartPolicy: "Never" } } },
  }),
  inGroup("batch/v1", "jobs", "parallel", {
    spec: { parallelism: 4, template: { spec: { containers, restartPolicy: "Never" } } },
    status: { startTime: EARLIER, succeeded: 1, active: 2 },
  }),
  inGroup("batch/v1", "jobs", "suspended", {
    spec: { suspend: true, completions: 3, template: { spec: { containers, restartPolicy: "Never" } } },
    status: { conditions: [condition("Suspended", "True", { lastProbeTime: EARLIER })] },
  }),
  inGroup("batch/v1", "cronjobs", "one", {
    spec: {
      schedule: "0 * * * *",
      timeZone: "Etc/UTC",
      suspend: true,
      jobTemplate: { spec: { template: { spec: { containers, restartPolicy: "Never" } } } },
    },
    status: { lastScheduleTime: EARLIER, active: [{ name: "a" }, { name: "b" }] },
  }),
  inGroup("autoscaling/v2", "horizontalpodautoscalers", "one", {
    spec: { scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" }, maxReplicas: 4 },
  }),
  inGroup("autoscaling/v2", "horizontalpodautoscalers", "many", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "web" },
      minReplicas: 2,
      maxReplicas: 4,
      metrics: [
        {
          type: "Resource",
          resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 50 } },
        },
        {
          type: "Resource",
          resource: { name: "memory", target: { type: "AverageValue", averageValue: "1Gi" } },
        },
        {
          type: "Pods",
          pods: { metric: { name: "hits" }, target: { type: "AverageValue", averageValue: "10" } },
        },
      ],
    },
    status: {
      currentReplicas: 3,
      desiredReplicas: 3,
      currentMetrics: [
        {
          type: "Resource",
          resource: { name: "cpu", current: { averageUtilization: 40, averageValue: "40m" } },
        },
        { type: "Resource", resource: { name: "memory", current: { averageValue: "500Mi" } } },
      ],
    },
  }),
  inGroup("autoscaling/v2", "horizontalpodautoscalers", "others", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web" },
      maxReplicas: 4,
      metrics: [
        { type: "External", external: { metric: { name: "queue" }, target: { type: "Value", value: "30" } } },
        {
          type: "Object",
          object: {
            metric: { name: "hits" },
            describedObject: { kind: "Ingress", name: "web" },
            target: { type: "AverageValue", averageValue: "5" },
          },
        },
      ],
    },
  }),
  inGroup("autoscaling/v2", "horizontalpodautoscalers", "containers", {
    spec: {
      scaleTargetRef: { apiVersion: "apps/v1", kind: "ReplicaSet", name: "web" },
      maxReplicas: 4,
      metrics: [
        {
          type: "ContainerResource",
          containerResource: {
            name: "cpu",
            container: "main",
            target: { type: "Utilization", averageUtilization: 70 },
          },
        },
      ],
    },
  }),
  inGroup("networking.k8s.io/v1", "ingresses", "one", {
    spec: {
      ingressClassName: "edge",
      tls: [{ hosts: ["a.example.com"] }],
      rules: ["a", "b", "c", "d", "e"].map((host) => ({ host: `${host}.example.com` })),
    },
    status: { loadBalancer: { ingress: [{ hostname: "a-long-name.example.com" }, { ip: "203.0.113.9" }] } },
  }),
  inGroup("networking.k8s.io/v1", "ingresses", "plain", {
    spec: { defaultBackend: { service: { name: "web", port: { number: 80 } } } },
  }),
  inGroup("networking.k8s.io/v1", "networkpolicies", "one", { spec: { podSelector: selector } }),
  inGroup("networking.k8s.io/v1", "networkpolicies", "all", { spec: { podSelector: {} } }),
  cluster("networking.k8s.io/v1", "ingressclasses", "tables-default", {
    spec: {
      controller: "example.com/edge",
      parameters: { apiGroup: "example.com", kind: "Edge", name: "one" },
    },
  }, { annotations: { "ingressclass.kubernetes.io/is-default-class": "true" } }),
  cluster("networking.k8s.io/v1", "ingressclasses", "tables-plain", {
    spec: { controller: "example.com/edge" },
  }),
  cluster("networking.k8s.io/v1", "servicecidrs", "tables", { spec: { cidrs: ["10.9.0.0/16"] } }),
  cluster("networking.k8s.io/v1", "ipaddresses", "10.9.0.1", {
    spec: { parentRef: { group: "example.com", resource: "webs", namespace: "tables", name: "one" } },
  }),
  inGroup("discovery.k8s.io/v1", "endpointslices", "many", {
    addressType: "IPv4",
    endpoints: [{ addresses: ["10.1.0.1", "10.1.0.2"] }, { addresses: ["10.1.0.3"] }, {
      addresses: ["10.1.0.4"],
    }],
    ports: [{ name: "a", port: 80 }, { name: "b" }, { name: "", port: 82 }, { name: "d", port: 83 }],
  }),
  inGroup("discovery.k8s.io/v1", "endpointslices", "none", { addressType: "IPv6", endpoints: [] }),
  inGroup("policy/v1", "poddisruptionbudgets", "min", {
    spec: { minAvailable: "50%", selector: {} },
    status: { disruptionsAllowed: 2, currentHealthy: 1, desiredHealthy: 1, expectedPods: 1 },
  }),
  inGroup("policy/v1", "poddisruptionbudgets", "max", { spec: { maxUnavailable: 1, selector: {} } }),
  inGroup("coordination.k8s.io/v1", "leases", "held", {
    spec: { holderIdentity: "me", leaseDurationSeconds: 15 },
  }),
  inGroup("coordination.k8s.io/v1", "leases", "free"),
  inGroup("rbac.authorization.k8s.io/v1", "roles", "one", { rules: [] }),
  inGroup("rbac.authorization.k8s.io/v1", "rolebindings", "one", {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "one" },
    subjects: [
      { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "ann" },
      { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "bob" },
      { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "crew" },
      { kind: "ServiceAccount", name: "one", namespace: "tables" },
    ],
  }),
  cluster("certificates.k8s.io/v1", "certificatesigningrequests", "tables-one", {
    spec: {
      request: SIGNING_REQUEST,
      signerName: "example.com/signer",
      usages: ["client auth"],
      expirationSeconds: 7200,
    },
    status: {},
  }),
  cluster("storage.k8s.io/v1", "storageclasses", "tables-default", {
    provisioner: "example.com/disk",
    allowVolumeExpansion: true,
    volumeBindingMode: "WaitForFirstConsumer",
  }, { annotations: { "storageclass.kubernetes.io/is-default-class": "true" } }),
  cluster("storage.k8s.io/v1", "storageclasses", "tables-plain", { provisioner: "example.com/disk" }),
  cluster("storage.k8s.io/v1", "csidrivers", "tables.example.com", {
    spec: {
      tokenRequests: [{ audience: "a" }, { audience: "b" }],
      volumeLifecycleModes: ["Persistent", "Ephemeral"],
    },
  }),
  cluster("storage.k8s.io/v1", "csidrivers", "tables-plain.example.com", { spec: { attachRequired: false } }),
  cluster("storage.k8s.io/v1", "csinodes", "tables", {
    spec: { drivers: [{ name: "tables.example.com", nodeID: "a", topologyKeys: [] }] },
  }),
  inGroup("storage.k8s.io/v1", "csistoragecapacities", "one", { storageClassName: "fast", capacity: "5Gi" }),
  inGroup("storage.k8s.io/v1", "csistoragecapacities", "none", { storageClassName: "slow" }),
  cluster("storage.k8s.io/v1", "volumeattachments", "tables", {
    spec: {
      attacher: "tables.example.com",
      nodeName: "node-a",
      source: { persistentVolumeName: "tables-one" },
    },
    status: { attached: true },
  }),
  cluster("storage.k8s.io/v1", "volumeattributesclasses", "tables", {
    driverName: "tables.example.com",
    parameters: { iops: "9" },
  }),
  cluster("scheduling.k8s.io/v1", "priorityclasses", "tables", { value: 7, preemptionPolicy: "Never" }),
  cluster("node.k8s.io/v1", "runtimeclasses", "tables", { handler: "runc" }),
  cluster("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", "tables", {
    webhooks: [{
      name: "a.example.com",
      admissionReviewVersions: ["v1"],
      sideEffects: "None",
      clientConfig: { url: "https://127.0.0.1:1/" },
      rules: [],
    }],
  }),
  cluster("admissionregistration.k8s.io/v1", "mutatingwebhookconfigurations", "tables"),
  cluster("admissionregistration.k8s.io/v1", "validatingadmissionpolicies", "tables", {
    spec: {
      paramKind: { apiVersion: "v1", kind: "ConfigMap" },
      matchConstraints: {
        resourceRules: [{
          apiGroups: ["x.example.com"],
          apiVersions: ["v1"],
          operations: ["CREATE"],
          resources: ["x"],
        }],
      },
      validations: [{ expression: "true" }],
    },
  }),
  cluster("admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", "tables", {
    spec: {
      policyName: "tables",
      paramRef: { name: "one", namespace: "tables", parameterNotFoundAction: "Allow" },
      validationActions: ["Audit"],
    },
  }),
  cluster("admissionregistration.k8s.io/v1", "validatingadmissionpolicybindings", "tables-selected", {
    spec: {
      policyName: "tables",
      paramRef: { selector: { matchLabels: { a: "b" } }, parameterNotFoundAction: "Allow" },
      validationActions: ["Audit"],
    },
  }),
  cluster("flowcontrol.apiserver.k8s.io/v1", "flowschemas", "tables", {
    spec: { priorityLevelConfiguration: { name: "tables" }, matchingPrecedence: 5000 },
  }),
  cluster("flowcontrol.apiserver.k8s.io/v1", "prioritylevelconfigurations", "tables", {
    spec: {
      type: "Limited",
      limited: {
        nominalConcurrencyShares: 5,
        limitResponse: { type: "Queue", queuing: { queues: 8, handSize: 2, queueLengthLimit: 9 } },
      },
    },
  }),
  cluster("resource.k8s.io/v1", "deviceclasses", "tables", { spec: {} }),
  inGroup("resource.k8s.io/v1", "resourceclaims", "one", { spec: {} }),
  inGroup("resource.k8s.io/v1", "resourceclaims", "allocated", {
    spec: {},
    status: { allocation: { devices: {} }, reservedFor: [{ resource: "pods", name: "web", uid: "1" }] },
  }),
  inGroup("resource.k8s.io/v1", "resourceclaimtemplates", "one", { spec: { spec: {} } }),
  cluster("resource.k8s.io/v1", "resourceslices", "tables", {
    spec: {
      driver: "tables.example.com",
      nodeName: "node-a",
      pool: { name: "a", generation: 1, resourceSliceCount: 1 },
    },
  }),
];
