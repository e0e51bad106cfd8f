import { dnsLabelProblems, dnsSubdomainProblems, labelKeyProblems, labelValueProblems } from "../meta/mod.ts";
import type { JsonObject } from "./api_object.ts";
import { ownerProblems } from "./owner_rules.ts";
import { type FieldProblem, invalidValue, quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import { bytes, pathSegment } from "./text_rules.ts";

/** Finalizers that need no prefix. */
const STANDARD_FINALIZERS = ["kubernetes", "orphan", "foregroundDeletion"];

/** So many bytes of keys and values annotations may have. */
const LARGEST_ANNOTATIONS = 256 * 1_024;

/** What is wrong with the metadata of a new object, in the server's words. */
export function metadataProblems(metadata: Readonly<JsonObject>, resource: ServedResource): FieldProblem[] {
  const name = String(metadata.name ?? "");
  const prefix = String(metadata.generateName ?? "");
  const rules = (field: string, value: string, checked: string): FieldProblem[] =>
    nameProblems(checked, resource).map((rule) => invalidValue(`metadata.${field}`, value, rule));
  return [
    // A dash at the end of a prefix is followed by something.
    ...(prefix === "" ? [] : rules("generateName", prefix, prefix.replace(/.-$/s, "a"))),
    ...(name === ""
      ? [
        {
          reason: "FieldValueRequired",
          field: "metadata.name",
          message: "Required value: name or generateName is required",
        } as const,
      ]
      : rules("name", name, name)),
    ...commonProblems(metadata),
    ...finalizerSyntaxProblems(metadata),
    ...(checksOf(resource).finalizers > 0 ? finalizerProblems(metadata) : []),
  ];
}

/**
 * What is wrong with a change of metadata: what must not change, finalizers that come too late, and the rest of it. A real
 * server looks at much of it several times, and says so several times.
 */
export function metadataChangeProblems(
  metadata: Readonly<JsonObject>,
  old: Readonly<JsonObject>,
  resource: ServedResource,
): FieldProblem[] {
  const checks = checksOf(resource);
  const immutable = immutableProblems(metadata, old);
  const common = commonProblems(metadata);
  const finalizers = finalizerProblems(metadata);
  return [
    ...Array.from({ length: checks.common }, (_, pass) => [
      ...(pass < checks.immutable ? immutable : []),
      ...common,
      ...(pass === 1 ? finalizerSyntaxProblems(metadata) : []),
      ...(pass >= checks.common - checks.finalizers ? finalizers : []),
    ]),
  ].flat();
}

/** What the client is to know of finalizers that anybody else may have too. */
export function finalizerWarnings({ finalizers }: Readonly<JsonObject>): string[] {
  if (!Array.isArray(finalizers)) return [];
  return finalizers.filter((name) => !String(name).includes("/") && !STANDARD_FINALIZERS.includes(name)).map((
    name,
  ) =>
    `metadata.finalizers: ${
      quoted(String(name))
    }: prefer a domain-qualified finalizer name to avoid accidental ` +
    "conflicts with other finalizer writers"
  );
}

/** How often an update is checked: labels and the like, what must not change, names of finalizers. */
interface Checks {
  readonly common: number;
  readonly immutable: number;
  readonly finalizers: number;
}

const MOST: Checks = { common: 3, immutable: 2, finalizers: 1 };
const CUSTOM: Checks = { common: 3, immutable: 2, finalizers: 0 };
const TWICE: Checks = { common: 4, immutable: 2, finalizers: 2 };
const ONCE: Checks = { common: 3, immutable: 1, finalizers: 1 };
const LEAST: Checks = { common: 2, immutable: 1, finalizers: 0 };

/** Kinds that are checked otherwise than most, as it was seen on a real server. */
const CHECKS: Readonly<Record<string, Checks>> = {
  "clusterrolebindings.rbac.authorization.k8s.io": TWICE,
  "clusterroles.rbac.authorization.k8s.io": TWICE,
  "configmaps": TWICE,
  "controllerrevisions.apps": TWICE,
  "customresourcedefinitions.apiextensions.k8s.io": CUSTOM,
  "endpoints": TWICE,
  "endpointslices.discovery.k8s.io": ONCE,
  "events": LEAST,
  "events.events.k8s.io": LEAST,
  "ingressclasses.networking.k8s.io": TWICE,
  "ingresses.networking.k8s.io": TWICE,
  "jobs.batch": TWICE,
  "leases.coordination.k8s.io": CUSTOM,
  "limitranges": ONCE,
  "mutatingwebhookconfigurations.admissionregistration.k8s.io": CUSTOM,
  "namespaces": TWICE,
  "nodes": TWICE,
  "persistentvolumeclaims": TWICE,
  "persistentvolumes": { ...TWICE, immutable: 1 },
  "poddisruptionbudgets.policy": LEAST,
  "pods": TWICE,
  "rolebindings.rbac.authorization.k8s.io": TWICE,
  "roles.rbac.authorization.k8s.io": TWICE,
  "runtimeclasses.node.k8s.io": { ...CUSTOM, common: 4 },
  "secrets": TWICE,
  "serviceaccounts": TWICE,
  "storageclasses.storage.k8s.io": TWICE,
  "validatingwebhookconfigurations.admissionregistration.k8s.io": CUSTOM,
  "volumeattachments.storage.k8s.io": ONCE,
};

function checksOf({ title, builtIn }: ServedResource): Checks {
  return CHECKS[title] ?? (builtIn ? MOST : CUSTOM);
}

function immutableProblems(metadata: Readonly<JsonObject>, old: Readonly<JsonObject>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (old.deletionTimestamp !== undefined) {
    const before = (old.finalizers ?? []) as string[];
    const added = ((metadata.finalizers ?? []) as string[]).filter((finalizer) =>
      !before.includes(finalizer)
    );
    if (added.length > 0) {
      const list = added.map(quoted).join(", ");
      problems.push({
        reason: "FieldValueForbidden",
        field: "metadata.finalizers",
        message:
          `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${list}}`,
      });
    }
  }
  for (const field of ["uid", "deletionTimestamp", "deletionGracePeriodSeconds"]) {
    if (metadata[field] === old[field]) continue;
    problems.push(invalidValue(`metadata.${field}`, metadata[field] ?? null, "field is immutable"));
  }
  return problems;
}

/** Labels, annotations and owners. */
function commonProblems({ labels, annotations, ownerReferences }: Readonly<JsonObject>): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [key, value] of Object.entries(labels ?? {})) {
    for (const rule of labelKeyProblems(key)) problems.push(invalidValue("metadata.labels", key, rule));
    for (const rule of labelValueProblems(value)) problems.push(invalidValue("metadata.labels", value, rule));
  }
  let size = 0;
  for (const [key, value] of Object.entries(annotations ?? {})) {
    const rules = labelKeyProblems(key.toLowerCase());
    problems.push(...rules.map((rule) => invalidValue("metadata.annotations", key, rule)));
    size += bytes(key) + bytes(String(value));
  }
  if (size > LARGEST_ANNOTATIONS) {
    const message = `Too long: may not be more than ${LARGEST_ANNOTATIONS} bytes`;
    problems.push({ reason: "FieldValueTooLong", field: "metadata.annotations", message });
  }
  return [...problems, ...ownerProblems((ownerReferences ?? []) as JsonObject[])];
}

function finalizerSyntaxProblems({ finalizers }: Readonly<JsonObject>): FieldProblem[] {
  const names = (finalizers ?? []) as string[];
  const problems = names.flatMap((name) =>
    labelKeyProblems(name).map((rule) => invalidValue("metadata.finalizers", name, rule))
  );
  if (names.includes("orphan") && names.includes("foregroundDeletion")) {
    const rule = "finalizer orphan and foregroundDeletion cannot be both set";
    problems.push(invalidValue("metadata.finalizers", names, rule));
  }
  return problems;
}

function finalizerProblems({ finalizers }: Readonly<JsonObject>): FieldProblem[] {
  const rule = "name is neither a standard finalizer name nor is it fully qualified";
  return ((finalizers ?? []) as string[]).flatMap((name, index) =>
    name.includes("/") || STANDARD_FINALIZERS.includes(name)
      ? []
      : [invalidValue(`metadata.finalizers[${index}]`, name, rule)]
  );
}

function nameProblems(name: string, { traits }: ServedResource): readonly string[] {
  if (traits.has("anyName")) return pathSegment(name);
  return traits.has("labelName") ? dnsLabelProblems(name) : dnsSubdomainProblems(name);
}
