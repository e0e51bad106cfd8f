// Sequences of requests: what is sent and asked for, and how.
import type { RequestStep, Sequence } from "./conformance.ts";
import {
  A,
  apply,
  D,
  deployment,
  DEPLOYMENTS,
  get,
  labels,
  map,
  MAPS,
  MERGE,
  patch,
  PODS,
  post,
  put,
  remove,
  STRATEGIC,
} from "./conformance_steps.ts";

const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";
const METADATA_LIST = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";
const method = (method: string, path: string, body?: unknown, type?: string): RequestStep => ({
  method,
  path,
  body,
  type,
});
const accepting = (accept: string, step: RequestStep): RequestStep => ({ ...step, accept });

/** Bodies that are no object of the kind. */
const BODIES: readonly (readonly [string, unknown])[] = [
  ["nothing", ""],
  ["a brace", "{"],
  ["a list", "[]"],
  ["null", "null"],
  ["a number", "1"],
  ["a text", '"x"'],
  ["what is no JSON", "nope"],
  ["a trailing comma", '{"metadata":{"name":"a"},}'],
  ["a missing colon", '{"metadata" {}}'],
  ["a missing comma", '{"metadata":{} "data":{}}'],
  ["single quotes", "{'metadata':{}}"],
  ["what follows the end", '{"metadata":{"name":"a"}} x'],
  ["two objects", '{"metadata":{"name":"a"}}{"metadata":{"name":"b"}}'],
  ["a text that does not end", '{"metadata":{"name":"a'],
  ["an escape that is none", '{"metadata":{"name":"\\x"}}'],
  ["a control character", '{"metadata":{"name":"a\u0001"}}'],
  ["a number that is none", '{"metadata":{"generation":01}}'],
  ["a word that is none", '{"metadata":{"generation":tru}}'],
  ["another kind", { kind: "Secret", apiVersion: "v1", metadata: { name: "a" } }],
  ["an unknown kind", { kind: "Nope", apiVersion: "v1", metadata: { name: "a" } }],
  ["another version", { kind: "ConfigMap", apiVersion: "v2", metadata: { name: "a" } }],
  ["another group", { kind: "ConfigMap", apiVersion: "apps/v1", metadata: { name: "a" } }],
  ["a version that is none", { kind: "ConfigMap", apiVersion: "a/b/c", metadata: { name: "a" } }],
  ["a kind without a version", { kind: "ConfigMap", metadata: { name: "a" } }],
  ["a version without a kind", { apiVersion: "v1", metadata: { name: "a" } }],
  ["a kind that is a number", { kind: 1, apiVersion: "v1", metadata: { name: "a" } }],
  ["a version that is a list", { kind: "ConfigMap", apiVersion: [], metadata: { name: "a" } }],
  ["a list of the kind", { kind: "ConfigMapList", apiVersion: "v1", items: [] }],
  ["no metadata", {}],
  ["metadata that are a text", { metadata: "x" }],
  ["metadata that are null", { metadata: null }],
  ["metadata that are a list", { metadata: [] }],
  ["a name that is a number", { metadata: { name: 1 } }],
  ["a name that is null", { metadata: { name: null } }],
  ["data that are a list", { metadata: { name: "a" }, data: ["a"] }],
  ["data that are a text", { metadata: { name: "a" }, data: "x" }],
  ["data that are null", { metadata: { name: "a" }, data: null }],
  ["a value that is a number", { metadata: { name: "a" }, data: { a: 1 } }],
  ["a value that is null", { metadata: { name: "a" }, data: { a: null } }],
  ["a value that is an object", { metadata: { name: "a" }, data: { a: {} } }],
  ["a text for a boolean", { metadata: { name: "a" }, immutable: "true" }],
  ["a number for a boolean", { metadata: { name: "a" }, immutable: 1 }],
  ["finalizers that are a text", { metadata: { name: "a", finalizers: "x" } }],
  ["a finalizer that is a number", { metadata: { name: "a", finalizers: [1] } }],
  ["annotations with a number", { metadata: { name: "a", annotations: { a: 1 } } }],
  ["a generation that is a text", { metadata: { name: "a", generation: "x" } }],
  ["a time that is none", { metadata: { name: "a", creationTimestamp: "yesterday" } }],
  ["a time that is a number", { metadata: { name: "a", creationTimestamp: 1 } }],
  ["owners that are an object", { metadata: { name: "a", ownerReferences: {} } }],
  ["an owner that is a text", { metadata: { name: "a", ownerReferences: ["x"] } }],
  ["fields in capitals", { Metadata: { name: "a" }, Data: { a: "1" } }],
  ["a field twice", '{"metadata":{"name":"a"},"data":{"a":"1","a":"2"},"data":{"b":"1"}}'],
  ["metadata twice", '{"metadata":{"name":"a"},"metadata":{"labels":{"x":"y"}}}'],
  ["unicode", '{"metadata":{"name":"a","annotations":{"a":"\\u00fc \\ud83d\\ude80 \\ud800"}}}'],
  ["numbers of all sorts", { metadata: { name: "a", generation: 1e3 } }],
  ["a number with a fraction", { metadata: { name: "a", generation: 1.5 } }],
  ["a number that is too large", '{"metadata":{"name":"a","generation":100000000000000000000}}'],
];

