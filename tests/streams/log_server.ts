// Logs of containers as API servers give them, as a fetch function: whole seconds of sinceTime, one container before the
// last restart, answers that break off. The test says when.
import type { Clock } from "@coxswain/kube/async";
import { systemClock } from "@coxswain/kube/async";

interface Line {
  /** Nanoseconds. */
  time: bigint;
  text: string;
}

interface Follower {
  instance: Instance;
  at: number;
  since: bigint;
  controller: ReadableStreamDefaultController<Uint8Array>;
}

interface Instance {
  lines: Line[];
  hasEnded: boolean;
}

/** A clock whose waits are over at once. */
export const hastyClock: Clock = {
  ...systemClock,
  sleep: async (_, { signal } = {}) => {
    signal?.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, 0));
  },
};

export const formatTime = (time: bigint) =>
  `${new Date(Number(time / 1_000_000_000n) * 1000).toISOString().slice(0, 19)}.${
    String(time % 1_000_000_000n).padStart(9, "0")
  }Z`;

/** The log of one container of one pod. */
export class LogServer {
  instances: Instance[] = [{ lines: [], hasEnded: false }];
  followers = new Set<Follower>();
  isOver = false;
  isGone = false;
  /** How many of the next log requests are refused with 500. */
  refusals = 0;
  requests: URL[] = [];
  #opened = Promise.withResolvers<void>();

  /** Resolves once somebody follows. */
  async followed(): Promise<void> {
    while (this.followers.size === 0) await this.#opened.promise;
  }

  write(time: bigint, text: string): void {
    const instance = this.instances.at(-1)!;
    instance.lines.push({ time, text });
    for (const follower of this.followers) this.#feed(follower);
  }

  /** Breaks off all answers, within a line if that is wanted. */
  cut(within = ""): void {
    for (const { controller } of this.followers) {
      if (within !== "") controller.enqueue(new TextEncoder().encode(within));
      controller.error(new TypeError("terminated"));
    }
    this.#forgetFollowers();
  }

  /** Ends the container; the answers end with it. */
  end(): void {
    this.instances.at(-1)!.hasEnded = true;
    for (const { controller } of this.followers) controller.close();
    this.#forgetFollowers();
  }

  restart(): void {
    this.end();
    this.instances.push({ lines: [], hasEnded: false });
  }

  readonly fetch: typeof globalThis.fetch = (input) => {
    const url = new URL(String(input));
    const refuse = (code: number, reason: string, message = reason) =>
      Response.json({ apiVersion: "v1", kind: "Status", status: "Failure", code, reason, message }, {
        status: code,
      });
    if (this.isGone) return Promise.resolve(refuse(404, "NotFound", 'pods "web-0" not found'));
    if (!url.pathname.endsWith("/log")) {
      const state = this.isOver ? { terminated: { exitCode: 0 } } : { running: {} };
      return Promise.resolve(Response.json({
        kind: "Pod",
        metadata: { name: "web-0", uid: "1" },
        spec: { restartPolicy: this.isOver ? "Never" : "Always" },
        status: {
          phase: "Running",
          containerStatuses: [{ name: "main", restartCount: this.instances.length - 1, state }],
        },
      }));
    }
    this.requests.push(url);
    if (this.refusals > 0) {
      this.refusals--;
      return Promise.resolve(refuse(500, "InternalError"));
    }
    const query = url.searchParams;
    const instance = this.instances.at(query.get("previous") === "true" ? -2 : -1);
    if (instance === undefined) {
      return Promise.resolve(refuse(400, "BadRequest", "previous terminated container not found"));
    }
    const since = query.has("sinceTime")
      ? BigInt(Math.floor(Date.parse(query.get("sinceTime")!) / 1000)) * 1_000_000_000n
      : 0n;
    const tail = query.get("tailLines");
    const at = tail === null ? 0 : Math.max(0, instance.lines.length - Number(tail));
    return Promise.resolve(
      new Response(
        new ReadableStream<Uint8Array>({
          start: (controller) => {
            const follower = { instance, at, since, controller };
            this.#feed(follower);
            if (query.get("follow") !== "true" || instance.hasEnded) return controller.close();
            this.followers.add(follower);
            this.#opened.resolve();
          },
          cancel: () => {
            for (const follower of this.followers) {
              if (follower.instance === instance) this.followers.delete(follower);
            }
          },
        }),
      ),
    );
  };

  #feed(follower: Follower): void {
    for (; follower.at < follower.instance.lines.length; follower.at++) {
      const { time, text } = follower.instance.lines[follower.at];
      if (time < follower.since) continue;
      follower.controller.enqueue(new TextEncoder().encode(`${formatTime(time)} ${text}\n`));
    }
  }

  #forgetFollowers(): void {
    this.followers.clear();
    this.#opened = Promise.withResolvers();
  }
}
