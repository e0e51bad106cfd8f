// Sequences of requests: definitions of custom resources, and what their schemas make of objects.
import type { RequestStep, Sequence, Step } from "./conformance.ts";
import {
  app,
  APPS,
  collect,
  defined,
  definition,
  DEFINITIONS,
  get,
  JSON_PATCH,
  MERGE,
  patch,
  post,
  put,
  remove,
  STRATEGIC,
  watch,
} from "./conformance_steps.ts";

const CRD = `${DEFINITIONS}/webapps.{ns}.example.com`;

/** A version whose spec has these properties. */
const version = (properties: object, more: object = {}, spec: object = {}) => ({
  name: "v1",
  served: true,
  storage: true,
  schema: {
    openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties, ...spec } } },
  },
  ...more,
});
/** Objects with these specs are made, then one by one put into one that is there. */
const made = (properties: object, specs: readonly unknown[], spec: object = {}): Step[] => [
  ...defined([version(properties, {}, spec)]),
  ...specs.map((one) => post(APPS, app(one, { metadata: { name: "b" } }))),
  post(APPS, app({}, { metadata: { name: "a" } })),
  ...specs.map((one) => patch(`${APPS}/a`, MERGE, { spec: one })),
];

/** Schemas of one field `x`, and values of it. */
const FIELDS: readonly (readonly [string, object, readonly unknown[]])[] = [
  ["an integer", { type: "integer" }, [1, 1.5, "1", true, null, [], {}, 1e10, -3]],
  ["an int32", { type: "integer", format: "int32" }, [1, 3000000000, -3000000000]],
  ["an int64", { type: "integer", format: "int64" }, [1, 3000000000]],
  ["a number", { type: "number" }, [1, 1.5, "1", null]],
  ["a text", { type: "string" }, ["a", 1, null, ["a"], "\u00fc"]],
  ["a boolean", { type: "boolean" }, [true, "true", 0, null]],
  ["a list", { type: "array", items: { type: "string" } }, [["a"], "a", [1], [null], {}, []]],
  ["an object", { type: "object", properties: { y: { type: "string" } } }, [
    { y: "1" },
    { z: 1 },
    "a",
    [],
    null,
    { y: 1 },
  ]],
  ["a map", { type: "object", additionalProperties: { type: "integer" } }, [
    { a: 1 },
    { a: "1" },
    { a: null },
    {},
  ]],
  ["anything below", { type: "object", "x-kubernetes-preserve-unknown-fields": true }, [{
    a: { b: [1, null] },
  }, "x"]],
  ["anything at all", { "x-kubernetes-preserve-unknown-fields": true }, [{ a: 1 }, "x", [1], null, 1.5]],
  ["an integer or a text", { "x-kubernetes-int-or-string": true }, [1, "x", 1.5, true, null]],
  ["an integer or a text, at length", {
    "x-kubernetes-int-or-string": true,
    anyOf: [{ type: "integer" }, { type: "string" }],
    pattern: "^[0-9]+%?$",
  }, [1, "50%", "x", true]],
  ["what may be null", { type: "string", nullable: true }, [null, "a", 1]],
  ["an object that may be null", { type: "object", nullable: true, properties: { y: { type: "string" } } }, [
    null,
    { y: null },
    {},
  ]],
  ["one of some texts", { type: "string", enum: ["a", "b"] }, ["a", "c", "", null]],
  ["one of some numbers", { type: "integer", enum: [1, 2] }, [1, 3]],
  ["a minimum", { type: "integer", minimum: 2 }, [2, 1]],
  ["a minimum that is not met itself", { type: "integer", minimum: 2, exclusiveMinimum: true }, [3, 2]],
  ["a maximum", { type: "number", maximum: 2.5 }, [2.5, 2.6]],
  ["a maximum that is not met itself", { type: "integer", maximum: 2, exclusiveMaximum: true }, [1, 2]],
  ["a multiple", { type: "integer", multipleOf: 5 }, [10, 7]],
  ["a length", { type: "string", minLength: 2, maxLength: 3 }, ["ab", "a", "abcd", "\u00fc\u00fc\u00fc"]],
  ["a multiple of a fraction", { type: "number", multipleOf: 0.1 }, [0.3, 0.7, 0.35, 1.1]],
  ["a multiple of a fraction, in whole numbers", { type: "number", multipleOf: 2.5 }, [4, 5, 7.5]],
  ["a multiple of less than one, in whole numbers", { type: "number", multipleOf: 0.3 }, [0.9, 1]],
  ["bounds that are fractions, of whole numbers", { type: "number", minimum: 1.5, maximum: 2.5 }, [
    1,
    0,
    2,
    3,
  ]],
  ["a pattern", { type: "string", pattern: "^[a-z]+$" }, ["ab", "AB", ""]],
  ["a pattern of Go with flags", { type: "string", pattern: "(?i)^ab(?-i:c)$" }, ["ABc", "abC"]],
  ["a pattern of Go with classes", { type: "string", pattern: "^[[:alpha:]\\-\\_]+\\pL$" }, ["a-_é", "1é"]],
  ["a pattern of Go with ends", { type: "string", pattern: "\\A(?P<x>a)\\z" }, ["a", "aa"]],
  ["a number of items", { type: "array", minItems: 1, maxItems: 2, items: { type: "string" } }, [["a"], [], [
    "a",
    "b",
    "c",
  ]]],
  ["items that are unique", { type: "array", "x-kubernetes-list-type": "set", items: { type: "string" } }, [[
    "a",
  ], ["a", "a"]]],
  ["a set of numbers", { type: "array", "x-kubernetes-list-type": "set", items: { type: "integer" } }, [[
    1,
    2,
  ], [1, 2, 1]]],
  ["items by a key", {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k"],
    items: { type: "object", required: ["k"], properties: { k: { type: "string" }, v: { type: "integer" } } },
  }, [[{ k: "a" }], [{ k: "a" }, { k: "a", v: 1 }], [{ v: 1 }], [{ k: "a", w: 1 }]]],
  ["items by two keys, one by default", {
    type: "array",
    "x-kubernetes-list-type": "map",
    "x-kubernetes-list-map-keys": ["k", "p"],
    items: {
      type: "object",
      required: ["k"],
      properties: { k: { type: "integer" }, p: { type: "string", default: "TCP" } },
    },
  }, [[{ k: 1 }, { k: 1, p: "UDP" }], [{ k: 1 }, { k: 1, p: "TCP" }]]],
  ["a number of properties", {
    type: "object",
    minProperties: 1,
    maxProperties: 2,
    additionalProperties: { type: "integer" },
  }, [{ a: 1 }, {}, { a: 1, b: 2, c: 3 }]],
  ["required fields", {
    type: "object",
    required: ["y", "z"],
    properties: {
      y: { type: "string" },
      z: { type: "object", required: ["w"], properties: { w: { type: "integer" } } },
    },
  }, [{ y: "1", z: { w: 1 } }, {}, { y: "1", z: {} }, { y: null, z: { w: null } }]],
  ["a default", { type: "string", default: "d" }, [undefined, null, "x", ""]],
  ["a default object", {
    type: "object",
    default: { y: 1 },
    properties: { y: { type: "integer" }, z: { type: "string", default: "q" } },
  }, [undefined, {}, { y: 2 }, null]],
  ["a default list", { type: "array", default: ["a"], items: { type: "string" } }, [undefined, [], null]],
  ["defaults in items", {
    type: "array",
    items: { type: "object", properties: { y: { type: "integer", default: 7 } } },
  }, [[{}, { y: 1 }], [{ y: null }]]],
  ["defaults in a map", {
    type: "object",
    additionalProperties: { type: "object", properties: { y: { type: "boolean", default: true } } },
  }, [{ a: {}, b: { y: false } }]],
  ["a default that may be null", { type: "string", default: "d", nullable: true }, [undefined, null]],
  ["all of", { type: "integer", allOf: [{ minimum: 2 }, { maximum: 4 }] }, [3, 1, 5]],
  ["any of", {
    type: "object",
    properties: { y: { type: "string" }, z: { type: "string" } },
    anyOf: [{ required: ["y"] }, { required: ["z"] }],
  }, [{ y: "1" }, {}, { y: "1", z: "1" }]],
  ["one of", {
    type: "object",
    properties: { y: { type: "string" }, z: { type: "string" } },
    oneOf: [{ required: ["y"] }, { required: ["z"] }],
  }, [{ y: "1" }, {}, { y: "1", z: "1" }]],
  ["not", {
    type: "object",
    properties: { y: { type: "string" }, z: { type: "string" } },
    not: { required: ["y"] },
  }, [{ z: "1" }, { y: "1" }]],
  ["not a value", { type: "string", not: { enum: ["a"] } }, ["b", "a"]],
  ["any of some formats of a number", { type: "integer", anyOf: [{ minimum: 10 }, { maximum: 5 }] }, [
    3,
    7,
    12,
  ]],
  ["all of with any of", {
    type: "integer",
    allOf: [{ anyOf: [{ minimum: 10 }, { maximum: 5 }] }, { not: { multipleOf: 3 } }],
  }, [4, 3, 7]],
  ...[
    "date-time",
    "date",
    "duration",
    "email",
    "ipv4",
    "ipv6",
    "ip",
    "cidr",
    "mac",
    "uuid",
    "uuid4",
    "uri",
    "hostname",
    "byte",
    "password",
    "base64",
    "bsonobjectid",
    "creditcard",
    "isbn",
    "hexcolor",
    "rgbcolor",
    "ssn",
    "nonsense",
    "int32",
    "dns1123Label",
    "k8s-short-name",
    "k8s-long-name",
  ]
    .map((format) =>
      [`the format ${format}`, { type: "string", format }, [
        "2024-01-02T03:04:05Z",
        "2024-01-02",
        "5m",
        "a@example.com",
        "10.0.0.1",
        "::1",
        "10.0.0.0/8",
        "00:11:22:33:44:55",
        "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
        "https://example.com/x",
        "example.com",
        "YWJj",
        "a-b",
        "nonsense!",
        "#ff00aa",
        "2024-02-30",
        "2024-02-30T03:04:05Z",
        "2024-01-02T24:00:00Z",
        "2 weeks",
        "A. B. <a@example.com>",
        "a..b@example.com",
        "010.0.0.1",
        "001122334455",
        "/%zz",
        "/a b",
        "http://a:b",
        "rgb(01,2,3)",
        "111223333",
        "",
      ]] as const
    ),
  ["an embedded resource", {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    "x-kubernetes-preserve-unknown-fields": true,
  }, [{ apiVersion: "v1", kind: "Pod", metadata: { name: "p", labels: { a: "1" } }, spec: { any: 1 } }, {}, {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "UPPER" },
  }, { apiVersion: "a/b/c", kind: "", metadata: {} }]],
  ["an embedded resource with a schema", {
    type: "object",
    "x-kubernetes-embedded-resource": true,
    properties: { spec: { type: "object", properties: { y: { type: "string" } } } },
  }, [{ apiVersion: "v1", kind: "Pod", metadata: { name: "p", nope: 1 }, spec: { y: "1", z: 2 }, other: 1 }]],
  ["an atomic map", {
    type: "object",
    "x-kubernetes-map-type": "atomic",
    additionalProperties: { type: "string" },
  }, [{ a: "1" }, { b: "2" }]],
  ["unknown fields kept but for known ones", {
    type: "object",
    "x-kubernetes-preserve-unknown-fields": true,
    properties: { y: { type: "object", properties: { z: { type: "integer" } } } },
  }, [{ q: 1, y: { z: 1, w: 2 } }, { y: { z: "1" } }]],
];

