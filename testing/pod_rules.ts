import {
  compareQuantities,
  dnsLabelProblems,
  dnsSubdomainProblems,
  labelKeyProblems,
  labelValueProblems,
} from "../meta/mod.ts";
import { isJsonObject, type JsonObject, sameJson } from "./api_object.ts";
import { qosClass } from "./qos_class.ts";
import type { Field } from "./field.ts";
import {
  annotations,
  dataKey,
  headerName,
  labels,
  portName,
  portNumber,
  portNumberOrName,
  quantity,
  variableName,
} from "./text_rules.ts";

/** What a port may speak. */
export const PROTOCOLS = ["SCTP", "TCP", "UDP"];

const FILE_MODE = "must be a number between 0 and 0777 (octal), both inclusive";
const MAX_INT = 2_147_483_647;

/** Fields of pods that environment variables may show. */
const VARIABLE_FIELDS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

/** What of a pod's `spec` an update may change, as the refusal lists it. */
const CHANGEABLE = [
  "`spec.containers[*].image`",
  "`spec.initContainers[*].image`",
  "`spec.activeDeadlineSeconds`",
  "`spec.tolerations` (only additions to existing tolerations)",
  "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
];

/** What makes a container without which nothing runs an ephemeral one: it has none of these. */
const NOT_EPHEMERAL = [
  "lifecycle",
  "livenessProbe",
  "ports",
  "readinessProbe",
  "resizePolicy",
  "startupProbe",
];

/** A pod. */
export function podRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  podContent(spec);
  if (old !== undefined) return podChange(spec, old.at("spec"));
  if (spec.at("ephemeralContainers").isSet) spec.at("ephemeralContainers").forbid("cannot be set on create");
  if (spec.at("nodeName").isSet && spec.at("schedulingGates").isSet) {
    spec.at("nodeName").forbid("cannot be set until all schedulingGates have been cleared");
  }
}

/** A pod whose ephemeral containers change: there may be more, and no others. */
export function ephemeralContainerRules(object: Field, old: Field | undefined): void {
  podContent(object.at("spec"));
  const containers = object.at("spec", "ephemeralContainers");
  for (const before of old?.at("spec", "ephemeralContainers").items ?? []) {
    const { text } = before.at("name");
    const same = containers.items.find((container) => container.at("name").text === text);
    const name = JSON.stringify(text);
    if (same === undefined) containers.forbid(`existing ephemeral containers ${name} may not be removed\n`);
    else if (!sameJson(same.value, before.value)) {
      containers.forbid(`existing ephemeral containers ${name} may not be changed\n`);
    }
  }
}

/** A pod whose containers get another size: its class of service stays as it is. */
export function resizeRules(object: Field, old: Field | undefined): void {
  const spec = object.at("spec");
  podContent(spec);
  if (old === undefined) return;
  const before = qosClass(old.at("spec").map);
  const now = qosClass(spec.map);
  if (now !== before) spec.reject("Pod QOS Class may not change as a result of resizing", before);
}

function podContent(spec: Field): void {
  podSpec(spec);
  for (const list of ["containers", "initContainers"]) {
    for (const container of spec.at(list).items) trimmedImage(container.at("image"));
  }
}

/** The template of pods. */
export function podTemplate(template: Field): void {
  labels(template.at("labels").as(template.at("metadata", "labels").value));
  annotations(template.at("annotations").as(template.at("metadata", "annotations").value));
  podSpec(template.at("spec"));
  if (template.at("spec", "ephemeralContainers").isSet) {
    template.at("spec", "ephemeralContainers").forbid("ephemeral containers not allowed in pod template");
  }
}

