import type { Admission } from "./admission.ts";
import { bodyText, plainText } from "./body_text.ts";
import type { User, UserInit } from "./user.ts";

/** A request on its way into the server, however it came. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal | undefined;
  /** What the client's certificate says, if it has one; `unknown` if it was signed by somebody else. */
  readonly certificate?: UserInit | "unknown";
  /** Who it is from, once that is known. */
  readonly user?: User;
  /** Who has a say in what it changes. */
  readonly admission?: Admission;
  /** All values of a header that may come several times. */
  values(header: string): string[];
  /** The body, as text. */
  text(): Promise<string>;
}

/** Takes the arguments of `fetch` apart. A body is read only when it is asked for. */
export function readFetchArguments(input: string | URL | Request, init: RequestInit = {}): ApiRequest {
  const request = input instanceof Request ? input : undefined;
  const body = init.body ?? request?.body;
  const headers = headersOf(init, request);
  return {
    method: (init.method ?? request?.method ?? "GET").toUpperCase(),
    url: new URL(request?.url ?? String(input)),
    headers,
    values: (name) => headers.get(name)?.split(", ") ?? [], // `Headers` has joined them
    signal: init.signal ?? request?.signal,
    text: async () =>
      typeof body === "string"
        ? await plainText(body, headers)
        : await bodyText(new Uint8Array(await new Response(body ?? null).arrayBuffer()), headers),
  };
}

function headersOf(init: RequestInit, request: Request | undefined): Headers {
  const headers = new Headers(init.headers ?? request?.headers);
  const type = contentTypeOf(init.body);
  if (type !== "" && !headers.has("content-type")) headers.set("content-type", type);
  return headers;
}

/** The content type that `fetch` gives a body by itself; empty if it gives none. */
function contentTypeOf(body: RequestInit["body"]): string {
  if (typeof body === "string") return "text/plain;charset=UTF-8";
  if (body instanceof URLSearchParams) return "application/x-www-form-urlencoded;charset=UTF-8";
  return body instanceof Blob ? body.type : "";
}
