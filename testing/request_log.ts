import type { RequestInfo } from "./request_info.ts";

/**
 * A request that the server has seen, for tests to look at. Without headers: nothing secret gets here but with the body,
 * which printing does not show.
 */
export interface SeenRequest {
  /** The HTTP method. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`; else the method in small letters. */
  readonly verb: string;
  /** The plural with its group, such as `deployments.apps`; empty for paths that are no resources. */
  readonly resource: string;
  /** Such as `status`; empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped resources, and for all namespaces. */
  readonly namespace: string;
  /** The name in the URL: empty for a creation, whose object is the `body`. */
  readonly name: string;
  /** Who it is from, or acts as. Empty while that is not known, and for those who are not let in. */
  readonly user: string;
  /** Whether it was to be tried only. */
  readonly dryRun: boolean;
  /** The query's field manager; empty if it names none. */
  readonly fieldManager: string;
  /** The status code of the answer; undefined while there is none, and if a fault has lost it. */
  readonly status?: number;
  /** What was sent: a decoded JSON value, a text if it is no JSON, undefined for nothing. Neither printed nor compared. */
  readonly body: unknown;
}

/** An entry that is still being written. */
export interface OpenEntry {
  user(name: string): void;
  body(text: string): void;
  status(code: number): void;
  /** Nothing more comes. */
  close(): void;
}

class Entry implements SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly verb: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  user = "";
  readonly dryRun: boolean;
  readonly fieldManager: string;
  status?: number = undefined;
  #text = "";

  constructor(method: string, url: URL, info: RequestInfo) {
    this.method = method;
    this.url = url.pathname + url.search;
    this.verb = info.verb;
    this.resource = info.resource + (info.group === "" ? "" : `.${info.group}`);
    this.subresource = info.subresource;
    this.namespace = info.namespace;
    this.name = info.name;
    this.dryRun = url.searchParams.has("dryRun");
    this.fieldManager = url.searchParams.get("fieldManager") ?? "";
  }

  get body(): unknown {
    if (this.#text === "") return undefined;
    try {
      return JSON.parse(this.#text);
    } catch {
      return this.#text;
    }
  }

  send(text: string): void {
    this.#text = text;
  }
}

/** The latest requests, in order of arrival. */
export class RequestLog {
  readonly #size: number;
  readonly #seen: Entry[] = [];
  #count = 0;
  #open = 0;

  constructor(size: number) {
    this.#size = size;
  }

  /** What has been seen. */
  get seen(): readonly SeenRequest[] {
    return this.#seen;
  }

  /** How many there have been. */
  get count(): number {
    return this.#count;
  }

  /** How many wait for their answers' beginning. */
  get open(): number {
    return this.#open;
  }

  /** Notes a request. @returns What notes more of it. */
  add(method: string, url: URL, info: RequestInfo): OpenEntry {
    const entry = new Entry(method, url, info);
    this.#seen.push(entry);
    this.#count++;
    this.#open++;
    if (this.#seen.length > this.#size) this.#seen.shift();
    return {
      user: (name) => entry.user = name,
      body: (text) => entry.send(text),
      status: (code) => entry.status = code,
      close: () => void this.#open--,
    };
  }
}
