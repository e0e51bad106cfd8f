import { type Clock, onAbort, systemClock } from "../async/mod.ts";
import { type Logger, noLogger } from "../observe/mod.ts";
import type { Middleware, OutgoingRequest } from "../rest/mod.ts";
import { deleteCacheFile, readCacheFile, writeCacheFile } from "./cache_files.ts";
import {
  formatStoredResponse,
  keptHeaders,
  parseStoredResponse,
  type StoredResponse,
} from "./stored_response.ts";

/** Bytes of the checksum that precedes an answer in its file. */
const SUM = 32;

/** Options of {@linkcode httpCache}. */
export interface HttpCacheOptions {
  /** Where the files are, as {@linkcode httpCacheFolder} names it. Servers may share it. */
  folder: string;
  /** What tells whether an answer has expired. Default the runtime's clock. */
  clock?: Pick<Clock, "date">;
  /** Told of files that cannot be written, which is no failure. Default: nothing. */
  logger?: Logger;
}

/**
 * Middleware that keeps answers which servers mark with an `ETag`, as they do for discovery and OpenAPI: asked again,
 * a server says in a few bytes that nothing has changed. Client-go's files, which kubectl can share: named after the
 * SHA-256 of the URL, each begins with the SHA-256 of its content, and one that does not match is not used.
 *
 * Give it to a client of its own, for discovery: answers are handed out when they have come as a whole. Lists and
 * watches have no `ETag`, and pass. What is kept may be seen by whoever reads the folder; it depends on the server and
 * not on who asks, so do not share a folder among users whose servers tell them different things.
 *
 * @see client-go `disk.newCacheRoundTripper`, spec rest 16.6
 * @example
 * ```ts
 * import { DiscoveryClient, httpCache, httpCacheFolder } from "@coxswain/kube/discovery";
 * import { RestClient, type RestConfig } from "@coxswain/kube/rest";
 * async function discoveryOf(config: RestConfig): Promise<DiscoveryClient> {
 *   const cache = httpCache({ folder: await httpCacheFolder() });
 *   return new DiscoveryClient(new RestClient(config.with({ middleware: [...config.middleware, cache] })));
 * }
 * console.log(discoveryOf.name);
 * ```
 */
export function httpCache(options: HttpCacheOptions): Middleware {
  const { folder, clock = systemClock, logger = noLogger } = options;
  return async (request, next) => {
    if (request.method !== "GET" || headerOf(request, "range") !== undefined) return await next(request);
    const file = `${folder}/${hex(await sha256(new TextEncoder().encode(request.url)))}`;
    const kept = await readKept(file);
    const usable = kept !== undefined && variesAlike(kept.headers, request);
    if (usable && isFresh(kept.headers, clock.date())) return responseOf(kept);
    const answer = await next(usable ? asking(request, kept.headers) : request);
    if (answer.status === 304 && usable) {
      await answer.body?.cancel().catch(() => {}); // it has none
      for (const [name, value] of keptHeaders(answer.headers)) kept.headers.set(name, value);
      await write(kept);
      return responseOf(kept);
    }
    const storable = answer.status === 200 && answer.headers.has("etag") &&
      !/\bno-store\b/.test(answer.headers.get("cache-control") ?? "");
    if (!storable) {
      // A server that fails for a moment does not make what is kept wrong: it is asked for again anyway.
      if (kept !== undefined && answer.status < 500) await deleteCacheFile(file).catch(() => {}); // as good as gone
      return answer;
    }
    const body = await readAll(answer, request.signal);
    const headers = keptHeaders(answer.headers);
    for (const name of namesIn(headers.get("vary"))) {
      const value = headerOf(request, name);
      if (value !== undefined) headers.set(`x-varied-${name}`, value);
    }
    const fresh: StoredResponse = { status: 200, headers, body };
    await write(fresh);
    return responseOf(fresh);

    async function write(response: StoredResponse): Promise<void> {
      const content = formatStoredResponse(response);
      const sum = await sha256(content);
      const bytes = new Uint8Array(SUM + content.length);
      bytes.set(sum);
      bytes.set(content, SUM);
      await writeCacheFile(file, bytes, `${folder}/.diskv-temp`).catch((error) => {
        logger.debug("A file of the HTTP cache cannot be written", { file, error });
      });
    }
  };
}

/** The whole body. A signal that is given to `fetch` can be lost on Deno, so that this one is heard here too. */
async function readAll(answer: Response, signal: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  const reader = answer.body?.getReader();
  const forget = onAbort(signal, (reason) => void reader?.cancel(reason).catch(() => {})); // it has ended by itself
  try {
    for (let next = await reader?.read(); next?.done === false; next = await reader?.read()) {
      chunks.push(next.value);
    }
    signal.throwIfAborted();
  } finally {
    forget();
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** What a file holds, if it is whole. */
async function readKept(file: string): Promise<StoredResponse | undefined> {
  const read = await readCacheFile(file).catch(() => undefined); // there is none, or it may not be read: a miss
  if (read === undefined || read.bytes.length < SUM) return undefined;
  const content = read.bytes.slice(SUM);
  const sum = await sha256(content);
  return sum.every((byte, index) => byte === read.bytes[index]) ? parseStoredResponse(content) : undefined;
}

function responseOf({ status, headers, body }: StoredResponse): Response {
  const shown = new Headers(headers);
  for (const name of [...shown.keys()]) if (name.startsWith("x-varied-")) shown.delete(name);
  return new Response(body, { status, headers: shown });
}

/** The request with what lets the server answer that nothing has changed. */
function asking(request: OutgoingRequest, kept: Headers): OutgoingRequest {
  const headers = [...request.headers];
  const etag = kept.get("etag");
  if (etag !== null && headerOf(request, "if-none-match") === undefined) {
    headers.push(["If-None-Match", etag]);
  }
  return { ...request, headers };
}

/** Whether the server would give this request what it gave the other (header `Vary`). */
function variesAlike(kept: Headers, request: OutgoingRequest): boolean {
  return namesIn(kept.get("vary")).every((name) =>
    (headerOf(request, name) ?? "") === (kept.get(`x-varied-${name}`) ?? "")
  );
}

/** Whether the server said that an answer can be used without asking, and for so long. */
function isFresh(headers: Headers, now: Date): boolean {
  const control = headers.get("cache-control") ?? "";
  if (/\bno-cache\b/.test(control)) return false;
  const date = Date.parse(headers.get("date") ?? "");
  const [, maxAge] = /\bmax-age=(\d+)/.exec(control) ?? [];
  const end = maxAge === undefined ? Date.parse(headers.get("expires") ?? "") : date + Number(maxAge) * 1000;
  return !Number.isNaN(date) && end > now.getTime(); // no end: NaN, which is not later
}

const namesIn = (header: string | null) =>
  (header ?? "").split(",").map((name) => name.trim().toLowerCase()).filter(Boolean);

const headerOf = ({ headers }: OutgoingRequest, name: string) =>
  headers.find(([other]) => other.toLowerCase() === name)?.[1];

const sha256 = async (bytes: Uint8Array<ArrayBuffer>) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));

const hex = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
