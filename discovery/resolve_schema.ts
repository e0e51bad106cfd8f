import type { OpenApiDocument, OpenApiSchema } from "./open_api_schema.ts";

const COMPONENTS = "#/components/schemas/";

/**
 * What a schema says once its reference is followed, also one that is wrapped in an `allOf` of one, as Kubernetes does
 * to put a description or a default beside it. What stands beside a reference wins over what it leads to. One level:
 * the schemas of fields and items are as they were, since some lead back to themselves.
 *
 * @throws {TypeError} If a reference leads nowhere, out of the document, or in a circle.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { resolveSchema } from "@coxswain/kube/discovery";
 * const document = { openapi: "3.0.0", components: { schemas: { Meta: { type: "object", description: "Metadata." } } } };
 * const schema = { description: "Of the pod.", allOf: [{ $ref: "#/components/schemas/Meta" }] };
 * assert.deepEqual(resolveSchema(document, schema), { type: "object", description: "Of the pod." });
 * ```
 */
export function resolveSchema(document: OpenApiDocument, schema: OpenApiSchema): OpenApiSchema {
  const seen = new Set<string>();
  for (let resolved = schema;;) {
    const { $ref, allOf, ...beside } = resolved;
    const inner = $ref !== undefined ? { $ref } : allOf?.length === 1 ? allOf[0] : undefined;
    if (inner === undefined) return resolved;
    if (inner.$ref === undefined) {
      resolved = { ...inner, ...beside };
      continue;
    }
    const { $ref: reference, ...innerBeside } = inner;
    const name = reference.startsWith(COMPONENTS) ? unescaped(reference.slice(COMPONENTS.length)) : undefined;
    const schemas = document.components?.schemas ?? {};
    if (name === undefined || !Object.hasOwn(schemas, name)) {
      throw new TypeError(`Cannot resolve ${JSON.stringify(reference)}: the document has no such schema`);
    }
    if (seen.has(name)) {
      throw new TypeError(`Cannot resolve ${JSON.stringify(reference)}: it leads back to itself`);
    }
    seen.add(name);
    // The other members of an allOf still hold beside a $ref of its own.
    const rest = $ref !== undefined && allOf !== undefined ? { allOf } : {};
    resolved = { ...schemas[name], ...rest, ...innerBeside, ...beside };
  }
}

/** A name in a JSON pointer in a URL. */
function unescaped(name: string): string {
  return decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~");
}
