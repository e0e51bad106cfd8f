// Makes testing/built_in_open_api.ts: the schemas of built-in kinds as a server tells them, descriptions and all, for
// programs such as `kubectl explain`. `deno task generate` writes it.
import type { OpenApiDocument } from "../../discovery/mod.ts";

/** The module's text. */
export function openApiTable(documents: readonly OpenApiDocument[], header: string): string {
  const schemas = new Map<string, string>();
  for (const { components } of documents) {
    for (const [name, schema] of Object.entries(components?.schemas ?? {})) {
      schemas.set(name, JSON.stringify(schema));
    }
  }
  const lines = [...schemas].sort(([a], [b]) => a < b ? -1 : 1).map(([name, schema]) => `${name} ${schema}`);
  const text = lines.join("\n").replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
  return `// ${header}

/** The schemas of built-in kinds, a line each: the name, and the schema as JSON. Loaded when somebody asks for OpenAPI. */
export const BUILT_IN_OPEN_API: string = \`
${text}\`;
`;
}
