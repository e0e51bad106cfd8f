// Sends the same requests to the API server of the test cluster and to the one in memory, and compares the answers.
import { systemClock } from "@coxswain/kube/async";
import { type Normalizer, normalizer } from "./conformance_normal.ts";
import type { RawAnswer, Server } from "./conformance_servers.ts";

/**
 * A request. In its path and body, `{ns}` stands for the sequence's own namespace, and `{name}` for what an earlier step
 * has saved under that name.
 */
export interface RequestStep {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Content type of the body. Default JSON. */
  readonly type?: string;
  /** What the client takes. */
  readonly accept?: string;
  /** Asks again until this pattern is in the answer: a real server does some things a moment later. */
  readonly until?: RegExp;
  /** What later steps need of the answer: names, each with the path of a value such as `metadata.resourceVersion`. */
  readonly save?: Readonly<Record<string, string>>;
  /** Does not read the answer, but leaves it open under this name: a watch. */
  readonly open?: string;
}

/** Reads from a watch that is open, until an event has the pattern or the watch ends; then closes it. */
export interface CollectStep {
  readonly collect: string;
  readonly end?: RegExp;
}

/** Makes the server forget its history. */
export interface CompactStep {
  readonly compact: true;
}

export type Step = RequestStep | CollectStep | CompactStep;

/** Steps that follow one another. */
export interface Sequence {
  readonly name: string;
  readonly steps: readonly Step[];
  /** Runs while no other does. */
  readonly isAlone?: boolean;
}

/** What came back, without what differs from time to time. */
export interface Answer {
  readonly code: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: unknown;
}

/** How often a request is repeated at most, and how long it waits each time, in milliseconds. */
const PATIENCE = 200;
const PAUSE = 50;
/** How long events are waited for, in milliseconds. */
const LATEST = 20_000;
/** The definition that most sequences about custom resources make. */
const DEFINITION_PREFIX = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/webapps";
const AGENT = "conformance/1";

/** Headers that are compared. Of some it only counts whether they are there. */
const HEADERS = ["content-type", "cache-control", "retry-after", "allow", "location"];
const PRESENT = ["audit-id"];

