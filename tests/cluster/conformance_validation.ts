// Objects that are wrong in one way each: both servers must refuse them, in the same words, or both take them.
import type { Sequence } from "./conformance.ts";
import { MERGE, patch, post, put } from "./conformance_steps.ts";

type Value = { readonly [field: string]: unknown };

const labels = { app: "web" };
const main = { name: "main", image: "web:1" };
const template = { metadata: { labels }, spec: { containers: [main] } };
const selector = { matchLabels: labels };

/** A path with the sequence's own namespace. */
const path = (apiVersion: string, plural: string): string =>
  `/${apiVersion.includes("/") ? "apis" : "api"}/${apiVersion}/namespaces/{ns}/${plural}`;

/** A kind: where its objects are, and one that is right. */
interface Kind {
  readonly path: string;
  readonly right: Value;
}

const POD: Kind = { path: path("v1", "pods"), right: { spec: { containers: [main] } } };
const DEPLOYMENT: Kind = { path: path("apps/v1", "deployments"), right: { spec: { selector, template } } };
const REPLICA_SET: Kind = { path: path("apps/v1", "replicasets"), right: { spec: { selector, template } } };
const STATEFUL_SET: Kind = {
  path: path("apps/v1", "statefulsets"),
  right: { spec: { selector, template, serviceName: "a" } },
};
const DAEMON_SET: Kind = { path: path("apps/v1", "daemonsets"), right: { spec: { selector, template } } };
const CONTROLLER: Kind = {
  path: path("v1", "replicationcontrollers"),
  right: { spec: { selector: labels, template } },
};
const jobTemplate = { spec: { containers: [main], restartPolicy: "Never" } };
const JOB: Kind = { path: path("batch/v1", "jobs"), right: { spec: { template: jobTemplate } } };
const CRON_JOB: Kind = {
  path: path("batch/v1", "cronjobs"),
  right: { spec: { schedule: "*/5 * * * *", jobTemplate: { spec: { template: jobTemplate } } } },
};
const SERVICE: Kind = { path: path("v1", "services"), right: { spec: { ports: [{ port: 80 }] } } };
const MAP: Kind = { path: path("v1", "configmaps"), right: { data: { a: "1" } } };
const SECRET: Kind = { path: path("v1", "secrets"), right: { data: { a: "MQ==" } } };
const CLAIM: Kind = {
  path: path("v1", "persistentvolumeclaims"),
  right: { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "1Gi" } } } },
};
const QUOTA: Kind = { path: path("v1", "resourcequotas"), right: { spec: { hard: { cpu: "1" } } } };
const backend = { service: { name: "web", port: { number: 80 } } };
const INGRESS: Kind = {
  path: path("networking.k8s.io/v1", "ingresses"),
  right: {
    spec: {
      rules: [{ host: "a.example.com", http: { paths: [{ path: "/", pathType: "Prefix", backend }] } }],
    },
  },
};
const NETWORK_POLICY: Kind = {
  path: path("networking.k8s.io/v1", "networkpolicies"),
  right: { spec: { podSelector: {} } },
};
const SLICE: Kind = {
  path: path("discovery.k8s.io/v1", "endpointslices"),
  right: { addressType: "IPv4", endpoints: [{ addresses: ["10.1.2.3"] }], ports: [{ name: "a", port: 80 }] },
};
const rule = { apiGroups: [""], resources: ["pods"], verbs: ["get"] };
const ROLE: Kind = { path: path("rbac.authorization.k8s.io/v1", "roles"), right: { rules: [rule] } };
const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "a" };
const BINDING: Kind = {
  path: path("rbac.authorization.k8s.io/v1", "rolebindings"),
  right: { roleRef, subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b" }] },
};
const BUDGET: Kind = {
  path: path("policy/v1", "poddisruptionbudgets"),
  right: { spec: { selector, minAvailable: 1 } },
};
const scaleTargetRef = { apiVersion: "apps/v1", kind: "Deployment", name: "a" };
const AUTOSCALER: Kind = {
  path: path("autoscaling/v2", "horizontalpodautoscalers"),
  right: { spec: { scaleTargetRef, maxReplicas: 3 } },
};
const LEASE: Kind = {
  path: path("coordination.k8s.io/v1", "leases"),
  right: { spec: { holderIdentity: "a", leaseDurationSeconds: 15 } },
};

/** A container with more than a name and an image. */
const having = (more: Value): Value => ({ spec: { containers: [{ ...main, ...more }] } });
const probing = (more: Value): Value => having({ livenessProbe: { httpGet: { port: 80 }, ...more } });
const mounting = (volumes: Value[], mounts: Value[] = []): Value => ({
  spec: { volumes, containers: [{ ...main, volumeMounts: mounts }] },
});
const path80 = (more: Value): Value => ({
  spec: { rules: [{ http: { paths: [{ path: "/", pathType: "Prefix", backend, ...more }] } }] },
});
const metric = (more: Value): Value => ({ spec: { metrics: [{ type: "Resource", ...more }] } });
const rolling = (more: Value): Value => ({
  spec: { strategy: { type: "RollingUpdate", rollingUpdate: more } },
});
const typed = (type: string, data?: Value): Value => ({ type, ...(data && { data }) });
const long = "a".repeat(64);

/** What is changed of the right object, as a merge patch; what is left out with null. */
const NEW: readonly (readonly [string, Kind, Readonly<Record<string, Value>>])[] = [
  ["a pod", POD, {
    "that is right": {},
    "with no spec": { spec: null },
    "with no containers": { spec: { containers: null } },
    "with an empty list of containers": { spec: { containers: [] } },
    "whose container has no name": { spec: { containers: [{ image: "web:1" }] } },
    "whose container has no image": { spec: { containers: [{ name: "main" }] } },
    "whose container has neither": { spec: { containers: [{}] } },
    "whose container has a bad name": { spec: { containers: [{ ...main, name: "Main_1" }] } },
    "with two containers of one name": { spec: { containers: [main, main] } },
    "whose image has spaces": having({ image: " web:1" }),
    "with a bad restartPolicy": { spec: { restartPolicy: "Sometimes" } },
    "with a bad dnsPolicy": { spec: { dnsPolicy: "Nowhere" } },
    "with a bad imagePullPolicy": having({ imagePullPolicy: "Maybe" }),
    "with a bad terminationMessagePolicy": having({ terminationMessagePolicy: "Maybe" }),
    "with a port of nought": having({ ports: [{ containerPort: 0 }] }),
    "with too high a port": having({ ports: [{ containerPort: 70_000 }] }),
    "with a bad protocol": having({ ports: [{ containerPort: 80, protocol: "tcp" }] }),
    "with a bad name of a port": having({ ports: [{ containerPort: 80, name: "Not_a--name-at-all-" }] }),
    "with two ports of one name": having({
      ports: [{ containerPort: 80, name: "a" }, { containerPort: 81, name: "a" }],
    }),
    "with one host port twice": having({
      ports: [{ containerPort: 80, hostPort: 80 }, { containerPort: 81, hostPort: 80 }],
    }),
    "in the host's network with another port": {
      spec: { hostNetwork: true, containers: [{ ...main, ports: [{ containerPort: 80, hostPort: 81 }] }] },
    },
    "with a variable without a name": having({ env: [{ value: "1" }] }),
    "with a bad name of a variable": having({ env: [{ name: "a=b", value: "1" }] }),
    "with a variable from nothing": having({ env: [{ name: "A", valueFrom: {} }] }),
    "with a variable from two sources": having({
      env: [{
        name: "A",
        valueFrom: { configMapKeyRef: { name: "a", key: "b" }, secretKeyRef: { name: "a", key: "b" } },
      }],
    }),
    "with a variable that has a value and a source": having({
      env: [{ name: "A", value: "1", valueFrom: { configMapKeyRef: { name: "a", key: "b" } } }],
    }),
    "with a variable from a key without a name": having({
      env: [{ name: "A", valueFrom: { secretKeyRef: { name: "a" } } }],
    }),
    "with a variable from a config map without a name": having({
      env: [{ name: "A", valueFrom: { configMapKeyRef: { key: "a" } } }],
    }),
    "with a variable from an unknown field": having({
      env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "spec.nothing" } } }],
    }),
    "with a variable from a field that is not for that": having({
      env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels" } } }],
    }),
    "with a variable from a label": having({
      env: [{ name: "A", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } }],
    }),
    "with variables from nothing": having({ envFrom: [{ prefix: "A" }] }),
    "with an unknown resource": having({ resources: { limits: { ram: "1" } } }),
    "with a negative limit": having({ resources: { limits: { cpu: "-1" } } }),
    "that asks for more than its limit": having({
      resources: { limits: { memory: "1Gi" }, requests: { memory: "2Gi" } },
    }),
    "with an extended resource without a limit": having({
      resources: { requests: { "example.com/gpu": "1" } },
    }),
    "with an amount that is none": having({ resources: { limits: { cpu: "much" } } }),
    "with guaranteed resources": having({ resources: { limits: { cpu: "1", memory: "1Gi" } } }),
    "with burstable resources": having({ resources: { requests: { cpu: "100m" } } }),
    "with a mount of no volume": mounting([], [{ name: "data", mountPath: "/data" }]),
    "with a mount without a path": mounting([{ name: "data", emptyDir: {} }], [{ name: "data" }]),
    "with two mounts at one path": mounting(
      [{ name: "a", emptyDir: {} }, { name: "b", emptyDir: {} }],
      [{ name: "a", mountPath: "/data" }, { name: "b", mountPath: "/data" }],
    ),
    "with a mount of a path outside": mounting(
      [{ name: "a", emptyDir: {} }],
      [{ name: "a", mountPath: "/data", subPath: "../b" }],
    ),
    "with a volume without a name": mounting([{ emptyDir: {} }]),
    "with two volumes of one name": mounting([{ name: "a", emptyDir: {} }, { name: "a", emptyDir: {} }]),
    "with a volume of two sources": mounting([{ name: "a", emptyDir: {}, hostPath: { path: "/" } }]),
    "with a volume of a secret without a name": mounting([{ name: "a", secret: {} }]),
    "with a volume of a config map without a name": mounting([{ name: "a", configMap: {} }]),
    "with a volume of a claim without a name": mounting([{
      name: "a",
      persistentVolumeClaim: { claimName: "" },
    }]),
    "with a volume of too many rights": mounting([{
      name: "a",
      secret: { secretName: "a", defaultMode: 1000 },
    }]),
    "with an absolute path of a key": mounting([{
      name: "a",
      configMap: { name: "a", items: [{ key: "a", path: "/a" }] },
    }]),
    "with a probe of nothing": having({ livenessProbe: { periodSeconds: 1 } }),
    "with a probe of two things": probing({ tcpSocket: { port: 80 } }),
    "with a probe that never waits": probing({ timeoutSeconds: -1 }),
    "with a liveness probe that has to succeed twice": probing({ successThreshold: 2 }),
    "with a probe of a bad port": having({ readinessProbe: { httpGet: { port: "No_Port" } } }),
    "with a probe by a bad scheme": having({ readinessProbe: { httpGet: { port: 80, scheme: "http" } } }),
    "with a hook of nothing": having({ lifecycle: { preStop: {} } }),
    "with a command that is empty": having({ lifecycle: { preStop: { exec: {} } } }),
    "with a probe of an init container": {
      spec: { initContainers: [{ ...main, name: "init", livenessProbe: { tcpSocket: { port: 80 } } }] },
    },
    "with an init container of the same name": { spec: { initContainers: [main] } },
    "with a sidecar": { spec: { initContainers: [{ ...main, name: "init", restartPolicy: "Always" }] } },
    "with ephemeral containers": { spec: { ephemeralContainers: [{ ...main, name: "debug" }] } },
    "with a bad node": { spec: { nodeName: "No Node" } },
    "with a bad service account": { spec: { serviceAccountName: "No_Account" } },
    "with a bad host name": { spec: { hostname: "a.b" } },
    "with a deadline of nought": { spec: { activeDeadlineSeconds: 0 } },
    "with a bad node selector": { spec: { nodeSelector: { "a b": "c d" } } },
    "with a bad toleration": { spec: { tolerations: [{ key: "a", operator: "Like" }] } },
    "with a toleration of nothing": { spec: { tolerations: [{ operator: "Equal" }] } },
    "with a toleration that ends, of no effect": {
      spec: { tolerations: [{ key: "a", tolerationSeconds: 1 }] },
    },
    "with a toleration of a bad effect": { spec: { tolerations: [{ key: "a", effect: "Never" }] } },
    "with tolerations of its own": {
      spec: {
        tolerations: [{ key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" }],
      },
    },
    "that tolerates everything": { spec: { tolerations: [{ operator: "Exists" }] } },
    "with a priority class that there is not": { spec: { priorityClassName: "none" } },
    "of the system's priority": { spec: { priorityClassName: "system-node-critical" } },
    "with a bad user": { spec: { securityContext: { runAsUser: -1 } } },
    "that is privileged and may not gain rights": having({
      securityContext: { privileged: true, allowPrivilegeEscalation: false },
    }),
    "with a bad label": { metadata: { labels: { "a b": "c d" } } },
    "with too long a label": { metadata: { labels: { a: long } } },
    "with a bad annotation": { metadata: { annotations: { "a b": "c d" } } },
    "with too many annotations": { metadata: { annotations: { a: "a".repeat(262_144) } } },
    "with a bad finalizer": { metadata: { finalizers: ["hold"] } },
    "with an owner without a name": {
      metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Pod", uid: "1" }] },
    },
    "with an owner without anything": { metadata: { ownerReferences: [{}] } },
    "with two owners that control it": {
      metadata: {
        ownerReferences: ["b", "c"].map((name) => ({
          apiVersion: "v1",
          kind: "Pod",
          name,
          uid: name,
          controller: true,
        })),
      },
    },
    "owned by an event": {
      metadata: { ownerReferences: [{ apiVersion: "v1", kind: "Event", name: "b", uid: "1" }] },
    },
    "with a bad name": { metadata: { name: "A_b" } },
    "with too long a name": { metadata: { name: "a".repeat(254) } },
    "wrong in many ways": {
      metadata: { name: "A_b", labels: { "a b": "c" } },
      spec: { restartPolicy: "x", containers: [{ name: "A" }, { image: "b" }] },
    },
  }],
  ["a deployment", DEPLOYMENT, {
    "that is right": {},
    "with no spec": { spec: null },
    "with no selector": { spec: { selector: null } },
    "with an empty selector": { spec: { selector: { matchLabels: null } } },
    "whose selector does not match": { spec: { selector: { matchLabels: { app: "other" } } } },
    "with a bad label in its selector": { spec: { selector: { matchLabels: { app: "a b" } } } },
    "with a bad operator": { spec: { selector: { matchExpressions: [{ key: "app", operator: "Like" }] } } },
    "with In without values": { spec: { selector: { matchExpressions: [{ key: "app", operator: "In" }] } } },
    "with Exists and values": {
      spec: { selector: { matchExpressions: [{ key: "app", operator: "Exists", values: ["a"] }] } },
    },
    "with an expression that matches": {
      spec: { selector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] } },
    },
    "with no template": { spec: { template: null } },
    "with no containers": { spec: { template: { spec: { containers: null } } } },
    "that never restarts": { spec: { template: { spec: { restartPolicy: "Never" } } } },
    "with a deadline of pods": { spec: { template: { spec: { activeDeadlineSeconds: 5 } } } },
    "of fewer than none": { spec: { replicas: -1 } },
    "with a bad strategy": { spec: { strategy: { type: "Sudden" } } },
    "that recreates, and rolls": { spec: { strategy: { type: "Recreate", rollingUpdate: { maxSurge: 1 } } } },
    "that cannot move": rolling({ maxSurge: 0, maxUnavailable: 0 }),
    "with more than all": rolling({ maxUnavailable: "150%" }),
    "with a bad percentage": rolling({ maxSurge: "half" }),
    "with a negative surge": rolling({ maxSurge: -1 }),
    "with a deadline that comes too soon": { spec: { progressDeadlineSeconds: 5, minReadySeconds: 5 } },
    "that remembers less than nothing": { spec: { revisionHistoryLimit: -1 } },
    "with a bad label of pods": { spec: { template: { metadata: { labels: { "a b": "c" } } } } },
    "with ephemeral containers": {
      spec: { template: { spec: { ephemeralContainers: [{ ...main, name: "debug" }] } } },
    },
  }],
  ["a replica set", REPLICA_SET, {
    "that is right": {},
    "with no selector": { spec: { selector: null } },
    "whose selector does not match": { spec: { selector: { matchLabels: { app: "other" } } } },
    "of fewer than none": { spec: { replicas: -1 } },
    "with no template": { spec: { template: null } },
  }],
  ["a stateful set", STATEFUL_SET, {
    "that is right": {},
    "with no selector": { spec: { selector: null } },
    "whose selector does not match": { spec: { selector: { matchLabels: { app: "other" } } } },
    "with a bad policy": { spec: { podManagementPolicy: "Chaos" } },
    "with a bad strategy": { spec: { updateStrategy: { type: "Chaos" } } },
    "with a bad service": { spec: { serviceName: "A.b" } },
    "that mounts its claims": {
      spec: {
        template: {
          spec: { containers: [{ ...main, volumeMounts: [{ name: "data", mountPath: "/data" }] }] },
        },
        volumeClaimTemplates: [{ metadata: { name: "data" }, ...CLAIM.right }],
      },
    },
  }],
  ["a daemon set", DAEMON_SET, {
    "that is right": {},
    "with no selector": { spec: { selector: null } },
    "with an empty selector": { spec: { selector: { matchLabels: null } } },
    "whose selector does not match": { spec: { selector: { matchLabels: { app: "other" } } } },
    "with a bad strategy": { spec: { updateStrategy: { type: "Chaos" } } },
    "that cannot move": {
      spec: { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0 } } },
    },
    "that never restarts": { spec: { template: { spec: { restartPolicy: "Never" } } } },
  }],
  ["a replication controller", CONTROLLER, {
    "that is right": {},
    "with no selector": { spec: { selector: null } },
    "whose selector does not match": { spec: { selector: { app: "other" } } },
    "of fewer than none": { spec: { replicas: -1 } },
    "with no template": { spec: { template: null } },
  }],
  ["a job", JOB, {
    "that is right": {},
    "with no template": { spec: { template: null } },
    "that always restarts": { spec: { template: { spec: { restartPolicy: "Always" } } } },
    "with no restartPolicy": { spec: { template: { spec: { restartPolicy: null } } } },
    "with a bad restartPolicy": { spec: { template: { spec: { restartPolicy: "x" } } } },
    "with a negative limit": { spec: { backoffLimit: -1 } },
    "with negative completions": { spec: { completions: -1, parallelism: -1 } },
    "with a selector of its own": { spec: { selector } },
    "with a manual selector": {
      spec: { manualSelector: true, selector, template: { metadata: { labels } } },
    },
    "with a manual selector that does not match": { spec: { manualSelector: true, selector } },
    "indexed without completions": { spec: { completionMode: "Indexed" } },
    "with a bad mode": { spec: { completionMode: "Other" } },
  }],
  ["a cron job", CRON_JOB, {
    "that is right": {},
    "with no schedule": { spec: { schedule: null } },
    "with a schedule of words": { spec: { schedule: "every day" } },
    "with a schedule of too few fields": { spec: { schedule: "* * *" } },
    "with a minute that there is not": { spec: { schedule: "61 * * * *" } },
    "with a month that there is not": { spec: { schedule: "* * * foo *" } },
    "with a range that goes back": { spec: { schedule: "5-3 * * * *" } },
    "with a step of nought": { spec: { schedule: "*/0 * * * *" } },
    "every day": { spec: { schedule: "@daily" } },
    "every now and then": { spec: { schedule: "@often" } },
    "with a time zone in its schedule": { spec: { schedule: "TZ=UTC * * * * *" } },
    "with a time zone": { spec: { timeZone: "Europe/Berlin" } },
    "with a time zone that there is not": { spec: { timeZone: "Nowhere/Land" } },
    "with a bad policy": { spec: { concurrencyPolicy: "Maybe" } },
    "with no template": { spec: { jobTemplate: null } },
    "with a selector": { spec: { jobTemplate: { spec: { selector } } } },
    "with a negative limit": { spec: { failedJobsHistoryLimit: -1 } },
    "with too long a name": { metadata: { name: "a".repeat(53) } },
  }],
  ["a service", SERVICE, {
    "that is right": {},
    "with no ports": { spec: { ports: null } },
    "with no spec": { spec: null },
    "with a port of nought": { spec: { ports: [{ port: 0 }] } },
    "with too high a port": { spec: { ports: [{ port: 70_000 }] } },
    "with ports without names": { spec: { ports: [{ port: 80 }, { port: 81 }] } },
    "with one port twice": { spec: { ports: [{ port: 80, name: "a" }, { port: 80, name: "b" }] } },
    "with two ports of one name": { spec: { ports: [{ port: 80, name: "a" }, { port: 81, name: "a" }] } },
    "with a bad target": { spec: { ports: [{ port: 80, targetPort: "No_Port" }] } },
    "with a bad protocol": { spec: { ports: [{ port: 80, protocol: "tcp" }] } },
    "with a bad type": { spec: { type: "Other" } },
    "with a bad affinity": { spec: { sessionAffinity: "Maybe" } },
    "with affinity to clients": { spec: { sessionAffinity: "ClientIP" } },
    "with a node port that it does not open": { spec: { ports: [{ port: 80, nodePort: 30_500 }] } },
    "with a node port": { spec: { type: "NodePort" } },
    "with a node port that there is not": { spec: { type: "NodePort", ports: [{ port: 80, nodePort: 80 }] } },
    "with a load balancer": { spec: { type: "LoadBalancer" } },
    "without an address": { spec: { clusterIP: "None", ports: null } },
    "without an address, with a selector": { spec: { clusterIP: "None", selector: labels } },
    "without an address, opening ports": { spec: { clusterIP: "None", type: "NodePort" } },
    "that is elsewhere": { spec: { type: "ExternalName", externalName: "a.example.com" } },
    "that is elsewhere, without a name": { spec: { type: "ExternalName" } },
    "with a bad selector": { spec: { selector: { "a b": "c" } } },
    "with a bad name": { metadata: { name: "A.b" } },
    "with a name that begins with a digit": { metadata: { name: "1a" } },
    "with a policy for what is outside": { spec: { externalTrafficPolicy: "Local" } },
    "with a bad policy for what is inside": { spec: { internalTrafficPolicy: "Maybe" } },
    "with a bad distribution": { spec: { trafficDistribution: "Maybe" } },
  }],
  ["a config map", MAP, {
    "with a bad key": { data: { "a b": "1" } },
    "with a key that leads up": { data: { "..": "1" } },
    "with too long a key": { data: { ["a".repeat(254)]: "1" } },
    "with a key twice": { binaryData: { a: "MQ==" } },
    "that is too big": { data: { a: "a".repeat(1_048_577) } },
    "with a number": { data: { a: 1 } },
    "whose data is a list": { data: [] },
    "whose data is a text": { data: "a" },
  }],
  ["a secret", SECRET, {
    "that is right": {},
    "with a bad key": { data: { "a b": "MQ==" } },
    "with data in clear": { stringData: { b: "ä" } },
    "with data in clear over other": { stringData: { a: "2" } },
    "with data that is not encoded": { data: { a: "%%" } },
    "for TLS, with nothing": typed("kubernetes.io/tls"),
    "for TLS, with half": typed("kubernetes.io/tls", { "tls.crt": "MQ==" }),
    "for basic authentication, with nothing": typed("kubernetes.io/basic-auth"),
    "for ssh, with nothing": typed("kubernetes.io/ssh-auth"),
    "for docker, with nothing": typed("kubernetes.io/dockerconfigjson"),
    "for docker, with something": typed("kubernetes.io/dockerconfigjson", { ".dockerconfigjson": "e30=" }),
    "for a service account, with nothing": typed("kubernetes.io/service-account-token"),
  }],
  ["a claim", CLAIM, {
    "that is right": {},
    "with no spec": { spec: null },
    "with no modes": { spec: { accessModes: null } },
    "with a bad mode": { spec: { accessModes: ["Often"] } },
    "with two modes of which one excludes all": {
      spec: { accessModes: ["ReadWriteOnce", "ReadWriteOncePod"] },
    },
    "with no size": { spec: { resources: { requests: null } } },
    "of nothing": { spec: { resources: { requests: { storage: "0" } } } },
    "of less than nothing": { spec: { resources: { requests: { storage: "-1Gi" } } } },
    "with a bad class": { spec: { storageClassName: "A b" } },
    "with a bad volume mode": { spec: { volumeMode: "Tape" } },
  }],
  ["a quota", QUOTA, { "that is right": {}, "with a negative amount": { spec: { hard: { cpu: "-1" } } } }],
  ["an ingress", INGRESS, {
    "that is right": {},
    "with no rules": { spec: { rules: null } },
    "with a backend alone": { spec: { rules: null, defaultBackend: backend } },
    "with a bad host": { spec: { rules: [{ host: "A b" }] } },
    "with an address as host": { spec: { rules: [{ host: "10.1.2.3" }] } },
    "with any host": { spec: { rules: [{ host: "*.example.com" }] } },
    "with a bad star": { spec: { rules: [{ host: "a.*.com" }] } },
    "with no paths": { spec: { rules: [{ http: { paths: [] } }] } },
    "with no type of a path": path80({ pathType: null }),
    "with a bad type of a path": path80({ pathType: "Regex" }),
    "with a relative path": path80({ path: "a" }),
    "with a path that leads up": path80({ path: "/a/../b" }),
    "with no backend": path80({ backend: {} }),
    "with a backend without a port": path80({ backend: { service: { name: "web" } } }),
    "with a backend with two ports": path80({
      backend: { service: { name: "web", port: { name: "a", number: 1 } } },
    }),
    "with a backend without a name": path80({ backend: { service: { port: { number: 80 } } } }),
    "with a bad class": { spec: { ingressClassName: "A b" } },
  }],
  ["a network policy", NETWORK_POLICY, {
    "that is right": {},
    "with a bad type": { spec: { policyTypes: ["Sideways"] } },
    "with a bad protocol": { spec: { ingress: [{ ports: [{ protocol: "ICMP" }] }] } },
    "with a bad port": { spec: { ingress: [{ ports: [{ port: 70_000 }] }] } },
    "with a range that goes back": { spec: { ingress: [{ ports: [{ port: 80, endPort: 79 }] }] } },
    "with a peer that says nothing": { spec: { egress: [{ to: [{}] }] } },
    "with a bad selector": { spec: { podSelector: { matchLabels: { "a b": "c" } } } },
  }],
  ["an endpoint slice", SLICE, {
    "that is right": {},
    "with no type": { addressType: null },
    "with a bad type": { addressType: "MAC" },
    "with no addresses": { endpoints: [{ addresses: [] }] },
    "with a bad address": { endpoints: [{ addresses: ["nowhere"] }] },
    "with two ports of one name": { ports: [{ name: "a", port: 80 }, { name: "a", port: 81 }] },
  }],
  ["a role", ROLE, {
    "that is right": {},
    "without verbs": { rules: [{ ...rule, verbs: [] }] },
    "without resources": { rules: [{ verbs: ["get"] }] },
    "about paths": { rules: [{ verbs: ["get"], nonResourceURLs: ["/healthz"] }] },
    "with a name with a slash": { metadata: { name: "a%b" } },
  }],
  ["a role binding", BINDING, {
    "that is right": {},
    "without a role": { roleRef: null },
    "of a bad kind": { roleRef: { kind: "Pod" } },
    "without a name": { roleRef: { name: null } },
    "of a bad group": { roleRef: { apiGroup: "example.com" } },
    "for nobody in particular": { subjects: [{ kind: "User" }] },
    "for a thing": { subjects: [{ kind: "Pod", name: "a" }] },
    "for a user of a bad group": { subjects: [{ kind: "User", name: "a", apiGroup: "x" }] },
    "for an account of a group": {
      subjects: [{ kind: "ServiceAccount", name: "a", namespace: "b", apiGroup: "x" }],
    },
  }],
  ["a disruption budget", BUDGET, {
    "that is right": {},
    "with both bounds": { spec: { maxUnavailable: 1 } },
    "with a bad percentage": { spec: { minAvailable: "most" } },
    "with more than all": { spec: { minAvailable: "101%" } },
    "with a negative bound": { spec: { minAvailable: -1 } },
    "with a bad policy": { spec: { unhealthyPodEvictionPolicy: "Maybe" } },
  }],
  ["an autoscaler", AUTOSCALER, {
    "that is right": {},
    "with no bound": { spec: { maxReplicas: null } },
    "with a negative bound": { spec: { maxReplicas: -1 } },
    "with bounds the wrong way round": { spec: { minReplicas: 5 } },
    "that goes down to nought": { spec: { minReplicas: 0 } },
    "of nothing": { spec: { scaleTargetRef: null } },
    "by nothing": { spec: { metrics: [{}] } },
    "by a resource that it does not say": metric({}),
    "by a resource without a target": metric({ resource: { name: "cpu", target: { type: "Utilization" } } }),
    "by a bad target": metric({
      resource: { name: "cpu", target: { type: "Feeling", averageUtilization: 5 } },
    }),
    "by too low a target": metric({
      resource: { name: "cpu", target: { type: "Utilization", averageUtilization: 0 } },
    }),
  }],
  ["a lease", LEASE, {
    "that is right": {},
    "of no time": { spec: { leaseDurationSeconds: 0 } },
    "with negative transitions": { spec: { leaseTransitions: -1 } },
    "with a preferred holder": { spec: { preferredHolder: "a" } },
  }],
];