function podSpec(spec: Field): void {
  const volumes = volumesOf(spec.at("volumes"));
  const containers = spec.at("containers");
  const names = new Set<string>();
  if (containers.needed()) {
    for (const container of containers.items) {
      containerRules(container, volumes);
      uniqueName(container, names);
      lifecycle(container.at("lifecycle"));
      probes(container);
    }
    uniqueHostPorts(containers.items);
  }
  for (const container of spec.at("initContainers").items) initContainer(container, volumes, names);
  ephemeralContainers(spec, volumes, names);
  if (spec.at("hostNetwork").value === true) hostNetworkPorts(containers);
  spec.at("restartPolicy").oneOf("Always", "OnFailure", "Never");
  spec.at("dnsPolicy").oneOf("ClusterFirstWithHostNet", "ClusterFirst", "Default", "None");
  labels(spec.at("nodeSelector"));
  securityContext(spec.at("securityContext"));
  for (const name of ["serviceAccountName", "nodeName"]) spec.at(name).keeps(dnsSubdomainProblems);
  spec.at("activeDeadlineSeconds").between(1, MAX_INT);
  for (const name of ["hostname", "subdomain"]) spec.at(name).keeps(dnsLabelProblems);
  tolerations(spec.at("tolerations"));
  for (const name of ["priorityClassName", "runtimeClassName"]) spec.at(name).keeps(dnsSubdomainProblems);
  spec.at("preemptionPolicy").maybeOneOf("PreemptLowerPriority", "Never");
}

function containerRules(container: Field, volumes: ReadonlySet<string>): void {
  container.at("name").needs(dnsLabelProblems);
  container.at("image").needed();
  container.at("terminationMessagePolicy").oneOf("File", "FallbackToLogsOnError");
  containerPorts(container.at("ports"));
  environment(container);
  volumeMounts(container.at("volumeMounts"), volumes);
  container.at("imagePullPolicy").oneOf("Always", "IfNotPresent", "Never");
  containerResources(container.at("resources"));
  securityContext(container.at("securityContext"));
}

function initContainer(container: Field, volumes: ReadonlySet<string>, names: Set<string>): void {
  containerRules(container, volumes);
  const policy = container.at("restartPolicy");
  policy.maybeOneOf("Always", "Never", "OnFailure");
  uniqueName(container, names);
  uniqueHostPorts([container]);
  if (policy.text === "Always") {
    lifecycle(container.at("lifecycle"));
    return probes(container);
  }
  for (const name of ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"]) {
    if (container.at(name).exists) {
      container.at(name).forbid("may not be set for init containers without restartPolicy=Always");
    }
  }
}

function ephemeralContainers(spec: Field, volumes: ReadonlySet<string>, names: Set<string>): void {
  const others = new Set(names);
  for (const container of spec.at("ephemeralContainers").items) {
    containerRules(container, volumes);
    trimmedImage(container.at("image"));
    uniqueName(container, names);
    const target = container.at("targetContainerName");
    if (target.isSet && !others.has(target.text)) target.missing();
    for (const name of NOT_EPHEMERAL) {
      if (container.at(name).isSet) container.at(name).forbid("cannot be set for an Ephemeral Container");
    }
    if (Object.keys(container.at("resources").map).length > 0) {
      container.at("resources").forbid("cannot be set for an Ephemeral Container");
    }
    for (const mount of container.at("volumeMounts").items) {
      for (const name of ["subPath", "subPathExpr"]) {
        if (mount.at(name).isSet) mount.at(name).forbid("cannot be set for an Ephemeral Container");
      }
    }
  }
}

/** @param names Those that are taken; this one is added. */
function uniqueName(container: Field, names: Set<string>): void {
  const name = container.at("name");
  if (names.has(name.text)) name.duplicate(name.text);
  else if (name.isSet) names.add(name.text);
}

function trimmedImage(image: Field): void {
  if (image.text.trim() !== image.text) image.reject("must not have leading or trailing whitespace");
}

function containerPorts(ports: Field): void {
  const names = new Set<string>();
  for (const port of ports.items) {
    const name = port.at("name");
    name.keeps(portName);
    if (portName(name.text).length === 0) {
      if (names.has(name.text)) name.duplicate();
      else names.add(name.text);
    }
    if (port.at("containerPort").needed()) portNumber(port.at("containerPort"));
    if (port.at("hostPort").isSet) portNumber(port.at("hostPort"));
    port.at("protocol").oneOf(...PROTOCOLS);
  }
}

