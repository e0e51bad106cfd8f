import type { Clock } from "../async/mod.ts";
import { AnswerBody, connectionLost, connectionRefused } from "./answer_body.ts";
import type { ApiRequest } from "./api_request.ts";
import { type FaultStep, isMeant, isTitle, type OpenFault, type RequestMatch } from "./fault.ts";
import { FaultPlan, type PlannedFault } from "./fault_plan.ts";
import { faultyAnswer } from "./faulty_answer.ts";
import type { RequestInfo } from "./request_info.ts";
import type { Store } from "./store.ts";
import type { Watch } from "./watch.ts";

/**
 * What can go wrong with a server: at once, or by a plan. In memory and on sockets; the same for the same seed.
 *
 * @example The answer is lost, and then the server is busy
 * ```ts
 * import assert from "node:assert/strict";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const server = new ApiServer({ faults: [{ fault: "loseResponse", verb: "create", resource: "configmaps" }] });
 * const path = "http://coxswain.test/api/v1/namespaces/default/configmaps";
 * const body = JSON.stringify({ metadata: { name: "settings" } });
 * const create = { method: "POST", headers: { "content-type": "application/json" }, body };
 * await assert.rejects(server.fetch(path, create)); // but it was done:
 * assert.equal((await server.fetch(path, create)).status, 409);
 *
 * const busy = server.faults.add({ fault: "error", code: 429, retryAfterSeconds: 1, times: 2 });
 * assert.equal((await server.fetch(path)).status, 429);
 * assert.equal(busy.hits, 1);
 * await server.faults.clear();
 * assert.equal((await server.fetch(path)).status, 200);
 * ```
 */
export interface Faults {
  /**
   * Adds a step to the plan, after those that are there. A request gets the fault of the first step that hits it.
   *
   * @throws {RangeError} If the step's numbers make no sense.
   */
  add(step: FaultStep): PlannedFault;
  /**
   * Lets a fault happen now, to the open answers that match: lists that are being read, and watches. `lag` and `restart`
   * happen to the server.
   *
   * @returns When it has happened: sockets are closed, or with `restart` and no `down`, are open again.
   */
  now(fault: OpenFault & RequestMatch): Promise<void>;
  /** Ends each `lag`: what has been written since is in the cache. */
  catchUp(): void;
  /** Fine weather: the plan is empty, the cache has caught up, the server is up. What has happened to answers stays. */
  clear(): Promise<void>;
}

/** What the faults of a server work on. */
export interface FaultParts {
  readonly store: () => Store;
  readonly clock: Clock;
  readonly random: () => number;
  /** The watch that an answer is the answer of. */
  readonly watchOf: (response: Response) => Watch | undefined;
  /** Closes the sockets, or opens them again. */
  readonly setListening: (isOpen: boolean) => Promise<void>;
}

/** An answer that is being read. */
interface OpenAnswer {
  readonly info: RequestInfo;
  readonly body: AnswerBody;
  readonly watch: Watch | undefined;
}

/** Stands between the requests and the server, and does what the faults say. */
export class FaultGate implements Faults {
  readonly #parts: FaultParts;
  readonly #plan: FaultPlan;
  readonly #open = new Set<OpenAnswer>();
  /** Called when the server goes down: requests that wait for an answer will get none. */
  readonly #waiting = new Set<(reason: unknown) => void>();
  readonly #timers = new Set<() => void>();
  #isDown = false;

  constructor(parts: FaultParts, steps: readonly FaultStep[]) {
    this.#parts = parts;
    this.#plan = new FaultPlan(parts.random);
    for (const step of steps) this.#plan.add(step);
  }

  add(step: FaultStep): PlannedFault {
    return this.#plan.add(step);
  }

