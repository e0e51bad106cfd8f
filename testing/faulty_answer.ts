import type { FaultStep } from "./fault.ts";
import { expired, failure } from "./refusal.ts";
import type { RequestInfo } from "./request_info.ts";
import { encodeJson } from "./store.ts";
import { errorEvent } from "./watch.ts";

/** What a server says with a code, and the reason of its Status. */
const WORDS: Readonly<Record<number, readonly [reason: string, message: string]>> = {
  400: ["BadRequest", "the server rejected our request for an unknown reason"],
  401: ["Unauthorized", "Unauthorized"],
  403: ["Forbidden", "forbidden"],
  404: ["NotFound", "the server could not find the requested resource"],
  408: ["Timeout", "Timeout: request did not complete within the allotted timeout"],
  409: ["Conflict", "the server reported a conflict"],
  410: ["Expired", "The resourceVersion for the provided list is too old."],
  413: ["RequestEntityTooLarge", "Request entity too large: limit is 3145728"],
  429: ["TooManyRequests", "Too many requests, please try again later."],
  500: ["InternalError", "Internal error occurred: etcdserver: request timed out"],
  502: ["", "Bad Gateway"],
  503: ["ServiceUnavailable", "the server is currently unable to handle the request"],
  504: ["Timeout", "Timeout: request did not complete within the allotted timeout"],
};

/** The answer that comes in place of the server's. */
export function faultyAnswer(
  step: FaultStep & { fault: "error" | "expire" },
  { verb }: RequestInfo,
): Response {
  if (step.fault === "expire") return verb === "watch" ? expiredWatch() : answer(expiredList(), 410, {});
  const { code, retryAfterSeconds } = step;
  const [reason, words] = WORDS[code] ?? ["", `the server has answered with ${code}`];
  const message = step.message ?? words;
  const headers: Record<string, string> = retryAfterSeconds === undefined
    ? {}
    : { "retry-after": String(retryAfterSeconds) };
  switch (step.body ?? (code === 429 ? "text" : "Status")) {
    case "text":
      return new Response(`${message}\n`, { status: code, headers: { "content-type": TEXT, ...headers } });
    case "html":
      return new Response(pageOf(code, message), {
        status: code,
        headers: { "content-type": "text/html", ...headers },
      });
    default: {
      const details = retryAfterSeconds === undefined ? undefined : { retryAfterSeconds };
      return answer(failure(code, reason, message, details), code, headers);
    }
  }
}

const TEXT = "text/plain; charset=utf-8";
const JSON_TYPE = "application/json";

function answer(value: unknown, status: number, headers: Record<string, string>): Response {
  const body = encodeJson(value) as Uint8Array<ArrayBuffer>;
  return new Response(body, { status, headers: { "content-type": JSON_TYPE, ...headers } });
}

function expiredList(): unknown {
  return expired(WORDS[410][1]);
}

/** The stream has begun when the server finds out: an event, not a status code. */
function expiredWatch(): Response {
  const body = errorEvent(expired("too old resource version"));
  return new Response(body, { headers: { "content-type": JSON_TYPE } });
}

function pageOf(code: number, message: string): string {
  const title = `${code} ${message}`;
  return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n` +
    "<hr><center>proxy</center>\r\n</body>\r\n</html>\r\n";
}
