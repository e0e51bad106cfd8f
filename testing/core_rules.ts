import { dnsLabelProblems, dnsSubdomainProblems, labelKeyProblems, labelValueProblems } from "../meta/mod.ts";
import { compareQuantities } from "../meta/mod.ts";
import { sameJson } from "./api_object.ts";
import type { Field } from "./field.ts";
import { PROTOCOLS } from "./pod_rules.ts";
import {
  bytes,
  dataKey,
  labels,
  labelSelector,
  portNumber,
  portNumberOrName,
  quantity,
} from "./text_rules.ts";

/** The most that a config map or a secret may hold, in bytes. */
const MOST_DATA = 1024 * 1024;
const SEALED = "field is immutable when `immutable` is set";
const ACCESS_MODES = ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];
const VOLUME_MODES = ["Block", "Filesystem"];
const SERVICE_TYPES = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
const HEADLESS = "None";

export function configMapRules(object: Field, old: Field | undefined): void {
  if (old?.at("immutable").value === true) sealed(object, old, ["data", "binaryData"]);
  let size = 0;
  const binary = object.at("binaryData").map;
  for (const [key, value] of object.at("data").entries) {
    for (const problem of dataKey(key)) value.reject(problem, key);
    if (Object.hasOwn(binary, key)) value.reject("duplicate of key present in binaryData", key);
    size += bytes(value.text);
  }
  for (const [key, value] of object.at("binaryData").entries) {
    for (const problem of dataKey(key)) value.reject(problem, key);
    size += decodedSize(value.text);
  }
  if (size > MOST_DATA) object.tooLong(MOST_DATA);
}

export function secretRules(object: Field, old: Field | undefined): void {
  if (old !== undefined) {
    object.at("type").immutable(old.at("type"));
    if (old.at("immutable").value === true) sealed(object, old, ["data"]);
  }
  const data = object.at("data");
  let size = 0;
  for (const [key, value] of data.entries) {
    for (const problem of dataKey(key)) value.reject(problem, key);
    size += decodedSize(value.text);
  }
  if (size > MOST_DATA) data.tooLong(MOST_DATA);
  const need = (key: string) => {
    if (!data.key(key).exists) data.key(key).demand();
  };
  switch (object.at("type").text) {
    case "kubernetes.io/service-account-token":
      object.at("metadata", "annotations").key("kubernetes.io/service-account.name").needed();
      break;
    case "kubernetes.io/dockercfg":
      return dockerConfig(data.key(".dockercfg"));
    case "kubernetes.io/dockerconfigjson":
      return dockerConfig(data.key(".dockerconfigjson"));
    case "kubernetes.io/basic-auth":
      if (!data.key("username").exists && !data.key("password").exists) {
        ["username", "password"].forEach(need);
      }
      break;
    case "kubernetes.io/ssh-auth":
      data.key("ssh-privatekey").needed();
      break;
    case "kubernetes.io/tls":
      ["tls.crt", "tls.key"].forEach(need);
  }
}

function dockerConfig(field: Field): void {
  if (!field.exists) return field.demand();
  try {
    JSON.parse(atob(field.text));
  } catch {
    field.reject("unexpected end of JSON input", "<secret contents redacted>"); // a real server says what is wrong
  }
}

function sealed(object: Field, old: Field, names: readonly string[]): void {
  if (object.at("immutable").value !== true) object.at("immutable").forbid(SEALED);
  for (const name of names) {
    if (!sameJson(object.at(name).map, old.at(name).map)) object.at(name).forbid(SEALED);
  }
}

function decodedSize(base64: string): number {
  return Math.floor(base64.replace(/=+$/, "").length * 3 / 4);
}

export function serviceRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  const type = spec.at("type").text;
  const isHeadless = spec.at("clusterIP").text === HEADLESS && type !== "ExternalName";
  if (old !== undefined) addressChange(spec, old.at("spec"));
  const ports = spec.at("ports");
  if (!ports.isSet && !isHeadless && type !== "ExternalName") ports.demand();
  if (isHeadless && (type === "LoadBalancer" || type === "NodePort")) {
    const first = spec.at("clusterIPs").items[0] ?? spec.at("clusterIPs[0]");
    first.reject(`may not be set to 'None' for ${type} services`, HEADLESS);
  }
  if (type === "ExternalName") externalName(spec);
  servicePorts(ports);
  labels(spec.at("selector"));
  spec.at("sessionAffinity").oneOf("ClientIP", "None");
  if (spec.at("sessionAffinity").text === "None" && spec.at("sessionAffinityConfig").exists) {
    spec.at("sessionAffinityConfig").forbid("must not be set when session affinity is None");
  }
  spec.at("type").oneOf(...SERVICE_TYPES);
  for (const port of type === "ClusterIP" ? ports.items : []) {
    if (port.at("nodePort").isSet) port.at("nodePort").forbid("may not be used when `type` is 'ClusterIP'");
  }
  uniquePorts(ports);
  if (spec.at("loadBalancerSourceRanges").isSet && type !== "LoadBalancer") {
    spec.at("LoadBalancerSourceRanges").forbid("may only be used when `type` is 'LoadBalancer'");
  }
  if (spec.at("allocateLoadBalancerNodePorts").exists && type !== "LoadBalancer") {
    spec.at("allocateLoadBalancerNodePorts").forbid("may only be used when `type` is 'LoadBalancer'");
  }
  if (spec.at("loadBalancerClass").exists && type !== "LoadBalancer") {
    spec.at("loadBalancerClass").forbid("may only be used when `type` is 'LoadBalancer'");
  }
  trafficPolicies(spec, type);
}

