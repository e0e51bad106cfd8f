import { readFile } from "node:fs/promises";
import { type Client, InformerFactory, isNotFound } from "@coxswain/kube";
import type { Clock } from "@coxswain/kube/async";
import { isConditionTrue, isControlledBy } from "@coxswain/kube/meta";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Lease } from "@coxswain/kube/types/coordination/v1";
import { Namespace, Service } from "@coxswain/kube/types/core/v1";
import { Event } from "@coxswain/kube/types/events/v1";
import { type Replica, startReplica } from "./replica.ts";
import type { AppRow, OperatorRow, Stage, Step, View } from "./view.ts";
import { WebApp } from "./web_app.ts";

/** How long an operator may be silent until the other takes over, in seconds. Real ones have 15. */
const LEASE_SECONDS = 3;
/** What has not come about by then will not, in milliseconds. */
const LIMIT = 30_000;
/** The kind that the story is about. */
const DEFINITION = new URL("../operator.yaml", import.meta.url);

/** The story cannot go on. */
export class StoryError extends Error {}

/** What the story needs. */
export interface StoryOptions {
  client: Client;
  /** Where it is played, for people. */
  place: string;
  /** What the operators need in their environment. */
  env: Readonly<Record<string, string>>;
  namespace: string;
  view: View;
  clock: Clock;
  /** How long things stay as they are between two steps, in milliseconds, so that somebody can follow. */
  pause: number;
  /** Breaks it off. */
  signal: AbortSignal;
}

/**
 * Plays the story, and cleans up behind itself.
 *
 * @returns What has happened, for people.
 * @throws {StoryError} If something does not come about.
 */
export async function playStory(options: StoryOptions): Promise<string[]> {
  const story = new Story(options);
  try {
    return await story.play();
  } finally {
    await story.cleanUp();
  }
}

