import type { OpenApiDocument, OpenApiSchema } from "../discovery/mod.ts";
import type { ResourceType } from "../meta/mod.ts";
import { knownType, mayBeNull } from "./built_in_types.ts";
import type { Declaration, InterfaceModel, ModuleModel, ResourceModel } from "./module_model.ts";
import { fieldsOf, metaType, type TypeContext, typeOf, union, word } from "./type_of.ts";

/** Options of {@linkcode openApiModules}. */
export interface OpenApiModulesOptions {
  /** The {@linkcode ModuleModel.name} of a group and version. Default as `types/` has it, such as `apps_v1`. */
  nameOf?: (group: string, version: string) => string;
}

const REFERENCE = "#/components/schemas/";

/**
 * The types of all groups and versions that the documents describe, a module each. A type that several groups use
 * belongs to the one that its name tells of.
 *
 * @param documents OpenAPI v3 documents, one for each group and version.
 * @param resources What the same server serves, as discovery finds it.
 */
export function openApiModules(
  documents: readonly OpenApiDocument[],
  resources: readonly ResourceType[],
  { nameOf = moduleName }: OpenApiModulesOptions = {},
): ModuleModel[] {
  const schemas = new Map<string, OpenApiSchema>();
  for (const document of documents) {
    for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
      schemas.set(name, schema);
    }
  }
  const builder = new Builder(schemas);
  for (const resource of resources) builder.add(resource, nameOf);
  return builder.build();
}

/** The file of a group and version: the group as client-go's folders call it. */
function moduleName(group: string, version: string): string {
  const folder = group === "internal.apiserver.k8s.io" ? "apiserverinternal" : group.split(".")[0] || "core";
  return `${folder}_${version}`;
}

interface OpenModule {
  name: string;
  group: string;
  version: string;
  resources: Map<string, ResourceModel>;
  declarations: Map<string, Declaration>;
}

class Builder {
  readonly #schemas: ReadonlyMap<string, OpenApiSchema>;
  readonly #modules: Map<string, OpenModule> = new Map();
  /** What is referred to, and not yet declared. */
  readonly #pending: { fullName: string; module: OpenModule }[] = [];

  constructor(schemas: ReadonlyMap<string, OpenApiSchema>) {
    this.#schemas = schemas;
  }

  add(resource: ResourceType, nameOf: (group: string, version: string) => string): void {
    const { group, version, kind, plural, scope } = resource;
    const home = moduleName(group, version);
    let module = this.#modules.get(home);
    if (module === undefined) {
      const name = nameOf(group, version);
      module = { name, group, version, resources: new Map(), declarations: new Map() };
      this.#modules.set(home, module);
    }
    const verbs = [...resource.verbs ?? []].sort();
    if (verbs.length === 0) return; // it has subresources alone
    module.resources.set(kind, {
      kind,
      plural,
      singular: resource.singular ?? "",
      scope,
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      verbs,
      subresources: [...resource.subresources ?? []].sort(),
    });
  }

  build(): ModuleModel[] {
    for (const [fullName, schema] of this.#schemas) {
      const module = this.#modules.get(homeOf(fullName) ?? "");
      const isKind = schema["x-kubernetes-group-version-kind"] !== undefined;
      if (module !== undefined && isKind && !isList(schema)) this.#pending.push({ fullName, module });
    }
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) {
      this.#declare(next.fullName, next.module);
    }
    return [...this.#modules.values()]
      .map(({ name, group, version, declarations }) => ({
        name,
        group,
        version,
        declarations: [...declarations.values()].sort(byRank),
      }))
      .sort((a, b) => a.name < b.name ? -1 : 1);
  }

  #declare(fullName: string, module: OpenModule): void {
    const name = lastPart(fullName);
    const schema = this.#schema(fullName);
    if (module.declarations.has(name)) return;
    const context = this.#context(module, name);
    const isOurs = (one: { group: string; version: string }): boolean =>
      one.group === module.group && one.version === module.version;
    const kind = schema["x-kubernetes-group-version-kind"]?.find(isOurs)?.kind;
    const declaration = kind === undefined || this.#modules.get(homeOf(fullName) ?? "") !== module
      ? declarationOf(name, schema, context)
      : kindOf(name, schema, context, module, kind);
    module.declarations.set(name, declaration);
  }

  #schema(fullName: string): OpenApiSchema {
    const schema = this.#schemas.get(fullName);
    if (schema === undefined) {
      throw new SyntaxError(`Cannot find the schema ${fullName}, which another refers to`);
    }
    return schema;
  }

  #context(module: OpenModule, name: string): TypeContext {
    return {
      resolve: (reference) => {
        const fullName = reference.slice(REFERENCE.length);
        const schema = this.#schema(fullName);
        // What belongs to no group, and is not in meta/, is declared where it is used.
        const home = this.#modules.get(homeOf(fullName) ?? "") ?? module;
        const known = knownType(fullName, home.name);
        if (known !== undefined) {
          const props = fullName.replace(/JSONSchemaPropsOr\w+$/, "JSONSchemaProps");
          if (props !== fullName) this.#pending.push({ fullName: props, module: home });
          return { type: known, schema };
        }
        this.#pending.push({ fullName, module: home });
        return { type: { is: "named", module: home.name, name: lastPart(fullName), of: [] }, schema };
      },
      declare: (schema, at) => {
        module.declarations.set(at.name, declarationOf(at.name, schema, at));
        return { is: "named", module: module.name, name: at.name, of: [] };
      },
      note: () => {},
      path: "",
      name,
      isStructural: false,
      openEnums: true,
    };
  }
}