/** What must not change, once an object is there. */
const CHANGES: readonly (readonly [string, Kind, Readonly<Record<string, Value>>])[] = [
  ["a pod", POD, {
    "gets another image": having({ image: "web:2" }),
    "gets no image": having({ image: "" }),
    "gets another container": { spec: { containers: [main, { ...main, name: "second" }] } },
    "gets a toleration more": {
      spec: { tolerations: [...tolerated(), { key: "a", operator: "Exists" }] },
    },
    "loses its tolerations": { spec: { tolerations: [] } },
    "gets a deadline": { spec: { activeDeadlineSeconds: 10 } },
    "gets a bad label": { metadata: { labels: { "a b": "c" } } },
  }],
  ["a deployment", DEPLOYMENT, {
    "gets another selector": {
      spec: {
        selector: { matchLabels: { app: "other" } },
        template: { metadata: { labels: { app: "other" } } },
      },
    },
    "gets another image": { spec: { template: { spec: { containers: [{ ...main, image: "web:2" }] } } } },
    "loses the labels of its pods": { spec: { template: { metadata: { labels: null } } } },
    "loses its containers": { spec: { template: { spec: { containers: null } } } },
  }],
  ["a stateful set", STATEFUL_SET, {
    "gets more replicas": { spec: { replicas: 3 } },
    "gets another service": { spec: { serviceName: "b" } },
    "gets another policy": { spec: { podManagementPolicy: "Parallel" } },
  }],
  ["a daemon set", DAEMON_SET, {
    "gets another selector": {
      spec: {
        selector: { matchLabels: { app: "other" } },
        template: { metadata: { labels: { app: "other" } } },
      },
    },
  }],
  ["a job", JOB, {
    "is suspended": { spec: { suspend: true } },
    "gets more parallelism": { spec: { parallelism: 2 } },
    "gets more completions": { spec: { completions: 2 } },
  }],
  ["a service", SERVICE, {
    "gets another port": { spec: { ports: [{ port: 81 }] } },
    // One of the first 16 of the range: the server gives those away last, so that the service cannot have it already.
    "gets another address": { spec: { clusterIP: "10.0.0.9", clusterIPs: null } },
    "loses its address": { spec: { clusterIP: "", clusterIPs: null } },
    "opens its ports": { spec: { type: "NodePort" } },
    "gets a load balancer": { spec: { type: "LoadBalancer" } },
    "goes elsewhere": {
      spec: { type: "ExternalName", externalName: "a.example.com", clusterIP: "", clusterIPs: null },
    },
  }],
  ["a secret", SECRET, {
    "gets another type": { type: "example.com/other" },
    "gets more data": { stringData: { b: "2" } },
  }],
  ["a claim", CLAIM, {
    "gets bigger": { spec: { resources: { requests: { storage: "2Gi" } } } },
    "gets a volume": { spec: { volumeName: "a" } },
  }],
  ["a role binding", BINDING, {
    "gets another role": { roleRef: { name: "b" } },
    "gets other subjects": { subjects: [] },
  }],
];