function addressChange(spec: Field, old: Field): void {
  if (spec.at("type").text === "ExternalName" || old.at("type").text === "ExternalName") return;
  const [now, before] = [spec.at("clusterIPs"), old.at("clusterIPs")];
  for (const [index, address] of before.list.entries()) {
    const at = spec.at(`clusterIPs[${index}]`).as(now.value ?? null);
    if (now.list.length === 0) {
      if (index === 0) at.reject("primary clusterIP can not be unset");
    } else if (now.list[index] !== address) at.reject("may not change once set");
  }
}

function externalName(spec: Field): void {
  if (spec.at("clusterIPs").isSet) spec.at("clusterIPs").forbid("may not be set for ExternalName services");
  if (spec.at("ipFamilies").isSet) spec.at("ipFamilies").forbid("may not be set for ExternalName services");
  if (spec.at("ipFamilyPolicy").exists) {
    spec.at("ipFamilyPolicy").forbid("may not be set for ExternalName services");
  }
  const name = spec.at("externalName");
  if (!name.needed()) return;
  const whole = name.as(name.text.replace(/\.$/, ""));
  whole.keeps(dnsSubdomainProblems);
}

function servicePorts(ports: Field): void {
  const names = new Set<string>();
  for (const port of ports.items) {
    const name = port.at("name");
    if (ports.list.length > 1) name.needed();
    if (name.isSet) {
      name.keeps(dnsLabelProblems);
      if (names.has(name.text)) name.duplicate();
      names.add(name.text);
    }
    portNumber(port.at("port"));
    port.at("protocol").oneOf(...PROTOCOLS);
    portNumberOrName(port.at("targetPort"));
    port.at("appProtocol").keeps(labelKeyProblems);
  }
}

function uniquePorts(ports: Field): void {
  const seen = new Set<string>();
  for (const port of ports.items) {
    const nodePort = port.at("nodePort");
    const key = `node ${port.at("protocol").text} ${nodePort.number}`;
    if (nodePort.isSet && seen.has(key)) nodePort.duplicate();
    seen.add(key);
  }
  for (const port of ports.items) {
    const key = `${port.at("protocol").text} ${port.at("port").number}`;
    if (seen.has(key)) {
      port.duplicate({ // the server's own struct, with all its fields
        Name: "",
        Protocol: port.at("protocol").text,
        AppProtocol: null,
        Port: port.at("port").number,
        TargetPort: 0,
        NodePort: 0,
      });
    }
    seen.add(key);
  }
}

function trafficPolicies(spec: Field, type: string): void {
  const [external, internal] = [spec.at("externalTrafficPolicy"), spec.at("internalTrafficPolicy")];
  const isExternal = type === "NodePort" || type === "LoadBalancer";
  if (!isExternal && external.isSet && !spec.at("externalIPs").isSet) {
    external.reject("may only be set for externally-accessible services");
  } else if (isExternal || external.isSet) external.oneOf("Cluster", "Local");
  if (internal.exists) internal.maybeOneOf("Cluster", "Local");
  const distribution = spec.at("trafficDistribution");
  if (distribution.exists) distribution.maybeOneOf("PreferClose", "PreferSameZone", "PreferSameNode");
}

export function claimRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  claimSpec(spec);
  if (old === undefined) return;
  const before = old.at("spec");
  const isBound = object.at("status", "phase").text === "Bound";
  const { storage } = before.at("resources", "requests").map;
  const kept = {
    ...spec.map,
    ...(before.at("volumeName").isSet ? {} : { volumeName: before.value && before.map.volumeName }),
    ...(isBound && {
      resources: {
        ...spec.at("resources").map,
        requests: { ...spec.at("resources", "requests").map, storage },
      },
      volumeAttributesClassName: before.map.volumeAttributesClassName,
    }),
  };
  const defined = (map: object) =>
    Object.fromEntries(Object.entries(map).filter(([, value]) => value !== undefined));
  if (!sameJson(defined(kept), defined(before.map))) {
    // A real server adds a comparison of the two in Go's notation.
    spec.forbid(
      "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims\n",
    );
  }
  const size = spec.at("resources", "requests", "storage");
  if (
    size.exists && storage !== undefined && compareQuantities(size.value as string, storage as string) < 0
  ) {
    const capacity = old.at("status", "capacity", "storage").value as string ?? "0";
    if (compareQuantities(size.value as string, capacity) <= 0) {
      size.forbid("field can not be less than status.capacity");
    }
  }
}

