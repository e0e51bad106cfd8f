// A server that acts as written, one turn for each request, and an informer of it.
import {
  type Informer,
  InformerFactory,
  type InformerFactoryOptions,
  type InformerOptions,
} from "@coxswain/kube/cache";
import { Client } from "@coxswain/kube/client";
import { type Logger, type Meter, noLogger } from "@coxswain/kube/observe";
import { ManualClock } from "@coxswain/kube/testing";
import { ConfigMap } from "@coxswain/kube/types/core/v1";
import type { Cleanup } from "../cleanup.ts";
import { statusOf } from "./weather.ts";

/** What the server does with one request. */
export interface Turn {
  /** Lines of a watch. */
  lines?: readonly object[];
  /** The whole answer, as JSON. */
  body?: object;
  /** The status code. Default 200. */
  status?: number;
  /** How the answer ends. Default: it does not, if there are lines. */
  end?: "close" | "cut" | "hang";
  /** How long it takes until it ends, in milliseconds. */
  after?: number;
  /** Nobody answers. */
  refused?: boolean;
  /** Called when the request has come. */
  then?: () => void;
}

export const object = (name: string, resourceVersion: string, more: object = {}): object => ({
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { namespace: "shop", name, uid: `uid-${name}`, resourceVersion },
  ...more,
});

export const added = (name: string, version: string, more?: object): object => ({
  type: "ADDED",
  object: object(name, version, more),
});
export const modified = (name: string, version: string, more?: object): object => ({
  type: "MODIFIED",
  object: object(name, version, more),
});
export const deleted = (name: string, version: string): object => ({
  type: "DELETED",
  object: object(name, version),
});
export const bookmark = (resourceVersion: string, end?: string): object => ({
  type: "BOOKMARK",
  object: {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      resourceVersion,
      ...(end === undefined ? {} : { annotations: { "k8s.io/initial-events-end": end } }),
    },
  },
});
export const error = (code: number, reason: string, message?: string, details?: object): object => ({
  type: "ERROR",
  object: statusOf(code, reason, message, details),
});

export const list = (resourceVersion: string, objects: readonly object[], token?: string): Turn => ({
  body: {
    apiVersion: "v1",
    kind: "ConfigMapList",
    metadata: { resourceVersion, ...(token === undefined ? {} : { continue: token }) },
    items: objects,
  },
});
/** A watch that stays open after these lines. */
export const open = (...lines: object[]): Turn => ({ lines, end: "hang" });
/** A watch that the server ends after these lines, and after a while. */
export const closed = (lines: readonly object[], after = 5_000): Turn => ({ lines, end: "close", after });
export const refusal = (code: number, reason: string, message?: string, details?: object): Turn => ({
  status: code,
  body: statusOf(code, reason, message, details),
});
export const refused: Turn = { refused: true };
/** A watch that begins with what is there, and stays open. */
export const initial = (version: string, ...lines: object[]): Turn =>
  open(...lines, bookmark(version, "true"));

/** One request. */
export interface Asked {
  readonly at: number;
  readonly what: "list" | "watch";
  readonly query: Readonly<Record<string, string>>;
}

/** What {@linkcode play} gives. */
export interface Play {
  readonly asked: readonly Asked[];
  readonly clock: ManualClock;
  readonly errors: readonly unknown[];
  readonly informers: InformerFactory;
  readonly informer: Informer<ConfigMap, "Namespaced">;
  /** What the handler has seen, such as `add shop/a 1`. */
  readonly seen: readonly string[];
  /** The requests, as `list rv=0 limit=500` or `watch rv=1`. */
  requests(): string[];
  /** What the cache has, as `a=1`. */
  cached(): string[];
}

/** Lets an informer loose on a server that acts as written; after the last turn, requests are not answered. */
export async function play(
  t: Pick<Cleanup, "after">,
  turns: readonly Turn[],
  { options = {}, factory = {}, logger = noLogger, meter, run = 0 }: {
    options?: InformerOptions<ConfigMap> & { only?: undefined };
    factory?: InformerFactoryOptions;
    logger?: Logger;
    meter?: Meter;
    /** Milliseconds that pass after the start. */
    run?: number;
  } = {},
): Promise<Play> {
  const clock = new ManualClock();
  const asked: Asked[] = [];
  const errors: unknown[] = [];
  const left = [...turns];
  const client = new Client({
    server: "http://coxswain.test",
    clock,
    random: () => 0,
    maxRetries: 0,
    logger,
    meter,
    fetch: (url, init) => {
      const query = Object.fromEntries(new URL(String(url)).searchParams);
      asked.push({ at: clock.now(), what: query.watch === "true" ? "watch" : "list", query });
      const turn = left.shift() ?? { lines: [], end: "hang" };
      turn.then?.();
      return answer(turn, clock, init?.signal ?? undefined);
    },
  });
  const informers = new InformerFactory(client, { ...factory, onError: (error) => void errors.push(error) });
  t.after(async () => {
    await informers[Symbol.asyncDispose]();
    await client[Symbol.asyncDispose]();
  });
  const informer = informers.informer(ConfigMap, options);
  const seen: string[] = [];
  const say = (
    what: string,
    { metadata }: { metadata: { namespace?: string; name: string; resourceVersion: string } },
  ) => void seen.push(`${what} ${metadata.namespace}/${metadata.name} ${metadata.resourceVersion}`);
  informer.addEventHandler({
    onAdd: (one, { isInInitialList }) => say(isInInitialList ? "add initial" : "add", one),
    onUpdate: (old, one) => say(`update ${old.metadata.resourceVersion}`, one),
    onDelete: (one, { finalStateUnknown }) => say(finalStateUnknown ? "delete unseen" : "delete", one),
  });
  informers.start();
  await clock.advance(run);
  await clock.advance(0);
  return {
    asked,
    clock,
    errors,
    informers,
    informer,
    seen,
    requests: () =>
      asked.map(({ what, query: { resourceVersion, limit, continue: token, sendInitialEvents } }) =>
        [
          what,
          ...(resourceVersion === undefined ? [] : [`rv=${resourceVersion}`]),
          ...(limit === undefined ? [] : [`limit=${limit}`]),
          ...(token === undefined ? [] : [`continue=${token}`]),
          ...(sendInitialEvents === undefined ? [] : ["initial"]),
        ].join(" ")
      ),
    cached: () =>
      informer.lister.list().map(({ metadata }) => `${metadata.name}=${metadata.resourceVersion}`).sort(),
  };
}

function answer(turn: Turn, clock: ManualClock, signal: AbortSignal | undefined): Promise<Response> {
  const { lines, body, status = 200, end = lines === undefined ? "close" : "hang", after = 0, refused } =
    turn;
  if (refused) {
    const cause = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });
    return Promise.reject(new TypeError("fetch failed", { cause }));
  }
  const text = lines === undefined
    ? JSON.stringify(body ?? {})
    : lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent) {
        sent = true;
        if (text !== "") return controller.enqueue(new TextEncoder().encode(text));
      }
      if (end === "hang") return await new Promise<void>(() => {}); // until it is cancelled
      if (after > 0) await clock.sleep(after, { signal }).catch(() => {});
      if (end === "close") controller.close();
      else controller.error(new TypeError("terminated"));
    },
  });
  return Promise.resolve(new Response(stream, { status }));
}
