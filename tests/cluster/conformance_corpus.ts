// The sequences of requests that both servers answer: written ones, and ones generated from a seed.
import type { Sequence } from "./conformance.ts";
import { ACTIONS, REQUESTS } from "./conformance_actions.ts";
import { APPLIES } from "./conformance_apply.ts";
import { CUSTOM } from "./conformance_custom.ts";
import { generatedApply } from "./conformance_generated.ts";
import { PATCHES } from "./conformance_patch.ts";
import { SUBRESOURCES, WARNINGS } from "./conformance_subresources.ts";
import { UNKNOWN } from "./conformance_unknown.ts";
import { VALIDATION } from "./conformance_validation.ts";

/** All sequences. */
export function corpus(): Sequence[] {
  const seeds = Array.from({ length: 120 }, (_, index) => index + 1);
  return [
    ...APPLIES,
    ...PATCHES,
    ...UNKNOWN,
    ...CUSTOM,
    ...SUBRESOURCES,
    ...WARNINGS,
    ...VALIDATION,
    ...ACTIONS,
    ...REQUESTS,
    ...seeds.map(generatedApply),
  ];
}
