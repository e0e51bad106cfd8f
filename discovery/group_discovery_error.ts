import type { ServedApis } from "./served_apis.ts";

const BRAND = Symbol.for("@coxswain/kube/GroupDiscoveryError");

/**
 * Some groups and versions could not be learnt. Made by {@linkcode requireComplete} for those who need all or nothing.
 *
 * @see client-go `ErrGroupDiscoveryFailed`, spec rest 16.4
 */
export class GroupDiscoveryError extends Error {
  /** What went wrong, by group and version. */
  readonly failures: ReadonlyMap<string, Error>;

  /** Tells each failure, sorted by group and version. */
  constructor(failures: ReadonlyMap<string, Error>) {
    const sorted = [...failures].sort(([a], [b]) => a < b ? -1 : 1);
    const each = sorted.map(([groupVersion, { message }]) => `${groupVersion}: ${message}`);
    super(`unable to retrieve the complete list of server APIs: ${each.join(", ")}`, {
      cause: sorted[0]?.[1],
    });
    this.name = "GroupDiscoveryError";
    this.failures = new Map(sorted);
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error is a {@linkcode GroupDiscoveryError}, also one of another copy of this package. */
export function isGroupDiscoveryError(error: unknown): error is GroupDiscoveryError {
  return typeof error === "object" && error !== null && BRAND in error;
}

/**
 * Takes nothing less than everything.
 *
 * @throws {GroupDiscoveryError} If a group or version could not be learnt.
 * @example
 * ```ts
 * import { DiscoveryClient, requireComplete } from "@coxswain/kube/discovery";
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const rest = new RestClient(new ApiServer().restConfig());
 * const { resources } = requireComplete(await new DiscoveryClient(rest).all());
 * console.log(resources.length);
 * await rest[Symbol.asyncDispose]();
 * ```
 */
export function requireComplete(served: ServedApis): ServedApis {
  if (served.failures.size > 0) throw new GroupDiscoveryError(served.failures);
  return served;
}
