/** What comes after a name, and is none: subresources that namespaces have too, as in `namespaces/shop/status`. */
const SUBRESOURCES = ["finalize", "status"];

/**
 * The URL of a request with names and values taken out, so that requests of one sort share it: for labels of metrics
 * and for logs. `/api/v1/namespaces/shop/pods/web-0?limit=5` becomes
 * `/api/v1/namespaces/{namespace}/pods/{name}?limit={value}`.
 *
 * What is not a path of the API is `/{prefix}`. Unlike client-go, subresources of cluster-scoped objects keep their
 * object's place as `{name}`, and what follows a subresource (the path of a proxied request) becomes `{path}`:
 * otherwise there are as many templates as paths.
 *
 * @param path Path and query below the server's URL, as `RestRequest.path()` gives them.
 * @param basePath The path of the server's URL. Default `/`.
 * @see client-go `rest.Request.finalURLTemplate`, spec rest 2.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { urlTemplate } from "@coxswain/kube/rest";
 * assert.equal(urlTemplate("/apis/apps/v1/namespaces/shop/deployments/web", "/proxy/"),
 *   "/proxy/apis/apps/v1/namespaces/{namespace}/deployments/{name}");
 * ```
 */
export function urlTemplate(path: string, basePath: string = "/"): string {
  const [, pathname, query = ""] = /^([^?]*)\??(.*)$/s.exec(path)!;
  const segments = pathname.split("/").filter((segment) => segment !== "");
  if (segments.length > 1) {
    if (segments[0] !== "api" && segments[0] !== "apis") return "/{prefix}";
    const skipped = segments[0] === "api" ? 2 : 3; // with the version, or with group and version
    segments.splice(skipped, Infinity, ...withoutNames(segments.slice(skipped)));
  }
  const whole = [...basePath.split("/"), ...segments].filter((segment) => segment !== "");
  return `/${whole.join("/")}${queryTemplate(query)}`;
}

/** What comes after group and version, with placeholders. */
function withoutNames(segments: readonly string[]): string[] {
  const [first, , third, fourth] = segments;
  const isNamespaced = first === "namespaces" && third !== undefined &&
    !(segments.length === 3 && SUBRESOURCES.includes(third));
  if (!isNamespaced) return withoutName(segments);
  const isNameless = SUBRESOURCES.includes(fourth);
  return [first, "{namespace}", ...(isNameless ? segments.slice(2) : withoutName(segments.slice(2)))];
}

/** A resource with what follows it. */
function withoutName([resource, name, subresource, ...others]: readonly string[]): string[] {
  const template = [resource, name && "{name}", subresource, others.length > 0 ? "{path}" : undefined];
  return template.filter((segment) => segment !== undefined);
}

/** The names of the parameters, sorted, each once. `timeout` keeps its value, as a setting of the client. */
function queryTemplate(query: string): string {
  const parameters = new URLSearchParams(query);
  const names = [...new Set(parameters.keys())].sort();
  if (names.length === 0) return "";
  const templates = names.map((name) => {
    const value = name === "timeout" ? encodeURIComponent(parameters.get(name)!) : "{value}";
    return `${encodeURIComponent(name)}=${value}`;
  });
  return `?${templates.join("&")}`;
}
