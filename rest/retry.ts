import { type Answer, headerOf } from "./answer.ts";
import { isNetworkError } from "./network_error.ts";

/** What one attempt ended with: an answer, or an error that stands for none. */
export type Attempt = { answer: Pick<Answer, "status" | "headers" | "header"> } | { error: unknown };

/** What matters of a request for sending it again. */
export interface RetriedRequest {
  /** The HTTP method. */
  method: string;
  /** Whether the same bytes can be sent again: not those of a stream. */
  replayable: boolean;
  /** Whether it is a watch. */
  watch: boolean;
}

/** The longest pause that a server can ask for, in seconds: a day. Whoever asks for more is not waited for. */
const LONGEST_PAUSE = 86_400;
/** The pause after a failure of the network, in milliseconds. */
const AFTER_CUT = 1_000;

/**
 * How long to wait before sending a request again, in milliseconds; `undefined` for not at all.
 *
 * An answer says so itself: 429 or a failure of the server, with `Retry-After` in seconds, which the server sends
 * only when it has not done what was asked. Without an answer, nobody knows what was done, so that only what
 * changes nothing is sent again: a GET whose connection was cut, and a watch also when it timed out.
 *
 * @see client-go `rest/with_retry.go`, spec rest 3.3
 */
export function retryDelay(
  attempt: Attempt,
  { method, replayable, watch }: RetriedRequest,
): number | undefined {
  if (!replayable) return undefined;
  if ("answer" in attempt) {
    const { status } = attempt.answer;
    if (status !== 429 && status < 500) return undefined;
    const seconds = /^\s*(\d+)\s*$/.exec(headerOf(attempt.answer, "retry-after") ?? "")?.[1];
    return seconds === undefined || Number(seconds) > LONGEST_PAUSE ? undefined : Number(seconds) * 1_000;
  }
  if (method !== "GET" || !isNetworkError(attempt.error)) return undefined;
  const { reason } = attempt.error;
  return reason === "cut" || (watch && reason === "timeout") ? AFTER_CUT : undefined;
}
