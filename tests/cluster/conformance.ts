// Sends the same requests to the API server of the test cluster and to the one in memory, and compares the answers.
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { dirname, join } from "node:path";
import { systemClock } from "@coxswain/kube/async";
import type { ApiServer } from "@coxswain/kube/testing";
import { parseYaml } from "@coxswain/kube/yaml";
import { cluster } from "./cluster.ts";

/** A request: `{ns}` in its path and body stands for the sequence's own namespace. */
export interface Step {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** Content type of the body. Default JSON. */
  readonly type?: string;
  /** Asks again until this pattern is in the answer: a real server does some things a moment later. */
  readonly until?: RegExp;
}

/** Requests that follow one another. */
export interface Sequence {
  readonly name: string;
  readonly steps: readonly Step[];
}

/** What came back, without what differs from time to time. */
export interface Answer {
  readonly code: number;
  readonly body: unknown;
  readonly warnings: readonly string[];
}

/** Sends one request. */
export type Server = (step: Step) => Promise<{ code: number; text: string; warnings: readonly string[] }>;

/** How often a request is repeated at most. */
const PATIENCE = 100;
const AGENT = "conformance/1";

/** The server in memory. */
export function memoryServer(server: ApiServer): Server {
  return async ({ method, path, body, type = "application/json" }) => {
    const headers = { "user-agent": AGENT, ...(body === undefined ? {} : { "content-type": type }) };
    const response = await server.fetch(`http://memory.test${path}`, { method, body: textOf(body), headers });
    const warning = response.headers.get("warning");
    return {
      code: response.status,
      text: await response.text(),
      warnings: warning === null ? [] : warning.split(", 299 - ").map((text) => text.replace(/^299 - /, "")),
    };
  };
}

/** The server of the test cluster. */
export async function clusterServer(): Promise<Server> {
  const { server, kubeconfig } = cluster();
  const ca = readFileSync(join(dirname(kubeconfig), "ca.crt"), "utf8");
  const { users } = await parseYaml(readFileSync(kubeconfig, "utf8")) as {
    users: { name: string; user: { token?: string } }[];
  };
  const token = users.find(({ name }) => name === "token")?.user.token;
  return ({ method, path, body, type = "application/json" }) =>
    new Promise((resolve, reject) => {
      const headers = {
        "authorization": `Bearer ${token}`,
        "user-agent": AGENT,
        ...(body === undefined ? {} : { "content-type": type }),
      };
      const sent = request(server + path, { method, headers, ca }, (response) => {
        const chunks: Uint8Array[] = [];
        response.on("data", (chunk) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const warning = response.headers.warning as string | undefined;
          const warnings = warning?.split(", 299 - ").map((text) => text.replace(/^299 - /, "")) ?? [];
          const text = new TextDecoder().decode(concat(chunks));
          resolve({ code: response.statusCode ?? 0, text, warnings });
        });
      });
      sent.on("error", reject);
      sent.end(textOf(body));
    });
}

/** What a server answers to each step, in a namespace of its own. */
export async function run(server: Server, { steps }: Sequence, namespace: string): Promise<Answer[]> {
  await server({ method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: namespace } } });
  const normal = normalizer();
  const answers: Answer[] = [];
  for (const step of steps) {
    const own = (text: string) => text.replaceAll("{ns}", namespace);
    const sent = { ...step, path: own(step.path), body: step.body && own(textOf(step.body)!) };
    let answer = await server(sent);
    for (let left = PATIENCE; left > 0 && !(step.until ?? /^/).test(answer.text); left--) {
      await systemClock.sleep(100);
      answer = await server(sent);
    }
    const { code, text, warnings } = answer;
    answers.push({ code, body: normal(text), warnings });
  }
  return answers;
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

/** Gives uids and versions names in their order of appearance, and takes times away. */
function normalizer(): (text: string) => unknown {
  const names = new Map<string, string>();
  const named = (kind: string, value: string): string => {
    const key = `${kind} ${value}`;
    if (!names.has(key)) names.set(key, `${kind}-${names.size}`);
    return names.get(key)!;
  };
  return (text) => {
    const plain = withoutListVersion(text)
      .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, (uid) => named("uid", uid))
      .replaceAll('"manager":"cluster"', '"manager":"kube-apiserver"') // the program of the test cluster
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "time")
      .replace(
        /(\\*"resourceVersion\\*":\\*")(\d+)/g,
        (_, field: string, version: string) => field + named("version", version),
      );
    try {
      return JSON.parse(plain, (key, value) => {
        if (!Array.isArray(value)) return value;
        return key === "managedFields" ? byManager(value) : key === "causes" ? byField(value) : value;
      });
    } catch {
      return plain; // text/plain
    }
  };
}

/** A list without its version, which on a real server grows with what others write. */
function withoutListVersion(text: string): string {
  if (!text.includes('"items":')) return text;
  const list = JSON.parse(text);
  delete list.metadata?.resourceVersion;
  return JSON.stringify(list);
}

/** Entries in an order that does not depend on when the second changes. */
function byManager(entries: Record<string, unknown>[]): unknown[] {
  const key = ({ operation, manager, apiVersion, subresource = "" }: Record<string, unknown>) =>
    [operation, manager, apiVersion, subresource].join(" ");
  return entries.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

/** Conflicts, which the real server tells in any order of managers. */
function byField(causes: { reason?: string; field?: string; message?: string }[]): unknown[] {
  const key = ({ field = "", message = "" }: { field?: string; message?: string }) => `${field} ${message}`;
  const isConflict = causes.every(({ reason }) => reason === "FieldManagerConflict");
  return isConflict ? causes.sort((a, b) => key(a) < key(b) ? -1 : 1) : causes;
}

function textOf(body: unknown): string | undefined {
  return body === undefined || typeof body === "string" ? body : JSON.stringify(body);
}

function concat(chunks: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(chunks.reduce((size, { length }) => size + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    all.set(chunk, at);
    at += chunk.length;
  }
  return all;
}