function uniqueHostPorts(containers: readonly Field[]): void {
  const taken = new Set<string>();
  for (const port of containers.flatMap((container) => container.at("ports").items)) {
    const hostPort = port.at("hostPort");
    if (!hostPort.isSet) continue;
    const key = `${port.at("protocol").text}/${port.at("hostIP").text}/${hostPort.number}`;
    if (taken.has(key)) hostPort.duplicate(key);
    taken.add(key);
  }
}

function hostNetworkPorts(containers: Field): void {
  for (const port of containers.items.flatMap((container) => container.at("ports").items)) {
    const hostPort = port.at("hostPort");
    if (hostPort.number !== port.at("containerPort").number) {
      hostPort.reject("must match `containerPort` when `hostNetwork` is true", hostPort.number);
    }
  }
}

function environment(container: Field): void {
  for (const variable of container.at("env").items) {
    variable.at("name").needs(variableName);
    if (variable.at("valueFrom").exists) valueFrom(variable.at("valueFrom"), variable.at("value").isSet);
  }
  const envFrom = container.at("envFrom");
  for (const source of envFrom.items) {
    source.at("prefix").keeps(variableName);
    const refs = [source.at("configMapRef"), source.at("secretRef")].filter((ref) => ref.exists);
    for (const ref of refs) ref.at("name").needs(dnsSubdomainProblems);
    if (refs.length === 0) envFrom.reject("must specify one of: `configMapRef` or `secretRef`", "");
    if (refs.length > 1) envFrom.reject("may not have more than one field specified at a time", "");
  }
}

function valueFrom(source: Field, hasValue: boolean): void {
  let sources = 0;
  const fieldRef = source.at("fieldRef");
  if (fieldRef.exists) {
    sources++;
    fieldSelector(fieldRef);
  }
  const resourceRef = source.at("resourceFieldRef");
  if (resourceRef.exists) {
    sources++;
    resourceRef.at("resource").needed();
  }
  for (const name of ["configMapKeyRef", "secretKeyRef"]) {
    const ref = source.at(name);
    if (!ref.exists) continue;
    sources++;
    for (const problem of dnsSubdomainProblems(ref.at("name").text)) {
      ref.at("name").reject(problem, ref.at("name").text);
    }
    ref.at("key").needs(dataKey);
  }
  if (source.at("fileKeyRef").exists) sources++;
  if (sources === 0) {
    const list = "`fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`";
    source.reject(`must specify one of: ${list}`, "");
  } else if (hasValue) source.reject("may not be specified when `value` is not empty", "");
  else if (sources > 1) source.reject("may not have more than one field specified at a time", "");
}

function fieldSelector(fieldRef: Field): void {
  const path = fieldRef.at("fieldPath");
  if (!path.needed()) return;
  if (/^metadata\.(labels|annotations)\['.+'\]$/.test(path.text) || VARIABLE_FIELDS.includes(path.text)) {
    return;
  }
  const isKnown =
    /^(metadata\.(labels|annotations)|spec\.(host|restartPolicy|serviceAccount)|status\.phase)$/;
  if (isKnown.test(path.text)) path.refuse(VARIABLE_FIELDS);
  else path.reject(`error converting fieldPath: field label not supported: ${path.text}`);
}

/** @returns The names of the volumes that are as they should be. */
function volumesOf(volumes: Field): ReadonlySet<string> {
  const names = new Set<string>();
  for (const volume of volumes.items) {
    const before = volume.problems.length;
    volumeSource(volume);
    const name = volume.at("name");
    name.needs(dnsLabelProblems);
    if (names.has(name.text)) name.duplicate();
    if (volume.problems.length === before) names.add(name.text);
  }
  return names;
}