/** Bodies of a Deployment whose parts are of other types. */
const TYPES: readonly (readonly [string, object])[] = [
  ["replicas that are a text", { replicas: "3" }],
  ["replicas with a fraction", { replicas: 1.5 }],
  ["replicas that are null", { replicas: null }],
  ["paused that is a text", { paused: "yes" }],
  ["a selector that is a list", { selector: [] }],
  ["a template that is a text", { template: "x" }],
  ["containers that are an object", { template: { spec: { containers: {} } } }],
  ["a container that is a text", { template: { spec: { containers: ["x"] } } }],
  ["an image that is a number", { template: { spec: { containers: [{ name: "a", image: 1 }] } } }],
  ["a port that is a text", {
    template: { spec: { containers: [{ name: "a", ports: [{ containerPort: "80" }] }] } },
  }],
  ["an argument that is a number", { template: { spec: { containers: [{ name: "a", args: [1] }] } } }],
  ["an env that is an object", { template: { spec: { containers: [{ name: "a", env: { A: "1" } }] } } }],
  ["a value of env that is a number", {
    template: { spec: { containers: [{ name: "a", env: [{ name: "A", value: 1 }] }] } },
  }],
  ["a quantity that is none", {
    template: { spec: { containers: [{ name: "a", resources: { limits: { cpu: "x" } } }] } },
  }],
  ["a quantity that is a boolean", {
    template: { spec: { containers: [{ name: "a", resources: { limits: { cpu: true } } }] } },
  }],
  ["a grace period that is a text", {
    template: { spec: { terminationGracePeriodSeconds: "30", containers: [] } },
  }],
  ["a port to probe that is a boolean", {
    template: { spec: { containers: [{ name: "a", livenessProbe: { httpGet: { port: true } } }] } },
  }],
  ["a surge that is a boolean", { strategy: { rollingUpdate: { maxSurge: true } } }],
  ["two wrong types", { replicas: "3", revisionHistoryLimit: "x" }],
];

/** Bodies that are no YAML either: a parser complains in words of its own. */
const NO_YAML = [
  "a brace",
  "a control character",
  "a missing colon",
  "a missing comma",
  "a text that does not end",
  "an escape that is none",
  "unicode",
];

const SENT: Sequence[] = [
  {
    name: "an apply of what is no YAML",
    steps: BODIES.filter(([what]) => NO_YAML.includes(what)).map(([, body]) => apply(A, "one", body)),
  },
  ...BODIES.flatMap(([what, body]) => [
    { name: `a create with ${what}`, steps: [post(MAPS, body), get(A)] },
    { name: `an update with ${what}`, steps: [post(MAPS, map({ old: "1" })), put(A, body), get(A)] },
    ...(NO_YAML.includes(what)
      ? []
      : [{ name: `an apply with ${what}`, steps: [apply(A, "one", body), get(A)] }]),
    {
      name: `a merge patch with ${what}`,
      steps: [post(MAPS, map({ old: "1" })), patch(A, MERGE, body), get(A)],
    },
  ]),
  ...["", "?fieldValidation=Strict", "?fieldValidation=Ignore"].flatMap((query) =>
    BODIES.filter(([what]) => /twice|capitals|two objects|follows/.test(what)).map(([what, body]) => ({
      name: `${query || "by default"}: ${what}`,
      steps: [post(MAPS + query, body), get(A), put(A + query, body)],
    }))
  ),
  ...TYPES.map(([what, spec]) => ({
    name: `a deployment with ${what}`,
    steps: [
      post(DEPLOYMENTS, deployment(spec)),
      post(DEPLOYMENTS, deployment()),
      patch(D, MERGE, { spec }),
      patch(D, STRATEGIC, { spec }),
      apply(D, "one", deployment(spec), "&force=true"),
    ],
  })),
  {
    name: "duplicate fields deep inside",
    steps: [
      post(
        DEPLOYMENTS,
        '{"metadata":{"name":"a"},"spec":{"replicas":1,"replicas":2,"selector":{"matchLabels":{"app":"web"}},"template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"a","image":"x","image":"y"}]}}}}',
      ),
      post(
        `${DEPLOYMENTS}?fieldValidation=Strict`,
        '{"metadata":{"name":"b"},"spec":{"replicas":1,"replicas":2,"foo":1,"foo":2}}',
      ),
    ],
  },
  {
    name: "YAML",
    steps: [
      method(
        "POST",
        MAPS,
        'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  a: "1"\n',
        "application/yaml",
      ),
      accepting("application/yaml", get(A)),
      method("PUT", A, 'metadata:\n  name: a\ndata: {b: "2"}\n', "application/yaml"),
      method("POST", MAPS, "metadata:\n  name: b\ndata:\n  a: 1\n", "application/yaml"),
      method("POST", MAPS, "metadata: [\n", "application/yaml"),
      method("POST", MAPS, "a: 1\na: 2\nmetadata:\n  name: c\n", "application/yaml"),
    ],
  },
];

