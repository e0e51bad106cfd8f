import { labelKeyProblems, labelValueProblems } from "./name_problems.ts";
import type { OpenEnum } from "./wire_types.ts";

/** One condition of a label selector. */
export interface LabelRequirement {
  /** The label's key. */
  key: string;
  /** How the value is judged. `In` and `NotIn` look at `values`, `Gt` and `Lt` at its one integer. */
  operator: "In" | "NotIn" | "Exists" | "DoesNotExist" | "Gt" | "Lt";
  /** The values of the condition; empty for `Exists` and `DoesNotExist`. */
  values: string[];
}

/**
 * A label selector as objects have it, such as the `selector` of a Deployment. All of it must hold; an empty one
 * selects everything.
 */
export interface LabelSelector {
  /** Labels to have, with their values. */
  matchLabels?: Record<string, string>;
  /** Conditions to meet. */
  matchExpressions?: LabelSelectorRequirement[];
}

/** One condition of a {@linkcode LabelSelector}. */
export interface LabelSelectorRequirement {
  /** The label's key. */
  key: string;
  /** How the value is judged. */
  operator: OpenEnum<"In" | "NotIn" | "Exists" | "DoesNotExist">;
  /** The values of the condition; empty for `Exists` and `DoesNotExist`. */
  values?: string[];
}

const TOKEN = /\s*(==|!=|[=!<>(),]|[^\s=!<>(),]+)/y;

/**
 * Reads a label selector as the server reads the query parameter: `app=web,tier in (a, b),!old`.
 * All conditions must hold; an empty selector has none and so selects everything.
 *
 * @throws {SyntaxError} If the selector is not one, naming the place.
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#api
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matchesLabels, parseLabelSelector } from "@coxswain/kube/meta";
 * const selector = parseLabelSelector("app=web,tier notin (test),!retired");
 * assert.ok(matchesLabels(selector, { app: "web" }));
 * assert.ok(!matchesLabels(selector, { app: "web", tier: "test" }));
 * ```
 */
export function parseLabelSelector(selector: string): LabelRequirement[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const text = selector.trimEnd();
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) throw selectorError(selector, `nothing readable at position ${at}`);
    tokens.push(match[1]);
  }
  const requirements: LabelRequirement[] = [];
  let at = 0;
  const next = () => tokens[at++];
  const word = (what: string): string => {
    const token = next();
    if (token === undefined || /^[=!<>(),]/.test(token)) {
      throw selectorError(
        selector,
        `expected ${what}, found ${token === undefined ? "the end" : `"${token}"`}`,
      );
    }
    return token;
  };
  const value = (): string => {
    if (tokens[at] === undefined || tokens[at] === "," || tokens[at] === ")") return ""; // an empty value is a value
    const text = word("a value");
    const [problem] = labelValueProblems(text);
    if (problem !== undefined) throw selectorError(selector, `"${text}" is not a label value: ${problem}`);
    return text;
  };
  while (at < tokens.length) {
    const negated = tokens[at] === "!";
    if (negated) at++;
    const key = word("a label key");
    checkKey(selector, key);
    requirements.push(negated ? { key, operator: "DoesNotExist", values: [] } : { key, ...condition() });
    if (at < tokens.length && (next() !== "," || at === tokens.length)) {
      throw selectorError(selector, `expected "," and another condition after "${key}"`);
    }
  }
  return requirements;

  function condition(): Omit<LabelRequirement, "key"> {
    if (tokens[at] === undefined || tokens[at] === ",") return { operator: "Exists", values: [] };
    const operator = next();
    switch (operator) {
      case "=":
      case "==":
        return { operator: "In", values: [value()] };
      case "!=":
        return { operator: "NotIn", values: [value()] };
      case ">":
      case "<": {
        const bound = word("an integer");
        // The server has bounds be values of labels too, and those begin with no sign.
        if (!/^\d+$/.test(bound)) throw selectorError(selector, `"${bound}" is not an integer from 0 up`);
        return { operator: operator === ">" ? "Gt" : "Lt", values: [bound] };
      }
      case "in":
      case "notin": {
        if (next() !== "(") throw selectorError(selector, `expected "(" after "${operator}"`);
        const values = [value()];
        while (tokens[at] === ",") {
          at++;
          values.push(value());
        }
        if (next() !== ")") throw selectorError(selector, `expected ")" after the values`);
        return { operator: operator === "in" ? "In" : "NotIn", values };
      }
      default:
        throw selectorError(selector, `"${operator}" is not an operator`);
    }
  }
}

/** Writes conditions as {@linkcode parseLabelSelector} reads them. */
export function formatLabelSelector(requirements: readonly LabelRequirement[]): string {
  return requirements.map(({ key, operator, values }) => {
    switch (operator) {
      case "Exists":
        return key;
      case "DoesNotExist":
        return `!${key}`;
      case "Gt":
        return `${key}>${values[0]}`;
      case "Lt":
        return `${key}<${values[0]}`;
      case "In":
        return values.length === 1 ? `${key}=${values[0]}` : `${key} in (${values.join(",")})`;
      case "NotIn":
        return values.length === 1 ? `${key}!=${values[0]}` : `${key} notin (${values.join(",")})`;
    }
  }).join(",");
}

/**
 * Whether labels meet all conditions. As on the server, `!=` and `notin` also select objects that
 * lack the label, and `>` and `<` never select a value that is no integer.
 */
export function matchesLabels(
  requirements: readonly LabelRequirement[],
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return requirements.every(({ key, operator, values }) => {
    const has = Object.hasOwn(labels, key);
    switch (operator) {
      case "Exists":
        return has;
      case "DoesNotExist":
        return !has;
      case "In":
        return has && values.includes(labels[key]);
      case "NotIn":
        return !has || !values.includes(labels[key]);
      default: {
        if (!has || !/^-?\d+$/.test(labels[key])) return false;
        const [value, bound] = [BigInt(labels[key]), BigInt(values[0])];
        return operator === "Gt" ? value > bound : value < bound;
      }
    }
  });
}

function checkKey(selector: string, key: string): void {
  const [problem] = labelKeyProblems(key);
  if (problem !== undefined) throw selectorError(selector, `"${key}" is not a label key: ${problem}`);
}

function selectorError(selector: string, problem: string): SyntaxError {
  return new SyntaxError(`Cannot read the label selector ${JSON.stringify(selector)}: ${problem}`);
}
