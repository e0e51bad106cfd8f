import type { Schema } from "./schema.ts";
import { isFilledIn, type TypeContext } from "./type_of.ts";

/** What a schema says of its values and a type cannot, as sentences for a doc comment. */
export function factsOf(schema: Schema, context: TypeContext): string[] {
  const facts: string[] = [];
  if (isFilledIn(schema, context)) facts.push(`Default: ${code(schema.default)}.`);
  if (!context.isStructural) return facts;
  return facts;
}

function code(value: unknown): string {
  const text = JSON.stringify(value);
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
