import type { Clock } from "../async/mod.ts";
import type { Logger } from "../observe/mod.ts";
import { isAlreadyExists, isNetworkError, statusErrorOf } from "../rest/mod.ts";

/** How often an event is tried to be written (spec rest 23.1). */
const TRIES = 12;

/** What {@linkcode deliverEvent} works with. */
export interface DeliverOptions {
  clock: Clock;
  /** How long to wait before the given try, in milliseconds; the second is 1. */
  delayOf: (attempt: number) => number;
  /** Ends the waiting: what was tried is given up. */
  signal: AbortSignal;
  logger: Logger;
  /** Further refusals after which to try again. Default: none, as the server would say the same. */
  isRetriable?: (error: unknown) => boolean;
}

/**
 * Writes an event, again when the server could not be reached. Never rejects.
 *
 * @returns What `write` came to; `undefined` if it was given up, and a logger has heard of it.
 * @see spec rest 23.4, 24
 */
export async function deliverEvent<T>(
  write: () => Promise<T>,
  { clock, delayOf, signal, logger, isRetriable = () => false }: DeliverOptions,
): Promise<T | undefined> {
  for (let attempt = 1;; attempt++) {
    try {
      return await write();
    } catch (error) {
      const isPassing = isNetworkError(error) || error instanceof SyntaxError || isRetriable(error);
      if (!isPassing) {
        if (isExpected(error)) logger.debug("the server did not take an event", { error });
        else logger.error("the server did not take an event", { error });
        return undefined;
      }
      if (attempt === TRIES) {
        logger.error("could not write an event, and gave it up", { error, tries: TRIES });
        return undefined;
      }
    }
    try {
      await clock.sleep(delayOf(attempt), { signal });
    } catch {
      logger.debug("an event was given up: the recorder is closed"); // the sleep fails of nothing else
      return undefined;
    }
  }
}

/** Whether it comes of two that wrote the same, or of a namespace that goes away. */
function isExpected(error: unknown): boolean {
  const causes = statusErrorOf(error)?.details?.causes ?? [];
  return isAlreadyExists(error) || causes.some(({ reason }) => reason === "NamespaceTerminating");
}