const TYPES_OF_CONTENT: Sequence[] = [
  ...[
    "text/plain",
    "application/xml",
    "application/json; charset=utf-8",
    "Application/JSON",
    "*/*",
    "nope",
    "application/vnd.kubernetes.protobuf",
    "application/merge-patch+json",
    "",
  ].map((type) => ({
    name: `a create of type ${JSON.stringify(type)}`,
    steps: [method("POST", MAPS, map(), type)],
  })),
  ...[
    "application/json",
    "text/plain",
    "application/merge-patch+json; charset=utf-8",
    "application/strategic-merge-patch+json",
    "application/apply-patch+json",
    "application/apply-patch+cbor",
    "nope",
    "",
  ].map((type) => ({
    name: `a patch of type ${JSON.stringify(type)}`,
    steps: [post(MAPS, map()), method("PATCH", `${A}?fieldManager=one`, map({ a: "1" }), type)],
  })),
  ...[
    "application/json",
    "application/xml",
    "text/html",
    "*/*",
    "application/*",
    "text/html, */*;q=0.1",
    "application/xml, application/json;q=0.5",
    "application/json;q=0",
    "nope",
    "",
    "application/json;as=Nope;g=meta.k8s.io;v=v1",
    "application/json;as=Table;g=meta.k8s.io;v=v2",
    "application/json;as=Table",
    `${TABLE},application/json`,
    "application/json;stream=watch",
    "application/json;foo=bar",
  ]
    .map((accept) => ({
      name: `who takes ${JSON.stringify(accept)}`,
      steps: [
        accepting(accept, post(MAPS, map({ a: "1" }))),
        accepting(accept, get(A)),
        accepting(accept, get(MAPS)),
        accepting(accept, get(`${MAPS}/b`)),
        accepting(accept, get("/nope")),
        accepting(accept, get("/api/v1/namespaces/{ns}/nope")),
      ],
    })),
  {
    name: "metadata alone",
    steps: [
      post(MAPS, map({ a: "1" }, { labels, annotations: { a: "1" } })),
      accepting(METADATA, get(A)),
      accepting(METADATA, get(MAPS)),
      accepting(METADATA_LIST, get(MAPS)),
      accepting(METADATA_LIST, get(A)),
      accepting(METADATA, get(`${MAPS}?limit=1`)),
      accepting(METADATA, get(`${MAPS}/b`)),
      accepting(METADATA, patch(A, MERGE, { metadata: { labels: { b: "1" } } })),
      accepting(METADATA, put(A, map({ a: "2" }))),
      accepting(METADATA, post(MAPS, map({}, { name: "b" }))),
      accepting(METADATA, remove(A)),
      accepting(METADATA, remove(MAPS)),
    ],
  },
  {
    name: "tables of one kind",
    steps: [
      post(MAPS, map({ a: "1", b: "2" })),
      accepting(TABLE, get(A)),
      accepting(TABLE, get(MAPS)),
      accepting(TABLE, get(`${MAPS}?includeObject=None`)),
      accepting(TABLE, get(`${MAPS}?includeObject=Object`)),
      accepting(TABLE, get(`${MAPS}?includeObject=Metadata`)),
      accepting(TABLE, get(`${MAPS}?includeObject=Nope`)),
      accepting(TABLE, get(`${MAPS}/b`)),
    ],
  },
];

