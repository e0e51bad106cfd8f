import { dns1035LabelProblems, dnsSubdomainProblems } from "../meta/mod.ts";
import { isJsonObject, type JsonObject } from "./api_object.ts";
import { conformCustom, type CustomSchema } from "./custom_schema.ts";
import { valueProblems } from "./custom_validation.ts";
import type { Definition } from "./definitions.ts";
import { FORMATS, NUMBER_FORMATS } from "./formats.ts";
import { goRegExp, PatternError } from "./go_regexp.ts";
import { type FieldProblem, invalidValue, printed, quoted } from "./refusal.ts";

const TYPES = ["array", "boolean", "integer", "number", "object", "string"];
const SCALARS = ["string", "boolean", "integer"];
const COLUMN_TYPES = ["boolean", "date", "integer", "number", "string"];
const COLUMN_FORMATS = ["byte", "date", "date-time", "double", "float", "int32", "int64", "password"];
/** Better than to be silent about what a real server would do. */
const NO_RULES =
  "the in-memory API server of @coxswain/kube/testing does not look at x-kubernetes-validations: objects that break these rules are stored";
const SIMPLE_PATH = /^(\.[^.[\]*]+|\[[^\]]*\])+$/;

/** A version of a definition, as it was sent. */
type DefinedVersion = Omit<Definition["versions"][number], "additionalPrinterColumns"> & {
  readonly deprecated?: boolean;
  readonly deprecationWarning?: string;
  readonly additionalPrinterColumns?: readonly JsonObject[];
  readonly selectableFields?: readonly { readonly jsonPath: string }[];
};

/**
 * What is wrong with a definition, in the server's words.
 *
 * @param old The definition that it replaces.
 */
export function definitionProblems(object: JsonObject, old?: JsonObject): FieldProblem[] {
  const { spec, status } = object;
  const name = String((object.metadata as JsonObject).name);
  const definition = spec as Definition & JsonObject;
  const { group = "", names } = definition;
  const versions = (definition.versions ?? []) as readonly DefinedVersion[];
  const problems: FieldProblem[] = [];
  if (old !== undefined) {
    problems.push(...immutableProblems(definition, old), ...storedProblems(versions, status));
  } else if (name !== `${names?.plural ?? ""}.${group}`) {
    problems.push(invalidValue("metadata.name", name, `must be spec.names.plural+"."+spec.group`));
  }
  problems.push(...groupProblems(group), ...scopeProblems(definition));
  problems.push(...versionProblems(versions));
  problems.push(...nameProblems(definition));
  problems.push(...conversionProblems(definition));
  // What all versions have in common is told as if it were the definition's own.
  const isOne = versions.length === 1;
  for (const [index, version] of versions.entries()) {
    const own = isOne ? "spec" : `spec.versions[${index}]`;
    const schemaAt = isOne ? "spec.validation.openAPIV3Schema" : `${own}.schema.openAPIV3Schema`;
    problems.push(...partProblems(version, own, schemaAt, `spec.versions[${index}]`));
  }
  if (definition.preserveUnknownFields === true) {
    if (versions.some(({ schema }) => schema?.openAPIV3Schema && hasDefaults(schema.openAPIV3Schema))) {
      problems.push(
        invalidValue(
          "spec.preserveUnknownFields",
          true,
          "must be false in order to use defaults in the schema",
        ),
      );
    }
    const rule =
      "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead";
    problems.push(invalidValue("spec.preserveUnknownFields", true, rule));
  }
  return problems;
}

/** What objects in the store depend on does not change. */
function immutableProblems({ group, scope, names }: Definition, old: JsonObject): FieldProblem[] {
  const before = old.spec as Definition;
  const conditions = ((old.status as JsonObject | undefined)?.conditions ?? []) as JsonObject[];
  const isEstablished = conditions.some(({ type, status }) => type === "Established" && status === "True");
  const fields = {
    ...(isEstablished && { "scope": [scope, before.scope], "names.kind": [names?.kind, before.names.kind] }),
    "group": [group, before.group],
    "names.plural": [names?.plural, before.names.plural],
  };
  return Object.entries(fields).filter(([, [value, old]]) => value !== old)
    .map(([field, [value]]) => invalidValue(`spec.${field}`, value, "field is immutable"));
}

