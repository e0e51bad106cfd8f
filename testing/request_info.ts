/** What a request is about, in the words of roles and audit logs. Read from method and URL alone. */
export interface RequestInfo {
  /**
   * `get`, `list`, `watch`, `create`, `update`, `patch`, `delete` or `deletecollection`; outside the API, such as for
   * `/version`, the HTTP method in small letters.
   */
  readonly verb: string;
  /** Whether it is about a resource; otherwise only `verb` and `path` say something. */
  readonly isResource: boolean;
  /** The API group; empty for the core group. */
  readonly group: string;
  /** The API version, such as `v1`. */
  readonly version: string;
  /** The plural, such as `pods`. */
  readonly resource: string;
  /** Such as `status`; empty for the object itself. */
  readonly subresource: string;
  /** Empty for cluster-scoped resources, and for all namespaces. */
  readonly namespace: string;
  /** Empty if it is about many objects, or one that has no name yet. */
  readonly name: string;
  /** The URL's path. */
  readonly path: string;
}

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** What comes after a namespace's name and is no resource in it. */
const OF_NAMESPACES = ["status", "finalize"];

/** Reads what a request is about, as the server does before it looks whether there is such a thing. */
export function requestInfoOf(method: string, { pathname: path, searchParams: query }: URL): RequestInfo {
  const parts = path.split("/").filter((part) => part !== "").map(decoded);
  const isCore = parts[0] === "api";
  const length = isCore ? 2 : 3; // /api/v1, /apis/apps/v1
  if ((!isCore && parts[0] !== "apis") || parts.length <= length) {
    return { ...NOTHING, verb: method.toLowerCase(), path };
  }
  const [group, version] = isCore ? ["", parts[1]] : [parts[1], parts[2]];
  const rest = parts.slice(length);
  const namespace = rest[0] === "namespaces" ? rest[1] ?? "" : "";
  const [resource, given = "", subresource = ""] =
    namespace !== "" && rest.length > 2 && !OF_NAMESPACES.includes(rest[2]) ? rest.slice(2) : rest;
  const verb = given === "" ? collectionVerb(method, query) : VERBS[method] ?? "";
  const isMany = verb === "list" || verb === "watch" || verb === "deletecollection";
  const name = given === "" && isMany ? selectedName(query) : given;
  return { verb, isResource: true, group, version, resource, subresource, namespace, name, path };
}

const NOTHING: RequestInfo = {
  verb: "",
  isResource: false,
  group: "",
  version: "",
  resource: "",
  subresource: "",
  namespace: "",
  name: "",
  path: "",
};

function collectionVerb(method: string, query: URLSearchParams): string {
  const verb = VERBS[method] ?? "";
  if (verb === "delete") return "deletecollection";
  if (verb !== "get") return verb;
  return ["false", "0", null].includes(query.get("watch")?.toLowerCase() ?? null) ? "list" : "watch";
}

/** A selector of one name makes a list a request for that object. */
function selectedName(query: URLSearchParams): string {
  const [, name = ""] = /(?:^|,)metadata\.name==?([^,=!]+)(?:,|$)/.exec(query.get("fieldSelector") ?? "") ??
    [];
  return name;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part; // a stray percent sign: the router will say that there is nothing
  }
}
