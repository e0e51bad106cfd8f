import type { OpenApiSchema } from "../discovery/mod.ts";
import type { Scope } from "../meta/mod.ts";
import { parseManifests, YamlError } from "../yaml/mod.ts";
import type { Definition, DefinitionVersion } from "./definition.ts";

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
export async function readDefinitions(text: string, file: string): Promise<Definition[]> {
  const values = await parseManifests(text).catch((cause) => {
    if (!(cause instanceof YamlError)) throw cause;
    throw new DefinitionError(file, `${cause.message}. ${cause.remedy}`, { cause });
  });
  return values.flatMap(({ value, document, line }) =>
    readDefinition(value, `${file}, ${document === 1 ? "" : `document ${document}, `}line ${line}`) ?? []
  );
}

/**
 * The definition that a parsed object is; `undefined` if it is of another kind.
 *
 * @param origin Where it came from, for messages.
 * @throws {DefinitionError} If it lacks what it must have.
 */
export function readDefinition(value: unknown, origin: string): Definition | undefined {
  const isDefinition = isObject(value) && value.kind === "CustomResourceDefinition";
  return isDefinition ? new Reader(origin).definition(value) : undefined;
}

class Reader {
  readonly #origin: string;

  constructor(origin: string) {
    this.#origin = origin;
  }

  definition(value: Record<string, unknown>): Definition {
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

  #version(value: unknown, path: string): DefinitionVersion {
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
      ...root !== undefined && { schema: root as OpenApiSchema },
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
