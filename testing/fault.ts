import type { RequestInfo } from "./request_info.ts";

/** Which requests are meant. What is left out does not matter; without anything it is all of them. */
export interface RequestMatch {
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`: one, or several. */
  readonly verb?: string | readonly string[];
  /** A plural, alone or with its group: `pods`, `deployments.apps`. A subresource goes by itself: `pods/status`, `pods/*`. */
  readonly resource?: string;
  /** The namespace. */
  readonly namespace?: string;
  /** The object's name. */
  readonly name?: string;
  /** Whatever else it depends on. */
  readonly matches?: (request: RequestInfo) => boolean;
}

/** How far an answer gets before something happens to it. Without both: not even to its headers. */
export interface Until {
  /** So many bytes of the body are still sent; 0 sends the headers alone. */
  readonly afterBytes?: number;
  /** So many lines of the body, such as events of a watch. 2.5 are two lines and half of the third. */
  readonly afterLines?: number;
}

/** What can happen to answers, those that are open included. */
export type OpenFault =
  /** The connection breaks. */
  | ({ readonly fault: "cut" } & Until)
  /** Nothing more comes, and nothing ends: a peer that has gone without a word. */
  | ({ readonly fault: "hang" } & Until)
  /** The body trickles, by the server's clock. */
  | { readonly fault: "slow"; readonly bytesPerSecond: number }
  /**
   * 410: what was asked for is forgotten. An open watch gets the event and ends, and history is compacted, so that it cannot
   * go on. Of new requests it is those for a version that may be forgotten.
   */
  | { readonly fault: "expire" }
  /** A watch gets no bookmarks but the one after its initial events. */
  | { readonly fault: "dropBookmarks" }
  /**
   * What the server serves from its cache stays as it is while writes go on: watches, and reads with a `resourceVersion`.
   * Of the resource that is matched, or of all. It ends after `duration` milliseconds, if given, or with `catchUp()`.
   */
  | { readonly fault: "lag"; readonly duration?: number }
  /**
   * The server goes down, for `down` milliseconds (default 0): all connections are cut, new ones refused. It comes back with
   * all objects and an empty watch cache: a watch from before gets 410.
   */
  | { readonly fault: "restart"; readonly down?: number };

/** What can happen to one request. */
export type Fault =
  | OpenFault
  /** Another answer instead: from a busy server, a broken one, or a proxy before it. Nothing is done. */
  | {
    readonly fault: "error";
    /** The status code. */
    readonly code: number;
    /** The `Retry-After` header. */
    readonly retryAfterSeconds?: number;
    /** The body: a `Status`, text, or the HTML page of a proxy. Default: text for 429, as the server has it, else a Status. */
    readonly body?: "Status" | "text" | "html";
    /** What the body says. Default: what the server says with that code. */
    readonly message?: string;
  }
  /** The request is carried out, and the connection breaks before its answer. */
  | { readonly fault: "loseResponse" };

/** One step of a plan: a fault, and when it happens. */
export type FaultStep = Fault & RequestMatch & {
  /** The first of the matching requests that is hit, counted from 1. Those that earlier steps hit do not count. Default 1. */
  readonly nth?: number;
  /** How many are hit from there on. Default 1; `Infinity` is all. */
  readonly times?: number;
  /** How likely each of them is hit, from 0 to 1, by the server's seed. Default 1. */
  readonly chance?: number;
};

/** Whether a request is meant. */
export function isMeant(match: RequestMatch, request: RequestInfo): boolean {
  const { verb, resource, namespace, name, matches } = match;
  return (verb === undefined ||
    (typeof verb === "string" ? verb === request.verb : verb.includes(request.verb))) &&
    (resource === undefined || isOf(resource, request)) &&
    (namespace === undefined || namespace === request.namespace) &&
    (name === undefined || name === request.name) &&
    (matches?.(request) ?? true);
}

/** Whether `title`, such as `deployments.apps/status`, is the resource of a request. */
function isOf(title: string, { isResource, group, resource, subresource }: RequestInfo): boolean {
  return isResource && isTitle(title, resource, group, subresource);
}

/**
 * Whether `title` names a resource: `pods`, `deployments.apps`, `pods/status`; with stars as in the rules of webhooks, where
 * `*` are all resources, `pods/*` all subresources of pods, and all of both.
 */
export function isTitle(title: string, plural: string, group: string, subresource = ""): boolean {
  const [whole, below = ""] = title.split("/");
  if (whole !== "*" && whole !== plural && whole !== `${plural}.${group}`) return false;
  return below === subresource || (below === "*" && (whole === "*" || subresource !== ""));
}
