import type { OpenApiSchema } from "../discovery/mod.ts";
import type { Definition, DefinitionVersion } from "./definition.ts";
import { factsOf } from "./facts_of.ts";
import type { Declaration, FieldModel, ModuleModel, TypeModel } from "./module_model.ts";
import { pascalCase } from "./names.ts";
import { DefinitionError } from "./read_definitions.ts";
import { type SharedPart, sharedParts } from "./shared_parts.ts";
import { fieldsOf, isFilledIn, metaType, type TypeContext, union, word } from "./type_of.ts";

/** Options of {@linkcode definitionModules}. */
export interface DefinitionModulesOptions {
  /** The versions to make types of. Default those that are served. */
  versions?: readonly string[];
  /** Whether enums allow for other values than the listed ones, which a later version of the kind may have. Default true. */
  openEnums?: boolean;
}

/** What a type does not say, as its comments do. */
export interface Note {
  /** The kind. */
  kind: string;
  /** What is not said, such as `pattern`. */
  what: string;
  /** Where in the object, such as `spec.ports[].name`. */
  path: string;
}

/** A module, and what its types do not say. */
export interface DefinitionModule extends ModuleModel {
  /** In the order of the declarations. */
  notes: Note[];
}

/** What every resource that is defined can be asked to do. */
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** What a schema of an object with `apiVersion`, `kind` and `metadata` need not repeat. */
const IDENTITY: readonly FieldModel[] = [
  { name: "apiVersion", doc: "Group and version.", facts: [], type: word("string"), optional: false },
  { name: "kind", doc: "The kind.", facts: [], type: word("string"), optional: false },
  {
    name: "metadata",
    doc: "Name, labels and what else all objects share.",
    facts: [],
    type: metaType("ObjectMeta"),
    optional: true,
  },
];

/**
 * The types of custom resources, a module for each group and version.
 *
 * @throws {DefinitionError} If two definitions are of the same kind or resource.
 */
export function definitionModules(
  definitions: readonly Definition[],
  { versions, openEnums = true }: DefinitionModulesOptions = {},
): DefinitionModule[] {
  const builders = new Map<string, Builder>();
  const sorted = [...definitions].sort((a, b) =>
    compare(a.group, b.group) || compare(a.names.kind, b.names.kind)
  );
  for (const definition of sorted) {
    for (const version of definition.versions) {
      if (versions === undefined ? !version.served : !versions.includes(version.name)) continue;
      const name = definitionModuleName(definition.group, version.name);
      let builder = builders.get(name);
      if (builder === undefined) {
        builders.set(name, builder = new Builder(name, definition.group, version.name, openEnums));
      }
      builder.reserve(definition, version);
    }
  }
  return [...builders.values()].map((builder) => builder.build()).sort((a, b) => compare(a.name, b.name));
}

/** The file of a group and version: `cert-manager.io` and `v1` → `cert_manager_io_v1`. */
export function definitionModuleName(group: string, version: string): string {
  return `${group}_${version}`.replaceAll(/[^a-z0-9]+/g, "_");
}

class Builder {
  readonly #name: string;
  readonly #group: string;
  readonly #version: string;
  readonly #openEnums: boolean;
  /** The kinds, by the name of their type. */
  readonly #kinds: Map<string, { definition: Definition; version: DefinitionVersion }> = new Map();
  readonly #names: Set<string> = new Set();
  readonly #declarations: Declaration[] = [];
  readonly #notes: Note[] = [];

  constructor(name: string, group: string, version: string, openEnums: boolean) {
    this.#name = name;
    this.#group = group;
    this.#version = version;
    this.#openEnums = openEnums;
  }

