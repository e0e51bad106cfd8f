// Pods as a busy cluster has them: about 6.5 KB of JSON each, a third of it managedFields, always the same for a seed.
import type { Pod } from "@coxswain/kube/types/core/v1";

const NAMESPACES = ["default", "kube-system", "shop", "billing", "search", "batch", "monitoring", "staging"];
const APPS = ["web", "api", "worker", "cache", "scheduler", "gateway", "indexer", "mailer", "exporter"];
const NODES = 500;

/** A generator of numbers from 0 up to 1 that repeats itself (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let bits = Math.imul(state ^ (state >>> 15), state | 1);
    bits = (bits + Math.imul(bits ^ (bits >>> 7), bits | 61)) ^ bits;
    return ((bits ^ (bits >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Text of lower-case hexadecimal digits. */
const hex = (random: () => number, length: number): string =>
  Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join("");

/**
 * The pod at `index` of a cluster, with its keys in the order in which an API server writes them, and without
 * `apiVersion` and `kind`, as in a list. All its text is ASCII: one other letter would make engines hold the whole
 * text of a list with two bytes a character, which would make the floor look bad.
 */
export function podAt(index: number): Pod {
  const random = seeded(index + 1);
  const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)];
  const namespace = pick(NAMESPACES);
  const app = pick(APPS);
  const node = `node-${Math.floor(random() * NODES)}`;
  const template = hex(random, 10);
  const owner = `${app}-${template}`;
  const name = `${owner}-${index.toString(36).padStart(5, "0")}`;
  const uid = `${hex(random, 8)}-${hex(random, 4)}-4${hex(random, 3)}-a${hex(random, 3)}-${hex(random, 12)}`;
  const second = (offset: number) =>
    new Date(Date.UTC(2026, 4, 1) + (index * 7 + offset) * 1000).toISOString().replace(".000", "");
  const image = `registry.example.com/${namespace}/${app}:v1.${Math.floor(random() * 90)}.${index % 10}`;
  const token = `kube-api-access-${hex(random, 5)}`;
  const ip = `10.${16 + index % 64}.${Math.floor(random() * 256)}.${Math.floor(random() * 256)}`;
  const hostIP = `192.168.${Math.floor(random() * 32)}.${Math.floor(random() * 256)}`;
  const probe = (path: string, delay: number) => ({
    httpGet: { path, port: 8080, scheme: "HTTP" },
    initialDelaySeconds: delay,
    timeoutSeconds: 1,
    periodSeconds: 10,
    successThreshold: 1,
    failureThreshold: 3,
  });
  const condition = (type: string, offset: number) => ({
    type,
    observedGeneration: 1,
    status: "True",
    lastProbeTime: null,
    lastTransitionTime: second(offset),
  });
  const has = (...fields: string[]) => Object.fromEntries(fields.map((field) => [`f:${field}`, {}]));
  const fieldsOfCondition = (type: string) => ({
    [`k:{"type":"${type}"}`]: {
      ".": {},
      ...has("lastProbeTime", "lastTransitionTime", "observedGeneration", "status", "type"),
    },
  });
  const fieldsOfProbe = {
    ".": {},
    "f:failureThreshold": {},
    "f:httpGet": { ".": {}, ...has("path", "port", "scheme") },
    ...has("initialDelaySeconds", "periodSeconds", "successThreshold", "timeoutSeconds"),
  };
  const pod: Pod = {
    metadata: {
      name,
      generateName: `${owner}-`,
      namespace,
      uid,
      resourceVersion: String(1_000_000 + index),
      generation: 1,
      creationTimestamp: second(0),
      labels: {
        app,
        "app.kubernetes.io/instance": `${app}-${namespace}`,
        "app.kubernetes.io/name": app,
        "app.kubernetes.io/version": `1.${index % 90}.0`,
        "pod-template-hash": template,
      },
      annotations: {
        "kubectl.kubernetes.io/restartedAt": second(-3600),
        "prometheus.io/port": "9090",
        "prometheus.io/scrape": "true",
        "checksum/config": hex(random, 64),
      },
      ownerReferences: [{
        apiVersion: "apps/v1",
        kind: "ReplicaSet",
        name: owner,
        uid: `${hex(random, 8)}-0000-4000-a000-${hex(random, 12)}`,
        controller: true,
        blockOwnerDeletion: true,
      }],
      managedFields: [{
        manager: "kube-controller-manager",
        operation: "Update",
        apiVersion: "v1",
        time: second(0),
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:metadata": {
            "f:annotations": {
              ".": {},
              ...has("checksum/config", "kubectl.kubernetes.io/restartedAt", "prometheus.io/port"),
            },
            "f:generateName": {},
            "f:labels": {
              ".": {},
              ...has("app", "app.kubernetes.io/instance", "app.kubernetes.io/name", "pod-template-hash"),
            },
            "f:ownerReferences": { ".": {}, [`k:{"uid":"${uid}"}`]: {} },
          },
          "f:spec": {
            "f:containers": {
              [`k:{"name":"${app}"}`]: {
                ".": {},
                "f:env": {
                  ".": {},
                  'k:{"name":"POD_NAME"}': { ".": {}, "f:name": {}, "f:valueFrom": has("fieldRef") },
                  'k:{"name":"LOG_LEVEL"}': { ".": {}, ...has("name", "value") },
                },
                ...has("image", "imagePullPolicy"),
                "f:livenessProbe": fieldsOfProbe,
                "f:name": {},
                "f:readinessProbe": fieldsOfProbe,
                "f:resources": { ".": {}, "f:limits": has("memory"), "f:requests": has("cpu", "memory") },
                ...has("terminationMessagePath", "terminationMessagePolicy"),
              },
            },
            ...has("dnsPolicy", "enableServiceLinks", "restartPolicy", "schedulerName", "securityContext"),
            ...has("serviceAccount", "serviceAccountName", "terminationGracePeriodSeconds"),
          },
        },
      }, {
        manager: "kubelet",
        operation: "Update",
        apiVersion: "v1",
        time: second(9),
        fieldsType: "FieldsV1",
        fieldsV1: {
          "f:status": {
            "f:conditions": {
              ...fieldsOfCondition("ContainersReady"),
              ...fieldsOfCondition("Initialized"),
              ...fieldsOfCondition("Ready"),
            },
            ...has("containerStatuses", "hostIP", "hostIPs", "phase", "podIP"),
            "f:podIPs": { ".": {}, [`k:{"ip":"${ip}"}`]: { ".": {}, "f:ip": {} } },
            "f:startTime": {},
          },
        },
        subresource: "status",
      }],
    },
    spec: {
      volumes: [
        { name: "config", configMap: { name: `${app}-config`, defaultMode: 420 } },
        {
          name: token,
          projected: {
            sources: [
              { serviceAccountToken: { expirationSeconds: 3607, path: "token" } },
              { configMap: { name: "kube-root-ca.crt", items: [{ key: "ca.crt", path: "ca.crt" }] } },
              {
                downwardAPI: {
                  items: [{
                    path: "namespace",
                    fieldRef: { apiVersion: "v1", fieldPath: "metadata.namespace" },
                  }],
                },
              },
            ],
            defaultMode: 420,
          },
        },
      ],
      containers: [{
        name: app,
        image,
        args: ["--config=/etc/app/config.yaml", `--shard=${index % 16}`, '--log-format="json"'],
        ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
        env: [
          { name: "POD_NAME", valueFrom: { fieldRef: { apiVersion: "v1", fieldPath: "metadata.name" } } },
          { name: "LOG_LEVEL", value: pick(["info", "debug", "warn"]) },
          { name: "GREETING", value: pick(["hello", "good morning", "welcome back"]) },
        ],
        resources: {
          limits: { memory: "512Mi" },
          requests: { cpu: `${50 + Math.floor(random() * 20) * 50}m`, memory: "256Mi" },
        },
        volumeMounts: [
          { name: "config", mountPath: "/etc/app" },
          { name: token, readOnly: true, mountPath: "/var/run/secrets/kubernetes.io/serviceaccount" },
        ],
        livenessProbe: probe("/healthz", 15),
        readinessProbe: probe("/readyz", 5),
        terminationMessagePath: "/dev/termination-log",
        terminationMessagePolicy: "File",
        imagePullPolicy: "IfNotPresent",
      }],
      restartPolicy: "Always",
      terminationGracePeriodSeconds: 30,
      dnsPolicy: "ClusterFirst",
      serviceAccountName: app,
      serviceAccount: app,
      nodeName: node,
      securityContext: {},
      schedulerName: "default-scheduler",
      tolerations: ["not-ready", "unreachable"].map((taint) => ({
        key: `node.kubernetes.io/${taint}`,
        operator: "Exists",
        effect: "NoExecute",
        tolerationSeconds: 300,
      })),
      priority: 0,
      enableServiceLinks: true,
      preemptionPolicy: "PreemptLowerPriority",
    },
    status: {
      observedGeneration: 1,
      phase: "Running",
      conditions: [
        condition("PodReadyToStartContainers", 3),
        condition("Initialized", 1),
        condition("Ready", 9),
        condition("ContainersReady", 9),
        condition("PodScheduled", 0),
      ],
      hostIP,
      hostIPs: [{ ip: hostIP }],
      podIP: ip,
      podIPs: [{ ip }],
      startTime: second(1),
      containerStatuses: [{
        name: app,
        state: { running: { startedAt: second(3) } },
        lastState: {},
        ready: true,
        restartCount: Math.floor(random() * 3),
        image,
        imageID: `${image.split(":")[0]}@sha256:${hex(random, 64)}`,
        containerID: `containerd://${hex(random, 64)}`,
        started: true,
        allocatedResources: { cpu: "250m", memory: "256Mi" },
        resources: { limits: { memory: "512Mi" }, requests: { cpu: "250m", memory: "256Mi" } },
      }],
      qosClass: "Burstable",
    },
  };
  return pod;
}
