import { type FieldRequirement, parseFieldSelector } from "../meta/mod.ts";
import { type ApiObject, isJsonObject } from "./api_object.ts";
import { badRequest } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** Where the value of a field is, when not at the path that the field spells, or what stands for an absent one. */
type FieldSource = (object: ApiObject) => unknown;

const atPath = (path: string, absent: unknown = ""): FieldSource => (object) =>
  path.split(".").reduce<unknown>((value, key) => isJsonObject(value) ? value[key] : undefined, object) ??
    absent;

const NAME = ["metadata.name"];
const NAME_AND_NAMESPACE = ["metadata.name", "metadata.namespace"];
const INVOLVED = ["kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath"];

/** Fields that can be selected by, as `k8s.io/kubernetes/pkg/apis/…/conversion.go` lists them. */
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  "pods": [
    ...NAME_AND_NAMESPACE,
    "spec.nodeName",
    "spec.restartPolicy",
    "spec.schedulerName",
    "spec.serviceAccountName",
    "spec.hostNetwork",
    "status.phase",
    "status.podIP",
    "status.nominatedNodeName",
  ],
  "nodes": [...NAME, "spec.unschedulable"],
  "namespaces": [...NAME, "status.phase"],
  "secrets": [...NAME_AND_NAMESPACE, "type"],
  "services": [...NAME_AND_NAMESPACE, "spec.clusterIP", "spec.type"],
  "replicationcontrollers": [...NAME_AND_NAMESPACE, "status.replicas"],
  "jobs.batch": [...NAME_AND_NAMESPACE, "status.successful"],
  "certificatesigningrequests.certificates.k8s.io": [...NAME, "spec.signerName"],
  "events": [
    ...NAME_AND_NAMESPACE,
    ...INVOLVED.map((field) => `involvedObject.${field}`),
    "reason",
    "reportingComponent",
    "source",
    "type",
  ],
  "events.events.k8s.io": [
    ...NAME_AND_NAMESPACE,
    ...INVOLVED.map((field) => `regarding.${field}`),
    "reason",
    "reportingController",
    "type",
  ],
};

const SOURCES: Readonly<Record<string, FieldSource>> = {
  "spec.hostNetwork": atPath("spec.hostNetwork", false),
  "spec.unschedulable": atPath("spec.unschedulable", false),
  "status.replicas": atPath("status.replicas", 0),
  "status.successful": atPath("status.succeeded", 0),
  "source": (object) => atPath("source.component")(object) || atPath("reportingComponent")(object),
};

/**
 * A test of objects by a field selector such as `spec.nodeName=node-a,status.phase!=Running`.
 *
 * @throws {Refusal} As the server refuses selectors that it cannot read, and fields that it does not know.
 */
export function fieldTest(selector: string, resource: ServedResource): (object: ApiObject) => boolean {
  const requirements = readSelector(selector);
  for (const { field } of requirements) checkField(field, resource);
  const tests = requirements.map(({ field, value, operator }) => ({
    source: SOURCES[field] ?? atPath(field),
    value,
    isEqual: operator === "=",
  }));
  return (object) =>
    tests.every(({ source, value, isEqual }) => (String(source(object)) === value) === isEqual);
}

function readSelector(selector: string): FieldRequirement[] {
  try {
    return parseFieldSelector(selector);
  } catch (error) {
    // The server tells the code of a character that should have been escaped.
    throw badRequest(
      (error as SyntaxError).message.replace(
        /(unescaped character in value: )(.)$/s,
        (_, words, character: string) => words + character.codePointAt(0),
      ),
    );
  }
}

function checkField(
  field: string,
  { title, kind, scope, builtIn, selectableFields = [] }: ServedResource,
): void {
  const known = FIELDS[title] ?? (scope === "Cluster" && !builtIn ? NAME : NAME_AND_NAMESPACE);
  if (known.includes(field) || selectableFields.includes(field)) return;
  if (title === "jobs.batch") throw badRequest(`field label "${field}" not supported for ${kind}`);
  if (builtIn && FIELDS[title] === undefined) {
    throw badRequest(
      `"${field}" is not a known field selector: only "metadata.name", "metadata.namespace"`,
    );
  }
  throw badRequest(`field label not supported: ${field}`);
}
