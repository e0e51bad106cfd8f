import type { Scope } from "../meta/mod.ts";
import type { CustomResourceDefinition, CustomResourceVersion } from "./custom_resource_definition.ts";
import type { Schema } from "./schema.ts";

/** A definition that cannot be read. The message names the file, the document in it, and the field. */
export class DefinitionError extends Error {
  /** Where the definition came from, such as `crds.yaml, document 2`. */
  readonly origin: string;

  /** Says what is wrong with what came from `origin`. */
  constructor(origin: string, problem: string, options?: ErrorOptions) {
    super(`Cannot read ${origin}: ${problem}`, options);
    this.name = "DefinitionError";
    this.origin = origin;
  }
}

/**
 * The CustomResourceDefinitions in a text of YAML or JSON, which may hold several documents, lists, and other
 * objects, which are left out.
 *
 * @param text The text.
 * @param file Its name, for messages.
 * @throws {DefinitionError} If the text is no YAML, or a definition lacks what it must have.
 */
export async function readDefinitions(text: string, file: string): Promise<CustomResourceDefinition[]> {
  const { parseAllDocuments } = await import("yaml");
  const documents = parseAllDocuments(text, { merge: true, prettyErrors: true, logLevel: "silent" });
  const found: CustomResourceDefinition[] = [];
  for (const [index, document] of (Array.isArray(documents) ? documents : []).entries()) {
    const origin = documents.length === 1 ? file : `${file}, document ${index + 1}`;
    const [error] = document.errors;
    if (error !== undefined) throw new DefinitionError(origin, `it is no YAML: ${firstLine(error.message)}`);
    let value: unknown;
    try {
      value = document.toJS({ maxAliasCount: 1000 });
    } catch (cause) {
      throw new DefinitionError(origin, cause instanceof Error ? firstLine(cause.message) : String(cause), {
        cause,
      });
    }
    found.push(...definitionsIn(value, origin));
  }
  return found;
}

/**
 * The definitions among parsed objects: a CustomResourceDefinition, or a list that has some.
 *
 * @throws {DefinitionError} If a definition lacks what it must have.
 */
export function definitionsIn(value: unknown, origin: string): CustomResourceDefinition[] {
  if (!isObject(value)) return [];
  const { kind, apiVersion, items } = value;
  if (Array.isArray(items) && (kind === "List" || kind === "CustomResourceDefinitionList")) {
    return items.flatMap((item, index) => {
      const inList = kind === "List" || !isObject(item)
        ? item
        : { kind: "CustomResourceDefinition", apiVersion, ...item };
      return definitionsIn(inList, `${origin}, items[${index}]`);
    });
  }
  if (kind !== "CustomResourceDefinition") return [];
  return [new Reader(origin).definition(value)];
}

class Reader {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  definition(value: Record<string, unknown>): CustomResourceDefinition {
    const { apiVersion } = value;
    if (apiVersion !== "apiextensions.k8s.io/v1") {
      throw this.#problem(
        "apiVersion",
        `is ${JSON.stringify(apiVersion)}, and only apiextensions.k8s.io/v1 has schemas to go by`,
      );
    }
    const spec = this.#object(value.spec, "spec");
    const names = this.#object(spec.names, "spec.names");
    const scope = this.#text(spec.scope, "spec.scope");
    if (scope !== "Namespaced" && scope !== "Cluster") {
      throw this.#problem("spec.scope", `is ${JSON.stringify(scope)}, not Namespaced or Cluster`);
    }
    if (!Array.isArray(spec.versions) || spec.versions.length === 0) {
      throw this.#problem("spec.versions", "has no version");
    }
    return {
      origin: this.#origin,
      group: this.#text(spec.group, "spec.group"),
      names: {
        kind: this.#text(names.kind, "spec.names.kind"),
        plural: this.#text(names.plural, "spec.names.plural"),
        ...typeof names.singular === "string" && names.singular !== "" && { singular: names.singular },
        shortNames: this.#texts(names.shortNames, "spec.names.shortNames"),
        categories: this.#texts(names.categories, "spec.names.categories"),
      },
      scope: scope as Scope,
      versions: spec.versions.map((version, index) => this.#version(version, `spec.versions[${index}]`)),
    };
  }

  #version(value: unknown, path: string): CustomResourceVersion {
    const version = this.#object(value, path);
    const { schema, subresources, selectableFields = [] } = version;
    const schemaPath = `${path}.schema.openAPIV3Schema`;
    const root = schema === undefined ? undefined : this.#object(schema, `${path}.schema`).openAPIV3Schema;
    if (root !== undefined) this.#checkSchema(root, schemaPath);
    return {
      name: this.#text(version.name, `${path}.name`),
      served: version.served === true,
      deprecated: version.deprecated === true,
      ...typeof version.deprecationWarning === "string" && { deprecationWarning: version.deprecationWarning },
      ...root !== undefined && { schema: root as Schema },
      subresources: isObject(subresources)
        ? ["scale", "status"].filter((name) => subresources[name] !== undefined)
        : [],
      selectableFields: (Array.isArray(selectableFields) ? selectableFields : []).map((field, index) =>
        this.#text(
          isObject(field) ? field.jsonPath : undefined,
          `${path}.selectableFields[${index}].jsonPath`,
        )
      ),
    };
  }

  /** Looks at what the generator relies on; a server looks at much more. */
  #checkSchema(value: unknown, path: string): void {
    const schema = this.#object(value, path);
    const { type, properties, items, additionalProperties, required, enum: values } = schema;
    if (type !== undefined && !TYPES.has(type as string)) {
      throw this.#problem(`${path}.type`, `is ${JSON.stringify(type)}, not one of ${[...TYPES].join(", ")}`);
    }
    if (schema.$ref !== undefined) {
      throw this.#problem(
        `${path}.$ref`,
        "is there, and definitions of custom resources may not refer to other schemas",
      );
    }
    if (properties !== undefined) {
      for (const [name, field] of Object.entries(this.#object(properties, `${path}.properties`))) {
        this.#checkSchema(field, `${path}.properties.${name}`);
      }
    }
    if (required !== undefined) this.#texts(required, `${path}.required`);
    if (values !== undefined && !Array.isArray(values)) throw this.#problem(`${path}.enum`, "is no list");
    if (items !== undefined) this.#checkSchema(items, `${path}.items`);
    if (additionalProperties !== undefined && typeof additionalProperties !== "boolean") {
      this.#checkSchema(additionalProperties, `${path}.additionalProperties`);
    }
  }

  #object(value: unknown, path: string): Record<string, unknown> {
    if (isObject(value)) return value;
    throw this.#problem(path, value === undefined ? "is not there" : "is no object");
  }

  #text(value: unknown, path: string): string {
    if (typeof value === "string" && value !== "") return value;
    throw this.#problem(path, value === undefined || value === "" ? "is not there" : "is no text");
  }

  #texts(value: unknown, path: string): string[] {
    if (value === undefined || value === null) return [];
    if (!Array.isArray(value)) throw this.#problem(path, "is no list");
    return value.map((item, index) => this.#text(item, `${path}[${index}]`));
  }

  #problem(path: string, problem: string): DefinitionError {
    return new DefinitionError(this.#origin, `${path} ${problem}`);
  }
}

const TYPES: ReadonlySet<string> = new Set(["array", "boolean", "integer", "number", "object", "string"]);

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function firstLine(message: string): string {
  return message.split("\n")[0].replace(/:$/, "");
}
