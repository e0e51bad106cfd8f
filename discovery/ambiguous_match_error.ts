import { apiVersionOf, type ResourceType } from "../meta/mod.ts";
import { describe } from "./no_match_error.ts";
import type { KindQuery, ResourceQuery } from "./queries.ts";

const BRAND = Symbol.for("@coxswain/kube/AmbiguousMatchError");

/**
 * Several resources of one group and version fit, such as all that serve the kind `ExternalMetricValueList`: no order
 * says which is meant.
 *
 * @see client-go `meta.AmbiguousResourceError`, `meta.AmbiguousKindError`, spec rest 17.1
 */
export class AmbiguousMatchError extends Error {
  /** What was looked for. */
  readonly query: ResourceQuery | KindQuery;
  /** All that fit. */
  readonly candidates: readonly ResourceType[];

  /** Lists the candidates. */
  constructor(query: ResourceQuery | KindQuery, candidates: readonly ResourceType[]) {
    const names = candidates.map((type) => `${type.plural} (${type.kind}) in ${apiVersionOf(type)}`);
    super(`${describe(query)} matches multiple resources: ${names.join(", ")}. Name the one that is meant`);
    this.name = "AmbiguousMatchError";
    this.query = query;
    this.candidates = candidates;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is an {@linkcode AmbiguousMatchError}, also one of another copy of this package. */
export function isAmbiguousMatch(error: unknown): error is AmbiguousMatchError {
  return typeof error === "object" && error !== null && BRAND in error;
}