/** What a server answers to each step, in a namespace of its own. */
export async function run(server: Server, { steps }: Sequence, namespace: string): Promise<Answer[]> {
  const send = (method: string, path: string, body?: string, headers: Record<string, string> = {}) =>
    server.send({ method, path, body, headers: { "user-agent": AGENT, ...headers } });
  const json = { "content-type": "application/json" };
  await textOf(
    await send("POST", "/api/v1/namespaces", JSON.stringify({ metadata: { name: namespace } }), json),
  );
  const said = steps.map((step) => JSON.stringify("body" in step ? step.body : "") ?? "").join();
  const normal = normalizer(
    [...said.matchAll(/\\?"generateName\\?":\\?"([\w.-]+)/g)].map(([, prefix]) => prefix),
  );
  const saved = new Map([["ns", namespace]]);
  const filled = (text: string) => text.replace(/\{(\w+)\}/g, (whole, name) => saved.get(name) ?? whole);
  const open = new Map<string, RawAnswer>();
  const answers: Answer[] = [];
  try {
    for (const step of steps) {
      if ("compact" in step) await server.compact();
      else if ("collect" in step) {
        const answer = open.get(step.collect)!;
        answers.push({ ...headOf(answer), body: eventsIn(await eventsOf(answer, step.end), normal) });
      } else {
        const { method, path, body, type = "application/json", accept, until = /^/ } = step;
        const headers = {
          ...(body === undefined ? {} : { "content-type": type }),
          ...(accept && { accept }),
        };
        const ask = () =>
          send(method, filled(path), body === undefined ? undefined : filled(bodyOf(body)), headers);
        let answer = await ask();
        if (step.open !== undefined) {
          open.set(step.open, answer);
          continue;
        }
        let text = await textOf(answer);
        for (let left = PATIENCE; left > 0 && !until.test(text); left--) {
          await systemClock.sleep(PAUSE);
          answer = await ask();
          text = await textOf(answer);
        }
        for (const [name, path] of Object.entries(step.save ?? {})) saved.set(name, valueAt(text, path));
        const isWatch = /[?&]watch=(true|1)/.test(path) && answer.code === 200;
        const lines = text.split("\n").filter(Boolean);
        answers.push({ ...headOf(answer), body: isWatch ? eventsIn(lines, normal) : normal(text) });
      }
    }
  } finally {
    for (const answer of open.values()) answer.close();
    // A real server gets slower with each definition that it has.
    if (said.includes("CustomResourceDefinition")) {
      await textOf(await send("DELETE", `${DEFINITION_PREFIX}.${namespace}.example.com`));
    }
  }
  return answers;
}

/** What the answers of a sequence are answers to. */
export function titlesOf({ steps }: Sequence): string[] {
  return steps.flatMap((step, index) =>
    "compact" in step || ("open" in step && step.open !== undefined)
      ? []
      : [`step ${index + 1}, ${"collect" in step ? "events" : step.method}`]
  );
}

/** Where two values differ, as `path: ours instead of theirs`. */
export function differences(ours: unknown, theirs: unknown, path = ""): string[] {
  if (typeof ours === "object" && typeof theirs === "object" && ours !== null && theirs !== null) {
    const [a, b] = [ours as Record<string, unknown>, theirs as Record<string, unknown>];
    return [...new Set([...Object.keys(a), ...Object.keys(b)])].sort().flatMap((key) =>
      differences(a[key], b[key], `${path}.${key}`)
    );
  }
  return ours === theirs ? [] : [`${path}: ${JSON.stringify(ours)} instead of ${JSON.stringify(theirs)}`];
}

function headOf({ code, header }: RawAnswer): Pick<Answer, "code" | "headers"> {
  const warnings = header("warning")?.split(", 299 - ").map((text) => text.replace(/^299 - /, ""));
  return {
    code,
    headers: Object.fromEntries([
      ...HEADERS.map((name) => [name, header(name)]),
      ...PRESENT.map((name) => [name, header(name) !== undefined]),
      ["warning", warnings],
    ].filter(([, value]) => value !== undefined)),
  };
}

/** An event of a watch. Bookmarks come when the server likes, except for the one after the initial events. */
function event(line: string, normal: Normalizer): unknown {
  const value = JSON.parse(line);
  if (value.type === "BOOKMARK") {
    if (value.object.metadata.annotations === undefined) return undefined;
    value.object.metadata.resourceVersion = "";
  }
  return normal(JSON.stringify(value));
}

function eventsIn(lines: readonly string[], normal: Normalizer): unknown[] {
  return lines.map((line) => event(line, normal)).filter((one) => one !== undefined);
}

async function eventsOf({ chunks, close }: RawAnswer, end: RegExp | undefined): Promise<string[]> {
  const late = new AbortController();
  void systemClock.sleep(LATEST, { signal: late.signal }).then(close, () => {});
  const decoder = new TextDecoder();
  const lines: string[] = [];
  let rest = "";
  try {
    for await (const chunk of chunks) {
      const parts = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
      const last = end === undefined ? -1 : lines.findIndex((line) => end.test(line));
      if (last >= 0) return lines.slice(0, last + 1);
    }
  } catch {
    lines.push('{"type":"cut off","object":{"metadata":{}}}');
  } finally {
    late.abort();
    close();
  }
  return lines;
}

async function textOf({ chunks }: RawAnswer): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

function bodyOf(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

function valueAt(text: string, path: string): string {
  try {
    return String(path.split(".").reduce((value, key) => value?.[key], JSON.parse(text)));
  } catch {
    return "none"; // the answer is not what was expected, which the comparison tells
  }
}