/** A version that objects may be stored in stays. */
function storedProblems(versions: readonly DefinedVersion[], status: unknown): FieldProblem[] {
  const { storedVersions = [] } = (status ?? {}) as { storedVersions?: readonly string[] };
  return storedVersions.flatMap((stored, index) => {
    if (versions.some(({ name }) => name === stored)) return [];
    const rule =
      `missing from spec.versions; ${stored} was previously a storage version, and must remain in ` +
      `spec.versions until a storage migration ensures no data remains persisted in ${stored} and removes ${stored} ` +
      "from status.storedVersions";
    return [invalidValue(`status.storedVersions[${index}]`, stored, rule)];
  });
}

/** What the client is to know of a definition that is accepted. */
export function definitionWarnings(spec: unknown): string[] {
  const versions = (spec as Definition).versions ?? [];
  const warnings: string[] = [];
  const visit = (schema: CustomSchema): void => {
    const { format, type } = schema;
    const known = type === "string" ? Object.keys(FORMATS) : NUMBER_FORMATS;
    if (schema["x-kubernetes-validations"] !== undefined) warnings.push(NO_RULES);
    if (format !== undefined && !known.includes(format)) warnings.push(`unrecognized format "${format}"`);
    for (const below of partsOf(schema)) visit(below.schema);
  };
  for (const { schema } of versions) if (schema?.openAPIV3Schema) visit(schema.openAPIV3Schema);
  return [...new Set(warnings)];
}

function groupProblems(group: string): FieldProblem[] {
  if (group === "") return [required("spec.group")];
  const problems = dnsSubdomainProblems(group).map((rule) => invalidValue("spec.group", group, rule));
  if (problems.length === 0 && !group.includes(".")) {
    problems.push(invalidValue("spec.group", group, "should be a domain with at least one dot"));
  }
  return problems;
}

function scopeProblems({ scope }: JsonObject): FieldProblem[] {
  if (!scope) return [required("spec.scope")];
  return scope === "Cluster" || scope === "Namespaced"
    ? []
    : [unsupported("spec.scope", scope, ["Cluster", "Namespaced"])];
}

function versionProblems(versions: readonly DefinedVersion[]): FieldProblem[] {
  const problems: FieldProblem[] = [];
  for (const [index, { name, deprecated, deprecationWarning }] of versions.entries()) {
    const at = `spec.versions[${index}]`;
    problems.push(...dns1035LabelProblems(name ?? "").map((rule) => invalidValue(`${at}.name`, name, rule)));
    if (deprecationWarning !== undefined && !deprecated) {
      const rule = "can only be set for deprecated versions";
      problems.push(invalidValue(`${at}.deprecationWarning`, deprecationWarning, rule));
    }
  }
  const [first] = versions;
  if (versions.length > 0) {
    problems.push(
      ...dns1035LabelProblems(first.name ?? "").map((rule) => invalidValue("spec.version", first.name, rule)),
    );
  }
  if (new Set(versions.map(({ name }) => name)).size < versions.length) {
    problems.push(invalidValue("spec.versions", versions.map(asGo), "must contain unique version names"));
  }
  const stored = versions.filter(({ storage }) => storage);
  if (stored.length !== 1) {
    const rule = "must have exactly one version marked as storage version";
    problems.push(invalidValue("spec.versions", versions.map(asGo), rule));
    if (stored.length === 0) {
      problems.push(invalidValue("status.storedVersions", null, "must have at least one stored version"));
    } else {
      const rule = `must have the storage version ${stored.at(-1)!.name}`;
      problems.push(invalidValue("status.storedVersions", [stored[0].name], rule));
    }
  }
  return problems;
}

