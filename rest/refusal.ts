import type { Status } from "../meta/mod.ts";
import type { Codec } from "./codec.ts";
import { StatusError } from "./status_error.ts";
import { isInteger, statusOf } from "./status_of.ts";

/** How much text of an answer that is no `Status` is repeated in an error, in bytes. */
const MOST_TEXT = 2048;

/** What a refused request was about. */
export interface RefusedRequest {
  /** The HTTP method. */
  method: string;
  /** The resource's name in URLs, if there was one. */
  resource?: string;
  /** The API group; empty for the core group. */
  group?: string;
  /** The object's name, if there was one. */
  name?: string;
}

/** Reason and message for an answer that does not say them itself (spec rest 4.2). */
function wordsFor(code: number, method: string, text: string): [reason: string, message: string] {
  switch (code) {
    case 400:
      return ["BadRequest", "the server rejected our request for an unknown reason"];
    case 401:
      return ["Unauthorized", "the server has asked for the client to provide credentials"];
    case 403:
      return ["Forbidden", text];
    case 404:
      return ["NotFound", "the server could not find the requested resource"];
    case 405:
      return ["MethodNotAllowed", "the server does not allow this method on the requested resource"];
    case 406:
      return [
        "NotAcceptable",
        text !== "unknown"
          ? text
          : "the server was unable to respond with a content type that the client supports",
      ];
    case 409:
      return [method === "POST" ? "AlreadyExists" : "Conflict", "the server reported a conflict"];
    case 415:
      return ["UnsupportedMediaType", text];
    case 422:
      return ["Invalid", "the server rejected our request due to an error in our request"];
    case 429:
      return [
        "TooManyRequests",
        "the server has received too many requests and has asked us to try again later",
      ];
    case 503:
      return ["ServiceUnavailable", "the server is currently unable to handle the request"];
    case 504:
      return [
        "Timeout",
        "the server was unable to return a response in the time allotted, but may still be processing the request",
      ];
    default:
      if (code >= 500) {
        return [
          "InternalError",
          `an error on the server ("${text}") has prevented the request from succeeding`,
        ];
      }
      return ["", `the server responded with the status code ${code} but did not return more information`];
  }
}

/**
 * Makes a {@linkcode StatusError} of an answer that is no success: of the `Status` in it, or else of its code
 * and text, which may come from a proxy that knows nothing of Kubernetes.
 *
 * @param codec Reads the `Status`.
 */
export function refusalOf(
  response: Pick<Response, "status" | "headers">,
  bytes: Uint8Array,
  request: RefusedRequest,
  codec: Codec,
): StatusError {
  const auditId = response.headers.get("audit-id") ?? undefined;
  const sent = statusOf(valueOf(codec, bytes));
  if (sent?.status === "Failure") {
    return new StatusError({ ...sent, code: sent.code ?? response.status }, { auditId });
  }

  const { status: code, headers } = response;
  const { method, resource, group, name } = request;
  const readable = /^(text\/.*)?$/.test(headers.get("content-type") ?? "");
  const text = readable && new TextDecoder().decode(bytes.subarray(0, MOST_TEXT)).trim() || "unknown";
  const [reason, words] = wordsFor(code, method, text);
  const about = [method.toLowerCase(), group ? `${resource}.${group}` : resource, name].filter(Boolean).join(
    " ",
  );
  const retryAfter = Number(/^\s*(\d+)\s*$/.exec(headers.get("retry-after") ?? "")?.[1] ?? 0);
  const status: Status = {
    apiVersion: "v1",
    kind: "Status",
    status: "Failure",
    code,
    reason,
    message: resource === undefined ? words : `${words} (${about})`,
    details: {
      group,
      kind: resource,
      name,
      causes: [{ reason: "UnexpectedServerResponse", message: text }],
      ...(retryAfter > 0 && isInteger(retryAfter) ? { retryAfterSeconds: retryAfter } : {}),
    },
  };
  return new StatusError(status, { auditId });
}

function valueOf(codec: Codec, bytes: Uint8Array): unknown {
  try {
    return codec.decode(bytes);
  } catch {
    return undefined; // something else, or cut short: then the code has to do
  }
}
