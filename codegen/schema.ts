/**
 * A schema as the OpenAPI v3 documents of a server and CustomResourceDefinitions have it: the parts of JSON schema
 * that Kubernetes allows, and its own extensions.
 *
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export interface Schema {
  /** Another schema of the document, such as `#/components/schemas/io.k8s.api.core.v1.Pod`. */
  $ref?: string;
  /** What it is for, for people. */
  description?: string;
  /** `object`, `array`, `string`, `integer`, `number` or `boolean`. */
  type?: string;
  /** Form of a string or size of a number, such as `date-time` or `int64`. */
  format?: string;
  /** Whether `null` is a value too. */
  nullable?: boolean;
  /** What the server fills in. */
  default?: unknown;
  /** The values that there are. */
  enum?: unknown[];
  /** The fields of an object. */
  properties?: Record<string, Schema>;
  /** Names of the fields that have to be there. */
  required?: string[];
  /** What all further fields of an object are, for maps. */
  additionalProperties?: Schema | boolean;
  /** What the items of a list are. */
  items?: Schema;
  /** All of these hold. In OpenAPI: a reference with a description of its own. */
  allOf?: Schema[];
  /** At least one of these holds. */
  anyOf?: Schema[];
  /** Exactly one of these holds. */
  oneOf?: Schema[];
  /** This does not hold. */
  not?: Schema;
  /** The form of a string, as a regular expression. */
  pattern?: string;
  /** Bounds of a number. */
  minimum?: number;
  /** As {@linkcode Schema.minimum}. */
  maximum?: number;
  /** Whether the bound itself is no value. */
  exclusiveMinimum?: boolean;
  /** As {@linkcode Schema.exclusiveMinimum}. */
  exclusiveMaximum?: boolean;
  /** The number is a multiple of it. */
  multipleOf?: number;
  /** Bounds of a string's length. */
  minLength?: number;
  /** As {@linkcode Schema.minLength}. */
  maxLength?: number;
  /** Bounds of a list's length. */
  minItems?: number;
  /** As {@linkcode Schema.minItems}. */
  maxItems?: number;
  /** Whether no two items are equal. */
  uniqueItems?: boolean;
  /** Bounds of the number of fields. */
  minProperties?: number;
  /** As {@linkcode Schema.minProperties}. */
  maxProperties?: number;
  /** Whether a number or a string may be given. */
  "x-kubernetes-int-or-string"?: boolean;
  /** Whether fields that the schema does not know are kept. */
  "x-kubernetes-preserve-unknown-fields"?: boolean;
  /** Whether the object is one with `apiVersion`, `kind` and `metadata`. */
  "x-kubernetes-embedded-resource"?: boolean;
  /** How appliers share a list. */
  "x-kubernetes-list-type"?: string;
  /** The fields that tell items of a `map` list apart. */
  "x-kubernetes-list-map-keys"?: string[];
  /** How appliers share an object. */
  "x-kubernetes-map-type"?: string;
  /** As {@linkcode Schema."x-kubernetes-list-map-keys"}, for strategic merge patches. */
  "x-kubernetes-patch-merge-key"?: string;
  /** How a strategic merge patch treats a list, such as `merge` or `merge,retainKeys`. */
  "x-kubernetes-patch-strategy"?: string;
  /** Rules in the Common Expression Language. */
  "x-kubernetes-validations"?: { rule: string; message?: string; messageExpression?: string }[];
  /** The kinds that have this schema. */
  "x-kubernetes-group-version-kind"?: { group: string; version: string; kind: string }[];
}