/** A version as Go shows its own type. */
function asGo({ name, served, storage, deprecated, deprecationWarning }: DefinedVersion): JsonObject {
  return {
    Name: name,
    Served: served,
    Storage: storage,
    Deprecated: deprecated ?? false,
    DeprecationWarning: deprecationWarning ?? null,
    Schema: null,
    Subresources: null,
    AdditionalPrinterColumns: null,
    SelectableFields: null,
  };
}

function nameProblems({ names = {} as Definition["names"] }: Definition): FieldProblem[] {
  const { plural = "", kind = "", shortNames = [], categories = [] } = names;
  const { singular = kind.toLowerCase(), listKind = kind && `${kind}List` } = names;
  const problems: FieldProblem[] = [];
  const label = (field: string, value: string, prefix = "") => {
    if (value === "") problems.push(required(`spec.names.${field}`));
    else {
      const rules = dns1035LabelProblems(value.toLowerCase());
      problems.push(...rules.map((rule) => invalidValue(`spec.names.${field}`, value, prefix + rule)));
    }
  };
  const exact = (field: string, value: string) =>
    value === "" ? problems.push(required(`spec.names.${field}`)) : problems.push(
      ...dns1035LabelProblems(value).map((rule) => invalidValue(`spec.names.${field}`, value, rule)),
    );
  const mixed = "may have mixed case, but should otherwise match: ";
  exact("plural", plural);
  exact("singular", singular);
  label("kind", kind, mixed);
  label("listKind", listKind, mixed);
  if (kind !== "" && kind === listKind) {
    problems.push(invalidValue("spec.names.listKind", listKind, "kind and listKind may not be the same"));
  }
  for (const [index, one] of shortNames.entries()) exact(`shortNames[${index}]`, one);
  for (const [index, one] of categories.entries()) exact(`categories[${index}]`, one);
  return problems;
}

function conversionProblems({ conversion }: JsonObject): FieldProblem[] {
  if (!isJsonObject(conversion)) return [];
  const { strategy, webhook } = conversion;
  const { clientConfig, conversionReviewVersions } = isJsonObject(webhook) ? webhook : {} as JsonObject;
  const at = "spec.conversion";
  switch (strategy) {
    case "None": {
      const problems: FieldProblem[] = [];
      const rule = "should not be set when strategy is not set to Webhook";
      if (clientConfig !== undefined) problems.push(forbidden(`${at}.webhookClientConfig`, rule));
      if (conversionReviewVersions !== undefined) {
        problems.push(forbidden(`${at}.conversionReviewVersions`, rule));
      }
      return problems;
    }
    case "Webhook":
      return [
        ...(clientConfig === undefined
          ? [required(`${at}.webhookClientConfig`, ": required when strategy is set to Webhook")]
          : []),
        ...(conversionReviewVersions === undefined ? [required(`${at}.conversionReviewVersions`)] : []),
      ];
    default:
      return [unsupported(`${at}.strategy`, strategy, ["None", "Webhook"])];
  }
}

/** What is wrong with a version's schema, subresources, columns and fields to select by. */
function partProblems(
  version: DefinedVersion,
  own: string,
  schemaAt: string,
  versionAt: string,
): FieldProblem[] {
  const { schema, subresources, additionalPrinterColumns = [], selectableFields = [] } = version;
  const root = schema?.openAPIV3Schema;
  const problems: FieldProblem[] = [];
  if (root === undefined) problems.push(required(`${versionAt}.schema.openAPIV3Schema`));
  else problems.push(...rootProblems(root, schemaAt));
  if (subresources?.scale !== undefined) {
    problems.push(...scaleProblems(subresources.scale as unknown as JsonObject, `${own}.subresources.scale`));
  }
  for (const [index, column] of additionalPrinterColumns.entries()) {
    problems.push(...columnProblems(column, `${own}.additionalPrinterColumns[${index}]`));
  }
  for (const [index, { jsonPath }] of selectableFields.entries()) {
    const rule = root && selectableProblem(jsonPath, root);
    if (rule) problems.push(invalidValue(`${own}.selectableFields[${index}].jsonPath`, jsonPath, rule));
  }
  return problems;
}