  async now(fault: OpenFault & RequestMatch): Promise<void> {
    if (fault.fault === "lag") return this.#lag(fault, fault.duration);
    if (fault.fault === "restart") return await this.#restart(fault.down);
    const meant = [...this.#open].filter(({ info }) => isMeant(fault, info));
    for (const { body, watch } of meant) {
      if (fault.fault === "cut" || fault.fault === "hang") body.endAfter(fault.fault, fault);
      else if (fault.fault === "slow") body.slow(fault.bytesPerSecond);
      else if (fault.fault === "expire") watch?.expire();
      else watch?.dropBookmarks();
    }
    if (fault.fault === "expire") this.#parts.store().expire();
  }

  catchUp(): void {
    this.#parts.store().catchUp();
  }

  async clear(): Promise<void> {
    this.#plan.clear();
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    this.catchUp();
    if (this.#isDown) await this.#start();
  }

  /** The server is closed: nothing waits any longer. */
  close(): void {
    for (const cancel of this.#timers) cancel();
    this.#timers.clear();
    for (const { body } of [...this.#open]) if (body.isHeld) body.fail(connectionLost());
    for (const end of [...this.#waiting]) end(connectionLost());
  }

  /** Gives a request its answer, or what the plan has for it. */
  async pass(
    request: ApiRequest,
    info: RequestInfo,
    answer: () => Promise<Response>,
  ): Promise<Response> {
    if (this.#isDown) throw connectionRefused();
    const step = this.#plan.take(info, canExpire(info, request.url));
    if (step !== undefined) {
      const { signal } = request;
      if (step.fault === "error" || step.fault === "expire") return faultyAnswer(step, info);
      if (step.fault === "restart") {
        await this.#restart(step.down);
        throw connectionLost();
      }
      if (step.fault === "lag") this.#lag({ resource: step.resource }, step.duration);
      if ((step.fault === "cut" || step.fault === "hang") && hasNoEnd(step)) {
        if (step.fault === "cut") throw connectionLost();
        return await this.#lost(signal);
      }
    }
    const response = await answer();
    if (step?.fault === "loseResponse") {
      await response.body?.cancel();
      throw connectionLost();
    }
    if (response.body === null) return response;
    const isLong = info.verb === "watch" || info.verb === "list";
    if (step === undefined && !isLong) return response;
    const body = new AnswerBody(
      response.body,
      this.#parts.clock,
      request.signal,
      () => this.#open.delete(open),
    );
    const watch = this.#parts.watchOf(response);
    const open: OpenAnswer = { info, body, watch };
    this.#open.add(open);
    if (step?.fault === "cut" || step?.fault === "hang") body.endAfter(step.fault, step);
    if (step?.fault === "slow") body.slow(step.bytesPerSecond);
    if (step?.fault === "dropBookmarks") watch?.dropBookmarks();
    return new Response(body.stream, response);
  }

  /** An answer that never comes. */
  #lost(signal: AbortSignal | undefined): Promise<never> {
    return new Promise((_, reject) => {
      const end = (reason: unknown) => {
        this.#waiting.delete(end);
        signal?.removeEventListener("abort", abort);
        reject(reason);
      };
      const abort = () => end(signal?.reason);
      this.#waiting.add(end);
      signal?.addEventListener("abort", abort);
    });
  }

  #lag({ resource }: RequestMatch, duration: number | undefined): void {
    const store = this.#parts.store();
    const [title] = resource?.split("/") ?? [];
    const lagging = store.lag(({ plural, group }) => title === undefined || isTitle(title, plural, group));
    if (duration !== undefined) this.#later(duration, () => store.catchUp(lagging));
  }

  async #restart(down = 0): Promise<void> {
    this.#isDown = true;
    this.#loseAll();
    this.#parts.store().dropCache();
    await this.#parts.setListening(false);
    if (down > 0) this.#later(down, () => void this.#start());
    else await this.#start();
  }

  async #start(): Promise<void> {
    await this.#parts.setListening(true);
    this.#isDown = false;
  }

  #loseAll(): void {
    for (const { body } of [...this.#open]) body.fail(connectionLost());
    for (const end of [...this.#waiting]) end(connectionLost());
  }

  #later(delay: number, call: () => void): void {
    if (delay === Infinity) return;
    const cancel = this.#parts.clock.schedule(() => {
      this.#timers.delete(cancel);
      call();
    }, delay);
    this.#timers.add(cancel);
  }
}

function hasNoEnd(step: FaultStep & { fault: "cut" | "hang" }): boolean {
  return step.afterBytes === undefined && step.afterLines === undefined;
}

/** Whether a request is for a version that the server may have forgotten. */
function canExpire({ verb }: RequestInfo, { searchParams: query }: URL): boolean {
  const version = query.get("resourceVersion") ?? "";
  if (verb === "watch") return version !== "" && version !== "0" && !query.has("sendInitialEvents");
  if (verb !== "list") return false;
  const isExact = query.get("resourceVersionMatch") === "Exact" ||
    (version !== "" && version !== "0" && query.has("limit") && !query.has("resourceVersionMatch"));
  return isExact || (query.get("continue") ?? "") !== "";
}
