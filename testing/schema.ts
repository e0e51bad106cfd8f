import { parseApiVersion } from "../meta/mod.ts";
import { BUILT_IN_SCHEMAS } from "./built_in_schemas.ts";

/** What a value may be, as far as merging has to know. */
export type Shape = ScalarShape | ListShape | MapShape | { readonly is: "any" };

/** A value without parts. */
export interface ScalarShape {
  readonly is: "scalar";
  readonly type: "string" | "number" | "boolean" | "any";
  /** What the value means, if that is more than its type tells. */
  readonly format?: "int32" | "int64" | "byte" | "time" | "microTime" | "quantity" | "intOrString";
}

/** A list: one value as a whole, a set of scalars, or items that are told apart by some of their fields. */
export interface ListShape {
  readonly is: "list";
  readonly item: Shape;
  readonly relation: "atomic" | "set" | "map";
  readonly keys: readonly string[];
}

/** A struct, which has `fields`; a map, which has `item`; or both. */
export interface MapShape {
  readonly is: "map";
  /** Where it is in the table, such as `core_v1.PodSpec`. */
  readonly name?: string;
  readonly fields: ReadonlyMap<string, FieldShape>;
  /** What fields may be that are not declared; undefined if there must be none. */
  readonly item: Shape | undefined;
  readonly isAtomic: boolean;
}

/** A declared field. */
export interface FieldShape {
  readonly shape: Shape;
  /** What the server takes it for when nobody says it. Structs that are no pointers in Go are there, and empty. */
  readonly default: unknown;
  /** A strategic merge patch merges it, if it is a list; by that field, unless it is empty. */
  readonly mergeKey: string | undefined;
}

/** Whatever a client likes: objects merge field by field, lists are one value. */
export const ANY: Shape = { is: "any" };

const SCALARS: Readonly<Record<string, ScalarShape>> = {
  s: { is: "scalar", type: "string" },
  y: { is: "scalar", type: "string", format: "byte" },
  t: { is: "scalar", type: "string", format: "time" },
  u: { is: "scalar", type: "string", format: "microTime" },
  n: { is: "scalar", type: "number" },
  i: { is: "scalar", type: "number", format: "int32" },
  l: { is: "scalar", type: "number", format: "int64" },
  b: { is: "scalar", type: "boolean" },
  q: { is: "scalar", type: "any", format: "quantity" },
  p: { is: "scalar", type: "any", format: "intOrString" },
};

/** The default of a struct that is always there. */
export const EMPTY: Readonly<Record<string, never>> = {};

const ZEROS: Readonly<Record<ScalarShape["type"], unknown>> = {
  string: "",
  number: 0,
  boolean: false,
  any: undefined,
};

/** `name:type`, then perhaps `~mergeKey`, then what it is by default: `+` an empty struct, `@` a zero value, `%` null, `#text`. */
const FIELD = /^(.+?):([^~+@%#]+)(?:~([\w.]*))?([+@%#].*)?$/;

/** The types of built-in kinds. A type is read when it is first asked for. */
class BuiltInSchemas {
  readonly #lines: Map<string, ReadonlyMap<string, string>> = new Map();
  readonly #structs: Map<string, MapShape> = new Map();

  /** The type of that name, such as `core_v1.Pod`. */
  struct(fullName: string): MapShape | undefined {
    const known = this.#structs.get(fullName);
    if (known !== undefined) return known;
    const [module, name] = fullName.split(".");
    const line = this.#module(module).get(name);
    if (line === undefined) return undefined;
    const [head, ...fields] = line.split(" ");
    const struct = new Struct(
      fullName,
      () => fields.map((field): [string, FieldShape] => this.#field(field, module)),
      head.endsWith("!"),
    );
    this.#structs.set(fullName, struct);
    return struct;
  }

  #module(module: string): ReadonlyMap<string, string> {
    let lines = this.#lines.get(module);
    if (lines === undefined) {
      const text = BUILT_IN_SCHEMAS[module]?.trim() ?? "";
      lines = new Map(text.split("\n").map((line) => [/^[^ !]*/.exec(line)![0], line]));
      this.#lines.set(module, lines);
    }
    return lines;
  }

  #field(text: string, module: string): [string, FieldShape] {
    const [, name, type, mergeKey, fallback = ""] = FIELD.exec(text)!;
    const shape = this.#type(type, module);
    const zero = shape.is === "scalar" ? ZEROS[shape.type] : undefined;
    const known = { "": undefined, "+": EMPTY, "@": zero, "%": null }[fallback];
    return [name, { shape, default: fallback.startsWith("#") ? fallback.slice(1) : known, mergeKey }];
  }

  #type(text: string, module: string): Shape {
    if (text === "*") return ANY;
    if (text in SCALARS) return SCALARS[text];
    if (text.startsWith("[")) {
      const end = text.lastIndexOf("]");
      const relation = text.slice(end + 1);
      return {
        is: "list",
        item: this.#type(text.slice(1, end), module),
        relation: relation === "" ? "atomic" : relation === "=" ? "set" : "map",
        keys: relation === "" || relation === "=" ? [] : relation.split(","),
      };
    }
    if (text.startsWith("{")) {
      const item = this.#type(text.slice(1, text.lastIndexOf("}")), module);
      return { is: "map", fields: NO_FIELDS, item, isAtomic: text.endsWith("!") };
    }
    const isAtomic = text.endsWith("!");
    const name = isAtomic ? text.slice(0, -1) : text;
    const struct = this.struct(name.includes(".") ? name : `${module}.${name}`)!; // the table is whole
    return isAtomic ? new Struct(struct.name!, () => [...struct.fields], true) : struct;
  }
}

const NO_FIELDS: ReadonlyMap<string, FieldShape> = new Map();

/** A struct whose fields are read late: types may contain themselves. */
class Struct implements MapShape {
  readonly is = "map";
  readonly name: string;
  readonly item = undefined;
  readonly isAtomic: boolean;
  readonly #read: () => [string, FieldShape][];
  #fields: ReadonlyMap<string, FieldShape> | undefined;

  constructor(name: string, read: () => [string, FieldShape][], isAtomic: boolean) {
    this.name = name;
    this.#read = read;
    this.isAtomic = isAtomic;
  }

  get fields(): ReadonlyMap<string, FieldShape> {
    return this.#fields ??= new Map(this.#read());
  }
}

const BUILT_IN = new BuiltInSchemas();

/** A field that is neither merged in a special way nor always there. */
export function plainField(shape: Shape): FieldShape {
  return { shape, default: undefined, mergeKey: undefined };
}

/** The type of a built-in kind. Undefined for kinds that Kubernetes does not have. */
export function builtInShape(apiVersion: string, kind: string): MapShape | undefined {
  const { group, version } = parseApiVersion(apiVersion);
  return BUILT_IN.struct(`${builtInFolder(group)}_${version}.${kind}`);
}

function builtInFolder(group: string): string {
  return group === "internal.apiserver.k8s.io" ? "apiserverinternal" : group.split(".")[0] || "core";
}

/** The type of custom resources about which nothing is known but that they are objects. */
export function openShape(): MapShape {
  return { is: "map", fields: new Map(objectFields()), item: ANY, isAtomic: false };
}

/** The fields that all objects have. */
export function objectFields(): [string, FieldShape][] {
  const text = plainField({ is: "scalar", type: "string" });
  const metadata = BUILT_IN.struct("meta_v1.ObjectMeta") as MapShape; // it is in the table
  return [["apiVersion", text], ["kind", text], ["metadata", plainField(metadata)]];
}