function volumeSource(volume: Field): void {
  const sources = Object.keys(volume.map).filter((key) => key !== "name" && volume.at(key).exists);
  const ordered = [
    "emptyDir",
    "hostPath",
    "secret",
    "nfs",
    "persistentVolumeClaim",
    "configMap",
    "projected",
    "csi",
  ];
  const place = (key: string) => ordered.includes(key) ? ordered.indexOf(key) : ordered.length;
  sources.sort((a, b) => place(a) - place(b));
  for (const [index, kind] of sources.entries()) {
    const source = volume.at(kind);
    if (index > 0) source.forbid("may not specify more than 1 volume type");
    else VOLUME_SOURCES[kind]?.(source);
  }
  if (sources.length === 0) volume.demand("must specify a volume type");
}

const VOLUME_SOURCES: Readonly<Record<string, (source: Field) => void>> = {
  hostPath: (source) => {
    const path = source.at("path");
    if (!path.needed()) return;
    if (path.text.split("/").includes("..")) path.reject("must not contain '..'");
    const types = [
      "BlockDevice",
      "CharDevice",
      "Directory",
      "DirectoryOrCreate",
      "File",
      "FileOrCreate",
      "Socket",
    ];
    if (source.at("type").isSet) source.at("type").maybeOneOf(...types);
  },
  secret: (source) => keyedSource(source, "secretName"),
  configMap: (source) => keyedSource(source, "name"),
  persistentVolumeClaim: (source) => void source.at("claimName").needed(),
  nfs: (source) => {
    source.at("server").needed();
    source.at("path").needed();
    if (source.at("path").isSet && !source.at("path").text.startsWith("/")) {
      source.at("path").reject("must be an absolute path");
    }
  },
  csi: (source) => void source.at("driver").needed(),
  projected: fileMode,
};

function keyedSource(source: Field, name: string): void {
  source.at(name).needed();
  fileMode(source);
  for (const item of source.at("items").items) {
    item.at("key").needed();
    const path = item.at("path");
    if (path.needed()) {
      if (path.text.startsWith("/")) path.reject("must be a relative path");
      if (path.text.split("/").includes("..")) path.reject("must not contain '..'");
      if (path.text.startsWith("..") && !path.text.startsWith("../")) path.reject("must not start with '..'");
    }
    mode(item.at("mode"));
  }
}

function fileMode(source: Field): void {
  mode(source.at("defaultMode"));
}

function mode(field: Field): void {
  if (field.number < 0 || field.number > 0o777) field.reject(FILE_MODE);
}

function volumeMounts(mounts: Field, volumes: ReadonlySet<string>): void {
  const paths = new Set<string>();
  for (const mount of mounts.items) {
    const name = mount.at("name");
    name.needed();
    if (!volumes.has(name.text)) name.missing(name.text);
    const path = mount.at("mountPath");
    path.needed();
    if (paths.has(path.text)) path.reject("must be unique", path.text);
    paths.add(path.text);
    const subPath = mounts.at("subPath").as(mount.at("subPath").value);
    if (subPath.text.startsWith("/")) subPath.reject("must be a relative path");
    if (subPath.text.split("/").includes("..")) subPath.reject("must not contain '..'");
  }
}

function containerResources(resources: Field): void {
  const limits = resources.at("limits");
  const requests = resources.at("requests");
  for (const [name, value] of limits.entries) {
    resourceName(value, name);
    quantity(value);
  }
  for (const [name, value] of requests.entries) {
    resourceName(value, name);
    quantity(value);
    const limit = limits.map[name] as string | undefined;
    const isShared = /^(cpu|memory|ephemeral-storage)$/.test(name) || name.includes("kubernetes.io/");
    if (limit === undefined) {
      if (!isShared) limits.demand("Limit must be set for non overcommitable resources");
    } else {
      const order = compareQuantities(value.value as string, limit);
      if (order !== 0 && !isShared) {
        requests.reject(`must be equal to ${name} limit of ${limit}`, value.value);
      } else if (order > 0) {
        requests.reject(`must be less than or equal to ${name} limit of ${limit}`, value.value);
      }
    }
  }
}