function rootProblems(root: CustomSchema, at: string): FieldProblem[] {
  if (!root.type) return [required(`${at}.type`, ": must not be empty at the root")];
  if (root.type !== "object") return [invalidValue(`${at}.type`, root.type, "must be object at the root")];
  const problems = schemaProblems(root, at, at);
  const { metadata } = root.properties ?? {};
  const others = Object.keys(metadata?.properties ?? {}).filter((key) =>
    key !== "name" && key !== "generateName"
  );
  if (others.length > 0) {
    const rule =
      "must not specify anything other than name and generateName, but metadata is implicitly specified";
    problems.push(forbidden(`${at}.properties[metadata]`, rule));
  }
  return problems;
}

/** A schema inside of another one, and how its place is told. */
interface Part {
  readonly schema: CustomSchema;
  readonly at: string;
  /** Whether it only tells more of values that are described elsewhere. */
  readonly isJunction: boolean;
  readonly inside: string;
}

function partsOf(schema: CustomSchema): Part[] {
  const { properties = {}, items, additionalProperties: more, allOf = [], anyOf = [], oneOf = [], not } =
    schema;
  const junctions = { allOf, anyOf, oneOf };
  return [
    ...Object.entries(properties).map(([key, one]) => ({
      schema: one,
      at: `.properties[${key}]`,
      isJunction: false,
      inside: "object fields",
    })),
    ...(items === undefined
      ? []
      : [{ schema: items, at: ".items", isJunction: false, inside: "array items" }]),
    ...(isJsonObject(more)
      ? [{
        schema: more as CustomSchema,
        at: ".additionalProperties",
        isJunction: false,
        inside: "object fields",
      }]
      : []),
    ...Object.entries(junctions).flatMap(([word, schemas]) =>
      schemas.map((one, index) => ({ schema: one, at: `.${word}[${index}]`, isJunction: true, inside: "" }))
    ),
    ...(not === undefined ? [] : [{ schema: not, at: ".not", isJunction: true, inside: "" }]),
  ];
}

function schemaProblems(schema: CustomSchema, at: string, root: string): FieldProblem[] {
  const problems = [...ownProblems(schema, at), ...defaultProblems(schema, at)];
  for (const part of partsOf(schema)) {
    const place = at + part.at;
    if (part.isJunction) problems.push(...junctionProblems(part.schema, place, schema));
    else {
      if (!hasType(part.schema) && part.schema.$ref === undefined) {
        problems.push(required(`${place}.type`, `: must not be empty for specified ${part.inside}`));
      }
      problems.push(...schemaProblems(part.schema, place, root));
    }
  }
  return problems;
}

function hasDefaults(schema: CustomSchema): boolean {
  return schema.default !== undefined || partsOf(schema).some((part) => hasDefaults(part.schema));
}

function hasType(schema: CustomSchema): boolean {
  return Boolean(schema.type) || schema["x-kubernetes-int-or-string"] === true ||
    schema["x-kubernetes-preserve-unknown-fields"] === true;
}

/** Inside of `allOf` and its like, a schema must not say what the one around it says. */
function junctionProblems(schema: CustomSchema, at: string, around: CustomSchema): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const isIntOrString = around["x-kubernetes-int-or-string"] === true;
  for (const field of ["type", "description", "title", "default", "nullable"] as const) {
    if (schema[field] === undefined || (field === "type" && isIntOrString)) continue;
    problems.push(forbidden(`${at}.${field}`, "must be empty to be structural"));
  }
  for (const part of partsOf(schema)) problems.push(...junctionProblems(part.schema, at + part.at, schema));
  return problems;
}

