import type { GroupVersionKind } from "../meta/mod.ts";

/**
 * A schema of OpenAPI v3, as far as Kubernetes uses it.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#validation
 */
export interface OpenApiSchema {
  /** Where the schema is that is meant: `#/components/schemas/…`. */
  $ref?: string;
  /** What it is, for people. */
  description?: string;
  /** `object`, `array`, `string`, `integer`, `number` or `boolean`; absent where several are possible. */
  type?: string;
  /** How a string or number is to be read, such as `date-time` or `int-or-string`. */
  format?: string;
  /** Whether null is allowed. */
  nullable?: boolean;
  /** The value when there is none. */
  default?: unknown;
  /** All values that there are. */
  enum?: unknown[];
  /** The fields of an object. */
  properties?: Record<string, OpenApiSchema>;
  /** The fields that must be there. */
  required?: string[];
  /** The values of a map, or whether there may be other fields. */
  additionalProperties?: boolean | OpenApiSchema;
  /** The items of a list. */
  items?: OpenApiSchema;
  /** All of these hold. Kubernetes wraps a `$ref` in it, to have a description or default beside it. */
  allOf?: OpenApiSchema[];
  /** One or more of these hold. */
  anyOf?: OpenApiSchema[];
  /** Exactly one of these holds. */
  oneOf?: OpenApiSchema[];
  /** This does not hold. */
  not?: OpenApiSchema;
  /** What a string must match. */
  pattern?: string;
  /** Bounds of a number. */
  minimum?: number;
  /** As {@linkcode OpenApiSchema.minimum}. */
  maximum?: number;
  /** Whether the bound itself is no value. */
  exclusiveMinimum?: boolean;
  /** As {@linkcode OpenApiSchema.exclusiveMinimum}. */
  exclusiveMaximum?: boolean;
  /** What a number is a multiple of. */
  multipleOf?: number;
  /** Bounds of a string's length. */
  minLength?: number;
  /** As {@linkcode OpenApiSchema.minLength}. */
  maxLength?: number;
  /** Bounds of a list's length. */
  minItems?: number;
  /** As {@linkcode OpenApiSchema.minItems}. */
  maxItems?: number;
  /** Whether no two items are equal. */
  uniqueItems?: boolean;
  /** Bounds of the number of fields. */
  minProperties?: number;
  /** As {@linkcode OpenApiSchema.minProperties}. */
  maxProperties?: number;
  /** Whether any fields may be there, kept as they are. */
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  /** Whether it is a whole object, with `apiVersion`, `kind` and `metadata`. */
  "x-kubernetes-embedded-resource"?: boolean;
  /** Whether it is a number or a string. */
  "x-kubernetes-int-or-string"?: boolean;
  /** How a list is merged: `atomic`, `set` or `map`. */
  "x-kubernetes-list-type"?: string;
  /** What tells items of a `map` list apart. */
  "x-kubernetes-list-map-keys"?: string[];
  /** How a map is merged: `atomic` or `granular`. */
  "x-kubernetes-map-type"?: string;
  /** How strategic merge patch treats a list: `merge`, `replace`, `retainKeys`. */
  "x-kubernetes-patch-strategy"?: string;
  /** What strategic merge patch tells items apart by. */
  "x-kubernetes-patch-merge-key"?: string;
  /** Rules in the Common Expression Language. */
  "x-kubernetes-validations"?: { rule: string; message?: string }[];
  /** The kinds that it describes. */
  "x-kubernetes-group-version-kind"?: GroupVersionKind[];
  /** Everything else, such as `title` or `x-kubernetes-unions`. */
  [keyword: string]: unknown;
}

/** The OpenAPI v3 document of one group and version. */
export interface OpenApiDocument {
  /** Version of OpenAPI, such as `3.0.0`. */
  openapi: string;
  /** Which server wrote it. */
  info?: { title: string; version: string };
  /** The operations, by path. */
  paths?: Record<string, unknown>;
  /** What the operations refer to. */
  components?: {
    /** The schemas, by name, such as `io.k8s.api.core.v1.Pod`. */
    schemas?: Record<string, OpenApiSchema>;
    /** How to prove who one is. */
    securitySchemes?: Record<string, unknown>;
  };
}
