/** One condition of a field selector. */
export interface FieldRequirement {
  /** The field, such as `spec.nodeName`. */
  field: string;
  /** Whether the field has the value, or another. */
  operator: "=" | "!=";
  /** The value. */
  value: string;
}

/**
 * Reads a field selector as the server reads the query parameter: `spec.nodeName=node-a,status.phase!=Running`. All
 * conditions must hold. In a value, a backslash protects `,`, `=` and itself.
 *
 * @throws {SyntaxError} If the selector is not one, in the server's words.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/field-selectors/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matchesFields, parseFieldSelector } from "@coxswain/kube/meta";
 * const selector = parseFieldSelector("spec.nodeName=node-a,status.phase!=Running");
 * assert.ok(matchesFields(selector, { "spec.nodeName": "node-a", "status.phase": "Pending" }));
 * ```
 */
export function parseFieldSelector(selector: string): FieldRequirement[] {
  return termsOf(selector).filter((term) => term !== "").map((term) => {
    // The first operator divides: no field has one in its name.
    const match = /^(.*?)(!=|==|=)(.*)$/s.exec(term);
    if (match === null) throw new SyntaxError(`invalid selector: '${selector}'; can't understand '${term}'`);
    const [, field, operator, value] = match;
    return { field, operator: operator === "!=" ? "!=" : "=", value: unescaped(value) };
  });
}

/**
 * Writes conditions as {@linkcode parseFieldSelector} reads them: for the `fieldSelector` of a request.
 *
 * @example A value that no string template gets right
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatFieldSelector } from "@coxswain/kube/meta";
 * assert.equal(formatFieldSelector([{ field: "metadata.name", operator: "=", value: "a,b" }]), "metadata.name=a\\,b");
 * ```
 */
export function formatFieldSelector(requirements: readonly FieldRequirement[]): string {
  return requirements.map(({ field, operator, value }) =>
    `${field}${operator}${value.replace(/[\\,=]/g, "\\$&")}`
  )
    .join(",");
}

/** Whether fields meet all conditions. A field that is absent counts as empty, as on the server. */
export function matchesFields(
  requirements: readonly FieldRequirement[],
  fields: Readonly<Record<string, string>>,
): boolean {
  return requirements.every(({ field, operator, value }) =>
    ((Object.hasOwn(fields, field) ? fields[field] : "") === value) === (operator === "=")
  );
}

/** The parts between commas that no backslash protects. */
function termsOf(selector: string): string[] {
  const terms: string[] = [];
  let start = 0;
  for (let at = 0; at < selector.length; at++) {
    if (selector[at] === "\\") at++;
    else if (selector[at] === ",") {
      terms.push(selector.slice(start, at));
      start = at + 1;
    }
  }
  return [...terms, selector.slice(start)];
}

function unescaped(value: string): string {
  return value.replace(/\\(.?)|[,=]/gsu, (found, escaped?: string) => {
    if (escaped === undefined) {
      throw new SyntaxError(`invalid field selector: unescaped character in value: ${found}`);
    }
    if (!/^[\\,=]$/.test(escaped)) {
      throw new SyntaxError(`invalid field selector: invalid escape sequence: ${found}`);
    }
    return escaped;
  });
}
