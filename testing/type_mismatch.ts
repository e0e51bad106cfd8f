import { isJsonObject } from "./api_object.ts";
import type { FieldShape, MapShape, ScalarShape, Shape } from "./schema.ts";

/** Where in an object a value is: the struct around it, and the path of its field. */
interface Place {
  readonly struct: string;
  readonly path: string;
}

const QUANTITY = /^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * The first value of an object that is of another type than its field, in the words in which Go's decoder refuses it.
 *
 * @param kind The kind as Go names its struct.
 */
export function typeMismatch(object: unknown, shape: MapShape, kind: string): string | undefined {
  return inMap(object, shape, { struct: kind, path: "" });
}

function inValue(value: unknown, shape: Shape, place: Place): string | undefined {
  if (value === null || shape.is === "any") return undefined; // null is nothing to Go
  if (shape.is === "scalar") return inScalar(value, shape, place);
  if (shape.is === "map") return inMap(value, shape, place);
  if (!Array.isArray(value)) return mismatch(value, shape, place);
  for (const item of value) {
    const found = inValue(item, shape.item, place);
    if (found !== undefined) return found;
  }
}

function inMap(value: unknown, shape: MapShape, place: Place): string | undefined {
  if (!isJsonObject(value)) return mismatch(value, shape, place);
  for (const [key, below] of Object.entries(value)) {
    const field: FieldShape | undefined = shape.fields.get(key);
    const type = field?.shape ?? shape.item;
    if (type === undefined) continue; // an unknown field, which is told of elsewhere
    const inside = field === undefined ? place : fieldPlace(shape, key, place);
    const found = inValue(below, type, inside);
    if (found !== undefined) return found;
  }
}

function fieldPlace(shape: MapShape, key: string, { struct, path }: Place): Place {
  const name = structName(shape) ?? struct;
  const embedded = EMBEDDED[name];
  const isEmbedded = embedded?.fields(key) ?? false;
  const keys = [...(path === "" ? [] : [path]), ...(isEmbedded ? [embedded.name] : []), key];
  return { struct: isEmbedded ? embedded.name : name, path: keys.join(".") };
}

/** Structs in Go that are parts of others without a field of their own; errors tell of them all the same. */
const EMBEDDED: Readonly<Record<string, { name: string; fields: (key: string) => boolean }>> = {
  Probe: { name: "ProbeHandler", fields: (key) => ["exec", "grpc", "httpGet", "tcpSocket"].includes(key) },
  Volume: { name: "VolumeSource", fields: (key) => key !== "name" },
  EphemeralContainer: {
    name: "EphemeralContainerCommon",
    fields: (key) => key !== "targetContainerName",
  },
};

function inScalar(value: unknown, shape: ScalarShape, place: Place): string | undefined {
  switch (shape.format) {
    case "int32":
    case "int64": {
      if (typeof value !== "number") return mismatch(value, shape, place);
      const limit = shape.format === "int32" ? 2 ** 31 : 2 ** 63;
      if (Number.isInteger(value) && value < limit && value >= -limit) return undefined;
      const text = Number.isInteger(value) ? BigInt(value) : value;
      return mismatch(value, shape, place).replace("number", `number ${text}`);
    }
    case "quantity":
      if (typeof value === "number" || (typeof value === "string" && QUANTITY.test(value))) return undefined;
      return `quantities must match the regular expression '${QUANTITY.source}'`;
    case "intOrString":
      if (typeof value === "number" || typeof value === "string") return undefined;
      return mismatch(value, { is: "scalar", type: "number", format: "int32" }, place);
    case "time":
    case "microTime": {
      if (typeof value !== "string") return mismatch(value, shape, place);
      if (value === "" || TIME.test(value)) return undefined;
      const layout = `2006-01-02T15:04:05${shape.format === "time" ? "" : ".000000"}Z07:00`;
      const quoted = JSON.stringify(value);
      return `parsing time ${quoted} as ${JSON.stringify(layout)}: cannot parse ${quoted} as "2006"`;
    }
    case "byte":
      if (typeof value !== "string") return mismatch(value, shape, place);
      return BASE64.test(value) ? undefined : `illegal base64 data at input byte ${badBase64(value)}`;
    default:
      return shape.type === "any" || typeof value === shape.type ? undefined : mismatch(value, shape, place);
  }
}