function resourceName(field: Field, name: string): void {
  const problems = labelKeyProblems(name);
  for (const problem of problems) field.reject(problem, name);
  if (problems.length > 0 || name.includes("/")) return;
  if (/^(cpu|memory|ephemeral-storage|hugepages-.*)$/.test(name)) return;
  if (!/^(storage|pods|services|secrets|configmaps)$/.test(name)) {
    field.reject("must be a standard resource type or fully qualified", name);
  }
  field.reject("must be a standard resource for containers", name);
}

function probes(container: Field): void {
  probe(container.at("livenessProbe"), true);
  probe(container.at("readinessProbe"), false);
  probe(container.at("startupProbe"), true);
}

function probe(field: Field, onlyOnce: boolean): void {
  if (!field.exists) return;
  handler(field, ["exec", "httpGet", "tcpSocket", "grpc"]);
  for (
    const name of [
      "initialDelaySeconds",
      "timeoutSeconds",
      "periodSeconds",
      "successThreshold",
      "failureThreshold",
    ]
  ) field.at(name).notNegative();
  const grace = field.at("terminationGracePeriodSeconds");
  if (grace.exists && grace.number <= 0) grace.reject("must be greater than 0");
  const threshold = field.at("successThreshold");
  if (onlyOnce && threshold.number !== 1) threshold.reject("must be 1", threshold.number);
  if (!onlyOnce && grace.exists) grace.reject("must not be set for readinessProbes");
}

function lifecycle(field: Field): void {
  for (const name of ["postStart", "preStop"]) {
    if (field.at(name).exists) handler(field.at(name), ["exec", "httpGet", "tcpSocket", "sleep"]);
  }
}

function handler(field: Field, kinds: readonly string[]): void {
  const found = kinds.filter((kind) => field.at(kind).exists);
  for (const [index, kind] of found.entries()) {
    const action = field.at(kind);
    if (index > 0) action.forbid("may not specify more than 1 handler type");
    else if (kind === "exec") action.at("command").needed();
    else if (kind === "httpGet") httpGet(action);
    else if (kind === "tcpSocket") portNumberOrName(action.at("port"));
    else if (kind === "grpc") portNumber(action.at("port"));
  }
  if (found.length === 0) field.demand("must specify a handler type");
}

function httpGet(action: Field): void {
  action.at("path").needed();
  portNumberOrName(action.at("port"));
  if (!["HTTP", "HTTPS"].includes(action.at("scheme").text)) action.at("scheme").refuse(["HTTP", "HTTPS"]);
  for (const header of action.at("httpHeaders").items) {
    const { text } = header.at("name");
    for (const problem of headerName(text)) action.at("httpHeaders").reject(problem, text);
  }
}

function securityContext(context: Field): void {
  for (const name of ["runAsUser", "runAsGroup", "fsGroup"]) context.at(name).between(0, MAX_INT);
  const privileged = context.at("privileged").value === true;
  if (privileged && context.at("allowPrivilegeEscalation").value === false) {
    const { map } = context;
    const rule = "cannot set `allowPrivilegeEscalation` to false and `privileged` to true";
    const names = [
      "Capabilities",
      "Privileged",
      "SELinuxOptions",
      "WindowsOptions",
      "RunAsUser",
      "RunAsGroup",
      "RunAsNonRoot",
      "ReadOnlyRootFilesystem",
      "AllowPrivilegeEscalation",
      "ProcMount",
      "SeccompProfile",
      "AppArmorProfile",
    ];
    const fieldOf = (name: string) =>
      name === "SELinuxOptions" ? "seLinuxOptions" : name[0].toLowerCase() + name.slice(1);
    context.reject(rule, Object.fromEntries(names.map((name) => [name, map[fieldOf(name)] ?? null])));
  }
}

