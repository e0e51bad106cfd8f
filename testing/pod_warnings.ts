import { dnsLabelProblems } from "../meta/mod.ts";
import type { ApiObject } from "./api_object.ts";
import { Field } from "./field.ts";
import type { ServedResource } from "./served_resource.ts";

/** Where kinds have the templates of their pods; pods are their own. */
const TEMPLATES: Readonly<Record<string, string>> = {
  "cronjobs.batch": "spec.jobTemplate.spec.template",
  "daemonsets.apps": "spec.template",
  "deployments.apps": "spec.template",
  "jobs.batch": "spec.template",
  "pods": "",
  "podtemplates": "template",
  "replicasets.apps": "spec.template",
  "replicationcontrollers": "spec.template",
  "statefulsets.apps": "spec.template",
};

/** Kinds whose names become part of the names of pods. */
const NAMING = ["daemonsets.apps", "deployments.apps", "replicasets.apps", "replicationcontrollers"];

/** Labels of nodes that have other names now. */
const OLD_LABELS: Readonly<Record<string, string>> = {
  "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
  "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
  "failure-domain.beta.kubernetes.io/region":
    'deprecated since v1.17; use "topology.kubernetes.io/region" instead',
  "failure-domain.beta.kubernetes.io/zone":
    'deprecated since v1.17; use "topology.kubernetes.io/zone" instead',
  "beta.kubernetes.io/instance-type":
    'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead',
};

/** What a server warns of in an object with pods, or the template of pods: what may be a mistake, and is none by the rules. */
export function podWarnings(object: ApiObject, { title }: ServedResource, isNew: boolean): string[] {
  const place = TEMPLATES[title];
  if (place === undefined) return [];
  const warnings: string[] = [];
  const template = new Field(object, "", []).at(...place.split(".").filter((key) => key !== ""));
  const name = object.metadata.name;
  if (isNew && name.length > 0 && (title === "pods" || NAMING.includes(title))) {
    const where = title === "pods" ? "in the Pod's hostname" : "in Pod names and hostnames";
    const problems = dnsLabelProblems(name);
    if (problems.length > 0) {
      warnings.push(
        `metadata.name: this is used ${where}, which can result in surprising behavior; ` +
          `a DNS label is recommended: [${problems.join(" ")}]`,
      );
    }
  }
  const spec = template.at("spec");
  for (const [key, { path }] of spec.at("nodeSelector").entries) {
    if (OLD_LABELS[key] !== undefined) warnings.push(`${path}: ${OLD_LABELS[key]}`);
  }
  const containers = [...spec.at("initContainers").items, ...spec.at("containers").items];
  for (const container of containers) warnings.push(...hiddenVariables(container));
  warnings.push(...samePorts(spec.at("containers").items));
  return warnings;
}

function hiddenVariables(container: Field): string[] {
  const warnings: string[] = [];
  const seen = new Map<string, string>(); // values by name
  for (const variable of container.at("env").items) {
    const name = variable.at("name").text;
    const value = variable.at("value").text;
    const before = seen.get(name);
    // A variable that mentions itself goes on with what it was.
    if (before !== undefined && !value.includes(`$(${name})`)) {
      warnings.push(
        `${variable.path}: hides previous definition of ${
          JSON.stringify(name)
        }, which may be dropped when using apply`,
      );
    }
    seen.set(name, value);
  }
  return warnings;
}

function samePorts(containers: readonly Field[]): string[] {
  const warnings: string[] = [];
  const seen: { path: string; port: Field }[] = [];
  for (const port of containers.flatMap((container) => container.at("ports").items)) {
    const same = seen.find(({ port: other }) =>
      ["containerPort", "protocol", "hostPort", "hostIP"].every((key) =>
        other.at(key).value === port.at(key).value
      )
    );
    if (same === undefined) seen.push({ path: port.path, port });
    else warnings.push(`${port.path}: duplicate port definition with ${same.path}`);
  }
  return warnings;
}
