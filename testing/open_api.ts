import type { JsonObject } from "./api_object.ts";
import { customOpenApi, customSchemaName } from "./custom_open_api.ts";
import { mediaType } from "./media_type.ts";
import { openApiPaths } from "./open_api_paths.ts";
import { openApiV2 } from "./open_api_v2.ts";
import { notImplemented } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

const ROOT = "/openapi/v3";
const JSON_TYPES = ["*/*", "application/*", "application/json"];
const META = "io.k8s.apimachinery.pkg.apis.meta.v1.";
const UNCACHED = { "cache-control": "no-cache, private" };

/** Raised when the documents of built-in kinds change, for clients that keep them. */
const EDITION = "1.36-1";

/**
 * Answers what the schemas of the served kinds are: OpenAPI v3, the index of it, and a document for each group and version.
 *
 * @throws {Refusal} 501 for OpenAPI v2, but for the little that kubectl needs of it.
 */
export async function answerOpenApi(
  { url, headers }: { readonly url: URL; readonly headers: Headers },
  resources: readonly ServedResource[],
): Promise<Response> {
  const path = url.pathname.replace(/\/$/, "");
  if (path === ROOT) {
    const versions = [...new Set(resources.map(({ apiVersion }) => apiVersion))];
    const paths = await Promise.all(versions.map(async (apiVersion) => {
      const name = pathOf(apiVersion);
      return [name, {
        serverRelativeURL: `${ROOT}/${name}?hash=${await hashOf(apiVersion, resources)}`,
      }] as const;
    }));
    // A real server does not say either that it is JSON.
    const type = { "content-type": "text/plain; charset=utf-8", ...UNCACHED };
    return new Response(JSON.stringify({ paths: Object.fromEntries(paths.sort()) }), { headers: type });
  }
  if (!path.startsWith(`${ROOT}/`)) {
    const answer = openApiV2(headers.get("accept") ?? "");
    if (answer === undefined || path !== "/openapi/v2") throw notImplemented("OpenAPI v2");
    return answer;
  }
  const name = path.slice(ROOT.length + 1);
  const members = resources.filter(({ apiVersion }) => pathOf(apiVersion) === name);
  if (members.length === 0) return new Response(null, { status: 404, headers: UNCACHED });
  const accepted = (headers.get("accept") || "*/*").split(",").map(mediaType);
  if (!accepted.some((type) => JSON_TYPES.includes(type))) {
    return new Response(null, { status: 406, headers: { ...UNCACHED, vary: "Accept" } });
  }
  const hash = await hashOf(members[0].apiVersion, resources);
  const asked = url.searchParams.get("hash");
  const known = { etag: `"${hash}"`, vary: "Accept", "content-type": "application/json" };
  if (asked !== null && asked !== hash) {
    const location = `${ROOT}/${name}?hash=${hash}`;
    return new Response(null, { status: 301, headers: { ...known, ...UNCACHED, location } });
  }
  const caching = asked === null ? UNCACHED : { "cache-control": "public, immutable" };
  if (headers.get("if-none-match") === known.etag) {
    return new Response(null, { status: 304, headers: { ...known, ...caching } });
  }
  return new Response(JSON.stringify(await documentOf(members)), { headers: { ...known, ...caching } });
}

function pathOf(apiVersion: string): string {
  return apiVersion.includes("/") ? `apis/${apiVersion}` : `api/${apiVersion}`;
}

/** A name for what a document says, which changes when that does. */
async function hashOf(apiVersion: string, resources: readonly ServedResource[]): Promise<string> {
  const parts = resources.filter((one) => one.apiVersion === apiVersion).map(
    ({ plural, builtIn, schema, subresources }) => [plural, builtIn ? EDITION : schema, [...subresources]],
  );
  const digest = await crypto.subtle.digest("SHA-512", new TextEncoder().encode(JSON.stringify(parts)));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase();
}

/** The document of a group and version: the paths of its resources, and the schemas that they lead to. */
async function documentOf(resources: readonly ServedResource[]): Promise<JsonObject> {
  const { BUILT_IN_OPEN_API } = await import("./built_in_open_api.ts");
  const known = new Map<string, string>(); // by name, as JSON
  for (const line of BUILT_IN_OPEN_API.trim().split("\n")) {
    const end = line.indexOf(" ");
    known.set(line.slice(0, end), line.slice(end + 1));
  }
  for (const resource of resources.filter(({ builtIn }) => !builtIn)) {
    for (const [name, schema] of Object.entries(customOpenApi(resource))) {
      known.set(name, JSON.stringify(schema));
    }
  }
  const all = [...known.keys()];
  const names = (apiVersion: string, kind: string): string | undefined => {
    const custom = resources.find((one) => one.apiVersion === apiVersion && !one.builtIn);
    if (custom !== undefined) return customSchemaName(custom, kind);
    const [group, version] = apiVersion.includes("/") ? apiVersion.split("/") : ["core", apiVersion];
    const folder = group === "internal.apiserver.k8s.io" ? "apiserverinternal" : group.split(".")[0];
    return all.find((name) => name.endsWith(`.${folder}.${version}.${kind}`));
  };
  const paths = Object.assign({}, ...resources.map((resource) => openApiPaths(resource, names)));
  const schemas: JsonObject = {};
  const add = (text: string): void => {
    for (const [, name] of text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)) {
      const schema = known.get(name);
      if (schema === undefined || name in schemas) continue;
      schemas[name] = JSON.parse(schema);
      add(schema);
    }
  };
  add(JSON.stringify(paths));
  add(["DeleteOptions", "Patch", "Status"].map((name) => `"#/components/schemas/${META}${name}"`).join());
  const ordered = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a < b ? -1 : 1));
  return {
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "1.36" },
    paths,
    components: { schemas: ordered },
  };
}