class Story {
  readonly #options: StoryOptions;
  readonly #informers: InformerFactory;
  readonly #replicas = new Map<string, { replica: Replica; state: OperatorRow["state"] }>();
  readonly #steps: Step[] = [
    { name: "create", what: "two WebApps, web and cart", state: "to come" },
    { name: "scale", what: "web from 2 replicas to 4", state: "to come" },
    { name: "break", what: "somebody sets replicas to 0 and deletes the Service", state: "to come" },
    { name: "kill", what: "the leader; meanwhile web gets another image", state: "to come" },
    { name: "delete", what: "both WebApps", state: "to come" },
    { name: "stop", what: "the leader is told to end", state: "to come" },
  ];
  readonly #news: string[] = [];
  readonly #told = new Map<string, string>();
  /** Those who wait for something to change. */
  #waiting: (() => void)[] = [];
  #failure: StoryError | undefined;
  #definesKind = false;

  constructor(options: StoryOptions) {
    this.#options = options;
    this.#informers = new InformerFactory(options.client, { namespaces: options.namespace });
  }

  async play(): Promise<string[]> {
    const { clock } = this.#options;
    await this.#prepare();
    const began = clock.now();
    for (const name of ["operator-a", "operator-b"]) this.#start(name);
    await this.#until("an operator leads", () => this.#leader() !== undefined);
    await this.#step("create", () => this.#create());
    await this.#step("scale", () => this.#scale());
    await this.#step("break", () => this.#break());
    await this.#step("kill", () => this.#kill());
    await this.#step("delete", () => this.#delete());
    await this.#step("stop", () => this.#stop());
    return [
      `What has happened in ${seconds(clock.now() - began)}:`,
      ...this.#steps.map(({ name, outcome }) => `  ${name.padEnd(8)}${outcome}`),
    ];
  }

  /** Ends the operators, and takes away what is left. */
  async cleanUp(): Promise<void> {
    const { client, namespace } = this.#options;
    for (const { replica } of this.#replicas.values()) replica.kill("SIGKILL");
    await Promise.all([...this.#replicas.values()].map(({ replica }) => replica.ended));
    await this.#informers[Symbol.asyncDispose]();
    try {
      // Where the story was broken off, nobody is there any more to take the finalizers away.
      const apps = client.resource(WebApp).namespace(namespace);
      for await (const { metadata: { name } } of apps.items()) {
        await apps.patch(name, { merge: { metadata: { finalizers: [] } } });
        await apps.delete(name).catch(unlessMissing);
      }
      await client.resource(Namespace).delete(namespace).catch(unlessMissing);
      if (!this.#definesKind) return;
      await client.resource(CustomResourceDefinition).delete("webapps.example.com").catch(unlessMissing);
    } catch (error) {
      if (!isNotFound(error)) throw error; // the kind has gone, or was never there
    }
  }

  /** A namespace, the kind, and informers that tell what happens. */
  async #prepare(): Promise<void> {
    const { client, namespace, signal } = this.#options;
    await client.resource(Namespace).create({ metadata: { name: namespace } }, { signal });
    const definitions = client.resource(CustomResourceDefinition);
    const known = await definitions.get("webapps.example.com", { signal }).catch(unlessMissing);
    this.#definesKind = known === undefined;
    const text = await readFile(DEFINITION, "utf8");
    if (this.#definesKind) await client.applyManifests(text, { fieldManager: "coxswain-demo", signal });

    const onChange = () => this.#changed();
    this.#informers.informer(WebApp).addEventHandler({ onChange });
    this.#informers.informer(Deployment).addEventHandler({ onChange });
    this.#informers.informer(Service).addEventHandler({ onChange });
    this.#informers.informer(Lease).addEventHandler({ onChange });
    this.#informers.informer(Event).addEventHandler({
      onAdd: ({ type, reason, note, regarding }) => {
        if (regarding?.kind === "WebApp") this.#tell(`${type} ${reason}: ${note} (${regarding.name})`);
      },
    });
    this.#informers.start();
    await this.#informers.waitForSync({ signal });
  }

  #start(name: string): void {
    const { env, namespace } = this.#options;
    const variables = { ...env, POD_NAMESPACE: namespace, LEASE_SECONDS: String(LEASE_SECONDS) };
    const entry = { replica: startReplica(name, variables), state: "starting" as OperatorRow["state"] };
    this.#replicas.set(name, entry);
    void entry.replica.ended.then((code) => {
      if (entry.state === "killed" || entry.state === "has ended") return;
      const problem = `${name} has ended with code ${code}: ${entry.replica.complaints()}`;
      if (!this.#options.signal.aborted) this.#failure ??= new StoryError(problem);
      this.#changed();
    });
  }

  async #create(): Promise<string> {
    const apps = this.#apps();
    const { signal } = this.#options;
    await apps.create({ metadata: { name: "web" }, spec: { image: "nginx:1.28", replicas: 2 } }, { signal });
    await apps.create({ metadata: { name: "cart" }, spec: { image: "nginx:1.28" } }, { signal });
    await this.#until("web and cart are ready", () => this.#isReady("web") && this.#isReady("cart"));
    return "each has a Deployment and a Service, and is ready";
  }

  async #scale(): Promise<string> {
    await this.#apps().patch("web", { merge: { spec: { replicas: 4 } } }, { signal: this.#options.signal });
    await this.#until(
      "web has 4 replicas",
      () => this.#deployment("web")?.spec?.replicas === 4 && this.#isReady("web"),
    );
    return "web has 4 replicas, and they are ready";
  }

  async #break(): Promise<string> {
    const { client, namespace, signal } = this.#options;
    const before = this.#service("web")?.metadata.uid;
    const deployments = client.resource(Deployment).namespace(namespace);
    await deployments.patch("web", { merge: { spec: { replicas: 0 } } }, {
      fieldManager: "somebody",
      signal,
    });
    await client.resource(Service).namespace(namespace).delete("web", { signal });
    await this.#until("web is as it was", () => {
      const service = this.#service("web");
      return service !== undefined && service.metadata.uid !== before &&
        this.#deployment("web")?.spec?.replicas === 4 && this.#isReady("web");
    });
    return "replicas set to 0, Service deleted by hand: put right";
  }

  async #kill(): Promise<string> {
    const { clock, signal } = this.#options;
    const killed = this.#leader() ?? "";
    const entry = this.#replicas.get(killed);
    if (entry === undefined) throw new StoryError(`${killed} leads, and is none of the story's operators`);
    entry.state = "killed";
    entry.replica.kill("SIGKILL");
    const killedAt = clock.now();
    this.#tell(`${killed} has been killed`);
    await this.#apps().patch("web", { merge: { spec: { image: "nginx:1.29" } } }, { signal });
    await this.#until("the other leads", () => ![undefined, killed].includes(this.#leader()));
    const took = seconds(clock.now() - killedAt);
    await this.#until("web has its new image", () => {
      const [container] = this.#deployment("web")?.spec?.template.spec?.containers ?? [];
      return container?.image === "nginx:1.29" && this.#isReady("web");
    });
    return `${killed} killed; ${this.#leader()} led ${took} later, and went on`;
  }

  async #delete(): Promise<string> {
    const { signal } = this.#options;
    for (const name of ["web", "cart"]) await this.#apps().delete(name, { signal });
    await this.#until(
      "all is gone",
      () => this.#rows().length === 0 && !this.#service("web") && !this.#deployment("web"),
    );
    return "web and cart went after their Services and Deployments";
  }

  async #stop(): Promise<string> {
    const name = this.#leader() ?? "";
    const entry = this.#replicas.get(name);
    if (entry === undefined) throw new StoryError("Nobody leads any more");
    entry.state = "has ended";
    entry.replica.kill("SIGTERM");
    const code = await entry.replica.ended;
    if (code !== 0) {
      throw new StoryError(`${name} has ended with code ${code}: ${entry.replica.complaints()}`);
    }
    await this.#until("the lease is given back", () => this.#leader() === undefined);
    return `${name} gave its lease back, ended with code 0`;
  }

  async #step(name: string, act: () => Promise<string>): Promise<void> {
    const { clock, pause, signal } = this.#options;
    const step = this.#steps.find((one) => one.name === name)!; // the list above has it
    await clock.sleep(pause, { signal });
    step.state = "going on";
    this.#tell(`${name.toUpperCase()}: ${step.what}`);
    const began = clock.now();
    step.outcome = await act();
    step.outcome += ` (${seconds(clock.now() - began)})`;
    step.state = "done";
    this.#tell(`done: ${step.outcome}`);
  }

  /** Waits for something to come about. */
  async #until(what: string, holds: () => boolean): Promise<void> {
    const { clock, signal } = this.#options;
    const cancel = clock.schedule(() => {
      const complaints = [...this.#replicas.values()].map(({ replica }) => replica.complaints()).join(" ");
      this.#failure ??= new StoryError(
        `Within ${seconds(LIMIT)} it did not come about that ${what}. ${complaints}`,
      );
      this.#changed();
    }, LIMIT);
    const wake = () => this.#changed();
    signal.addEventListener("abort", wake);
    try {
      while (!holds()) {
        signal.throwIfAborted();
        if (this.#failure !== undefined) throw this.#failure;
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      cancel();
      signal.removeEventListener("abort", wake);
    }
  }

  #changed(): void {
    const leader = this.#leader();
    for (const [name, entry] of this.#replicas) {
      if (entry.state === "killed" || entry.state === "has ended") continue;
      const state = name === leader ? "leads" : leader === undefined ? "starting" : "stands by";
      if (entry.state !== state && state === "leads") this.#tell(`${name} leads`);
      entry.state = state;
    }
    for (const { name, replicas, ready, isDeleting } of this.#rows()) {
      const line = `WebApp ${name}: ${
        isDeleting ? "is to go" : ready === "True" ? "ready" : "not ready"
      }, ${replicas} replicas`;
      if (this.#told.get(name) !== line) this.#options.view.tell(line);
      this.#told.set(name, line);
    }
    this.#show();
    for (const wake of this.#waiting.splice(0)) wake();
  }

  #tell(line: string): void {
    this.#news.push(`${this.#options.clock.date().toTimeString().slice(0, 8)} ${line}`);
    this.#options.view.tell(line);
    this.#show();
  }

  #show(): void {
    const operators = [...this.#replicas].map(([name, { state }]) => ({ name, state }));
    const { place, view } = this.#options;
    const stage: Stage = { place, steps: this.#steps, operators, apps: this.#rows(), news: this.#news };
    view.show(stage);
  }

  #apps() {
    return this.#options.client.resource(WebApp).namespace(this.#options.namespace);
  }

  #rows(): AppRow[] {
    const { lister } = this.#informers.informer(WebApp);
    return lister.list().map(({ metadata: { name, deletionTimestamp }, spec, status }): AppRow => {
      const deployment = this.#deployment(name);
      const { readyReplicas = 0 } = deployment?.status ?? {};
      return {
        name,
        image: spec.image,
        replicas: deployment === undefined ? "-" : `${readyReplicas}/${deployment.spec?.replicas}`,
        ready: status?.conditions?.find(({ type }) => type === "Ready")?.status ?? "-",
        service: this.#service(name) === undefined ? "no" : "yes",
        isDeleting: deletionTimestamp !== undefined,
      };
    }).sort((one, other) => one.name < other.name ? -1 : 1);
  }

  #deployment(name: string) {
    return this.#informers.informer(Deployment).lister.namespace(this.#options.namespace).get(name);
  }

  #service(name: string) {
    return this.#informers.informer(Service).lister.namespace(this.#options.namespace).get(name);
  }

  /** Whether the status speaks of the specification as it is, and the Deployment and Service are the WebApp's. */
  #isReady(name: string): boolean {
    const app = this.#informers.informer(WebApp).lister.namespace(this.#options.namespace).get(name);
    const [deployment, service] = [this.#deployment(name), this.#service(name)];
    if (app === undefined || deployment === undefined || service === undefined) return false;
    const { conditions, observedGeneration } = app.status ?? {};
    return observedGeneration === app.metadata.generation && isConditionTrue(conditions, "Ready") &&
      deployment.status?.observedGeneration === deployment.metadata.generation &&
      deployment.status?.readyReplicas === deployment.spec?.replicas &&
      isControlledBy(deployment, app) && isControlledBy(service, app);
  }

  /** Who leads, if anybody does. */
  #leader(): string | undefined {
    const leases = this.#informers.informer(Lease).lister.namespace(this.#options.namespace);
    return leases.get("webapp-operator")?.spec?.holderIdentity || undefined;
  }
}

function unlessMissing(error: unknown): undefined {
  if (!isNotFound(error)) throw error;
}

function seconds(duration: number): string {
  return `${(duration / 1000).toFixed(1)} s`;
}