/** Kinds that are served first, then other kinds, then what they consist of. */
function byRank(a: Declaration, b: Declaration): number {
  const rank = ({ resource, type }: Declaration): number => {
    if (resource !== undefined) return 0;
    return type.is === "interface" && type.extends.length > 0 ? 1 : 2;
  };
  return rank(a) - rank(b) || (a.name < b.name ? -1 : 1);
}

function lastPart(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf(".") + 1);
}

/** The module that a full name tells of: `io.k8s.api.core.v1.Pod` → `core_v1`. Undefined for those of all groups. */
function homeOf(fullName: string): string | undefined {
  const [, version, folder] = fullName.split(".").reverse();
  return fullName.startsWith("io.k8s.apimachinery.") ? undefined : `${folder}_${version}`;
}

function isList(schema: OpenApiSchema): boolean {
  const { items, metadata } = schema.properties ?? {};
  return items?.type === "array" && JSON.stringify(metadata ?? {}).includes("meta.v1.ListMeta");
}

function declarationOf(name: string, schema: OpenApiSchema, context: TypeContext): Declaration {
  const doc = schema.description ?? "";
  if (Object.keys(schema.properties ?? {}).length === 0) {
    return { name, doc, facts: [], type: typeOf(schema, context) };
  }
  const fields = fieldsOf(schema, { ...context, name });
  for (const field of fields) {
    if (mayBeNull(name, field)) field.type = union([field.type, word("null")]);
  }
  return {
    name,
    doc,
    facts: unionFacts(schema),
    type: { is: "interface", extends: [], fields, open: false },
  };
}

/** Which fields exclude each other. */
function unionFacts(schema: OpenApiSchema): string[] {
  const unions = (schema["x-kubernetes-unions"] ?? []) as Union[];
  return unions.flatMap(({ discriminator, "fields-to-discriminateBy": fields = {} }) => {
    if (discriminator === undefined && Object.keys(fields).length < 2) return [];
    const names = Object.keys(fields).sort().map((field) => `\`${field}\``).join(", ");
    return discriminator === undefined
      ? `At most one of these is there: ${names}.`
      : `\`${discriminator}\` tells which of these is there: ${names}.`;
  });
}

/** The extension `x-kubernetes-unions`. */
interface Union {
  discriminator?: string;
  "fields-to-discriminateBy"?: Record<string, string>;
}

function kindOf(
  name: string,
  schema: OpenApiSchema,
  context: TypeContext,
  { group, version, resources }: OpenModule,
  kind: string,
): Declaration {
  const resource = resources.get(kind);
  const apiVersion = group === "" ? version : `${group}/${version}`;
  const { fields } = declarationOf(name, schema, context).type as InterfaceModel;
  for (const field of fields) {
    const only = { apiVersion, kind }[field.name];
    if (only === undefined) continue;
    field.type = word(JSON.stringify(only));
    field.doc = `Always \`${only}\`.`;
  }
  // What is no pointer in Go is written in each answer, even when it is empty.
  const always = fields.filter((field) => {
    const { default: value } = schema.properties?.[field.name] ?? {};
    return field.name !== "metadata" && field.optional && JSON.stringify(value) === "{}";
  });
  const parents = [metaType("KubernetesObject")];
  if (always.length > 0 || resource !== undefined) {
    const names = always.length === 0
      ? word("never")
      : union(always.map(({ name }) => word(JSON.stringify(name))));
    parents.push(metaType("Guarantees", names, ...resource ? [word(JSON.stringify(resource.scope))] : []));
  }
  return {
    name,
    doc: schema.description ?? "",
    facts: [],
    type: { is: "interface", extends: parents, fields: identityFirst(fields), open: false },
    ...resource && { resource },
  };
}

/** Fields with those first that say which object it is. */
function identityFirst<F extends { name: string }>(fields: readonly F[]): F[] {
  const first = ["apiVersion", "kind", "metadata"];
  const rank = ({ name }: F): number => first.includes(name) ? first.indexOf(name) : first.length;
  return [...fields].sort((a, b) => rank(a) - rank(b));
}