function tolerated(): Value[] {
  return ["not-ready", "unreachable"].map((name) => ({
    key: `node.kubernetes.io/${name}`,
    operator: "Exists",
    effect: "NoExecute",
    tolerationSeconds: 300,
  }));
}

/** An object without what is null in the change, and with what is there. */
function merged(value: unknown, change: unknown): unknown {
  if (typeof change !== "object" || change === null || Array.isArray(change)) return change;
  const whole = typeof value === "object" && value !== null && !Array.isArray(value)
    ? { ...value } as Value
    : {};
  return Object.fromEntries(
    Object.entries({ ...whole, ...change }).flatMap(([key]) => {
      const below = key in change ? merged(whole[key], (change as Value)[key]) : whole[key];
      return below === null ? [] : [[key, below]];
    }),
  );
}

const SEALED: Sequence[] = [MAP, SECRET].map(({ path, right }) => ({
  name: `what is sealed in ${path.split("/").at(-1)}`,
  steps: [
    post(path, { metadata: { name: "a" }, ...right, immutable: true }),
    patch(`${path}/a`, MERGE, { data: { b: "MQ==" } }),
    patch(`${path}/a`, MERGE, { immutable: null }),
    patch(`${path}/a`, MERGE, { metadata: { labels } }),
  ],
}));