/** What a definition may be like; most of them cannot be. */
const SHAPES: readonly (readonly [string, object])[] = [
  ["no versions", { versions: [] }],
  ["two storage versions", { versions: [version({}), version({}, { name: "v2" })] }],
  ["no storage version", { versions: [version({}, { storage: false })] }],
  ["no served version", { versions: [version({}, { served: false })] }],
  ["a version twice", { versions: [version({}), version({}, { storage: false })] }],
  ["a version's name that is none", { versions: [version({}, { name: "V_1" })] }],
  ["a schema without a type", { versions: [version({}, { schema: { openAPIV3Schema: {} } })] }],
  ["a schema of another type", {
    versions: [version({}, { schema: { openAPIV3Schema: { type: "string" } } })],
  }],
  ["a property without a type", { versions: [version({ x: {} })] }],
  ["an unknown type", { versions: [version({ x: { type: "nope" } })] }],
  ["a list without items", { versions: [version({ x: { type: "array" } })] }],
  ["a list whose items have no type", { versions: [version({ x: { type: "array", items: {} } })] }],
  ["properties and additional ones", {
    versions: [
      version({
        x: {
          type: "object",
          properties: { y: { type: "string" } },
          additionalProperties: { type: "string" },
        },
      }),
    ],
  }],
  ["additional properties that are forbidden", {
    versions: [version({ x: { type: "object", additionalProperties: false } })],
  }],
  ["additional properties that are allowed", {
    versions: [version({ x: { type: "object", additionalProperties: true } })],
  }],
  ["unique items", {
    versions: [version({ x: { type: "array", uniqueItems: true, items: { type: "string" } } })],
  }],
  ["a reference", { versions: [version({ x: { $ref: "#/definitions/x" } })] }],
  ["a map-list without keys", {
    versions: [version({ x: { type: "array", "x-kubernetes-list-type": "map", items: { type: "object" } } })],
  }],
  ["a map-list with an unknown key", {
    versions: [
      version({
        x: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: { type: "object", properties: { y: { type: "string" } } },
        },
      }),
    ],
  }],
  ["a map-list whose key is not required", {
    versions: [
      version({
        x: {
          type: "array",
          "x-kubernetes-list-type": "map",
          "x-kubernetes-list-map-keys": ["k"],
          items: { type: "object", properties: { k: { type: "string" } } },
        },
      }),
    ],
  }],
  ["a set of objects", {
    versions: [
      version({
        x: {
          type: "array",
          "x-kubernetes-list-type": "set",
          items: { type: "object", properties: { y: { type: "string" } } },
        },
      }),
    ],
  }],
  ["an unknown list type", {
    versions: [
      version({ x: { type: "array", "x-kubernetes-list-type": "nope", items: { type: "string" } } }),
    ],
  }],
  ["a list type of a text", {
    versions: [version({ x: { type: "string", "x-kubernetes-list-type": "set" } })],
  }],
  ["an unknown map type", {
    versions: [
      version({
        x: { type: "object", "x-kubernetes-map-type": "nope", additionalProperties: { type: "string" } },
      }),
    ],
  }],
  ["a default of another type", { versions: [version({ x: { type: "integer", default: "x" } })] }],
  ["a default that is not pruned", {
    versions: [version({ x: { type: "object", default: { z: 1 }, properties: { y: { type: "integer" } } } })],
  }],
  ["a default that is out of range", {
    versions: [version({ x: { type: "integer", maximum: 3, default: 5 } })],
  }],
  ["a type inside of allOf", {
    versions: [version({ x: { type: "integer", allOf: [{ type: "integer" }] } })],
  }],
  ["a description inside of anyOf", {
    versions: [version({ x: { type: "integer", anyOf: [{ description: "d", minimum: 1 }] } })],
  }],
  ["a property inside of anyOf alone", {
    versions: [version({ x: { type: "object", anyOf: [{ properties: { y: { minimum: 1 } } }] } })],
  }],
  ["metadata with properties", {
    versions: [
      version({}, {
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              metadata: { type: "object", properties: { name: { type: "string", pattern: "^a" } } },
            },
          },
        },
      }),
    ],
  }],
  ["metadata with labels", {
    versions: [
      version({}, {
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: { metadata: { type: "object", properties: { labels: { type: "object" } } } },
          },
        },
      }),
    ],
  }],
  ["unknown fields that are kept in general", { preserveUnknownFields: true }],
  ["a pattern that is none", { versions: [version({ x: { type: "string", pattern: "(" } })] }],
  ["a pattern that looks ahead", { versions: [version({ x: { type: "string", pattern: "(?=a)" } })] }],
  ["a pattern that refers back", { versions: [version({ x: { type: "string", pattern: "(a)\\1" } })] }],
  ["an enum of other types", { versions: [version({ x: { type: "string", enum: [1] } })] }],
  ["an enum twice", { versions: [version({ x: { type: "string", enum: ["a", "a"] } })] }],
  ["a minimum above the maximum", {
    versions: [version({ x: { type: "integer", minimum: 5, maximum: 3 } })],
  }],
  ["both int-or-string and a type", {
    versions: [version({ x: { type: "string", "x-kubernetes-int-or-string": true } })],
  }],
  ["an embedded text", {
    versions: [version({ x: { type: "string", "x-kubernetes-embedded-resource": true } })],
  }],
  ["an embedded resource without fields", {
    versions: [version({ x: { type: "object", "x-kubernetes-embedded-resource": true } })],
  }],
  ["preserve set to false", {
    versions: [version({ x: { type: "object", "x-kubernetes-preserve-unknown-fields": false } })],
  }],
  ["a status subresource", { versions: [version({}, { subresources: { status: {} } })] }],
  ["a scale without paths", { versions: [version({}, { subresources: { scale: {} } })] }],
  ["a scale with wrong paths", {
    versions: [
      version({}, {
        subresources: {
          scale: { specReplicasPath: ".status.x", statusReplicasPath: "spec.x", labelSelectorPath: ".x" },
        },
      }),
    ],
  }],
  ["columns", {
    versions: [
      version({ x: { type: "integer" } }, {
        additionalPrinterColumns: [{
          name: "X",
          type: "integer",
          jsonPath: ".spec.x",
          description: "d",
          priority: 1,
        }],
      }),
    ],
  }],
  ["columns that are none", {
    versions: [
      version({}, {
        additionalPrinterColumns: [{ name: "", type: "nope", jsonPath: "" }, {
          name: "x",
          type: "string",
          format: "nope",
          jsonPath: "[",
        }],
      }),
    ],
  }],
  ["fields to select", {
    versions: [version({ x: { type: "string" } }, { selectableFields: [{ jsonPath: ".spec.x" }] })],
  }],
  ["fields to select that are none", {
    versions: [
      version({ x: { type: "object" } }, {
        selectableFields: [{ jsonPath: ".spec.x" }, { jsonPath: ".spec.y" }, { jsonPath: "spec" }, {
          jsonPath: ".metadata.name",
        }],
      }),
    ],
  }],
  ["a deprecated version", { versions: [version({}, { deprecated: true, deprecationWarning: "do not" })] }],
  ["a warning of a version that is not deprecated", {
    versions: [version({}, { deprecationWarning: "do not" })],
  }],
  ["another scope", { scope: "Nope" }],
  ["no scope", { scope: undefined }],
  ["no group", { group: "" }],
  ["a group that is none", { group: "UPPER" }],
  ["a group without a dot", { group: "nodot" }],
  ["no kind", { names: { plural: "webapps" } }],
  ["no plural", { names: { kind: "WebApp" } }],
  ["a plural in capitals", { names: { kind: "WebApp", plural: "WebApps" } }],
  ["a kind that is none", { names: { kind: "web app", plural: "webapps" } }],
  ["a kind in small letters", { names: { kind: "webapp", plural: "webapps" } }],
  ["a kind that is its list", { names: { kind: "WebApp", listKind: "WebApp", plural: "webapps" } }],
  ["short names that are none", { names: { kind: "WebApp", plural: "webapps", shortNames: ["W A"] } }],
  ["categories that are none", { names: { kind: "WebApp", plural: "webapps", categories: ["A B"] } }],
  ["all names", {
    names: {
      kind: "WebApp",
      listKind: "WebAppCollection",
      plural: "webapps",
      singular: "webapp",
      shortNames: ["wa"],
      categories: ["all"],
    },
  }],
  ["a webhook that converts", {
    conversion: {
      strategy: "Webhook",
      webhook: { conversionReviewVersions: ["v1"], clientConfig: { url: "https://example.com/x" } },
    },
  }],
  ["a webhook without a webhook", { conversion: { strategy: "Webhook" } }],
  ["an unknown conversion", { conversion: { strategy: "Nope" } }],
  ["no conversion, with a webhook", {
    conversion: { strategy: "None", webhook: { conversionReviewVersions: ["v1"] } },
  }],
  ["rules that hold", {
    versions: [version({ x: { type: "integer", "x-kubernetes-validations": [{ rule: "self > 0" }] } })],
  }],
  ["rules that are none", {
    versions: [
      version({ x: { type: "integer", "x-kubernetes-validations": [{ rule: "self >" }, { rule: "" }] } }),
    ],
  }],
];

