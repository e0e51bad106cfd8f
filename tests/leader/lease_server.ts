// An API server in memory whose Lease is looked at, and that can be made to fail.
import { Client } from "@coxswain/kube/client";
import type { Stored } from "@coxswain/kube/meta";
import { RestConfig } from "@coxswain/kube/rest";
import { LeaseLock, type LeaseLockOptions } from "@coxswain/kube/leader";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { Lease, type LeaseSpec } from "@coxswain/kube/types/coordination/v1";

/** What happens to a request, instead of what the server does: an answer or an error; `undefined` lets it pass. */
export type Fault = (method: string, pass: () => Promise<Response>) => Promise<Response> | undefined;

export class LeaseServer {
  readonly clock: ManualClock = new ManualClock();
  readonly server: ApiServer = new ApiServer({ clock: this.clock, previewVersions: true });
  /** What was asked for, in the words of the lock: `get`, `create`, `update`; with `!` and a code when refused. */
  readonly asked: string[] = [];
  fault: Fault | undefined;
  readonly client: Client = this.connect();

  constructor() {
    this.server.load({ apiVersion: "v1", kind: "Namespace", metadata: { name: "ops" } });
  }

  /** Lets time pass, slowly enough for several requests one after the other. */
  async advance(duration: number): Promise<void> {
    const end = this.clock.now() + duration;
    const settle = async () => {
      for (let round = 0; round < 5; round++) await this.clock.advance(0);
    };
    await settle();
    while (this.clock.now() < end) {
      await this.clock.advance(Math.min(500, end - this.clock.now()));
      await settle();
    }
  }

  /** A client whose requests are written down and may fail. */
  connect(): Client {
    const fetch = async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
      const method = init?.method ?? "GET";
      const at = this.asked.push({ GET: "get", POST: "create", PUT: "update" }[method] ?? method) - 1;
      const pass = () => this.server.fetch(input, init);
      const response = await (this.fault?.(method, pass) ?? pass());
      if (!response.ok) this.asked[at] += `!${response.status}`;
      return response;
    };
    const config = this.server.restConfig();
    return new Client(
      new RestConfig({
        server: config.server,
        clock: this.clock,
        maxRetries: 0,
        fetch: fetch as typeof globalThis.fetch,
      }),
    );
  }

  lock(identity: string, options: Partial<LeaseLockOptions> = {}): LeaseLock {
    return new LeaseLock(this.client, { namespace: "ops", name: "webapp", identity, ...options });
  }

  /** Puts a Lease there, as somebody else has written it. */
  load(spec: LeaseSpec | undefined): void {
    this.server.load({
      apiVersion: "coordination.k8s.io/v1",
      kind: "Lease",
      metadata: { namespace: "ops", name: "webapp" },
      ...spec && { spec },
    } as Lease);
  }

  /** The Lease, read past the faults and the log. */
  async lease(): Promise<Stored<Lease>> {
    const direct = new Client(this.server.restConfig());
    try {
      return await direct.resource(Lease).namespace("ops").get("webapp");
    } finally {
      await direct[Symbol.asyncDispose]();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client[Symbol.asyncDispose]();
    await this.server[Symbol.asyncDispose]();
  }
}
