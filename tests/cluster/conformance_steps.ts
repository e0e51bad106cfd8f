// The requests that sequences consist of, and the objects that they are about.
import type { CollectStep, RequestStep, Step } from "./conformance.ts";

export const APPLY = "application/apply-patch+yaml";
export const STRATEGIC = "application/strategic-merge-patch+json";
export const MERGE = "application/merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";

export const MAPS = "/api/v1/namespaces/{ns}/configmaps";
export const PODS = "/api/v1/namespaces/{ns}/pods";
export const DEPLOYMENTS = "/apis/apps/v1/namespaces/{ns}/deployments";

export const get = (path: string): RequestStep => ({ method: "GET", path });
export const post = (path: string, body: unknown): RequestStep => ({ method: "POST", path, body });
export const put = (path: string, body: unknown): RequestStep => ({ method: "PUT", path, body });
export const apply = (path: string, manager: string, body: unknown, more = ""): RequestStep => ({
  method: "PATCH",
  path: `${path}?fieldManager=${manager}${more}`,
  body,
  type: APPLY,
});
export const patch = (path: string, type: string, body: unknown): RequestStep => ({
  method: "PATCH",
  path,
  body,
  type,
});

export const map = (data?: unknown, metadata: object = {}) => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "a", ...metadata },
  ...(data === undefined ? {} : { data }),
});
export const labels = { app: "web" };
export const deployment = (
  spec: object = {},
  podSpec: object = { containers: [{ name: "main", image: "web:1" }] },
) => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "a" },
  spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec }, ...spec },
});
export const A = `${MAPS}/a`;
export const D = `${DEPLOYMENTS}/a`;
export const containers = (...list: object[]) => ({ spec: { template: { spec: { containers: list } } } });
export const appliedContainers = (...list: object[]) => ({
  ...deployment(),
  ...deployment({}, { containers: list }),
});

export const remove = (path: string, body?: unknown): RequestStep => ({ method: "DELETE", path, body });
/** Opens a watch, which `collect` reads. */
export const watch = (path: string, open = "watch"): RequestStep => ({
  method: "GET",
  path: path.includes("watch=") ? path : `${path}${path.includes("?") ? "&" : "?"}watch=true`,
  open,
});
/** The events of a watch up to the one about an object that is called `end`. */
export const collect = (end = /"name":"end"/, name = "watch"): CollectStep => ({ collect: name, end });
export const save = (step: RequestStep, values: Readonly<Record<string, string>>): RequestStep => ({
  ...step,
  save: values,
});

export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
export const APPS = "/apis/{ns}.example.com/v1/namespaces/{ns}/webapps";
export const schemaOf = (properties: object) => ({
  type: "object",
  required: ["spec"],
  properties: {
    spec: { type: "object", required: ["size"], properties },
    status: { type: "object", properties: { ready: { type: "integer" } } },
  },
});
export const SPEC = {
  size: { type: "integer", minimum: 1, maximum: 5 },
  color: { type: "string", enum: ["red", "blue"], default: "red" },
  code: { type: "string", pattern: "^[a-z]+$", minLength: 2, maxLength: 4 },
  list: { type: "array", minItems: 1, maxItems: 2, items: { type: "string" } },
  ports: {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["n"],
    items: {
      type: "object",
      required: ["n"],
      properties: { n: { type: "integer" }, protocol: { type: "string", default: "TCP" } },
    },
  },
  set: { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } },
  any: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  either: { "x-kubernetes-int-or-string": true },
  map: { type: "object", additionalProperties: { type: "integer" } },
  none: { type: "string", nullable: true },
  share: { type: "number", minimum: 0, exclusiveMinimum: true, multipleOf: 2 },
  isOn: { type: "boolean" },
  deep: { type: "object", default: {}, properties: { x: { type: "integer", default: 7 } } },
  whole: {
    type: "object",
    "x-kubernetes-map-type": "atomic",
    properties: { a: { type: "string" }, b: { type: "string" } },
  },
};
export const definition = (versions?: object[], more: object = {}) => ({
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "webapps.{ns}.example.com" },
  spec: {
    group: "{ns}.example.com",
    scope: "Namespaced",
    names: { kind: "WebApp", plural: "webapps", shortNames: ["wa"] },
    versions: versions ?? [{
      name: "v1",
      served: true,
      storage: true,
      schema: { openAPIV3Schema: schemaOf(SPEC) },
      subresources: { status: {} },
    }],
    ...more,
  },
});
export const defined = (versions?: object[]): Step[] => [
  post(DEFINITIONS, definition(versions)),
  { ...get(`${DEFINITIONS}/webapps.{ns}.example.com`), until: /"type":"Established","status":"True"/ },
  { ...get(APPS), until: /WebAppList/ },
];
export const app = (spec?: unknown, more: object = {}) => ({
  apiVersion: "{ns}.example.com/v1",
  kind: "WebApp",
  metadata: { name: "a" },
  ...(spec === undefined ? {} : { spec }),
  ...more,
});
/** The custom resource `a`. */
export const W = `${APPS}/a`;
