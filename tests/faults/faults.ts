import type { Status } from "@coxswain/kube/meta";
import type { Exchange, Head } from "../runtimes/wire_server.ts";
import type { FaultClock } from "./fault_clock.ts";
import type { Operation } from "./operations.ts";

/** What comes of a fault: the outcome in the words of `describeOutcome`, and how often the server was asked. */
export type Expected = readonly [outcome: string, requests: number];

/** Something that goes wrong between a client and a server. */
export interface Fault {
  /** For the names of tests. */
  readonly name: string;
  /** What the server does with a request. */
  readonly serve: (exchange: Exchange, clock: FaultClock) => unknown;
  /** The pause before each further attempt, in milliseconds. Default: a second, for those that are made at all. */
  readonly pause?: number;
  /** Whether the answers end as they should, so that the connection can be used on. */
  readonly complete?: boolean;
  /** What comes of it: see `OPERATIONS` for the columns. */
  readonly expected: Readonly<Record<Operation["kind"], Expected>>;
}

/** With `maxRetries: 2`, what is sent again at all is sent three times. */
export const MAX_RETRIES = 2;
const TRIED = MAX_RETRIES + 1;

/** The beginning of what any of these operations may be answered: an object, a list or an event. */
const BEGINNING = '{"kind":"ConfigMapList","apiVersion":"v1","metadata":{},"items":[{"metadata":';

const HTML = "<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>";

/** The same for all; only a watch that goes on by itself does so after failures that may pass. */
function all(outcome: string, requests: number, more: Partial<Fault["expected"]> = {}): Fault["expected"] {
  const each: Expected = [outcome, requests];
  const passing = /^NetworkError|(429|5\d\d)$/.test(outcome);
  const follow: Expected = [passing ? `again: ${outcome}` : outcome, requests];
  return { get: each, list: each, watch: each, begin: each, follow, write: each, ...more };
}

/** What never got an answer: only what changes nothing is asked again, and only as long as that can help. */
function unanswered(outcome: string, { get, watch }: { get: number; watch: number }): Fault["expected"] {
  return all(outcome, 1, {
    get: [outcome, get],
    list: [outcome, get],
    watch: [outcome, watch],
    begin: [outcome, watch],
    follow: [`again: ${outcome}`, watch],
  });
}

/** An answer that breaks off: the headers said that it went well, so that nothing is asked again but a watch. */
function brokenOff(outcome: string): Fault["expected"] {
  return all(outcome, 1, { begin: [`again: ${outcome}`, 1] });
}

// Not `answer("")`: after a write of nothing, Deno's TLS sockets never say that they are closed.
const empty = (status: number, headers: Record<string, string> = {}) => (exchange: Exchange) =>
  exchange.head({ status, headers: { "Content-Length": "0", ...headers } });

const answer = (body: string, head?: Head) => (exchange: Exchange) => exchange.answer(body, head);

const json = (status: number, value: unknown, headers: Record<string, string> = {}) =>
  answer(JSON.stringify(value), { status, headers: { "Content-Type": "application/json", ...headers } });

const statusOf = (code: number, reason: string): Status => ({
  apiVersion: "v1",
  kind: "Status",
  status: "Failure",
  code,
  reason,
  message: `told so: ${reason}`,
});

const chunked: Head = { headers: { "Transfer-Encoding": "chunked" } };
const sized: Head = { headers: { "Content-Length": "100000" } };
const chunk = `${BEGINNING.length.toString(16)}\r\n${BEGINNING}\r\n`;

/** Begins an answer, and goes on once the client has its headers. */
async function begin(exchange: Exchange, clock: FaultClock, head: Head): Promise<void> {
  const reading = clock.reading();
  exchange.head(head);
  await reading;
}