/** Tolerations of a pod. */
function tolerations(list: Field): void {
  for (const toleration of list.items) {
    const [key, operator, value] = [toleration.at("key"), toleration.at("operator"), toleration.at("value")];
    const effect = toleration.at("effect");
    key.keeps(labelKeyProblems);
    if (!key.isSet && operator.text !== "Exists") {
      const rule = 'operator must be Exists when `key` is empty, which means "match all values and all keys"';
      operator.reject(rule, operator.text);
    }
    if (toleration.at("tolerationSeconds").exists && effect.text !== "NoExecute") {
      effect.reject("effect must be 'NoExecute' when `tolerationSeconds` is set", effect.text);
    }
    if (operator.text === "Equal" || operator.text === "") {
      const problems = labelValueProblems(value.text);
      if (problems.length > 0) operator.reject(problems.join(";"), value.text);
    } else if (operator.text === "Exists") {
      if (value.isSet) operator.reject("value must be empty when `operator` is 'Exists'", value.text);
    } else operator.refuse(["Equal", "Exists"]);
    if (effect.isSet) effect.maybeOneOf("NoSchedule", "PreferNoSchedule", "NoExecute");
  }
}

/** Little of a pod may change once it is there. */
function podChange(spec: Field, old: Field): void {
  for (const list of ["containers", "initContainers"]) {
    if (spec.at(list).list.length !== old.at(list).list.length) {
      return spec.at(list).forbid("pod updates may not add or remove containers");
    }
  }
  const [deadline, oldDeadline] = [spec.at("activeDeadlineSeconds"), old.at("activeDeadlineSeconds")];
  if (deadline.exists && oldDeadline.exists && oldDeadline.number < deadline.number) {
    return deadline.reject("must be less than or equal to previous value");
  }
  if (!deadline.exists && oldDeadline.exists) {
    deadline.reject("must not update from a positive integer to nil value", null);
  }
  const withoutSeconds = (value: unknown) => isJsonObject(value) ? { ...value, tolerationSeconds: 0 } : value;
  const isKept = old.at("tolerations").list.every((one) =>
    spec.at("tolerations").list.some((other) => sameJson(withoutSeconds(one), withoutSeconds(other)))
  );
  if (!isKept) {
    spec.at("tolerations").forbid("existing toleration can not be modified except its tolerationSeconds");
  }
  const gates = old.at("schedulingGates").list;
  const added = spec.at("schedulingGates").items.find(({ value }) =>
    !gates.some((gate) => sameJson(gate, value))
  );
  added?.forbid("only deletion is allowed, but found new scheduling gate '" + added.at("name").text + "'");
  for (const container of [...spec.at("containers").items, ...spec.at("initContainers").items]) {
    container.at("image").needed(); // told a second time
  }
  const munged = withOldParts(spec.map, old.map);
  if (sameJson(munged, old.map)) return;
  // A real server adds a comparison of the two in Go's notation.
  spec.forbid(`pod updates may not change fields other than ${CHANGEABLE.join(",")}\n`);
}

/** The new spec, with what may change as it was. */
function withOldParts(spec: JsonObject, old: JsonObject): JsonObject {
  const images = (list: unknown, from: unknown) =>
    Array.isArray(list) && Array.isArray(from)
      ? list.map((container, index) => ({ ...container, image: from[index].image }))
      : list;
  const isGated = Array.isArray(old.schedulingGates) && old.schedulingGates.length > 0;
  const grace = Number(old.terminationGracePeriodSeconds) < 0 && spec.terminationGracePeriodSeconds === 1;
  const munged: JsonObject = {
    ...spec,
    containers: images(spec.containers, old.containers),
    initContainers: images(spec.initContainers, old.initContainers),
    activeDeadlineSeconds: old.activeDeadlineSeconds,
    tolerations: old.tolerations,
    schedulingGates: old.schedulingGates,
    ...(isGated && { nodeSelector: old.nodeSelector }),
    ...(grace && { terminationGracePeriodSeconds: old.terminationGracePeriodSeconds }),
  };
  return Object.fromEntries(Object.entries(munged).filter(([, value]) => value !== undefined));
}