/** The sequences about what is valid. */
export const VALIDATION: readonly Sequence[] = [
  ...NEW.flatMap(([what, { path, right }, cases]) =>
    Object.entries(cases).map(([how, change]) => ({
      name: `${what} ${how}`,
      steps: [post(path, merged({ metadata: { name: "a" }, ...right }, change))],
    }))
  ),
  ...CHANGES.flatMap(([what, { path, right }, cases]) =>
    Object.entries(cases).map(([how, change]) => ({
      name: `${what} that ${how}`,
      steps: [post(path, { metadata: { name: "a" }, ...right }), patch(`${path}/a`, MERGE, change)],
    }))
  ),
  ...SEALED,
  {
    name: "services keep what they were given when they are put again without it",
    steps: [
      post(SERVICE.path, { metadata: { name: "a" }, spec: { type: "NodePort", ports: [{ port: 80 }] } }),
      put(`${SERVICE.path}/a`, {
        metadata: { name: "a" },
        spec: { type: "NodePort", ports: [{ port: 80 }] },
      }),
      put(`${SERVICE.path}/a`, { metadata: { name: "a" }, spec: { ports: [{ port: 80 }] } }),
    ],
  },
  {
    name: "pods are as they were when they are put again without what was added",
    steps: [
      post(POD.path, { metadata: { name: "a" }, ...POD.right }),
      put(`${POD.path}/a`, { metadata: { name: "a" }, ...POD.right }),
    ],
  },
];