function ownProblems(schema: CustomSchema, at: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  const { type, items, properties = {}, additionalProperties: more, pattern } = schema;
  const kind = schema["x-kubernetes-list-type"];
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const mapType = schema["x-kubernetes-map-type"];
  if (type && !TYPES.includes(type)) problems.push(unsupported(`${at}.type`, type, TYPES));
  if (schema.$ref !== undefined) problems.push(forbidden(`${at}.$ref`, "$ref is not supported"));
  if (schema.uniqueItems) {
    const rule = "uniqueItems cannot be set to true since the runtime complexity becomes quadratic";
    problems.push(forbidden(`${at}.uniqueItems`, rule));
  }
  if (isJsonObject(more) && Object.keys(properties).length > 0) {
    const rule = "additionalProperties and properties are mutual exclusive";
    problems.push(forbidden(`${at}.additionalProperties`, rule));
  }
  if (type === "array" && items === undefined) problems.push(required(`${at}.items`, ": must be specified"));
  if (schema["x-kubernetes-preserve-unknown-fields"] === false) {
    problems.push(
      invalidValue(`${at}.x-kubernetes-preserve-unknown-fields`, false, "must be true or undefined"),
    );
  }
  if (schema["x-kubernetes-embedded-resource"]) {
    if (Object.keys(properties).length === 0 && !schema["x-kubernetes-preserve-unknown-fields"]) {
      const rule =
        "must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields";
      problems.push(required(`${at}.properties`, `: ${rule}`));
    }
    if (type !== "object") {
      problems.push(
        invalidValue(`${at}.type`, type, "must be object if x-kubernetes-embedded-resource is true"),
      );
    }
  }
  if (kind !== undefined) problems.push(...listProblems(schema, kind, keys, at));
  if (mapType !== undefined && mapType !== "atomic" && mapType !== "granular") {
    problems.push(unsupported(`${at}.x-kubernetes-map-type`, mapType, ["atomic", "granular"]));
  }
  if (pattern !== undefined) {
    try {
      goRegExp(pattern);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const rule = `must be a valid regular expression, but isn't: ${error.message}`;
      problems.push(invalidValue(`${at}.pattern`, pattern, rule));
    }
  }
  for (const [index, { rule }] of (schema["x-kubernetes-validations"] ?? []).entries()) {
    if (rule?.trim()) continue;
    problems.push(required(`${at}.x-kubernetes-validations[${index}].rule`, ": rule is not specified"));
  }
  return problems;
}

function listProblems(
  { type, items }: CustomSchema,
  kind: string,
  keys: readonly string[],
  at: string,
): FieldProblem[] {
  if (type !== "array") {
    return [invalidValue(`${at}.type`, type, "must be array if x-kubernetes-list-type is specified")];
  }
  switch (kind) {
    case "atomic":
      return [];
    case "set":
      return items?.type === "object" && items["x-kubernetes-map-type"] !== "atomic"
        ? [
          invalidValue(
            `${at}.items.x-kubernetes-map-type`,
            items["x-kubernetes-map-type"] ?? null,
            "must be atomic as item of a list with x-kubernetes-list-type=set",
          ),
        ]
        : [];
    case "map": {
      const field = `${at}.x-kubernetes-list-map-keys`;
      if (keys.length === 0) {
        return [required(field, ": must not be empty if x-kubernetes-list-type is map")];
      }
      const { properties = {}, required: needed = [] } = items ?? {};
      if (!keys.every((key) => Object.hasOwn(properties, key))) {
        return [invalidValue(field, keys, "entries must all be names of item properties")];
      }
      const rule =
        "this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property";
      return keys.filter((key) => !needed.includes(key) && properties[key].default === undefined)
        .map((key) => required(`${at}.items.properties[${key}].default`, `: ${rule}`));
    }
    default:
      return [unsupported(`${at}.x-kubernetes-list-type`, kind, ["atomic", "set", "map"])];
  }
}

