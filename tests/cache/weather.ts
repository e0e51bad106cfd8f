import type { ApiServer } from "@coxswain/kube/testing";

/** What can go wrong with one request. */
export type Fault =
  | "refused"
  | "cut at once"
  | "cut in the body"
  | "ended in the body"
  | "silent"
  | "too many requests"
  | "unavailable"
  | "internal error"
  | "unauthorized"
  | "forbidden"
  | "not found"
  | "expired"
  | "expired event"
  | "internal error event"
  | "too large"
  | "no WatchList"
  | "unaware of WatchList";

export const FAULTS: readonly Fault[] = [
  "refused",
  "cut at once",
  "cut in the body",
  "ended in the body",
  "silent",
  "too many requests",
  "unavailable",
  "internal error",
  "unauthorized",
  "forbidden",
  "not found",
  "expired",
  "expired event",
  "internal error event",
  "too large",
  "no WatchList",
  "unaware of WatchList",
];

const encoder = new TextEncoder();

export const status = (
  code: number,
  reason: string,
  message: string = reason,
  details?: object,
): Response => new Response(JSON.stringify(statusOf(code, reason, message, details)), { status: code });

export const statusOf = (
  code: number,
  reason: string,
  message: string = reason,
  details?: object,
): object => ({
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  code,
  reason,
  message,
  details,
});

const errorEvent = (code: number, reason: string): Response =>
  new Response(JSON.stringify({ type: "ERROR", object: statusOf(code, reason) }) + "\n");

/** The road to a server, and what happens to requests on it. */
export class Weather {
  /** Answers as the server does, or as the weather wants it. */
  readonly fetch: typeof globalThis.fetch;
  /** Answers that have not ended, by whomever. */
  open = 0;
  /** Chooses a fault for each request. */
  choose: (request: URL) => Fault | undefined = () => undefined;
  readonly #server: ApiServer;
  readonly #random: () => number;

  constructor(server: ApiServer, random: () => number) {
    this.#server = server;
    this.#random = random;
    this.fetch =
      ((input: string, init?: RequestInit) => this.#answer(new URL(input), init)) as typeof globalThis.fetch;
  }

  async #answer(url: URL, init: RequestInit = {}): Promise<Response> {
    const fault = this.choose(url);
    const isWatch = url.searchParams.get("watch") === "true";
    const isWatchList = url.searchParams.has("sendInitialEvents");
    switch (fault) {
      case "refused":
        throw new TypeError("fetch failed", {
          cause: Object.assign(new Error("refused"), { code: "ECONNREFUSED" }),
        });
      case "cut at once":
        return this.#passed(await this.#server.fetch(url, init), 0, "cut");
      case "cut in the body":
        return this.#passed(await this.#server.fetch(url, init), Math.floor(this.#random() * 3_000), "cut");
      case "ended in the body":
        return this.#passed(await this.#server.fetch(url, init), Math.floor(this.#random() * 3_000), "end");
      case "silent":
        return this.#passed(
          await this.#server.fetch(url, init),
          Math.floor(this.#random() * 1_000),
          "silent",
        );
      case "too many requests":
        return status(429, "TooManyRequests", "slow down", { retryAfterSeconds: 2 });
      case "unavailable":
        return status(503, "ServiceUnavailable");
      case "internal error":
        return status(500, "InternalError");
      case "unauthorized":
        return status(401, "Unauthorized");
      case "forbidden":
        return status(403, "Forbidden");
      case "not found":
        return new Response("404 page not found\n", { status: 404 });
      case "expired":
        return status(410, "Expired");
      case "expired event":
        return isWatch ? errorEvent(410, "Expired") : status(410, "Expired");
      case "internal error event":
        return isWatch ? errorEvent(500, "InternalError") : status(500, "InternalError");
      case "too large":
        return status(504, "Timeout", "Too large resource version: 999, current: 1", {
          causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
        });
      case "no WatchList":
        if (isWatchList) return status(422, "Invalid", "sendInitialEvents is forbidden for watch");
        break;
      case "unaware of WatchList":
        url.searchParams.delete("sendInitialEvents");
        url.searchParams.delete("resourceVersionMatch");
        break;
    }
    return this.#passed(await this.#server.fetch(url, init), Infinity, "end");
  }

  /** An answer whose body is watched over, and ends after some bytes. */
  #passed(response: Response, most: number, end: "cut" | "end" | "silent"): Response {
    if (response.body === null) return response;
    const reader = response.body.getReader();
    let left = most;
    let isOpen = true;
    this.open++;
    const close = () => {
      if (isOpen) this.open--;
      isOpen = false;
    };
    const stream = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        if (left <= 0) {
          if (end === "silent") return await new Promise<void>(() => {}); // until it is cancelled
          close();
          await reader.cancel().catch(() => {}); // it may have ended meanwhile
          if (end === "cut") controller.error(new TypeError("terminated"));
          else controller.close();
          return;
        }
        const result = await reader.read().catch((error) => {
          close();
          controller.error(error);
          return undefined;
        });
        if (result === undefined) return;
        if (result.done) {
          close();
          controller.close();
          return;
        }
        const bytes = result.value.subarray(0, Math.min(result.value.length, left));
        left -= result.value.length;
        controller.enqueue(bytes);
      },
      cancel: async (reason) => {
        close();
        await reader.cancel(reason).catch(() => {}); // it may have ended meanwhile
      },
    }, { highWaterMark: 0 });
    return new Response(stream, response);
  }
}

/** Lines of a watch, as bytes. */
export const lines = (...events: object[]): Uint8Array =>
  encoder.encode(events.map((event) => `${JSON.stringify(event)}\n`).join(""));
