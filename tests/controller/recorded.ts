// An API server in memory with a clock moved by hand, whose events are looked at, and whose answers can be replaced.
import assert from "node:assert/strict";
import { Client } from "@coxswain/kube/client";
import { RestConfig } from "@coxswain/kube/rest";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import type { Logger } from "@coxswain/kube/observe";

/** What happens instead of a request; `undefined` lets it pass. */
export type Fault = (method: string, url: string, init?: RequestInit) => Promise<Response> | undefined;

export class Recorded {
  readonly clock: ManualClock = new ManualClock();
  readonly server: ApiServer = new ApiServer({ clock: this.clock });
  /** Methods and names of what was asked for. */
  readonly asked: string[] = [];
  readonly logged: string[] = [];
  fault: Fault | undefined;
  readonly client: Client = new Client(
    new RestConfig({
      server: "http://coxswain.test",
      clock: this.clock,
      maxRetries: 0,
      qps: 0,
      fetch: ((url: string | URL | Request, init?: RequestInit) => {
        const method = init?.method ?? "GET";
        this.asked.push(method);
        return this.fault?.(method, String(url), init) ?? this.server.fetch(url, init);
      }) as typeof globalThis.fetch,
    }),
  );

  readonly logger: Logger = {
    debug: (message) => void this.logged.push(`debug ${message}`),
    info: (message) => void this.logged.push(`info ${message}`),
    warn: (message) => void this.logged.push(`warn ${message}`),
    error: (message) => void this.logged.push(`error ${message}`),
  };

  constructor() {
    this.server.load({ apiVersion: "v1", kind: "Namespace", metadata: { name: "shop" } });
  }

  /** Lets what can go on go on, several requests after each other. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round++) await this.clock.advance(0);
  }

  /** Lets time pass. */
  async advance(duration: number): Promise<void> {
    await this.settle();
    await this.clock.advance(duration);
    await this.settle();
  }

  /** Closes a recorder, which waits for what it has to write, and then the rest; no timer may be left. */
  async close(recorder: AsyncDisposable): Promise<void> {
    const closed = recorder[Symbol.asyncDispose]();
    await this.advance(10_000);
    await closed;
    assert.equal(this.clock.timers, 0);
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}

/** A refusal as servers answer it. */
export function refusal(code: number, reason: string, cause?: string): Promise<Response> {
  const details = cause === undefined ? undefined : { causes: [{ reason: cause }] };
  const status = {
    apiVersion: "v1",
    kind: "Status",
    status: "Failure",
    message: reason,
    code,
    reason,
    details,
  };
  return Promise.resolve(
    new Response(JSON.stringify(status), { status: code, headers: { "content-type": "application/json" } }),
  );
}
