// The sequences of requests that both servers answer: written ones, and ones generated from a seed.
import type { Sequence } from "./conformance.ts";
import { ACTIONS, REQUESTS } from "./conformance_actions.ts";
import { APPLIES } from "./conformance_apply.ts";
import { BODIES_AND_PATHS } from "./conformance_bodies.ts";
import { CUSTOM } from "./conformance_custom.ts";
import { generatedApply } from "./conformance_generated.ts";
import { LISTS } from "./conformance_list.ts";
import { OBJECTS } from "./conformance_objects.ts";
import { PATCHES } from "./conformance_patch.ts";
import {
  generatedManagers,
  generatedPatches,
  generatedSchema,
  generatedStorage,
} from "./conformance_random.ts";
import { SCHEMAS } from "./conformance_schemas.ts";
import { SUBRESOURCES, WARNINGS } from "./conformance_subresources.ts";
import { UNKNOWN } from "./conformance_unknown.ts";
import { VALIDATION } from "./conformance_validation.ts";
import { WATCHES } from "./conformance_watch.ts";

/** All sequences. */
export function corpus(): Sequence[] {
  const seeds = (length: number) => Array.from({ length }, (_, index) => index + 1);
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
    ...OBJECTS,
    ...LISTS,
    ...WATCHES,
    ...BODIES_AND_PATHS,
    ...SCHEMAS,
    ...seeds(120).map(generatedApply),
    ...seeds(60).map(generatedStorage),
    ...seeds(60).map(generatedManagers),
    ...seeds(40).map(generatedPatches),
    ...seeds(30).map(generatedSchema),
  ];
}
