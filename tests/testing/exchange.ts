import { defineResource, type ListMeta, type StatusDetails, type StoredMeta } from "@coxswain/kube/meta";
import type { ApiServer } from "@coxswain/kube/testing";

/** What tests look at in the body of an answer, be it an object, a list or a Status. */
export interface Body {
  kind?: string;
  apiVersion?: string;
  metadata: StoredMeta & ListMeta;
  items: Body[];
  spec?: Record<string, unknown>;
  status?: unknown;
  data?: Record<string, string>;
  message?: string;
  reason?: string;
  details?: StatusDetails;
  code?: number;
}

/** An answer, read to its end. */
export interface Answer {
  readonly code: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Body;
}

export const ORIGIN = "http://coxswain.test";
export const PODS = "/api/v1/namespaces/default/pods";
export const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
export const DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** A kind of which a server knows no more than this. */
export const WebApp = defineResource({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
  subresources: ["status"],
});
export const WEB_APPS = "/apis/example.com/v1/namespaces/default/webapps";

/** What goes with a request besides method and path. */
export interface Sending {
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Sends a request and reads the answer. A body that is no string is sent as JSON. */
export async function send(
  server: Pick<ApiServer, "fetch">,
  method: string,
  path: string,
  { body, headers = {}, signal }: Sending = {},
): Promise<Answer> {
  const text = body === undefined || typeof body === "string" ? body : JSON.stringify(body);
  const type: Record<string, string> = text === undefined ? {} : { "content-type": "application/json" };
  const response = await server.fetch(ORIGIN + path, {
    method,
    body: text,
    headers: { ...type, ...headers },
    signal,
  });
  const answer = await response.text();
  const isJson = response.headers.get("content-type") === "application/json" && answer.startsWith("{");
  return {
    code: response.status,
    headers: response.headers,
    text: answer,
    body: isJson && !path.includes("watch=") ? JSON.parse(answer) : {},
  };
}

/** Sends a merge patch. */
export function mergePatch(server: ApiServer, path: string, body: unknown): Promise<Answer> {
  return send(server, "PATCH", path, { body, headers: { "content-type": "application/merge-patch+json" } });
}

/** Sends a JSON patch. */
export function jsonPatch(server: ApiServer, path: string, body: unknown): Promise<Answer> {
  return send(server, "PATCH", path, { body, headers: { "content-type": "application/json-patch+json" } });
}

/** A small object to send. */
export function configMap(name: string, more: Record<string, unknown> = {}): Record<string, unknown> {
  const { metadata, ...rest } = more;
  return { apiVersion: "v1", kind: "ConfigMap", ...rest, metadata: { name, ...(metadata as object) } };
}

/** What a pod has to say at the least. */
export const POD_SPEC = { containers: [{ name: "main", image: "web:1" }] };

/** What a deployment has to say at the least. */
export const DEPLOYMENT_SPEC = {
  selector: { matchLabels: { app: "web" } },
  template: { metadata: { labels: { app: "web" } }, spec: POD_SPEC },
};

/** One event of a watch. */
export interface WatchLine {
  readonly type: string;
  readonly object: Body;
}

/** A watch, read line by line. */
export interface OpenWatch {
  /** The next event; undefined when the server has ended the watch. */
  next(): Promise<WatchLine | undefined>;
  /** The next events, each as `TYPE name@resourceVersion`. */
  take(count: number): Promise<string[]>;
  /** Ends the watch. */
  close(): Promise<void>;
}

/** Opens a watch: `path` with its query. */
export async function openWatch(
  server: Pick<ApiServer, "fetch">,
  path: string,
  init: RequestInit = {},
): Promise<OpenWatch> {
  const response = await server.fetch(`${ORIGIN}${path}${path.includes("?") ? "&" : "?"}watch=true`, init);
  const reader = response.body!.getReader();
  const decoder = new TextDecoder();
  const lines: string[] = [];
  let rest = "";
  const next = async (): Promise<WatchLine | undefined> => {
    while (lines.length === 0) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      const parts = (rest + decoder.decode(value, { stream: true })).split("\n");
      rest = parts.pop()!;
      lines.push(...parts);
    }
    return JSON.parse(lines.shift()!);
  };
  return {
    next,
    take: async (count) => {
      const taken: string[] = [];
      while (taken.length < count) taken.push(summary(await next()));
      return taken;
    },
    close: () => reader.cancel(),
  };
}

function summary(line: WatchLine | undefined): string {
  if (line === undefined) return "end";
  const { name = "", resourceVersion, annotations } = line.object.metadata;
  const mark = annotations?.["k8s.io/initial-events-end"] === undefined ? "" : " initial-events-end";
  return `${line.type} ${name}@${resourceVersion ?? ""}${mark}`;
}

/** Widgets of `example.com/v1`. @param version What their version has besides its name. */
export function widgetDefinition(version: object): Record<string, unknown> {
  return {
    metadata: { name: "widgets.example.com" },
    spec: {
      group: "example.com",
      scope: "Namespaced",
      names: { kind: "Widget", plural: "widgets" },
      versions: [{ name: "v1", served: true, storage: true, ...version }],
    },
  };
}
