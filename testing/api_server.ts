import { type Clock, systemClock } from "../async/mod.ts";
import type { KubernetesObject, ResourceType } from "../meta/mod.ts";
import { RestConfig } from "../rest/mod.ts";
import { parseManifests } from "../yaml/mod.ts";
import { admit } from "./access.ts";
import { Admission, type AdmissionHook } from "./admission.ts";
import { connectionLost } from "./answer_body.ts";
import { isJsonObject } from "./api_object.ts";
import { formatWarning, refuse } from "./api_handler.ts";
import { type ApiRequest, readFetchArguments } from "./api_request.ts";
import { Authenticator } from "./authenticator.ts";
import { isDefinition } from "./definitions.ts";
import type { FaultStep } from "./fault.ts";
import { FaultGate, type Faults } from "./faults.ts";
import { whenDelivered } from "./delivery.ts";
import { type Door, type Listener, type ListenOptions, openListener } from "./listener.ts";
import { ManualClock } from "./manual_clock.ts";
import { Refusal } from "./refusal.ts";
import { type RequestInfo, requestInfoOf } from "./request_info.ts";
import { type OpenEntry, RequestLog, type SeenRequest } from "./request_log.ts";
import { randomUid, seededRandom } from "./seeded_random.ts";
import type { UserInit } from "./user.ts";
import { type Snapshot, World, type WorldOptions } from "./world.ts";

/** Options of `ApiServer.quiet`. */
export interface QuietOptions {
  /** For how long nothing is to happen, in milliseconds. Default 1,000. */
  duration?: number;
  /** How long to wait for that at most, in milliseconds of the server's clock. Default an hour. */
  limit?: number;
  /** Ends the waiting. */
  signal?: AbortSignal;
}

/** Options of {@linkcode ApiServer}. Read once: changing the object later has no effect. */
export interface ApiServerOptions {
  /** The clock that stamps objects and ends watches. Default the runtime's; a `ManualClock` is moved by hand. */
  clock?: Clock;
  /** What uids and generated names follow from: equal seeds and requests give equal ones. Default 1. */
  seed?: number;
  /**
   * Custom resources to serve besides the built-in ones, without schemas. They have the subresources that they name. For
   * schemas, load or create their CustomResourceDefinitions instead.
   */
  resources?: readonly ResourceType[];
  /**
   * Serve the alpha and beta versions of built-in groups too, as a server does with `--runtime-config=api/all=true`. Between
   * the versions of a kind only the version's name is converted. Default false.
   */
  previewVersions?: boolean;
  /** How many changes of each resource are remembered, for watches and consistent lists. Default 10,000. */
  historySize?: number;
  /**
   * Do what the controllers of a cluster do when objects are deleted: their dependents go, or are orphaned, by their owner
   * references; a namespace is emptied, and goes. It is done before the request that leads to it is answered. Default
   * true. With `false` the server is kube-apiserver by itself, as in envtest: dependents stay, and namespaces stay
   * `Terminating`.
   */
  garbageCollection?: boolean;
  /**
   * Functions that have a say in what is created, updated and deleted, as webhooks have. What is loaded is not asked about,
   * nor are bindings, evictions and what the server does by itself. Webhooks that objects register are not called.
   */
  admission?: readonly AdmissionHook[];
  /** What goes wrong, request by request: a plan to begin with. `server.faults` adds to it. */
  faults?: readonly FaultStep[];
  /**
   * Who is known, by bearer token or by client certificate; all others get 401. Without this option, and without RBAC,
   * everybody is the administrator.
   */
  users?: readonly UserInit[];
  /**
   * Who may do what: everybody everything, or what the roles and bindings in the server say. With `"RBAC"` the server begins
   * with the roles that let users ask what there is and who they are, and lets requests without credentials in as
   * `system:anonymous`. The group `system:masters` may do anything. Default `"AlwaysAllow"`.
   */
  authorization?: "AlwaysAllow" | "RBAC";
}

const ORIGIN = "http://coxswain.test";
const REQUESTS_KEPT = 1_000;

/**
 * A Kubernetes API server in memory. Its `fetch` takes the place of the network, so that a program runs against
 * it as it is, on any runtime, in microseconds; {@linkcode ApiServer.listen} puts the same server on a socket.
 * It answers as kube-apiserver 1.36 does, or says that it cannot.
 *
 * @example Through fetch alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const server = new ApiServer();
 * server.load({ apiVersion: "v1", kind: "Pod", metadata: { name: "web-0", namespace: "shop" } });
 * const answer = await server.fetch("http://coxswain.test/api/v1/namespaces/shop/pods/web-0");
 * assert.equal((await answer.json()).metadata.name, "web-0");
 * await server[Symbol.asyncDispose]();
 * ```
 */