const LIFE: Sequence[] = [
  {
    name: "a definition changes",
    steps: [
      ...defined([version({ x: { type: "string" } })]),
      post(APPS, app({ x: "1" })),
      patch(CRD, JSON_PATCH, [{
        op: "add",
        path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/y",
        value: { type: "integer", default: 7 },
      }]),
      { ...get(`${APPS}/a`), until: /"y":7/ },
      patch(CRD, JSON_PATCH, [{
        op: "remove",
        path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/x",
      }]),
      { ...get(`${APPS}/a`), until: /"spec":\{"y":7\}/ },
      patch(CRD, MERGE, { spec: { scope: "Cluster" } }),
      patch(CRD, MERGE, { spec: { group: "other.example.com" } }),
      patch(CRD, MERGE, { spec: { names: { kind: "Other" } } }),
      patch(CRD, MERGE, { spec: { names: { plural: "others" } } }),
      patch(CRD, MERGE, { metadata: { labels: { a: "1" } } }),
      get(CRD),
    ],
  },
  {
    name: "a definition gets another version",
    steps: [
      ...defined([version({ x: { type: "string" } })]),
      post(APPS, app({ x: "1" })),
      patch(CRD, JSON_PATCH, [{
        op: "add",
        path: "/spec/versions/-",
        value: version({ x: { type: "string" } }, { name: "v2", storage: false }),
      }]),
      { ...get(`${APPS.replace("/v1/", "/v2/")}/a`), until: /WebApp/ },
      patch(CRD, JSON_PATCH, [{ op: "replace", path: "/spec/versions/0/storage", value: false }, {
        op: "replace",
        path: "/spec/versions/1/storage",
        value: true,
      }]),
      { ...get(CRD), until: /"storedVersions":\["v1","v2"\]/ },
      patch(CRD, JSON_PATCH, [{ op: "remove", path: "/spec/versions/0" }]),
      patch(CRD, JSON_PATCH, [{ op: "replace", path: "/spec/versions/0/served", value: false }]),
      { ...get(`${APPS}/a`), until: /page not found/ },
      get(`${APPS.replace("/v1/", "/v2/")}/a`),
    ],
  },
  {
    name: "names that are taken",
    steps: [
      ...defined(),
      post(DEFINITIONS, {
        ...definition(),
        metadata: { name: "others.{ns}.example.com" },
        spec: {
          ...(definition() as { spec: object }).spec,
          names: { kind: "WebApp", plural: "others", shortNames: ["wa"] },
        },
      }),
      { ...get(`${DEFINITIONS}/others.{ns}.example.com`), until: /"type":"NamesAccepted","status":"False"/ },
      get("/apis/{ns}.example.com/v1/namespaces/{ns}/others"),
    ],
  },
  {
    name: "a cluster-wide kind",
    steps: [
      post(DEFINITIONS, definition(undefined, { scope: "Cluster" })),
      { ...get("/apis/{ns}.example.com/v1/webapps"), until: /WebAppList/ },
      post("/apis/{ns}.example.com/v1/webapps", app({ size: 1 })),
      post(
        "/apis/{ns}.example.com/v1/webapps",
        app({ size: 1 }, { metadata: { name: "b", namespace: "x" } }),
      ),
      get("/apis/{ns}.example.com/v1/webapps"),
      get("/apis/{ns}.example.com/v1/webapps/a"),
      get("/apis/{ns}.example.com/v1/namespaces/{ns}/webapps"),
      remove("/apis/{ns}.example.com/v1/webapps/a"),
    ],
  },
  {
    name: "fields to select by",
    steps: [
      ...defined([
        version({ x: { type: "string" }, n: { type: "integer" }, b: { type: "boolean" } }, {
          selectableFields: [{ jsonPath: ".spec.x" }, { jsonPath: ".spec.n" }, { jsonPath: ".spec.b" }],
        }),
      ]),
      post(APPS, app({ x: "1", n: 1, b: true })),
      post(APPS, app({ x: "2" }, { metadata: { name: "b" } })),
      ...[
        "spec.x=1",
        "spec.x!=1",
        "spec.n=1",
        "spec.b=true",
        "spec.x=",
        "spec.y=1",
        "metadata.name=a",
        "spec.x=1,spec.n=1",
      ].map((selector) => get(`${APPS}?fieldSelector=${encodeURIComponent(selector)}`)),
      watch(`${APPS}?fieldSelector=spec.x%3D1`),
      patch(`${APPS}/a`, MERGE, { spec: { x: "3" } }),
      patch(`${APPS}/b`, MERGE, { spec: { x: "1" } }),
      post(APPS, app({ x: "1" }, { metadata: { name: "end" } })),
      collect(),
    ],
  },
  {
    name: "a scale of a custom resource",
    steps: [
      ...defined([version({ n: { type: "integer" }, selector: { type: "string" } }, {
        subresources: {
          status: {},
          scale: {
            specReplicasPath: ".spec.n",
            statusReplicasPath: ".status.n",
            labelSelectorPath: ".status.selector",
          },
        },
        schema: {
          openAPIV3Schema: {
            type: "object",
            properties: {
              spec: { type: "object", properties: { n: { type: "integer" } } },
              status: {
                type: "object",
                properties: { n: { type: "integer" }, selector: { type: "string" } },
              },
            },
          },
        },
      })]),
      post(APPS, app({})),
      get(`${APPS}/a/scale`),
      put(`${APPS}/a/scale`, {
        apiVersion: "autoscaling/v1",
        kind: "Scale",
        metadata: { name: "a" },
        spec: { replicas: 3 },
      }),
      patch(`${APPS}/a/status`, MERGE, { status: { n: 2, selector: "app=web" } }),
      get(`${APPS}/a/scale`),
      patch(`${APPS}/a/scale`, MERGE, { spec: { replicas: 5 } }),
      patch(`${APPS}/a/scale`, MERGE, { spec: { replicas: -5 } }),
      put(`${APPS}/a/scale`, { metadata: { name: "a" }, spec: { replicas: 3 } }),
      get(`${APPS}/b/scale`),
      get(`${APPS}/a`),
    ],
  },
  {
    name: "subresources that a kind does not have",
    steps: [
      ...defined([version({})]),
      post(APPS, app({}, { status: { x: 1 } })),
      get(`${APPS}/a/status`),
      patch(`${APPS}/a/status`, MERGE, {}),
      get(`${APPS}/a/scale`),
      get(`${APPS}/a/nope`),
      put(`${APPS}/a/nope`, app({})),
    ],
  },
  {
    name: "bodies of custom resources",
    steps: [
      ...defined([version({ x: { type: "string" } })]),
      ...[
        "",
        "{",
        "[]",
        "null",
        "{}",
        { kind: "WebApp" },
        { apiVersion: "{ns}.example.com/v1" },
        { ...app({}), kind: "Other" },
        { ...app({}), apiVersion: "v1" },
        { ...app({}), apiVersion: "{ns}.example.com/v2" },
        { ...app({}), metadata: "x" },
        { ...app({}), metadata: { name: 1 } },
        { ...app({}), metadata: { name: "a", labels: { a: 1 } } },
        { ...app({}), metadata: { name: "a", nope: 1 } },
        { ...app({}), metadata: { name: "a", finalizers: "x" } },
        { ...app({}), metadata: { name: "UPPER" } },
        { ...app({}), metadata: { generateName: "made-" } },
        { ...app({}), metadata: {} },
        '{"apiVersion":"{ns}.example.com/v1","kind":"WebApp","metadata":{"name":"d"},"spec":{"x":"1","x":"2"},"spec":{"x":"3"}}',
      ]
        .map((body) => post(APPS, body)),
      post(
        `${APPS}?fieldValidation=Strict`,
        '{"apiVersion":"{ns}.example.com/v1","kind":"WebApp","metadata":{"name":"e","nope":1},"spec":{"x":"1","x":"2","y":1}}',
      ),
      post(
        `${APPS}?fieldValidation=Ignore`,
        '{"apiVersion":"{ns}.example.com/v1","kind":"WebApp","metadata":{"name":"f","nope":1},"spec":{"x":"1","x":"2","y":1}}',
      ),
      put(`${APPS}/f`, app({ x: "1" }, { metadata: { name: "f" } })),
      put(`${APPS}/g`, app({ x: "1" }, { metadata: { name: "g" } })),
      { method: "PATCH", path: `${APPS}/f`, type: STRATEGIC, body: {} },
      {
        method: "POST",
        path: APPS,
        type: "application/yaml",
        body: 'apiVersion: {ns}.example.com/v1\nkind: WebApp\nmetadata:\n  name: why\nspec:\n  x: "1"\n',
      },
      { method: "POST", path: APPS, type: "text/plain", body: app({}) },
      get(APPS),
    ],
  },
  {
    name: "what a custom resource is named and labelled",
    steps: [
      ...defined([version({})]),
      ...[
        { name: "a b" },
        { name: "a", labels: { "a b": "1" } },
        { name: "a", annotations: { "a b": "1" } },
        { name: "a", finalizers: ["nope"] },
        { name: "a", ownerReferences: [{}] },
        { name: "a", namespace: "other" },
        { name: "a", uid: "x", generation: 7, resourceVersion: "" },
      ]
        .map((metadata) => post(APPS, { ...app({}), metadata })),
      put(`${APPS}/a`, app({}, { metadata: { name: "a", labels: { "a b": "1" } } })),
      remove(`${APPS}/a`),
    ],
  },
  {
    name: "rules of a schema",
    steps: [
      ...defined([
        version({
          x: {
            type: "integer",
            "x-kubernetes-validations": [{ rule: "self > 0", message: "must be above 0" }],
          },
        }),
      ]),
      post(APPS, app({ x: 1 })),
      post(APPS, app({ x: 0 }, { metadata: { name: "b" } })),
      patch(`${APPS}/a`, MERGE, { spec: { x: -1 } }),
    ],
  },
  {
    name: "an object that was valid once",
    steps: [
      ...defined([version({ x: { type: "integer" } })]),
      post(APPS, app({ x: 1 })),
      patch(CRD, JSON_PATCH, [{
        op: "replace",
        path: "/spec/versions/0/schema/openAPIV3Schema/properties/spec/properties/x",
        value: { type: "integer", minimum: 5 },
      }]),
      { ...post(`${APPS}?dryRun=All`, app({ x: 1 }, { metadata: { name: "b" } })), until: /"code":422/ },
      patch(`${APPS}/a`, MERGE, { metadata: { labels: { a: "1" } } }),
      patch(`${APPS}/a`, MERGE, { spec: { x: 2 } }),
      patch(`${APPS}/a`, MERGE, { spec: { x: 9 } }),
    ],
  },
  {
    name: "tables of a custom resource",
    steps: [
      ...defined([
        version({ x: { type: "integer" } }, {
          additionalPrinterColumns: [{ name: "X", type: "integer", jsonPath: ".spec.x" }, {
            name: "Since",
            type: "date",
            jsonPath: ".metadata.creationTimestamp",
          }, { name: "Deep", type: "string", jsonPath: ".spec.none.there" }],
        }),
      ]),
      post(APPS, app({ x: 1 })),
      { ...get(`${APPS}/a`), accept: "application/json;as=Table;g=meta.k8s.io;v=v1" },
      { ...get(APPS), accept: "application/json;as=Table;g=meta.k8s.io;v=v1" },
      { ...get(APPS), accept: "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1" },
      { ...get(`${APPS}/a`), accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" },
    ],
  },
  {
    name: "tables of a custom resource, with columns that are hard to fill",
    steps: [
      ...defined([
        version({ x: { "x-kubernetes-preserve-unknown-fields": true } }, {
          additionalPrinterColumns: [
            [
              "string",
              "['a.b']",
              "['list']",
              ".list[-1:]",
              ".list[0:2:2]",
              ".list[0:9]",
              ".list[-9]",
              ".null",
            ],
            ["string", ".of[?(@.k==a)].k", ".of[?(@.n>@.n)].k", '.of[?(@.k=="a")].n', ".number", ".of[-2].k"],
            ["date", ".number", ".text", ".day", ".empty", ".list", ".null", ".far", ".small"],
            ["integer", ".number", ".text", ".null", ".list[1:]"],
          ].flatMap(([type, ...paths]) =>
            paths.map((path, index) => ({
              name: `${type}-${path.length}-${index}`,
              type,
              jsonPath: `.spec.x${path}`,
            }))
          ),
        }),
      ]),
      post(
        APPS,
        app({
          x: {
            ...{
              "a.b": 1,
              a: { b: 2 },
              list: ["p", "q", "r"],
              null: null,
              number: 1.5,
              text: "12",
              empty: "",
            },
            ...{ of: [{ k: "a", n: 1 }, { k: "b", n: 2 }], day: "2020-01-01", far: "2124-01-01T00:00:00Z" },
            small: "2020-01-01t00:00:00z",
          },
        }),
      ),
      { ...get(`${APPS}/a`), accept: "application/json;as=Table;g=meta.k8s.io;v=v1" },
    ],
  },
];

/** All of them. */
export const SCHEMAS: readonly Sequence[] = [
  ...FIELDS.map(([what, schema, values]) => ({
    name: `a custom field is ${what}`,
    steps: made({ x: schema }, values.map((x) => x === undefined ? {} : { x })),
  })),
  ...SHAPES.map(([what, spec]): Sequence => ({
    name: `a definition has ${what}`,
    steps: [
      { ...post(DEFINITIONS, definition(undefined, spec)) } as RequestStep,
      {
        ...get(CRD),
        until: /"type":"Established","status":"True"|"code":404|"NamesAccepted","status":"False"/,
      },
    ],
  })),
  ...LIFE,
];