/** All faults of a server that can be connected to. */
export const FAULTS: readonly Fault[] = [
  {
    name: "a reset before headers",
    serve: (exchange) => exchange.reset(),
    expected: unanswered("NetworkError cut headers", { get: TRIED, watch: TRIED }),
  },
  {
    name: "an end before headers",
    serve: (exchange) => exchange.hangUp(),
    expected: unanswered("NetworkError cut headers", { get: TRIED, watch: TRIED }),
  },
  {
    name: "an end within headers",
    serve(exchange) {
      exchange.write("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-");
      exchange.hangUp();
    },
    expected: unanswered("NetworkError cut headers", { get: TRIED, watch: TRIED }),
  },
  {
    name: "no headers in time",
    serve: (_exchange, clock) => clock.awaitHeaders(),
    expected: unanswered("NetworkError timeout headers", { get: 1, watch: TRIED }),
  },
  ...([["chunks", chunked, chunk], ["known length", sized, BEGINNING]] as const).flatMap((
    [kind, head, text],
  ): Fault[] => [
    {
      name: `a body of ${kind} that is reset`,
      async serve(exchange, clock) {
        await begin(exchange, clock, head);
        exchange.reset();
      },
      expected: brokenOff("NetworkError cut body"),
    },
    {
      name: `a body of ${kind} that is reset after some of it`,
      async serve(exchange, clock) {
        await begin(exchange, clock, head);
        exchange.write(text);
        await clock.readingOn();
        exchange.reset();
      },
      expected: brokenOff("NetworkError cut body"),
    },
    {
      name: `a body of ${kind} that ends too early`,
      serve(exchange) {
        exchange.head(head);
        exchange.write(text);
        exchange.hangUp();
      },
      expected: brokenOff("NetworkError cut body"),
    },
    {
      name: `a body of ${kind} that falls silent`,
      async serve(exchange, clock) {
        await begin(exchange, clock, head);
        await clock.runNext();
      },
      expected: brokenOff("NetworkError timeout body"),
    },
    {
      name: `a refusal with a body of ${kind} that falls silent`,
      async serve(exchange, clock) {
        await begin(exchange, clock, { ...head, status: 403 });
        await clock.advance(60_000); // a watch waits no longer for it than anything else
      },
      expected: all("NetworkError timeout body", 1),
    },
    {
      name: `a refusal with a body of ${kind} that ends too early`,
      serve(exchange) {
        exchange.head({ ...head, status: 403 });
        exchange.write(text);
        exchange.hangUp();
      },
      expected: all("NetworkError cut body", 1),
    },
  ]),
  {
    name: "headers without end",
    async serve(exchange) {
      exchange.write("HTTP/1.1 200 OK\r\n");
      while (await exchange.write(`X-Filler: ${"x".repeat(10_000)}\r\n`)) await exchange.turn();
    },
    expected: all("NetworkError other headers", 1),
  },
  {
    name: "a refusal without end",
    async serve(exchange) {
      exchange.head({ ...chunked, status: 500 });
      while (await exchange.chunk("x".repeat(50_000))) await exchange.turn();
    },
    expected: all("StatusError InternalError 500", 1),
  },
  {
    name: "429 without Retry-After",
    serve: json(429, statusOf(429, "TooManyRequests")),
    complete: true,
    expected: all("StatusError TooManyRequests 429", 1),
  },
  {
    name: "429 with Retry-After",
    serve: json(429, statusOf(429, "TooManyRequests"), { "Retry-After": "7" }),
    pause: 7_000,
    complete: true,
    expected: all("StatusError TooManyRequests 429", TRIED),
  },
  {
    name: "429 with a date in Retry-After",
    serve: json(429, statusOf(429, "TooManyRequests"), { "Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT" }),
    complete: true,
    expected: all("StatusError TooManyRequests 429", 1),
  },
  {
    name: "500",
    serve: answer("etcdserver: leader changed", { status: 500, headers: { "Content-Type": "text/plain" } }),
    complete: true,
    expected: all("StatusError InternalError 500", 1),
  },
  {
    name: "503 without Retry-After",
    serve: empty(503),
    complete: true,
    expected: all("StatusError ServiceUnavailable 503", 1),
  },
  {
    name: "503 with Retry-After",
    serve: empty(503, { "Retry-After": "1" }),
    complete: true,
    expected: all("StatusError ServiceUnavailable 503", TRIED),
  },
  {
    name: "403 with Retry-After",
    serve: json(403, statusOf(403, "Forbidden"), { "Retry-After": "1" }),
    complete: true,
    expected: all("StatusError Forbidden 403", 1),
  },
  {
    name: "a redirect",
    serve: empty(307, { Location: "/elsewhere", "Retry-After": "1" }),
    complete: true,
    expected: all("StatusError  307", 1),
  },
  {
    name: "502 in the HTML of a proxy",
    serve: answer(HTML, { status: 502, headers: { "Content-Type": "text/html" } }),
    complete: true,
    expected: all("StatusError InternalError 502", 1),
  },
  {
    name: "500 with a Status that is cut",
    serve: answer(JSON.stringify(statusOf(409, "Conflict")).slice(0, -3), { status: 500 }),
    complete: true,
    expected: all("StatusError InternalError 500", 1),
  },
  {
    name: "200 with a Status of failure",
    serve: json(200, statusOf(410, "Expired")),
    complete: true,
    expected: all("StatusError Expired 410", 1),
  },
  {
    name: "200 with JSON that is cut",
    serve: answer(BEGINNING, { headers: { "Content-Type": "application/json" } }),
    complete: true,
    expected: all("SyntaxError", 1, {
      watch: ["NetworkError cut body", 1],
      begin: ["again: NetworkError cut body", 1],
      follow: ["again: NetworkError cut body", 1],
    }),
  },
  {
    name: "200 with the HTML of a login page",
    serve: answer(HTML, { headers: { "Content-Type": "text/html" } }),
    complete: true,
    expected: all("SyntaxError", 1, {
      watch: ["StatusError InternalError 500", 1],
      begin: ["again: StatusError InternalError 500", 1],
      follow: ["again: StatusError InternalError 500", 1],
    }),
  },
  {
    name: "200 with nothing",
    serve: empty(200),
    complete: true,
    expected: all("SyntaxError", 1, {
      watch: ["ok", 1],
      begin: ["again: ended", 1],
      follow: ["again: ended", 1],
    }),
  },
  {
    name: "204, which has no body",
    serve: (exchange) => exchange.head({ status: 204 }),
    complete: true,
    expected: all("SyntaxError", 1, {
      watch: ["ok", 1],
      begin: ["again: ended", 1],
      follow: ["again: ended", 1],
    }),
  },
];
