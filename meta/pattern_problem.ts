/**
 * What is wrong with a text that does not match a pattern, in the server's words.
 *
 * @param rule What the text must be like.
 * @param pattern The regular expression, as text.
 * @param examples Texts that match, listed as the server lists them.
 * @see apimachinery `validation.RegexError`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { patternProblem } from "@coxswain/kube/meta";
 * assert.equal(
 *   patternProblem("a size must be a number", "[0-9]+", "10"),
 *   "a size must be a number (e.g. '10', regex used for validation is '[0-9]+')",
 * );
 * ```
 */
export function patternProblem(rule: string, pattern: string, ...examples: readonly string[]): string {
  const listed = examples.map((example) => `'${example}', `).join(" or ");
  return `${rule} (e.g. ${listed}regex used for validation is '${pattern}')`;
}
