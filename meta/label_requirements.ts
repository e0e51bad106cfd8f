import type { LabelRequirement, LabelSelector } from "./label_selector.ts";
import { matchesLabels } from "./label_selector.ts";
import { labelKeyProblems, labelValueProblems } from "./name_problems.ts";

/** A {@linkcode LabelSelector} that is only looked at. */
export interface ReadonlyLabelSelector {
  /** Labels that must have these values. */
  readonly matchLabels?: Readonly<Record<string, string>>;
  /** Conditions that must hold. */
  readonly matchExpressions?: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/**
 * The conditions of a label selector as objects have it: for `formatLabelSelector` and so for the `labelSelector` of a
 * request.
 *
 * An empty selector has none, and so selects everything. Where an object has no selector at all, nothing is selected:
 * {@linkcode matchesLabelSelector} knows that.
 *
 * @throws {TypeError} If a server would refuse it: an unknown operator, `In` without values, `Exists` with some, a key
 * or value that no label can have.
 * @see client-go `metav1.LabelSelectorAsSelector`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatLabelSelector, labelRequirements } from "@coxswain/kube/meta";
 * const selector = { matchLabels: { app: "web" }, matchExpressions: [{ key: "tier", operator: "Exists" }] };
 * assert.equal(formatLabelSelector(labelRequirements(selector)), "app=web,tier");
 * ```
 */
export function labelRequirements(
  { matchLabels = {}, matchExpressions = [] }: ReadonlyLabelSelector,
): LabelRequirement[] {
  return [
    ...Object.entries(matchLabels).map(([key, value]): LabelRequirement =>
      checked("matchLabels", { key, operator: "In", values: [value] })
    ),
    ...matchExpressions.map(({ key, operator, values = [] }, index): LabelRequirement => {
      const where = `matchExpressions[${index}]`;
      switch (operator) {
        case "In":
        case "NotIn":
          if (values.length > 0) return checked(where, { key, operator, values: [...values] });
          throw selectorError(where, `${operator} needs values`);
        case "Exists":
        case "DoesNotExist":
          if (values.length === 0) return checked(where, { key, operator, values: [] });
          throw selectorError(where, `${operator} takes no values`);
        default:
          throw selectorError(where, `${JSON.stringify(operator)} is not a valid label selector operator`);
      }
    }),
  ];
}

/**
 * Conditions as objects have them in a selector: the inverse of {@linkcode labelRequirements}.
 *
 * @throws {TypeError} If a condition compares numbers (`>`, `<`), which only requests can.
 * @see client-go `metav1.ParseToLabelSelector`
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { labelSelectorOf, parseLabelSelector } from "@coxswain/kube/meta";
 * assert.deepEqual(labelSelectorOf(parseLabelSelector("app=web,!old")), {
 *   matchLabels: { app: "web" },
 *   matchExpressions: [{ key: "old", operator: "DoesNotExist" }],
 * });
 * ```
 */
export function labelSelectorOf(requirements: readonly LabelRequirement[]): LabelSelector {
  const selector: LabelSelector = {};
  for (const { key, operator, values } of requirements) {
    if (operator === "Gt" || operator === "Lt") {
      throw selectorError(key, `${operator} is for requests alone: objects cannot select by it`);
    }
    const isPlain = operator === "In" && values.length === 1 &&
      !Object.hasOwn(selector.matchLabels ?? {}, key);
    if (isPlain) (selector.matchLabels ??= {})[key] = values[0];
    else {(selector.matchExpressions ??= []).push({
        key,
        operator,
        ...(values.length > 0 && { values: [...values] }),
      });}
  }
  return selector;
}

/**
 * Whether the selector of an object, such as that of a Deployment, selects labels. An empty one selects everything, an
 * absent one nothing.
 *
 * @throws {TypeError} If a server would refuse the selector.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { matchesLabelSelector } from "@coxswain/kube/meta";
 * assert.ok(matchesLabelSelector({ matchLabels: { app: "web" } }, { app: "web", tier: "front" }));
 * assert.ok(matchesLabelSelector({}, {}));
 * assert.ok(!matchesLabelSelector(undefined, { app: "web" }));
 * ```
 */
export function matchesLabelSelector(
  selector: ReadonlyLabelSelector | undefined,
  labels: Readonly<Record<string, string>> = {},
): boolean {
  return selector !== undefined && matchesLabels(labelRequirements(selector), labels);
}

function checked(where: string, requirement: LabelRequirement): LabelRequirement {
  const [problem] = [...labelKeyProblems(requirement.key), ...requirement.values.flatMap(labelValueProblems)];
  if (problem !== undefined) throw selectorError(where, `${JSON.stringify(requirement)}: ${problem}`);
  return requirement;
}

function selectorError(where: string, problem: string): TypeError {
  return new TypeError(`Cannot use the label selector's ${where}: ${problem}`);
}
