// A server, bad weather, writers and readers, all by the dice; and what must hold all the same.
import assert from "node:assert/strict";
import {
  type Cached,
  type Change,
  type Informer,
  InformerFactory,
  type Registration,
} from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { noLogger } from "@coxswain/kube/observe";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import { FAULTS, Weather } from "./weather.ts";

const PATH = "http://coxswain.test/api/v1";
const NAMESPACES = ["a", "b"];
const NAMES = ["x", "y", "z"];

/** The same seed gives the same numbers from 0 up to 1. */
export function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32;
  };
}

/** What one reader has been told, and whether that can be. */
class Witness {
  readonly known = new Map<string, { uid: string; resourceVersion: string }>();
  readonly #dead = new Set<string>();
  readonly #name: string;
  readonly #history: ReadonlyMap<string, string>;
  /** States of which it has been told, and that have not been looked up: they may be known here before the writer is. */
  readonly #told: { state: string; at: string | undefined; where: string }[] = [];
  count = 0;

  /** @param history Each state that there ever was, as `uid/version`. */
  constructor(name: string, history: ReadonlyMap<string, string>) {
    this.#name = name;
    this.#history = history;
  }

  /** Whether all that it has been told was so once. */
  check(): void {
    for (const { state, at, where } of this.#told.splice(0)) {
      assert.equal(at, this.#history.get(state), `${where}: was never so`);
    }
  }

  take(change: Change<ConfigMap>, passes: (object: Cached<ConfigMap>) => boolean = () => true): void {
    this.count++;
    const { type, key, metadata: { uid, resourceVersion }, object, old } = change;
    const where = `${this.#name}: ${type} ${key} ${uid} ${resourceVersion}`;
    const known = this.known.get(key);
    assert.ok(!this.#dead.has(uid), `${where}: of an object that is dead`);
    switch (type) {
      case "ADDED":
        assert.equal(known, undefined, `${where}: added twice`);
        assert.equal(old, undefined, where);
        break;
      case "MODIFIED":
      case "SYNC":
        assert.ok(known !== undefined, `${where}: of what was never added`);
        assert.equal(known.uid, uid, `${where}: of another object`);
        assert.equal(
          old!.metadata.resourceVersion,
          known.resourceVersion,
          `${where}: old is not what came last`,
        );
        assert.ok(
          type === "SYNC"
            ? known.resourceVersion === resourceVersion
            : Number(resourceVersion) > Number(known.resourceVersion),
          `${where}: goes back from ${known.resourceVersion}`,
        );
        break;
      case "DELETED":
        assert.ok(known !== undefined, `${where}: of what was never added`);
        assert.equal(known.uid, uid, `${where}: of another object`);
        this.known.delete(key);
        if (passes === ALL) this.#dead.add(uid);
        return;
    }
    this.#told.push({ state: `${uid}/${resourceVersion}`, at: object.data?.at, where });
    this.known.set(key, { uid, resourceVersion });
  }
}

const ALL = () => true;

interface Reader {
  readonly name: string;
  readonly witness: Witness;
  readonly passes: (object: Cached<ConfigMap>) => boolean;
  readonly registration?: Registration;
  remove(): Promise<void>;
  failure?: unknown;
}

/** One run. @returns What has happened, line by line: the same for the same seed. */
export async function runModel(seed: number, steps = 60): Promise<string[]> {
  const world = new World(seed);
  try {
    await world.run(steps);
    return world.log;
  } catch (error) {
    throw new Error(`seed ${seed} after: ${world.log.slice(-40).join(" | ")}`, { cause: error });
  }
}

class World {
  readonly log: string[] = [];
  readonly #roll: () => number;
  readonly #clock = new ManualClock();
  readonly #server: ApiServer;
  readonly #weather: Weather;
  readonly #client: Client;
  readonly #open: (saved?: string) => void;
  #informers!: InformerFactory;
  #cache!: Informer<ConfigMap, "Namespaced", "byAt" | "namespace">;
  readonly #readers: Reader[] = [];
  readonly #history = new Map<string, string>();
  #writes = 0;
  #readersMade = 0;

  constructor(seed: number) {
    const roll = this.#roll = dice(seed);
    this.#server = new ApiServer({ clock: this.#clock, historySize: 5 + Math.floor(roll() * 30), seed });
    this.#weather = new Weather(this.#server, roll);
    this.#client = new Client({
      server: "http://coxswain.test",
      fetch: this.#weather.fetch,
      clock: this.#clock,
      random: roll,
      logger: noLogger,
      maxRetries: Math.floor(roll() * 3),
    });
    const common = {
      store: seed % 2 === 0 ? "compact" : "plain",
      managedFields: "drop",
      freeze: roll() < 0.2,
      namespaces: roll() < 0.2 ? NAMESPACES : undefined,
    } as const;
    const own = {
      pageSize: roll() < 0.5 ? 2 : undefined,
      watchList: roll() < 0.3 ? false : undefined,
      indexers: { byAt: ({ data }: Cached<ConfigMap>) => [data?.at ?? ""] },
    };
    this.#open = (saved) => {
      this.#informers = new InformerFactory(this.#client, common);
      const resume = saved === undefined ? undefined : () => Promise.resolve(new Response(saved).body!);
      this.#cache = this.#informers.informer(ConfigMap, { ...own, resume });
    };
    this.#open();
  }

  async run(steps: number): Promise<void> {
    await this.#write();
    for (let step = 0; step < steps; step++) {
      if (step === 3) this.#informers.start();
      const done = await this.#step();
      this.log.push(done);
      await this.#settle();
      this.#checkReaders();
      if (step % 20 === 19) await this.#calm();
    }
    await this.#calm();
    await this.#end();
  }

  async #step(): Promise<string> {
    const roll = this.#roll() * 100;
    if (roll < 45) return await this.#write();
    if (roll < 60) return await this.#advance([10, 1_000, 5_000, 40_000, 400_000][this.#below(5)]);
    if (roll < 75) return this.#newWeather();
    if (roll < 80) {
      this.#server.disconnect();
      return "disconnect";
    }
    if (roll < 84) {
      this.#server.compact();
      return "compact";
    }
    if (roll < 94) return this.#addReader();
    if (roll < 98) return await this.#removeReader();
    return await this.#restart();
  }

  /** The program ends, and begins again with what it has saved. */
  async #restart(): Promise<string> {
    const isSaved = !("sources" in this.#cache) && this.#roll() < 0.8;
    const saved = isSaved ? await new Response(this.#cache.save()).text() : undefined;
    await this.#stop();
    this.#readers.length = 0;
    this.#open(saved);
    this.#informers.start();
    return `restart with ${saved?.split("\n")[0]}`;
  }

  #newWeather(): string {
    const kind = this.#below(4);
    if (kind === 0) {
      this.#weather.choose = () => undefined;
      return "fine";
    }
    const fault = FAULTS[this.#below(FAULTS.length)];
    if (kind === 1) {
      let left = 1 + this.#below(3);
      this.#weather.choose = () => left-- > 0 ? fault : undefined;
      return `${left} × ${fault}`;
    }
    const share = this.#roll();
    if (kind === 2) {
      this.#weather.choose = () => this.#roll() < share ? fault : undefined;
      return `${Math.round(share * 100)} % ${fault}`;
    }
    this.#weather.choose = () => this.#roll() < share ? FAULTS[this.#below(FAULTS.length)] : undefined;
    return `${Math.round(share * 100)} % of anything`;
  }

  async #write(): Promise<string> {
    const namespace = NAMESPACES[this.#below(2)];
    const name = NAMES[this.#below(3)];
    const url = `${PATH}/namespaces/${namespace}/configmaps`;
    const at = `${++this.#writes}`;
    if (this.#roll() < 0.3) {
      const response = await this.#server.fetch(`${url}/${name}`, { method: "DELETE" });
      await response.text();
      return response.ok ? `delete ${namespace}/${name}` : "nothing to delete";
    }
    const object = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace, name, labels: { even: String(this.#writes % 2 === 0) } },
      data: { at, text: "ü".repeat(this.#below(300)) },
    };
    this.#server.load(object as ConfigMap);
    const response = await this.#server.fetch(`${url}/${name}`);
    const { metadata: { uid, resourceVersion } } = await response.json();
    this.#history.set(`${uid}/${resourceVersion}`, at);
    return `write ${namespace}/${name} = ${at} (${resourceVersion})`;
  }

  #addReader(): string {
    const number = ++this.#readersMade;
    const kind = ["sync", "slow", "throwing", "filtered", "resynced", "loop", "small"][this.#below(7)];
    const name = `${kind} ${number}`;
    const witness = new Witness(name, this.#history);
    if (kind === "loop") {
      this.#readers.push(this.#loop(name, witness));
      return `add ${name}`;
    }
    const isEven = ({ metadata }: Cached<ConfigMap>) => metadata.labels?.even === "true";
    const passes = kind === "filtered" ? isEven : ALL;
    const reader: Reader = {
      name,
      witness,
      passes,
      registration: this.#cache.addEventHandler({
        onChange: (change) => {
          try {
            witness.take(change, passes);
          } catch (error) {
            reader.failure ??= error;
          }
          if (kind === "throwing") throw new Error("a handler that throws");
          if (kind === "slow" || kind === "small") return this.#clock.sleep(50);
        },
      }, {
        name,
        filter: kind === "filtered" ? isEven : undefined,
        resyncPeriod: kind === "resynced" ? 30_000 : 0,
        bufferSize: kind === "small" ? 1 : undefined,
        onError: () => {},
      }),
      remove: () => reader.registration!.remove(),
    };
    this.#readers.push(reader);
    return `add ${name}`;
  }

  #loop(name: string, witness: Witness): Reader {
    const controller = new AbortController();
    const reader: Reader = {
      name,
      witness,
      passes: ALL,
      remove: () => {
        controller.abort("enough");
        return ended;
      },
    };
    const ended = (async () => {
      for await (const change of this.#cache.changes({ signal: controller.signal })) {
        try {
          witness.take(change);
        } catch (error) {
          reader.failure ??= error;
        }
      }
    })().catch((reason) => {
      if (reason !== "enough") throw reason;
    });
    return reader;
  }

  async #removeReader(): Promise<string> {
    if (this.#readers.length === 0) return "no reader to remove";
    const [reader] = this.#readers.splice(this.#below(this.#readers.length), 1);
    const removed = reader.remove();
    await this.#clock.advance(100); // a slow one ends what it is at
    await removed;
    const { count } = reader.witness;
    await this.#settle();
    assert.equal(reader.witness.count, count, `${reader.name} was called after it was removed`);
    return `remove ${reader.name}`;
  }

  /** Fine weather until the cache has caught up; then it has to show what the server has. */
  async #calm(): Promise<void> {
    this.#weather.choose = () => undefined;
    // What was begun in bad weather may be silent for as long as a watch may be.
    for (let minute = 0; minute < 15 && !(await this.#isEqual()); minute++) await this.#clock.advance(60_000);
    await this.#clock.advance(60_000); // and the slow ones
    const [there, here] = [await this.#onServer(), this.#inCache()];
    assert.deepEqual(here, there, "the cache is not what the server has");
    assert.ok(this.#cache.hasSynced);
    this.#checkIndexes();
    this.#checkReaders();
    for (const { name, witness, passes, registration } of this.#readers) {
      const expected = this.#cache.lister.list().filter(passes).map(keyed).sort();
      const seen = Array.from(witness.known, ([key, { resourceVersion }]) => `${key} ${resourceVersion}`)
        .sort();
      assert.deepEqual(seen, expected, `${name} does not know what the cache has`);
      assert.ok(registration?.hasSynced ?? true, `${name} has not synced`);
    }
    this.log.push(`calm: ${here.join(", ")} at ${this.#clock.now()}`);
  }

  #checkReaders(): void {
    for (const { failure, witness } of this.#readers) {
      if (failure !== undefined) throw failure;
      witness.check();
    }
  }

  #checkIndexes(): void {
    const all = this.#cache.lister.list();
    for (let at = 0; at <= this.#writes; at++) {
      const value = String(at);
      const expected = all.filter(({ data }) => data?.at === value).map(keyed).sort();
      assert.deepEqual(this.#cache.lister.byIndex("byAt", value).map(keyed).sort(), expected);
    }
    for (const namespace of NAMESPACES) {
      const expected = all.filter(({ metadata }) => metadata.namespace === namespace).map(keyed).sort();
      assert.deepEqual(this.#cache.lister.namespace(namespace).list().map(keyed).sort(), expected);
    }
  }

  async #isEqual(): Promise<boolean> {
    await this.#settle();
    return JSON.stringify(await this.#onServer()) === JSON.stringify(this.#inCache());
  }

  #inCache(): string[] {
    return this.#cache.lister.list().map((object) => `${keyed(object)} ${object.data?.at}`).sort();
  }

  async #onServer(): Promise<string[]> {
    const { items } = await (await this.#server.fetch(`${PATH}/configmaps`)).json();
    return (items as Cached<ConfigMap>[]).map((object) => `${keyed(object)} ${object.data?.at}`).sort();
  }

  async #stop(): Promise<void> {
    const ending = this.#informers[Symbol.asyncDispose]();
    await this.#clock.advance(100); // slow handlers end what they are at
    await ending;
    for (const reader of this.#readers) await reader.remove();
  }

  async #end(): Promise<void> {
    await this.#stop();
    await this.#client[Symbol.asyncDispose]();
    await this.#settle();
    assert.equal(this.#server.openWatches, 0, "a watch is still open");
    assert.equal(this.#weather.open, 0, "an answer is still being read");
    assert.equal(this.#clock.timers, 0, "a timer is still set");
    await this.#server[Symbol.asyncDispose]();
  }

  async #advance(milliseconds: number): Promise<string> {
    await this.#clock.advance(milliseconds);
    return `wait ${milliseconds}`;
  }

  async #settle(): Promise<void> {
    await this.#clock.advance(0);
  }

  #below(limit: number): number {
    return Math.floor(this.#roll() * limit);
  }
}

function keyed({ metadata }: Cached<ConfigMap>): string {
  return `${metadata.namespace}/${metadata.name} ${metadata.resourceVersion}`;
}
