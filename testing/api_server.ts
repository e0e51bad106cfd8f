import { type Clock, systemClock } from "../async/mod.ts";
import type { KubernetesObject, ResourceType } from "../meta/mod.ts";
import { RestConfig } from "../rest/mod.ts";
import { connectionLost } from "./answer_body.ts";
import { ApiHandler, refuse } from "./api_handler.ts";
import { type ApiRequest, readFetchArguments } from "./api_request.ts";
import { builtInResources } from "./built_in_resources.ts";
import type { FaultStep } from "./fault.ts";
import { FaultGate, type Faults } from "./faults.ts";
import { type Door, type Listener, type ListenOptions, openListener } from "./listener.ts";
import { followDefinitions } from "./custom_resources.ts";
import { GarbageCollector } from "./garbage_collector.ts";
import { NamespaceTermination } from "./namespace_termination.ts";
import { failure, Refusal } from "./refusal.ts";
import { Registry } from "./registry.ts";
import { parseObject } from "./request_body.ts";
import { requestInfoOf } from "./request_info.ts";
import { RequestLog, type SeenRequest } from "./request_log.ts";
import { Router } from "./route.ts";
import { randomUid, seededRandom } from "./seeded_random.ts";
import { type ServedResource, servedResource } from "./served_resource.ts";
import { Store } from "./store.ts";

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
  /** What goes wrong, request by request: a plan to begin with. `server.faults` adds to it. */
  faults?: readonly FaultStep[];
  /** Bearer tokens that are let in. Without this option anybody is. */
  tokens?: readonly string[];
}