export class ApiServer implements AsyncDisposable {
  /**
   * Answers a request as `globalThis.fetch` would if the server were on the network; the host of the URL does
   * not matter. It is bound: hand it on as it is. Once the server is closed, it rejects with a `TypeError`.
   */
  readonly fetch: typeof globalThis.fetch;
  readonly #clock: Clock;
  readonly #hooks: readonly AdmissionHook[];
  readonly #authenticator: Authenticator;
  readonly #options: WorldOptions;
  readonly #log = new RequestLog(REQUESTS_KEPT);
  readonly #listeners = new Set<Door>();
  readonly #gate: FaultGate;
  #world: World;
  #closed = false;

  /** Opens nothing: without {@linkcode ApiServer.listen} there is no socket. */
  constructor(options: ApiServerOptions = {}) {
    const { clock = systemClock, seed = 1, historySize = 10_000, users } = options;
    if (!(historySize >= 1)) {
      throw new RangeError(`Cannot remember changes: historySize must be at least 1, got ${historySize}`);
    }
    const hasRoles = options.authorization === "RBAC";
    this.#clock = clock;
    this.#hooks = [...options.admission ?? []];
    this.#authenticator = new Authenticator({ users, anonymous: hasRoles, random: seededRandom(seed + 1) });
    this.#options = {
      clock,
      seed,
      resources: [...options.resources ?? []],
      historySize,
      previewVersions: options.previewVersions ?? false,
      garbageCollection: options.garbageCollection ?? true,
      hasRoles,
      authenticator: this.#authenticator,
    };
    this.#world = new World(this.#options);
    this.#gate = new FaultGate({
      store: () => this.#world.store,
      clock,
      random: seededRandom(seed),
      watchOf: (response) => this.#world.handler.watchOf(response),
      setListening: async (isOpen) =>
        void await Promise.all([...this.#listeners].map((listener) => listener.setOpen(isOpen))),
    }, options.faults ?? []);
    this.fetch =
      (async (input: string | URL | Request, init?: RequestInit) =>
        await this.#exchange(readFetchArguments(input, init))) as typeof globalThis.fetch;
  }

  /**
   * A configuration that leads here.
   *
   * @param user Who uses it: one of the server's users, a service account such as `system:serviceaccount:shop:default`, or
   * `admin`, who may do anything. Default: the first of the users.
   * @throws {TypeError} If there is no such user.
   */
  restConfig(user?: string): RestConfig {
    const bearerToken = this.#authenticator.tokenOf(user);
    return new RestConfig({ server: ORIGIN, fetch: this.fetch, bearerToken });
  }

