import { isExpired, isGone, statusErrorOf } from "../rest/mod.ts";

const TOO_LARGE = "Too large resource version";

/** Whether a version is too old for the server: what happened since is forgotten. */
export function isTooOld(error: unknown): boolean {
  return isExpired(error) || isGone(error);
}

/**
 * Whether a version is newer than what the server that was asked knows: it lags behind, or has lost data. Servers
 * have said so in three ways over the years.
 *
 * @see client-go `isTooLargeResourceVersionError`, spec informers 9.9
 */
export function isTooLarge(error: unknown): boolean {
  const status = statusErrorOf(error);
  if (status === undefined) return false;
  const causes = status.details?.causes ?? [];
  if (causes.some(({ reason }) => reason === "ResourceVersionTooLarge")) return true;
  if (status.reason !== "Timeout" && status.code !== 504) return false;
  return causes.some(({ message }) => message === TOO_LARGE) || status.message.includes(TOO_LARGE);
}
