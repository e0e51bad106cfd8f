import type { GroupVersionKind } from "../meta/mod.ts";
import type { OpenApiDocument, OpenApiSchema } from "./open_api_schema.ts";

/**
 * The schema of a kind in the document of its group and version; `undefined` if it has none.
 *
 * @returns Its name among the document's components, and the schema.
 */
export function schemaOfKind(
  document: OpenApiDocument,
  { group, version, kind }: GroupVersionKind,
): { name: string; schema: OpenApiSchema } | undefined {
  for (const [name, schema] of Object.entries(document.components?.schemas ?? {})) {
    const kinds = schema["x-kubernetes-group-version-kind"] ?? [];
    if (kinds.some((one) => one.group === group && one.version === version && one.kind === kind)) {
      return { name, schema };
    }
  }
  return undefined;
}
