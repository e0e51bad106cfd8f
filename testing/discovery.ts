import { compareVersions } from "../meta/mod.ts";
import { builtInGroups } from "./built_in_resources.ts";
import { mediaType } from "./media_type.ts";
import { failure, Refusal } from "./refusal.ts";
import type { ServedResource, Subresource } from "./served_resource.ts";

/** What part of discovery a path leads to. */
export type DiscoveryPath =
  | { readonly at: "root"; readonly root: "api" | "apis" }
  | { readonly at: "group"; readonly group: string }
  | { readonly at: "version"; readonly apiVersion: string };

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const ACCEPTED = "only the following media types are accepted: application/json";

const READ_AND_CHANGE = ["get", "patch", "update"];

/** Answers what is served: aggregated to those who ask for that, else as servers always have. */
export async function answerDiscovery(
  path: DiscoveryPath,
  resources: readonly ServedResource[],
  { method, headers, url }: { readonly method: string; readonly headers: Headers; readonly url: URL },
): Promise<Response> {
  if (method !== "GET" && method !== "HEAD") {
    throw new Refusal(
      failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", {}),
    );
  }
  const accepted = (headers.get("accept") || "*/*").split(",").map((clause) => clause.trim());
  if (path.at === "root" && accepted.some(isAggregated)) {
    return await cachedAnswer(aggregated(path.root, resources), headers.get("if-none-match"));
  }
  if (
    !accepted.some((clause) =>
      /^(\*\/\*|application\/(\*|json))$/.test(mediaType(clause)) && !/;\s*as=/.test(clause)
    )
  ) {
    throw new Refusal(failure(406, "NotAcceptable", ACCEPTED));
  }
  const body = await plain(path, resources, headers.get("host") ?? url.host);
  return new Response(`${JSON.stringify(body)}\n`, {
    headers: { "content-type": "application/json", "cache-control": "no-cache, private" },
  });
}

function isAggregated(clause: string): boolean {
  const [type, ...parameters] = clause.split(";").map((part) => part.trim());
  return type === "application/json" &&
    ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"].every((one) => parameters.includes(one));
}

/** An answer that a client may keep: asked again with its tag, it is not sent again. */
async function cachedAnswer(value: unknown, known: string | null): Promise<Response> {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-512", body));
  const etag = `"${[...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("").toUpperCase()}"`;
  const headers = { etag, vary: "Accept", "cache-control": "public" };
  if (known === etag) return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, "content-type": AGGREGATED_TYPE } });
}

function aggregated(root: "api" | "apis", resources: readonly ServedResource[]): unknown {
  const items = groupsOf(resources).filter(({ group }) => (group === "") === (root === "api")).map(
    ({ group, versions }) => ({
      metadata: group === "" ? {} : { name: group },
      versions: versions.map(({ version, members }) => ({
        version,
        resources: members.map(aggregatedResource),
        freshness: "Current",
      })),
    }),
  );
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource(resource: ServedResource): unknown {
  const { group, version, kind, builtIn, plural, scope, singular, verbs, shortNames, categories } = resource;
  const own = builtIn ? { group: "", version: "", kind } : { group, version, kind };
  const subresources = subresourcesOf(resource).map(([name, { verbs = READ_AND_CHANGE, kind = own }]) => ({
    subresource: name,
    responseKind: kind,
    verbs,
  }));
  return {
    resource: plural,
    responseKind: own,
    scope,
    singularResource: singular,
    verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

async function plain(
  path: DiscoveryPath,
  resources: readonly ServedResource[],
  serverAddress: string,
): Promise<unknown> {
  const groups = groupsOf(resources);
  switch (path.at) {
    case "root":
      return path.root === "api"
        ? {
          kind: "APIVersions",
          versions: ["v1"],
          serverAddressByClientCIDRs: [{ clientCIDR: "0.0.0.0/0", serverAddress }],
        }
        : {
          kind: "APIGroupList",
          apiVersion: "v1",
          groups: groups.filter(({ group }) => group !== "").map(plainGroup),
        };
    case "group":
      return {
        kind: "APIGroup",
        apiVersion: "v1",
        ...plainGroup(groups.find(({ group }) => group === path.group)!),
      };
    case "version":
      return {
        kind: "APIResourceList",
        ...(path.apiVersion !== "v1" && { apiVersion: "v1" }),
        groupVersion: path.apiVersion,
        resources: (await Promise.all(
          resources.filter(({ apiVersion }) => apiVersion === path.apiVersion)
            .sort((a, b) => a.plural < b.plural ? -1 : 1).map(plainResources),
        )).flat(),
      };
  }
}

function plainGroup({ group, versions }: Group): Record<string, unknown> {
  const listed = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

async function plainResources(resource: ServedResource): Promise<unknown[]> {
  const { plural, singular, scope, kind, verbs, shortNames, categories, stored } = resource;
  const namespaced = scope === "Namespaced";
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs,
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
      ...(stored !== undefined && { storageVersionHash: await storageVersionHash(stored, kind) }),
    },
    ...subresourcesOf(resource).map(([name, { verbs = READ_AND_CHANGE, kind: other }]) => ({
      name: `${plural}/${name}`,
      singularName: "",
      namespaced,
      ...(other?.group && { group: other.group, version: other.version }),
      kind: other?.kind ?? kind,
      verbs,
    })),
  ];
}

/** A name for the version in which objects are stored, that says nothing but whether it changes. */
async function storageVersionHash(apiVersion: string, kind: string): Promise<string> {
  const text = `${apiVersion.includes("/") ? "" : "/"}${apiVersion}/${kind}`;
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
  return btoa(String.fromCharCode(...digest.subarray(0, 8)));
}

function subresourcesOf({ subresources }: ServedResource): (readonly [string, Subresource])[] {
  return [...subresources].sort(([a], [b]) => a < b ? -1 : 1);
}

interface Group {
  readonly group: string;
  readonly versions: { readonly version: string; readonly members: ServedResource[] }[];
}

/** The groups in order, their versions and the resources of each too. */
function groupsOf(resources: readonly ServedResource[]): Group[] {
  const ranked = builtInGroups(); // those of custom resources follow in the order of the alphabet
  const rank = (group: string) => ranked.includes(group) ? ranked.indexOf(group) : ranked.length;
  const groups = new Map<string, ServedResource[]>();
  for (const resource of resources) {
    groups.set(resource.group, [...groups.get(resource.group) ?? [], resource]);
  }
  return [...groups].sort(([a], [b]) => rank(a) - rank(b) || (a < b ? -1 : 1)).map(([group, members]) => ({
    group,
    versions: [...new Set(members.map(({ version }) => version))].sort(compareVersions).map((version) => ({
      version,
      members: members.filter((member) => member.version === version).sort((a, b) =>
        a.plural < b.plural ? -1 : 1
      ),
    })),
  }));
}
