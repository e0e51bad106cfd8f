import type { ResourceType } from "../meta/mod.ts";
import type { Representation } from "./representation.ts";
import { checkHeaderValue } from "./rest_config.ts";
import type { RestResponse } from "./rest_response.ts";
import type { WarningHandler } from "./warning_handler.ts";

/** Values of query parameters: lists are sent as repeated parameters, `undefined` not at all. */
export type QueryParameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | undefined>
>;

/** What a request can carry: an object, written by a codec; or bytes, text or a stream as they are. */
export type RequestBody = object | string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;

/** Media types of the kinds of patch (spec rest 2.3). */
const PATCH_MEDIA_TYPES: Record<PatchType, string> = {
  json: "application/json-patch+json",
  merge: "application/merge-patch+json",
  strategic: "application/strategic-merge-patch+json",
  apply: "application/apply-patch+yaml",
};

/**
 * Which kind of patch a body is: `json` (operations, RFC 6902), `merge` (laid over the object, RFC 7386),
 * `strategic` (the same, with lists merged by key), `apply` (the fields that one manager wants to own).
 */
export type PatchType = "json" | "merge" | "strategic" | "apply";

/** Options of {@linkcode RestRequest.send}. */
export interface SendOptions {
  /** Ends the request, also while its answer is being read. */
  signal?: AbortSignal;
  /**
   * Longest silence within the answer, in milliseconds; 0 for none. Default the configuration's; for a watch its
   * `timeoutSeconds` (or the hour that servers allow at most) plus 10 s; none for `follow`.
   */
  idle?: number;
  /** Takes the warnings in the answer. Default the configuration's. */
  onWarning?: WarningHandler;
  /**
   * Whether an answer is handed out whatever its status, for those who pass it on: nothing is thrown or sent again
   * because of it, but for a 401 that other credentials may change. Default false.
   */
  anyStatus?: boolean;
}

/** A request as data: what {@linkcode RestRequest} builds up and a client sends. */
export interface RequestParts {
  /** The HTTP method. */
  readonly method: string;
  /** API group; empty for the core group. */
  readonly group: string;
  /** API version. */
  readonly version: string;
  /** The path, when it is not made of the parts below. */
  readonly absolutePath?: string;
  /** The resource's name in URLs. */
  readonly resource?: string;
  /** The namespace; absent for cluster scope and for all namespaces. */
  readonly namespace?: string;
  /** The object's name. */
  readonly name?: string;
  /** What comes after the name. */
  readonly subresources: readonly string[];
  /** Query parameters, in order. */
  readonly query: readonly (readonly [string, string])[];
  /** Headers beside those that the client adds; they win over the client's. */
  readonly headers: readonly (readonly [string, string])[];
  /** What the server is asked to make of the objects, instead of handing them out whole. */
  readonly representation?: Representation;
  /** What is sent. */
  readonly body?: RequestBody;
}

/** Sends requests; a `RestClient` is one. */
export interface RequestSender {
  /** Sends a request and resolves when its answer's headers have come. */
  send(parts: RequestParts, options?: SendOptions): Promise<RestResponse>;
}

/**
 * A request to an API server, built in steps. It is a value: each step returns a new one, so that a common
 * beginning can be shared. Nothing is sent before {@linkcode RestRequest.send}.
 *
 * @see client-go `rest.Request`, spec rest 2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { RestClient } from "@coxswain/kube/rest";
 * const rest = new RestClient({
 *   server: "http://coxswain.test",
 *   fetch: (url) => Promise.resolve(new Response(`{"asked":${JSON.stringify(String(url))}}`)),
 * });
 * const request = rest.get().resource("pods").namespace("shop").name("web-0").subresource("log").query({ tailLines: 10 });
 * const { asked } = await (await request.send()).json<{ asked: string }>();
 * assert.equal(asked, "http://coxswain.test/api/v1/namespaces/shop/pods/web-0/log?tailLines=10");
 * ```
 */
export class RestRequest {
  readonly #parts: RequestParts;
  readonly #sender: RequestSender;

  /**
   * Begins a request. Programs do so through a client, such as `client.rest.get()`.
   *
   * @param sender Sends the request in the end.
   * @param parts What is known of it already.
   */
  constructor(sender: RequestSender, parts: RequestParts) {
    this.#sender = sender;
    this.#parts = parts;
  }

  /** What has been built so far. Headers and the body may be secret, so that printing a request shows none of it. */
  get parts(): RequestParts {
    return this.#parts;
  }

  /**
   * The resource: a descriptor, or the name of one of the core group (or of the group and version given).
   *
   * @throws {TypeError} If a name is no single segment of a path.
   */
  resource(resource: string | Pick<ResourceType, "group" | "version" | "plural">): RestRequest {
    if (typeof resource === "string") {
      return this.#with({ resource: segment("resource", resource).toLowerCase() });
    }
    const { group, version, plural } = resource;
    return this.#with({ group, version, resource: plural });
  }

  /** Group and version of a resource that is given by name. */
  groupVersion(group: string, version: string): RestRequest {
    return this.#with({ group: group && segment("group", group), version: segment("version", version) });
  }

  /**
   * The namespace; empty for all of them.
   *
   * @throws {TypeError} If it is no single segment of a path.
   */
  namespace(namespace: string): RestRequest {
    return this.#with({ namespace: namespace && segment("namespace", namespace) });
  }

  /**
   * The object's name.
   *
   * @throws {TypeError} If it is empty or no single segment of a path.
   */
  name(name: string): RestRequest {
    if (name === "") throw new TypeError("Cannot build the request: resource name may not be empty");
    return this.#with({ name: segment("name", name) });
  }

