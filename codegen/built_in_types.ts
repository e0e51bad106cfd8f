import type { FieldModel, TypeModel } from "./module_model.ts";
import { metaType, union, word } from "./type_of.ts";

/** Types that `meta/` has, by what OpenAPI calls them. */
const IN_META: Readonly<Record<string, TypeModel>> = {
  "io.k8s.apimachinery.pkg.api.resource.Quantity": metaType("Quantity"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.Condition": metaType("Condition"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.FieldsV1": { is: "map", value: word("unknown") },
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector": metaType("LabelSelector"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement": metaType("LabelSelectorRequirement"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.ListMeta": metaType("ListMeta"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.ManagedFieldsEntry": metaType("ManagedFieldsEntry"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.MicroTime": metaType("MicroTime"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta": metaType("ObjectMeta"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.OwnerReference": metaType("OwnerReference"),
  "io.k8s.apimachinery.pkg.apis.meta.v1.Time": metaType("Time"),
  "io.k8s.apimachinery.pkg.runtime.RawExtension": { is: "map", value: word("unknown") },
  "io.k8s.apimachinery.pkg.util.intstr.IntOrString": metaType("IntOrString"),
};

/**
 * Times that Go writes as `null` when they are not set: those that are no pointers there. OpenAPI does not tell them
 * from the others, which are absent then.
 */
const NULL_WHEN_UNSET = new Set([
  "deprecatedFirstTimestamp",
  "deprecatedLastTimestamp",
  "eventTime",
  "finishedAt",
  "firstTimestamp",
  "lastHeartbeatTime",
  "lastObservedTime",
  "lastProbeTime",
  "lastTimestamp",
  "lastTransitionTime",
  "lastUpdateTime",
  "startedAt",
]);

/** Lists that Go writes as `null` when they are empty and a server allows that, by type and field. As above. */
const NULL_WHEN_EMPTY = new Set([
  "CSINodeSpec.drivers",
  "ClusterRole.rules",
  "EndpointSlice.endpoints",
  "EndpointSlice.ports",
  "LimitRangeSpec.limits",
  "Role.rules",
]);

/** Schemas that stand for more than OpenAPI v3 can say, and what they are: a list of schemas is kept apart from one. */
const CHOICES: readonly [name: RegExp, type: (schema: TypeModel) => TypeModel][] = [
  [/\.apiextensions\.v\w+\.JSON$/, () => word("unknown")],
  [/\.apiextensions\.v\w+\.JSONSchemaPropsOrArray$/, (props) => union([props, { is: "list", item: props }])],
  [/\.apiextensions\.v\w+\.JSONSchemaPropsOrBool$/, (props) => union([props, word("boolean")])],
  [
    /\.apiextensions\.v\w+\.JSONSchemaPropsOrStringArray$/,
    (props) => union([props, { is: "list", item: word("string") }]),
  ],
];

/**
 * What a schema of a built-in type stands for when it is no type of a group; `undefined` if it is.
 *
 * @param fullName As OpenAPI has it, such as `io.k8s.apimachinery.pkg.apis.meta.v1.Time`.
 * @param module Where the types of its group are.
 */
export function knownType(fullName: string, module: string): TypeModel | undefined {
  const choice = CHOICES.find(([name]) => name.test(fullName))?.[1];
  return IN_META[fullName] ?? choice?.({ is: "named", module, name: "JSONSchemaProps", of: [] });
}

/** Whether a field of a built-in type may be `null` where nobody has set it. */
export function mayBeNull(type: string, field: FieldModel): boolean {
  const isTime = field.type.is === "named" && /^(Micro)?Time$/.test(field.type.name);
  return (isTime && NULL_WHEN_UNSET.has(field.name)) || NULL_WHEN_EMPTY.has(`${type}.${field.name}`);
}
