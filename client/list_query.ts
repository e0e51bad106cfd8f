import type { QueryParameters } from "../rest/mod.ts";
import type { ListOptions } from "./options.ts";

/**
 * The query of a list. What `timeoutSeconds` limits is a watch; of a list, servers limit the time by `timeout`, so it
 * is sent both ways (spec rest 22.1).
 */
export function listQuery(
  { signal: _, timeoutSeconds, limit, continue: token, ...query }: ListOptions,
): QueryParameters {
  return {
    ...query,
    limit: limit || undefined,
    continue: token || undefined,
    timeoutSeconds,
    timeout: timeoutSeconds === undefined ? undefined : `${timeoutSeconds}s`,
  };
}