  /** Kinds get their own names, so all of them come before what they consist of. */
  reserve(definition: Definition, version: DefinitionVersion): void {
    const { kind } = definition.names;
    const other = [...this.#kinds.values()].find((one) => one.definition.names.kind === kind)?.definition;
    if (other !== undefined) {
      throw new DefinitionError(
        definition.origin,
        `${kind} of ${this.#group}/${this.#version} is in ${other.origin} too`,
      );
    }
    this.#kinds.set(this.#unused(pascalCase(kind)), { definition, version });
  }

  build(): DefinitionModule {
    for (const [name, { definition, version }] of this.#kinds) this.#declareKind(name, definition, version);
    return {
      name: this.#name,
      group: this.#group,
      version: this.#version,
      declarations: this.#declarations,
      notes: this.#notes,
    };
  }

  #declareKind(
    name: string,
    { names, scope }: Definition,
    version: DefinitionVersion,
  ): void {
    const schema = version.schema ?? { type: "object", "x-kubernetes-preserve-unknown-fields": true };
    const shared = new SharedTypes(sharedParts(name, schema));
    const context: TypeContext = {
      resolve: (reference) => {
        throw new TypeError(`Cannot resolve ${reference}: a definition refers to nothing`);
      },
      declare: (part, at) => this.#declarePart(part, at, name, shared),
      note: (what, path) => this.#notes.push({ kind: names.kind, what, path }),
      path: "",
      name,
      isStructural: true,
      openEnums: this.#openEnums,
    };
    const place = this.#declarations.length;
    const isIdentity = (field: string): boolean => IDENTITY.some(({ name }) => name === field);
    const properties = Object.fromEntries(
      Object.entries(schema.properties ?? {}).filter(([field]) => !isIdentity(field)),
    );
    const metadata = schema.properties?.metadata;
    const fields: FieldModel[] = [
      {
        ...IDENTITY[0],
        doc: `Always \`${this.#group}/${this.#version}\`.`,
        type: literal(`${this.#group}/${this.#version}`),
        optional: true,
      },
      { ...IDENTITY[1], doc: `Always \`${names.kind}\`.`, type: literal(names.kind), optional: true },
      {
        ...IDENTITY[2],
        facts: metadata?.properties === undefined ? [] : this.#metadataFacts(metadata.properties, context),
      },
      ...fieldsOf({ ...schema, properties }, context),
    ];
    const facts = factsOf({ ...schema, default: undefined }, context);
    if (version.schema === undefined) context.note("schema", "");
    if (version.selectableFields.length > 0) {
      facts.push(`Fields to select by: ${version.selectableFields.map((path) => `\`${path}\``).join(", ")}.`);
    }
    // The server fills in what has a default, also in objects that were stored before it had one.
    const always = Object.entries(properties).filter(([, field]) => isFilledIn(field, context));
    const guaranteed = always.length === 0
      ? word("never")
      : union(always.map(([field]) => literal(field)).sort(byWord));
    const deprecated = version.deprecated
      ? `\n\nDeprecated: ${
        version.deprecationWarning ?? `${this.#group}/${this.#version} ${names.kind} is deprecated`
      }`
      : "";
    this.#declarations.splice(place, 0, {
      name,
      doc: `${schema.description ?? ""}${deprecated}`,
      facts,
      type: {
        is: "interface",
        extends: [metaType("KubernetesObject"), metaType("Guarantees", guaranteed, literal(scope))],
        fields,
        open: schema["x-kubernetes-preserve-unknown-fields"] === true,
      },
      resource: {
        kind: names.kind,
        plural: names.plural,
        singular: names.singular ?? names.kind.toLowerCase(),
        scope,
        shortNames: names.shortNames ?? [],
        categories: names.categories ?? [],
        verbs: VERBS,
        subresources: version.subresources,
      },
    });
  }

  #metadataFacts(properties: Record<string, OpenApiSchema>, context: TypeContext): string[] {
    return Object.entries(properties).flatMap(([name, schema]) =>
      factsOf(schema, { ...context, path: `metadata.${name}` }).map((fact) => `\`${name}\`: ${fact}`)
    );
  }

  #declarePart(schema: OpenApiSchema, context: TypeContext, kind: string, shared: SharedTypes): TypeModel {
    const part = shared.parts.get(context.path);
    const declared = part && shared.declared.get(part);
    if (declared !== undefined) return { is: "named", module: this.#name, name: declared, of: [] };
    const isNameFree = part !== undefined && !this.#names.has(part.name) && shared.isOnly(part.name);
    const name = this.#unused(isNameFree ? part.name : context.name);
    if (part !== undefined) shared.declared.set(part, name);
    const at: TypeContext = { ...context, name };
    const place = this.#declarations.length;
    const isEmbedded = schema["x-kubernetes-embedded-resource"] === true;
    const own = fieldsOf(schema, at);
    const fields = isEmbedded
      ? [...IDENTITY, ...own.filter(({ name }) => !IDENTITY.some((one) => one.name === name))]
      : own;
    // What a field is for, its own comment says; items and values have none.
    const hasField = !/(\[\]|\.\*)$/.test(context.path);
    const doc = hasField ? "" : schema.description ?? "";
    this.#declarations.splice(place, 0, {
      name,
      doc: doc || `Of \`${kind}\`: ${placesOf(part?.paths ?? [context.path])}.`,
      facts: hasField ? [] : factsOf({ ...schema, default: undefined }, at),
      type: {
        is: "interface",
        extends: [],
        fields,
        open: schema["x-kubernetes-preserve-unknown-fields"] === true || schema.additionalProperties === true,
      },
    });
    if (typeof schema.additionalProperties === "object") context.note("additional properties", context.path);
    return { is: "named", module: this.#name, name, of: [] };
  }

  #unused(wanted: string): string {
    let name = wanted;
    for (let number = 2; this.#names.has(name); number++) name = `${wanted}${number}`;
    this.#names.add(name);
    return name;
  }
}

/** The types of a kind that stand for several of its parts. */
class SharedTypes {
  /** What is shared, by path. */
  readonly parts: ReadonlyMap<string, SharedPart>;
  /** The names of the types, once they are declared. */
  readonly declared: Map<SharedPart, string> = new Map();

  constructor(parts: ReadonlyMap<string, SharedPart>) {
    this.parts = parts;
  }

  /** Whether only one of the parts would have this name. */
  isOnly(name: string): boolean {
    return new Set([...this.parts.values()].filter((part) => part.name === name)).size === 1;
  }
}

/** How many places of a shared type its comment names at most. */
const NAMED_PLACES = 3;

function placesOf(paths: readonly string[]): string {
  const named = paths.slice(0, NAMED_PLACES).map((path) => `\`${path}\``).join(", ");
  return paths.length > NAMED_PLACES ? `${named} and ${paths.length - NAMED_PLACES} more` : named;
}

function literal(text: string): TypeModel {
  return word(JSON.stringify(text));
}

function byWord(a: TypeModel, b: TypeModel): number {
  return compare(JSON.stringify(a), JSON.stringify(b));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
