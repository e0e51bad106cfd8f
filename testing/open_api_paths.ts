import type { JsonObject } from "./api_object.ts";
import type { ServedResource } from "./served_resource.ts";

const REFERENCE = "#/components/schemas/";
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const TYPES = ["application/json", "application/yaml"];
const PATCH_TYPES = [
  "application/apply-patch+yaml",
  "application/json-patch+json",
  "application/merge-patch+json",
];

type Parameter = readonly [name: string, type: string];

const TEXT = (...names: string[]): Parameter[] => names.map((name) => [name, "string"]);
const DRY_RUN = TEXT("dryRun");
const WRITE = TEXT("dryRun", "fieldManager", "fieldValidation");
const LIST: readonly Parameter[] = [
  ["allowWatchBookmarks", "boolean"],
  ...TEXT("continue", "fieldSelector", "labelSelector"),
  ["limit", "integer"],
  ...TEXT("resourceVersion", "resourceVersionMatch"),
  ["sendInitialEvents", "boolean"],
  ["timeoutSeconds", "integer"],
  ["watch", "boolean"],
];
const DELETE: readonly Parameter[] = [
  ...DRY_RUN,
  ["gracePeriodSeconds", "integer"],
  ["orphanDependents", "boolean"],
  ...TEXT("propagationPolicy"),
];

/** Finds the full name of the schema of a kind, such as `io.k8s.api.apps.v1.Deployment`. */
export type SchemaNames = (apiVersion: string, kind: string) => string | undefined;

/**
 * What can be asked of a resource, in the words of OpenAPI: each path with its methods, their parameters by name and type,
 * and what is sent and answered.
 */
export function openApiPaths(resource: ServedResource, names: SchemaNames): Record<string, JsonObject> {
  const { apiVersion, group, plural, scope, kind, verbs, subresources } = resource;
  const root = `/${group === "" ? "api" : "apis"}/${apiVersion}`;
  const isNamespaced = scope === "Namespaced";
  const collection = `${root}/${isNamespaced ? "namespaces/{namespace}/" : ""}${plural}`;
  const schema = names(apiVersion, kind);
  const list = names(apiVersion, `${kind}List`) ?? schema;
  const has = (verb: string) => verbs.includes(verb);
  const operations = new Operations(resource);
  const pathParameters = (...more: string[]) => [
    ...more.map((name) => parameter([name, "string"], "path")),
    ...isNamespaced ? [parameter(["namespace", "string"], "path")] : [],
    parameter(["pretty", "string"]),
  ];
  const paths: Record<string, JsonObject> = {
    [collection]: {
      ...has("list") && { get: operations.one("list", LIST, list) },
      ...has("create") && { post: operations.one("post", WRITE, schema, schema, TYPES) },
      ...has("deletecollection") && { delete: operations.one("deletecollection", LIST, `${META}Status`) },
      parameters: pathParameters(),
    },
  };
  if (isNamespaced && has("list")) paths[`${root}/${plural}`] = { get: operations.one("list", LIST, list) };
  const patchTypes = resource.builtIn
    ? [...PATCH_TYPES, "application/strategic-merge-patch+json"]
    : PATCH_TYPES;
  const objectMethods = (
    verbs: readonly string[],
    sent: string | undefined,
    answered = sent,
  ): JsonObject => ({
    ...verbs.includes("get") && { get: operations.one("get", [], answered) },
    ...verbs.includes("update") && { put: operations.one("put", WRITE, answered, sent, TYPES) },
    ...verbs.includes("create") && { post: operations.one("post", WRITE, answered, sent, TYPES) },
    ...verbs.includes("delete") &&
      { delete: operations.one("delete", DELETE, `${META}Status`, `${META}DeleteOptions`, TYPES) },
    ...verbs.includes("patch") &&
      {
        patch: operations.one(
          "patch",
          [...WRITE, ["force", "boolean"]],
          answered,
          `${META}Patch`,
          patchTypes,
        ),
      },
    parameters: pathParameters("name"),
  });
  const one = verbs.filter((verb) => verb !== "create");
  if (one.some((verb) => ["get", "update", "patch", "delete"].includes(verb))) {
    paths[`${collection}/{name}`] = objectMethods(one, schema);
  }
  for (const [name, { verbs = ["get", "patch", "update"], kind: other }] of subresources) {
    const version = other?.group ? `${other.group}/${other.version}` : apiVersion;
    const subject = other === undefined ? schema : names(version, other.kind);
    paths[`${collection}/{name}/${name}`] = objectMethods(verbs, subject);
  }
  return Object.fromEntries(Object.entries(paths).sort(([a], [b]) => a < b ? -1 : 1));
}

/** The methods of a resource's paths. */
class Operations {
  readonly #kind: JsonObject;

  constructor({ group, version, kind }: ServedResource) {
    this.#kind = { group, version, kind };
  }

  one(
    action: string,
    parameters: readonly Parameter[],
    answered: string | undefined,
    sent?: string,
    types: readonly string[] = [],
  ): JsonObject {
    return {
      ...parameters.length > 0 && { parameters: parameters.map((one) => parameter(one)) },
      ...sent !== undefined && { requestBody: { content: content(types, sent), required: true } },
      responses: {
        "200": { description: "OK", ...answered !== undefined && { content: content(TYPES, answered) } },
        "401": { description: "Unauthorized" },
      },
      "x-kubernetes-action": action,
      "x-kubernetes-group-version-kind": this.#kind,
    };
  }
}

function parameter([name, type]: Parameter, place: "query" | "path" = "query"): JsonObject {
  const required = place === "path" ? { required: true } : {};
  return { name, in: place, ...required, schema: { type, uniqueItems: true } };
}

function content(types: readonly string[], schema: string): JsonObject {
  return Object.fromEntries(types.map((type) => [type, { schema: { $ref: REFERENCE + schema } }]));
}