  /**
   * Puts the server on a real socket as well, for programs with a transport of their own. On the loopback
   * interface and any free port, unless told otherwise.
   *
   * @throws {TypeError} If the server is closed.
   * @throws {Error} If the address or port cannot be had.
   */
  async listen(options: ListenOptions = {}): Promise<Listener> {
    if (this.#closed) throw new TypeError("Cannot listen: the server is closed");
    const listener = await openListener(
      (request) => this.#exchange(request),
      options,
      (user) => this.#authenticator.tokenOf(user),
    );
    this.#listeners.add(listener);
    return listener;
  }

  /**
   * Puts objects into the store as they are, status included, and makes their namespaces. One that exists is
   * replaced, which watches see.
   *
   * @throws {TypeError} If an object is of a kind that is not served, or could not be stored on a real server.
   */
  load(...objects: readonly KubernetesObject[]): void {
    for (const object of objects) this.#world.load(object);
  }

  /**
   * Loads all objects of a text in YAML or JSON: documents, and the items of lists. Definitions of custom resources come first.
   *
   * @throws {YamlError} If it cannot be read.
   * @throws {TypeError} As `load` does.
   */
  async loadYaml(text: string): Promise<void> {
    const values = await parseManifests(text);
    const odd = values.find(({ value }) => !isJsonObject(value));
    if (odd !== undefined) throw new TypeError(`Cannot load what line ${odd.line} has: it is no object`);
    const objects = values.map(({ value }) => value as KubernetesObject);
    this.load(...objects.filter(isDefinition), ...objects.filter((object) => !isDefinition(object)));
  }

  /** All objects as they are now: plain JSON, to be kept, or given back with {@linkcode ApiServer.restore}. */
  snapshot(): Snapshot {
    return this.#world.snapshot();
  }

  /**
   * Goes back to a snapshot, of this server or of one with the same options. The same requests then get the same answers
   * again, if the clock says the same. Open watches are broken off, what happened before is forgotten.
   *
   * @throws {TypeError} If it has objects of a kind that is not served.
   */
  restore(snapshot: Snapshot): void {
    const world = new World(this.#options, snapshot);
    this.disconnect();
    this.#world = world;
  }

  /** The latest 1,000 requests, oldest first. */
  get requests(): readonly SeenRequest[] {
    return this.#log.seen;
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#world.handler.watches.size;
  }

  /**
   * Waits until all that has been written so far has come to those who watch it: read by the program, or handed to the
   * socket. A watch that nobody reads, or that a fault holds back, lets it wait for ever.
   *
   * @param signal Ends the waiting.
   */
  delivered({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    return whenDelivered(() => this.#world.handler.watches, signal);
  }

  /**
   * Waits until nothing happens any more: no request has come, and nothing was written, for `duration` milliseconds of the
   * server's clock, and all watches have got everything. A {@linkcode ManualClock} is moved meanwhile: what waits for a
   * back-off or a period gets on with it, at once.
   *
   * @throws {Error} If it is not quiet within `limit`, which names the latest requests.
   */
  async quiet({ duration = 1_000, limit = 3_600_000, signal }: QuietOptions = {}): Promise<void> {
    const state = () => `${this.#log.count} ${this.#log.open} ${this.#world.store.resourceVersion}`;
    const pass = async () => {
      if (this.#clock instanceof ManualClock) await this.#clock.advance(duration);
      else await this.#clock.sleep(duration, { signal });
      await this.delivered({ signal });
    };
    const end = this.#clock.now() + limit;
    for (let before = ""; before !== state() || this.#log.open > 0;) {
      signal?.throwIfAborted();
      if (this.#clock.now() >= end) {
        const latest = this.requests.slice(-3).map(({ method, url }) => `${method} ${url}`);
        throw new Error(
          `Cannot wait for quiet any longer than ${limit} ms. The latest: ${latest.join(", ")}`,
        );
      }
      before = state();
      await pass();
    }
  }

  /** What can go wrong: at once, or by a plan. */
  get faults(): Faults {
    return this.#gate;
  }

  /** Breaks off all open watches, as if the network had failed: their bodies end with an error. */
  disconnect(): void {
    for (const watch of [...this.#world.handler.watches]) watch.fail(connectionLost());
  }

  /** Forgets all history: watches and pages that need it get 410 Expired. Watches that are open stay so. */
  compact(): void {
    this.#world.store.compact();
  }

  /** Ends all watches and closes all sockets. Closing twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const watch of [...this.#world.handler.watches]) watch.end();
    this.#gate.close();
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
  }

  async #exchange(request: ApiRequest): Promise<Response> {
    const { method, url, signal } = request;
    signal?.throwIfAborted();
    if (this.#closed) throw new TypeError("Cannot reach the server: it is closed");
    const info = requestInfoOf(method, url);
    const entry = this.#log.add(method, url, info);
    const answer = () => this.#answer(request, info, entry);
    const response = await this.#gate.pass(request, info, answer).finally(() => entry.close());
    signal?.throwIfAborted();
    entry.status(response.status);
    if (method !== "HEAD") return response;
    await response.body?.cancel(); // nobody reads it
    return new Response(null, response);
  }

  async #answer(request: ApiRequest, info: RequestInfo, entry: OpenEntry): Promise<Response> {
    const response = await this.#allowed(request, info, entry);
    this.#world.settle();
    response.headers.set("audit-id", request.headers.get("audit-id") ?? randomUid(this.#world.auditRandom));
    return response;
  }

  async #allowed(request: ApiRequest, info: RequestInfo, entry: OpenEntry): Promise<Response> {
    try {
      const { user } = admit(request, info, this.#authenticator, this.#world.authorizer);
      entry.user(user.name);
      const text = async () => {
        const text = await request.text();
        entry.body(text);
        return text;
      };
      if (this.#hooks.length === 0) return await this.#world.handler.answer({ ...request, user, text });
      const admission = new Admission(this.#hooks, user);
      const response = await this.#world.handler.answer({ ...request, user, text, admission });
      for (const warning of admission.warnings) response.headers.append("warning", formatWarning(warning));
      return response;
    } catch (error) {
      if (error instanceof Refusal) return refuse(error.status);
      throw error;
    }
  }
}