const ORIGIN = "http://coxswain.test";
const REQUESTS_KEPT = 1_000;
const FIRST_NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

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
  readonly #store: Store;
  readonly #registry: Registry;
  readonly #router: Router;
  readonly #handler: ApiHandler;
  readonly #tokens: readonly string[] | undefined;
  readonly #log = new RequestLog(REQUESTS_KEPT);
  readonly #listeners = new Set<Door>();
  readonly #gate: FaultGate;
  readonly #garbage: GarbageCollector | undefined;
  readonly #termination: NamespaceTermination | undefined;
  readonly #auditRandom: () => number; // apart from the one of uids: what is only read makes no difference to those
  #closed = false;

  /** Opens nothing: without {@linkcode ApiServer.listen} there is no socket. */
  constructor(options: ApiServerOptions = {}) {
    const { clock = systemClock, seed = 1, resources = [], historySize = 10_000, tokens } = options;
    const { previewVersions = false } = options;
    const { garbageCollection = true } = options;
    if (!(historySize >= 1)) {
      throw new RangeError(`Cannot remember changes: historySize must be at least 1, got ${historySize}`);
    }
    const custom = resources.map((type) => servedResource(type));
    this.#store = new Store(historySize);
    this.#router = new Router([...builtInResources(previewVersions), ...custom]);
    const namespaces = this.#router.resource("v1", "namespaces") as ServedResource; // it is in the table
    this.#registry = new Registry(this.#store, clock, seededRandom(seed), namespaces);
    const definitions = this.#router.resource(
      "apiextensions.k8s.io/v1",
      "customresourcedefinitions",
    ) as ServedResource; // so is this
    followDefinitions(this.#store, this.#registry, this.#router, definitions, clock);
    if (garbageCollection) {
      this.#garbage = new GarbageCollector(this.#store, this.#registry, this.#router);
      this.#termination = new NamespaceTermination(
        this.#store,
        this.#registry,
        this.#router,
        namespaces,
        clock,
      );
    }
    this.#handler = new ApiHandler({
      store: this.#store,
      registry: this.#registry,
      router: this.#router,
      clock,
    });
    this.#gate = new FaultGate({
      store: this.#store,
      clock,
      random: seededRandom(seed),
      watchOf: (response) => this.#handler.watchOf(response),
      setListening: async (isOpen) =>
        void await Promise.all([...this.#listeners].map((listener) => listener.setOpen(isOpen))),
    }, options.faults ?? []);
    this.#tokens = tokens && [...tokens];
    this.#auditRandom = seededRandom(seed);
    for (const name of FIRST_NAMESPACES) {
      this.#registry.create(namespaces, undefined, { metadata: { name } }, { dryRun: false });
    }
    this.fetch =
      (async (input: string | URL | Request, init?: RequestInit) =>
        await this.#exchange(readFetchArguments(input, init))) as typeof globalThis.fetch;
  }

  /** A configuration that leads here, with the first of the tokens if there are any. */
  restConfig(): RestConfig {
    return new RestConfig({ server: ORIGIN, fetch: this.fetch, bearerToken: this.#tokens?.[0] });
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
    const listener = await openListener((request) => this.#exchange(request), options, this.#tokens?.[0]);
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
    for (const object of objects) {
      const { apiVersion = "", kind = "", metadata } = object;
      const resource = this.#router.kind(apiVersion, kind);
      if (resource === undefined) {
        throw new TypeError(
          `Cannot load ${JSON.stringify(metadata?.name)}: ${JSON.stringify(apiVersion)} serves no kind ${
            JSON.stringify(kind)
          }. Add it to the server's resources`,
        );
      }
      try {
        this.#registry.load(resource, parseObject(JSON.stringify(object), resource, () => undefined));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        throw new TypeError(`Cannot load ${JSON.stringify(metadata?.name)}: ${error.message}`, {
          cause: error,
        });
      } finally {
        this.#garbage?.forget();
      }
    }
  }

  /** The latest 1,000 requests, oldest first. */
  get requests(): readonly SeenRequest[] {
    return this.#log.seen;
  }

  /** How many watches are open. */
  get openWatches(): number {
    return this.#handler.watches.size;
  }

  /** What can go wrong: at once, or by a plan. */
  get faults(): Faults {
    return this.#gate;
  }

  /** Breaks off all open watches, as if the network had failed: their bodies end with an error. */
  disconnect(): void {
    for (const watch of [...this.#handler.watches]) watch.fail(connectionLost());
  }

  /** Forgets all history: watches and pages that need it get 410 Expired. Watches that are open stay so. */
  compact(): void {
    this.#store.compact();
  }

  /** Ends all watches and closes all sockets. Closing twice is fine. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed = true;
    for (const watch of [...this.#handler.watches]) watch.end();
    this.#gate.close();
    await Promise.all([...this.#listeners].map((listener) => listener.close()));
  }

  async #exchange(request: ApiRequest): Promise<Response> {
    const { method, url, signal } = request;
    signal?.throwIfAborted();
    if (this.#closed) throw new TypeError("Cannot reach the server: it is closed");
    const answered = this.#log.add(method, url);
    const info = requestInfoOf(method, url);
    const response = await this.#gate.pass(request, info, () => this.#answer(request));
    signal?.throwIfAborted();
    answered(response.status);
    return method === "HEAD" ? new Response(null, response) : response;
  }

  async #answer(request: ApiRequest): Promise<Response> {
    const { headers } = request;
    const response = this.#admits(headers)
      ? await this.#handler.answer(request)
      : refuse(failure(401, "Unauthorized", "Unauthorized"));
    this.#settle();
    response.headers.set("audit-id", headers.get("audit-id") ?? randomUid(this.#auditRandom));
    return response;
  }

  /** Lets the controllers do what the last requests have left to them. */
  #settle(): void {
    while (this.#garbage?.settle() || this.#termination?.settle());
  }

  #admits(headers: Headers): boolean {
    if (this.#tokens === undefined) return true;
    const [, token] = /^Bearer (.*)$/.exec(headers.get("authorization") ?? "") ?? [];
    return token !== undefined && this.#tokens.includes(token);
  }
}
