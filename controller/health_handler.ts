import { PROMETHEUS_CONTENT_TYPE } from "../observe/mod.ts";

/** Finds out whether something works: throws, or rejects, when it does not. */
export type HealthCheck = (options: { signal?: AbortSignal }) => unknown;

/** Options of {@linkcode healthHandler}. Checks are read at each request: they may be added later. */
export interface HealthHandlerOptions {
  /** What must work for the process to be let live, by name; under `/healthz` and `/livez`. */
  live?: Readonly<Record<string, HealthCheck>>;
  /** What must work for the process to get work, by name; under `/readyz`. */
  ready?: Readonly<Record<string, HealthCheck>>;
  /** Where metrics are; under `/metrics`. Default: 404. A `PrometheusMeter` has what is needed. */
  metrics?: { text(): string };
}

/**
 * Answers probes and scrapes, in the form that Kubernetes' components have: `ok`, or 500 and which check has failed;
 * `?verbose` lists all, `?exclude=name` leaves one out, and `/readyz/name` is one alone. Why a check has failed is not
 * told to whoever asks.
 *
 * @returns A function for `Deno.serve`, `Bun.serve`, or whatever takes web requests.
 * @see https://kubernetes.io/docs/reference/using-api/health-checks/
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { healthHandler } from "@coxswain/kube/controller";
 * const handle = healthHandler({ ready: { caches: () => { throw new Error("not yet"); } } });
 * assert.equal((await handle(new Request("http://localhost/healthz"))).status, 200);
 * assert.equal((await handle(new Request("http://localhost/readyz"))).status, 500);
 * ```
 */
export function healthHandler(
  { live = {}, ready = {}, metrics }: HealthHandlerOptions,
): (request: Request) => Promise<Response> {
  return async (request) => {
    const { pathname, searchParams } = new URL(request.url);
    if (request.method !== "GET" && request.method !== "HEAD") return text(405, "method not allowed\n");
    if (pathname === "/metrics" && metrics !== undefined) {
      return text(200, metrics.text(), PROMETHEUS_CONTENT_TYPE);
    }
    const [, root, name] = /^\/(healthz|livez|readyz)(?:\/([^/]+))?$/.exec(pathname) ?? [];
    if (root === undefined) return text(404, "not found\n");
    const checks = root === "readyz" ? ready : live;
    if (name !== undefined && !Object.hasOwn(checks, name)) return text(404, "not found\n");
    const excluded = searchParams.getAll("exclude");
    const chosen = Object.entries(checks).filter(([one]) =>
      name === undefined ? !excluded.includes(one) : one === name
    );
    const results = await Promise.all(chosen.map(([one, check]) => run(one, check, request.signal)));
    const failed = results.some(({ passed }) => !passed);
    if (!failed && !searchParams.has("verbose")) return text(200, "ok");
    const lines = results.map(({ name, passed }) =>
      passed ? `[+]${name} ok` : `[-]${name} failed: reason withheld`
    );
    lines.push(`${root} check ${failed ? "failed" : "passed"}`);
    return text(failed ? 500 : 200, `${lines.join("\n")}\n`);
  };
}

async function run(
  name: string,
  check: HealthCheck,
  signal: AbortSignal,
): Promise<{ name: string; passed: boolean }> {
  try {
    await check({ signal });
    return { name, passed: true };
  } catch {
    return { name, passed: false }; // its owner knows why; who asks need not
  }
}

function text(status: number, body: string, type = "text/plain; charset=utf-8"): Response {
  return new Response(body, {
    status,
    headers: { "content-type": type, "x-content-type-options": "nosniff", "cache-control": "no-store" },
  });
}