const PATHS: Sequence[] = [
  {
    name: "methods that are not there",
    steps: [
      ...["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "HEAD", "NOPE"].map((verb) =>
        method(verb, "/api/v1/namespaces")
      ).filter(({ method }) => method !== "DELETE" && method !== "TRACE"),
      ...["POST", "OPTIONS"].map((verb) => method(verb, A, map())),
      ...["PUT", "PATCH", "OPTIONS"].map((verb) =>
        method(verb, MAPS, map(), verb === "PATCH" ? MERGE : undefined)
      ),
      method("POST", "/api/v1/configmaps", map()),
      method("DELETE", "/api/v1/configmaps"),
      method("PATCH", "/api/v1/configmaps", {}, MERGE),
      method("DELETE", "/api/v1/namespaces"),
      method("POST", `${PODS}/a/status`, {}),
      method("DELETE", `${PODS}/a/status`),
      method("POST", "/version"),
      method("POST", "/api"),
      method("POST", "/healthz"),
      method("DELETE", "/apis/apps"),
      method("PUT", "/apis/apps/v1"),
    ],
  },
  {
    name: "paths that are not there",
    steps: [
      "/nope",
      "/api/v2",
      "/api/v1/nope",
      "/api/v1/namespaces/{ns}/nope",
      "/api/v1/namespaces/{ns}/nope/a",
      "/apis/nope",
      "/apis/nope/v1",
      "/apis/apps/v2",
      "/apis/apps/v1/nope",
      "/apis/apps/v1/namespaces/{ns}/nope",
      "/apis/apps/v1/namespaces/{ns}/deployments/a/nope",
      "/api/v1/namespaces/{ns}/configmaps/a/status",
      "/api/v1/namespaces/{ns}/pods/a/nope",
      "/api/v1/namespaces/{ns}/nodes",
      "/api/v1/pods/a",
      "/api/v1/configmaps/a",
      "/api/v1/namespaces/{ns}/configmaps/a/b/c",
      "/api/v1//pods",
      "/api/v1/namespaces/{ns}/",
      "/api/v1/",
      "/apis/apps/",
      "/apis/apps/v1/",
      "/api/v1/namespaces/{ns}/configmaps/",
      "/api/v1/namespaces/{ns}/configmaps/a%2Fb",
      "/api/v1/namespaces/{ns}/configmaps/A",
      "/api/v1/namespaces/{ns}/configmaps/..",
      "/api/v1/namespaces/NOPE/configmaps",
      "/api/v1/namespaces/{ns}/configmaps/%20",
      "/api/v1/nodes/{ns}",
      "/api/v1/nodes/{ns}/status",
      "/api/v1/bindings",
      "/api/v1/componentstatuses/nope",
      "/apis/{ns}.example.com/v1",
      "/apis/{ns}.example.com/v1/nope",
      "/openapi/v3/nope",
      "/healthz/nope",
      "/livez/nope",
      "/metrics/nope",
      "/debug/nope",
      "/swagger.json",
      "/favicon.ico",
    ].map((path) => get(path)),
  },
  {
    name: "health",
    steps: [
      "/healthz",
      "/livez",
      "/readyz",
      "/healthz/ping",
      "/livez/ping",
      "/readyz/ping",
      "/healthz?exclude=etcd",
      "/livez?verbose",
      "/.well-known/openid-configuration",
    ].map((path) => get(path))
      .filter(({ path }) => !/verbose|well-known/.test(path)),
  },
  {
    name: "HEAD",
    steps: [
      post(MAPS, map()),
      method("HEAD", A),
      method("HEAD", MAPS),
      method("HEAD", `${MAPS}/b`),
      method("HEAD", "/nope"),
      method("HEAD", "/version"),
    ],
  },
  {
    name: "queries that are unknown, or come twice",
    steps: [
      post(`${MAPS}?nope=1`, map()),
      get(`${A}?nope=1`),
      post(`${MAPS}?fieldManager=one&fieldManager=two`, map({}, { name: "b" })),
      post(`${MAPS}?fieldValidation=Strict&fieldValidation=Ignore`, { ...map({}, { name: "c" }), foo: 1 }),
      post(`${MAPS}?pretty=true`, map({}, { name: "d" })),
      get(`${A}?pretty=true`),
      get(`${A}?pretty=1`),
      get(`${A}?pretty=false`),
    ],
  },
  {
    name: "managers' names",
    steps: ["", "x".repeat(128), "x".repeat(129), "%C3%BC", "a%20b", "a%09b", "a%00b", "%F0%9F%9A%80"].map((
      manager,
      index,
    ) => post(`${MAPS}?fieldManager=${manager}`, map({ a: "1" }, { name: `m${index}` }))),
  },
];

/** All of them. */
export const BODIES_AND_PATHS: readonly Sequence[] = [...SENT, ...TYPES_OF_CONTENT, ...PATHS];