  /** What comes after the name, such as `status`, or `proxy` and a path in segments. */
  subresource(...subresources: string[]): RestRequest {
    return this.#with({
      subresources: [...this.parts.subresources, ...subresources.map((one) => segment("subresource", one))],
    });
  }

  /** A path of its own, such as `/healthz`, below the path of the server's URL. Instead of a resource. */
  absolutePath(path: string): RestRequest {
    return this.#with({ absolutePath: path });
  }

  /** Adds query parameters to those given before. */
  query(parameters: QueryParameters): RestRequest {
    const query = [...this.parts.query];
    for (const [key, value] of Object.entries(parameters)) {
      if (value === undefined) continue;
      for (const one of Array.isArray(value) ? value : [value]) query.push([key, String(one)]);
    }
    return this.#with({ query });
  }

  /**
   * Sets a header, in place of earlier values. With several values it is sent several times.
   *
   * @throws {ConfigError} If a value has characters that no header can hold.
   */
  header(name: string, ...values: string[]): RestRequest {
    for (const value of values) checkHeaderValue(`header ${name}`, value);
    const others = this.parts.headers.filter(([other]) => other.toLowerCase() !== name.toLowerCase());
    return this.#with({ headers: [...others, ...values.map((value) => [name, value] as const)] });
  }

  /**
   * Asks for another representation of the objects: metadata alone, or a table. Not together with an `Accept` header
   * of one's own, which wins. A server that cannot make it (as some that are aggregated behind the API server) answers
   * with the objects as they are: look at the `kind` of what comes.
   *
   * @example The names of pods, without what else is in them
   * ```ts
   * import { RestClient } from "@coxswain/kube/rest";
   * import { ApiServer } from "@coxswain/kube/testing";
   * const rest = new RestClient(new ApiServer().restConfig());
   * const response = await rest.get().resource("pods").as("PartialObjectMetadataList").send();
   * for await (const { metadata } of response.list()) console.log(metadata.name);
   * await rest[Symbol.asyncDispose]();
   * ```
   */
  as(representation: Representation): RestRequest {
    return this.#with({ representation });
  }

  /**
   * What is sent. Objects are written in the client's content type, which is JSON unless it has another codec.
   *
   * @param contentType Its media type; objects are then written in that, if there is a codec, or else in JSON. Default
   * `application/json` for text, bytes and streams.
   */
  body(body: RequestBody, contentType?: string): RestRequest {
    const request = this.#with({ body });
    if (contentType !== undefined) return request.header("Content-Type", contentType);
    return isWritten(body)
      ? request.header("Content-Type", "application/json")
      : request.header("Content-Type");
  }

  /** What is sent: a patch, with the media type of its kind. */
  patch(type: PatchType, body: object): RestRequest {
    return this.body(body, PATCH_MEDIA_TYPES[type]);
  }

  /**
   * The path and query of the request, below the server's URL.
   *
   * @throws {TypeError} If the parts contradict each other, as a name in all namespaces does.
   */
  path(): string {
    return pathOf(this.parts);
  }

  /**
   * Sends the request. Resolves when the headers of a success have come.
   *
   * @throws {StatusError} If the server refuses.
   * @throws {NetworkError} If it cannot be reached, is not trusted or does not answer in time.
   * @throws The signal's reason after an abort.
   */
  send(options?: SendOptions): Promise<RestResponse> {
    return this.#sender.send(this.parts, options);
  }

  #with(change: Partial<RequestParts>): RestRequest {
    return new RestRequest(this.#sender, { ...this.parts, ...change });
  }
}

/** Path and query of a request, below the server's URL. */
export function pathOf(parts: RequestParts): string {
  const { method, group, version, absolutePath, resource, namespace, name, subresources, query } = parts;
  let path: string;
  if (absolutePath !== undefined) {
    path = absolutePath.startsWith("/") ? absolutePath : `/${absolutePath}`;
  } else {
    if (namespace === "" && (method === "POST" || name !== undefined)) {
      throw new TypeError(
        "Cannot build the request: an empty namespace may not be set when an object is named or created",
      );
    }
    const segments = [group === "" ? "api" : `apis/${group}`, version];
    if (namespace) segments.push("namespaces", encoded(namespace));
    if (resource !== undefined) segments.push(resource);
    if (name !== undefined) segments.push(encoded(name));
    for (const subresource of subresources) segments.push(encoded(subresource));
    path = `/${segments.join("/")}`;
  }
  if (query.length === 0) return path;
  const search = new URLSearchParams(query.map(([key, value]) => [key, value]));
  search.sort();
  return `${path}${path.includes("?") ? "&" : "?"}${search}`;
}

/** Most names are written as they are. */
const encoded = (text: string) =>
  /^[\w.-]*$/.test(text) ? text : encodeURIComponent(text).replaceAll("%3A", ":");

/** Whether a body is sent as it is. */
export function isWritten(
  body: RequestBody,
): body is string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> {
  return typeof body === "string" || body instanceof Uint8Array || body instanceof ReadableStream;
}

/** What the API allows as one segment of a path (spec rest 2.2). */
function segment(what: string, text: string): string {
  if (text === "" || text === "." || text === ".." || /[/%]/.test(text)) {
    throw new TypeError(
      `Cannot build the request: ${what} ${
        JSON.stringify(text)
      } may not be empty, "." or "..", or contain "/" or "%"`,
    );
  }
  return text;
}