/** A default must be what its own schema takes. */
function defaultProblems(schema: CustomSchema, at: string): FieldProblem[] {
  const { default: value } = schema;
  if (value === undefined) return [];
  const field = `${at}.default`;
  if (isJsonObject(value)) {
    const unknown: string[] = [];
    conformCustom(
      { value },
      { type: "object", properties: { value: { ...schema, default: undefined } } },
      unknown,
    );
    if (unknown.length > 0) return [invalidValue(field, value, "must not have unknown fields")];
  }
  return valueProblems(value, schema, "").map((problem) => ({
    ...problem,
    field,
  }));
}

function scaleProblems(scale: JsonObject, at: string): FieldProblem[] {
  const { specReplicasPath = "", statusReplicasPath = "", labelSelectorPath } = scale as Record<
    string,
    string
  >;
  const problems: FieldProblem[] = [];
  const check = (field: string, path: string, roots: readonly string[], where: string): void => {
    if (path === "") problems.push(required(`${at}.${field}`));
    else if (!path.startsWith(".")) {
      problems.push(invalidValue(`${at}.${field}`, path, "must be a simple json path starting with ."));
    } else if (!roots.some((root) => path.startsWith(`${root}.`))) {
      problems.push(invalidValue(`${at}.${field}`, path, `should be a json path under ${where}`));
    }
  };
  check("specReplicasPath", specReplicasPath, [".spec"], ".spec");
  check("statusReplicasPath", statusReplicasPath, [".status"], ".status");
  if (labelSelectorPath) {
    check("labelSelectorPath", labelSelectorPath, [".spec", ".status"], "either .spec or .status");
  }
  return problems;
}

function columnProblems({ name, type, format, jsonPath }: JsonObject, at: string): FieldProblem[] {
  const problems: FieldProblem[] = [];
  if (!name) problems.push(required(`${at}.name`));
  if (!type) problems.push(required(`${at}.type`));
  else if (!COLUMN_TYPES.includes(String(type))) {
    problems.push(invalidValue(`${at}.type`, type, `must be one of ${COLUMN_TYPES.join()}`));
  }
  if (format && !COLUMN_FORMATS.includes(String(format))) {
    problems.push(invalidValue(`${at}.format`, format, `must be one of ${COLUMN_FORMATS.join()}`));
  }
  if (!jsonPath) problems.push(required(`${at}.JSONPath`));
  else if (!String(jsonPath).startsWith(".")) {
    problems.push(invalidValue(`${at}.JSONPath`, jsonPath, "must be a simple json path starting with ."));
  }
  return problems;
}

/** Why objects cannot be selected by what is at a path. */
function selectableProblem(path: string, root: CustomSchema): string | undefined {
  if (!path.startsWith(".")) return `is an invalid path: expected [ or . but got: ${path}`;
  if (!SIMPLE_PATH.test(path)) return "is an invalid path: does not refer to a valid field";
  const keys = path.split(".").slice(1);
  const found = keys.reduce<CustomSchema | undefined>((schema, key) => schema?.properties?.[key], root);
  if (found === undefined) return "is an invalid path: does not refer to a valid field";
  return SCALARS.includes(found.type ?? "")
    ? undefined
    : "must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.";
}

function required(field: string, more = ""): FieldProblem {
  return { reason: "FieldValueRequired", field, message: `Required value${more}` };
}

function forbidden(field: string, rule: string): FieldProblem {
  return { reason: "FieldValueForbidden", field, message: `Forbidden: ${rule}` };
}

function unsupported(field: string, value: unknown, supported: readonly string[]): FieldProblem {
  const list = supported.map(quoted).join(", ");
  const message = `Unsupported value: ${printed(value)}: supported values: ${list}`;
  return { reason: "FieldValueNotSupported", field, message };
}
