// The pages of a list while one is asked for ahead: nothing of it is left open.
import assert from "node:assert/strict";
import process from "node:process";
import { describe, it } from "node:test";
import { type ListPage, type ListWatch, ObjectStore, Reflector } from "@coxswain/kube/cache";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { PageAhead } from "../../cache/page_ahead.ts";
import { ManualClock } from "@coxswain/kube/testing";

/** One page that was asked for. */
interface Asked {
  readonly token: string;
  readonly signal: AbortSignal;
  /** Lets it come. */
  readonly come: (page: ListPage<KubernetesObject>) => void;
  readonly fail: (error: unknown) => void;
}

/** A page of one batch, after which another says how it goes on. */
class Page implements ListPage<KubernetesObject> {
  isClosed = false;
  readonly metadata: { resourceVersion: string; continue?: string };
  readonly #rest: Promise<undefined>;
  #isRead = false;

  constructor(token: string, rest: Promise<undefined> = Promise.resolve(undefined)) {
    this.metadata = { resourceVersion: "1", continue: token };
    this.#rest = rest;
  }

  nextBatch(): Promise<[] | undefined> {
    if (this.#isRead) return this.#rest;
    this.#isRead = true;
    return Promise.resolve([]);
  }

  close(): void {
    this.isClosed = true;
  }
}

function source(): { asked: Asked[]; source: ListWatch<KubernetesObject> } {
  const asked: Asked[] = [];
  return {
    asked,
    source: {
      name: "pods",
      supportsWatchList: false,
      list({ continue: token = "" }, { signal }) {
        const { promise, resolve, reject } = Promise.withResolvers<ListPage<KubernetesObject>>();
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
        asked.push({ token: String(token), signal, come: resolve, fail: reject });
        return promise;
      },
      watch: () => new Promise(() => {}),
    },
  };
}

/** Lets all promises that are settled be told. */
const settled = (clock: ManualClock) => clock.advance(0);

function reflecting(): { asked: Asked[]; clock: ManualClock; life: AbortController; ended: Promise<void> } {
  const { asked, source: from } = source();
  const clock = new ManualClock();
  const store = new ObjectStore<KubernetesObject>();
  const target = { replacing: () => store.replacing(), push: () => undefined };
  const life = new AbortController();
  const ended = new Reflector({ source: from, target, clock, random: () => 0 }).run({ signal: life.signal });
  return { asked, clock, life, ended };
}

describe("a page that is asked for ahead (spec informers 6)", () => {
  it("is given up when the reflector stops before it has come", async () => {
    const { asked, clock, life, ended } = reflecting();
    await settled(clock);
    asked[0].come(new Page("second", new Promise((_, reject) => asked[0].signal.onabort = reject)));
    await settled(clock);
    assert.deepEqual(asked.map(({ token }) => token), ["", "second"]);
    life.abort();
    await ended;
    assert.ok(asked[1].signal.aborted);
  });

  it("is closed when the reflector stops after it has come", async () => {
    const { asked, clock, life, ended } = reflecting();
    await settled(clock);
    const broken = Promise.withResolvers<undefined>();
    const [page, second] = [new Page("second", broken.promise), new Page("third")];
    asked[0].come(page);
    await settled(clock);
    asked[1].come(second);
    await settled(clock);
    assert.deepEqual([page.isClosed, second.isClosed], [false, false]);
    life.abort();
    broken.reject(new Error("aborted"));
    await ended;
    assert.deepEqual([page.isClosed, second.isClosed], [true, true]);
  });

  it("is closed when the page before it breaks off, and the list begins anew", async () => {
    const { asked, clock, life, ended } = reflecting();
    await settled(clock);
    const broken = Promise.withResolvers<undefined>();
    const [first, second] = [new Page("second", broken.promise), new Page("third")];
    asked[0].come(first);
    await settled(clock);
    asked[1].come(second);
    broken.reject(new Error("cut"));
    await clock.advance(800);
    assert.deepEqual([first.isClosed, second.isClosed], [true, true]);
    assert.deepEqual(asked.map(({ token }) => token), ["", "second", ""]);
    life.abort();
    await ended;
  });

  it("is closed when a list says at its end that it goes on elsewhere", async () => {
    const { asked, source: from } = source();
    const ahead = new PageAhead(from, new AbortController().signal);
    ahead.askAhead("second", 4);
    ahead.askAhead("another", 4);
    const next = ahead.next("other", 4);
    assert.deepEqual(asked.map(({ token }) => token), ["second", "other"]);
    const [unwanted, wanted] = [new Page(""), new Page("")];
    asked[0].come(unwanted);
    asked[1].come(wanted);
    assert.equal(await next, wanted);
    assert.deepEqual([unwanted.isClosed, wanted.isClosed], [true, false]);
    await ahead.close();
  });

  it("that fails says so when it is its turn, and to nobody before", async () => {
    const { asked, source: from } = source();
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on("unhandledRejection", note);
    try {
      const ahead = new PageAhead(from, new AbortController().signal);
      ahead.askAhead("second", 4);
      asked[0].fail(new Error("expired"));
      await new Promise((resolve) => setTimeout(resolve, 0)); // what nobody handles is told after a turn
      await assert.rejects(ahead.next("second", 4), /expired/);
      await ahead.close();
      assert.deepEqual(unhandled, []);
    } finally {
      process.off("unhandledRejection", note);
    }
  });

  it("is not asked for by who knows no token, or has been closed", async () => {
    const { asked, source: from } = source();
    const ahead = new PageAhead(from, new AbortController().signal);
    ahead.askAhead("", 4);
    await ahead.close();
    await ahead.close();
    ahead.askAhead("second", 4);
    assert.deepEqual(asked, []);
  });
});
