import type { Client } from "@coxswain/kube/client";
import { isConfigError, NetworkError, StatusError } from "@coxswain/kube/rest";
import { ConfigMap } from "@coxswain/kube/types/core/v1";

/** What a caller does. */
export interface Operation {
  /** For the names of tests. */
  readonly name: string;
  /** The column in the table of faults that says what comes of it. */
  readonly kind: "get" | "list" | "watch" | "begin" | "follow" | "write";
  /** How many requests must go well before the fault begins. */
  readonly healthy: number;
  /** Does it. Never rejects. */
  readonly run: (client: Client) => Promise<Outcome>;
}

/** What came of an {@linkcode Operation}. */
export interface Outcome {
  /** Whether it would have gone on trying. */
  readonly again: boolean;
  /** What it failed with, or what a watch that goes on was last interrupted by. */
  readonly error?: unknown;
}

/** How often a watch that goes on by itself is interrupted before there is enough to see. */
export const INTERRUPTIONS = 2;

/** What a watch that is to go well gets: one event. */
export const HEALTHY = '{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"6"}}}\n';

/** Is in every body that is sent. */
export const BODY_CANARY = "c4n4ry-in-a-request-body";

const object = { metadata: { name: "web", resourceVersion: "5" }, data: { password: BODY_CANARY } };
const settings = (client: Client) => client.resource(ConfigMap).namespace("shop");

/** All ways of asking a server for something. */
export const OPERATIONS: readonly Operation[] = [
  ...single("get", "GET, read as JSON", (client) => settings(client).get("web")),
  ...single("list", "a list", (client) => settings(client).list()),
  ...single("list", "items one by one", (client) => readAll(settings(client).items())),
  ...single("watch", "one watch connection", async (client) => {
    const request = client.rest.get().resource(ConfigMap).query({ watch: true, resourceVersion: "5" });
    await readAll((await request.send()).watch());
  }),
  { name: "watch() at its beginning", kind: "begin", healthy: 0, run: (client) => follow(client, 0) },
  { name: "watch() that was connected", kind: "follow", healthy: 1, run: (client) => follow(client, 1) },
  ...single("write", "POST", (client) => settings(client).create(object)),
  ...single("write", "PUT", (client) => settings(client).update(object)),
  ...single("write", "PATCH", (client) => settings(client).patch("web", { merge: { data: object.data } })),
  ...single("write", "DELETE", (client) => settings(client).delete("web")),
];

/** An outcome in a few words: `ok`, or class, reason and phase or code of an error; `again: …` if it went on. */
export function describeOutcome({ again, error }: Outcome): string {
  if (again) return `again: ${error === undefined ? "ended" : describeError(error)}`;
  return error === undefined ? "ok" : describeError(error);
}

function describeError(error: unknown): string {
  if (error instanceof NetworkError) return `NetworkError ${error.reason} ${error.phase}`;
  if (error instanceof StatusError) return `StatusError ${error.reason} ${error.code}`;
  if (isConfigError(error)) return `ConfigError ${error.setting}`;
  return error instanceof Error ? error.name : String(error);
}

function single(
  kind: Operation["kind"],
  name: string,
  ask: (client: Client) => Promise<unknown>,
): Operation[] {
  const run = (client: Client) =>
    ask(client).then(() => ({ again: false }), (error: unknown) => ({ again: false, error }));
  return [{ name, kind, healthy: 0, run }];
}

async function readAll(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _item of items);
}

/** Follows until it fails for good, or has been interrupted often enough. The first interruptions may not count. */
async function follow(client: Client, healthy: number): Promise<Outcome> {
  const controller = new AbortController();
  const { signal } = controller;
  const enough = new Error("enough");
  const errors: unknown[] = [];
  const onInterrupted = ({ error }: { error?: unknown }) => {
    if (errors.push(error) === healthy + INTERRUPTIONS) controller.abort(enough);
  };
  try {
    await readAll(settings(client).watch({ resourceVersion: "5", signal, onInterrupted }));
    return { again: false };
  } catch (error) {
    return error === enough ? { again: true, error: errors.at(-1) } : { again: false, error };
  }
}