function claimSpec(spec: Field): void {
  accessModes(spec.at("accessModes"), "at least 1 access mode is required");
  labelSelector(spec.at("selector"));
  const storage = spec.at("resources", "requests", "storage");
  const told = spec.at("resources[storage]").as(storage.value);
  if (!told.exists) told.demand();
  else if (compareQuantities(told.value as string, "0") <= 0) {
    told.reject("must be greater than zero", String(told.value));
  }
  spec.at("storageClassName").keeps(dnsSubdomainProblems);
  spec.at("volumeMode").maybeOneOf(...VOLUME_MODES);
}

function accessModes(modes: Field, detail: string): void {
  modes.needed(detail);
  for (const mode of modes.list) {
    if (!ACCESS_MODES.includes(String(mode))) modes.refuse(ACCESS_MODES, mode);
  }
  if (modes.list.includes("ReadWriteOncePod") && modes.list.length > 1) {
    modes.forbid("may not use ReadWriteOncePod with other access modes");
  }
}

export function volumeRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  accessModes(spec.at("accessModes"), "");
  const capacity = spec.at("capacity");
  if (!capacity.isSet || Object.keys(capacity.map).length === 0) capacity.demand();
  if (Object.keys(capacity.map).some((key) => key !== "storage") || !Object.hasOwn(capacity.map, "storage")) {
    capacity.refuse(["storage"], capacity.map);
  }
  for (const [, value] of capacity.entries) {
    if (compareQuantities(value.value as string, "0") <= 0) {
      value.reject("must be greater than zero", String(value.value));
    }
  }
  const policies = ["Delete", "Recycle", "Retain"];
  if (spec.at("persistentVolumeReclaimPolicy").isSet) {
    spec.at("persistentVolumeReclaimPolicy").maybeOneOf(...policies);
  }
  const sources = Object.keys(spec.map).filter((key) => VOLUME_SOURCES.includes(key) && spec.at(key).exists);
  if (sources.length === 0) spec.demand("must specify a volume type");
  for (const source of sources.slice(1)) spec.at(source).forbid("may not specify more than 1 volume type");
  spec.at("storageClassName").keeps(dnsSubdomainProblems);
  spec.at("volumeMode").maybeOneOf(...VOLUME_MODES);
  if (old === undefined) return;
  const source = sources.find((key) => !sameJson(spec.map[key], old.at("spec").map[key]));
  if (source !== undefined) {
    spec.at("persistentvolumesource").forbid("spec.persistentvolumesource is immutable after creation\n");
  }
  spec.at("volumeMode").as(spec.at("volumeMode").value).immutable(old.at("spec", "volumeMode"));
}

const VOLUME_SOURCES = [
  "awsElasticBlockStore",
  "azureDisk",
  "azureFile",
  "cephfs",
  "cinder",
  "csi",
  "fc",
  "flexVolume",
  "flocker",
  "gcePersistentDisk",
  "glusterfs",
  "hostPath",
  "iscsi",
  "local",
  "nfs",
  "photonPersistentDisk",
  "portworxVolume",
  "quobyte",
  "rbd",
  "scaleIO",
  "storageos",
  "vsphereVolume",
];

export function nodeRules(object: Field): void {
  const seen = new Set<string>();
  for (const taint of object.at("metadata", "taints").as(object.at("spec", "taints").value).items) {
    const [key, value, effect] = [taint.at("key"), taint.at("value"), taint.at("effect")];
    for (const problem of labelKeyProblems(key.text)) key.reject(problem, key.text);
    const problems = labelValueProblems(value.text);
    if (problems.length > 0) value.reject(problems.join(";"));
    if (effect.needed() && !["NoSchedule", "PreferNoSchedule", "NoExecute"].includes(effect.text)) {
      effect.refuse(["NoSchedule", "PreferNoSchedule", "NoExecute"]);
    }
    const id = `${key.text} ${effect.text}`;
    if (seen.has(id)) {
      taint.duplicate(
        { key: key.text, effect: effect.text },
        ": taints must be unique by key and effect pair",
      );
    }
    seen.add(id);
  }
}

export function quotaRules(object: Field): void {
  for (const [name, value] of object.at("spec", "hard").entries) {
    for (const problem of labelKeyProblems(name)) value.reject(problem, name);
    quantity(value);
  }
}