/**
 * The first value that is of another type than its field, in the words in which the server refuses what a strategic merge
 * patch has led to.
 */
export function conversionMismatch(value: unknown, shape: Shape): string | undefined {
  if (value === null || value === undefined || shape.is === "any") return undefined;
  const inAll = (values: Iterable<[unknown, Shape | undefined]>): string | undefined => {
    for (const [below, type] of values) {
      const found = type && conversionMismatch(below, type);
      if (found !== undefined) return found;
    }
  };
  switch (shape.is) {
    case "list":
      if (!Array.isArray(value)) return `cannot restore slice from ${goKind(value)}`;
      return inAll(value.map((item) => [item, shape.item]));
    case "map": {
      const isStruct = structName(shape) !== undefined;
      if (!isJsonObject(value)) {
        return isStruct
          ? `cannot restore struct from: ${goKind(value)}`
          : `cannot restore map from ${goKind(value)}`;
      }
      return inAll(
        Object.keys(value).sort().map((key) => [value[key], shape.fields.get(key)?.shape ?? shape.item]),
      );
    }
    case "scalar": {
      if (shape.format === "intOrString") {
        return typeof value === "number" || typeof value === "string"
          ? undefined
          : `json: cannot unmarshal ${jsonType(value)} into Go value of type int32`;
      }
      if (shape.format !== undefined && !shape.format.startsWith("int")) {
        return inScalar(value, shape, { struct: "", path: "" });
      }
      const target = goType(shape);
      const isNumber = typeof value === "number";
      if (shape.type === "number" && isNumber) {
        return Number.isInteger(value) || target === "float64"
          ? undefined
          : `cannot convert float64 to ${target}`;
      }
      if (shape.type === "any" || typeof value === shape.type) return undefined;
      return isNumber && shape.type === "string"
        ? `cannot convert ${goKind(value)} to string`
        : `unrecognized type: ${target}`;
    }
  }
}

/** The kind of a decoded value in Go. */
function goKind(value: unknown): string {
  if (Array.isArray(value)) return "slice";
  if (typeof value === "number") return Number.isInteger(value) ? "int64" : "float64";
  return typeof value === "boolean" ? "bool" : typeof value === "object" ? "map" : typeof value;
}

function mismatch(value: unknown, shape: Shape, { struct, path }: Place): string {
  return `json: cannot unmarshal ${jsonType(value)} into Go struct field ${struct}.${path} of type ${
    goType(shape)
  }`;
}

/** The type of a JSON value as Go's decoder calls it. */
export function jsonType(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return value === null ? "null" : typeof value === "boolean" ? "bool" : typeof value;
}

/** A type as Go writes it. */
export function goType(shape: Shape): string {
  switch (shape.is) {
    case "any":
      return "interface {}";
    case "list":
      return `[]${goType(shape.item)}`;
    case "map": {
      const name = structName(shape);
      return name === undefined
        ? `map[string]${goType(shape.item ?? shape)}`
        : `v${versionOf(shape)}.${name}`;
    }
    case "scalar":
      if (shape.format === "byte") return "[]uint8";
      if (shape.format === "quantity") return "resource.Quantity";
      if (shape.format === "int32" || shape.format === "int64") return shape.format;
      return { string: "string", number: "float64", boolean: "bool", any: "string" }[shape.type];
  }
}

/** `core_v1.PodSpec` → `PodSpec`. */
function structName({ name }: MapShape): string | undefined {
  return name?.split(".")[1];
}

function versionOf({ name = "" }: MapShape): string {
  return /_v(\w+)\./.exec(name)?.[1] ?? "1";
}

/** Where Go's decoder stops. */
function badBase64(text: string): number {
  const odd = text.search(/[^A-Za-z0-9+/]/);
  return odd < 0 ? text.length - text.length % 4 : odd;
}
