import { compareVersions } from "../meta/mod.ts";
import { mediaType } from "./media_type.ts";
import { failure, Refusal } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";

/** What part of discovery a path leads to. */
export type DiscoveryPath =
  | { readonly at: "root"; readonly root: "api" | "apis" }
  | { readonly at: "group"; readonly group: string }
  | { readonly at: "version"; readonly apiVersion: string };

const AGGREGATED_TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const ACCEPTED = "only the following media types are accepted: application/json";

/** Groups by their rank on a real server; those of custom resources follow in the order of the alphabet. */
const RANKED = [
  "",
  "apps",
  "events.k8s.io",
  "autoscaling",
  "batch",
  "certificates.k8s.io",
  "networking.k8s.io",
  "policy",
  "rbac.authorization.k8s.io",
  "storage.k8s.io",
  "apiextensions.k8s.io",
  "scheduling.k8s.io",
  "coordination.k8s.io",
  "node.k8s.io",
  "discovery.k8s.io",
];

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

interface ObjectKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

interface Subresource {
  readonly verbs: readonly string[];
  /** Absent: that of the resource. */
  readonly kind?: ObjectKind;
}

const WITHIN = (kind: string): ObjectKind => ({ group: "", version: "", kind });
const CONNECT = ["create", "get"];
const PROXY = ["create", "delete", "get", "patch", "update"];
const READ_AND_CHANGE = ["get", "patch", "update"];

/** What can be asked of subresources; all others can be read and changed. */
const SUBRESOURCES: Readonly<Record<string, Subresource>> = {
  "namespaces/finalize": { verbs: ["update"] },
  "nodes/proxy": { verbs: PROXY, kind: WITHIN("NodeProxyOptions") },
  "pods/attach": { verbs: CONNECT, kind: WITHIN("PodAttachOptions") },
  "pods/binding": { verbs: ["create"], kind: WITHIN("Binding") },
  "pods/eviction": { verbs: ["create"], kind: { group: "policy", version: "v1", kind: "Eviction" } },
  "pods/exec": { verbs: CONNECT, kind: WITHIN("PodExecOptions") },
  "pods/log": { verbs: ["get"] },
  "pods/portforward": { verbs: CONNECT, kind: WITHIN("PodPortForwardOptions") },
  "pods/proxy": { verbs: PROXY, kind: WITHIN("PodProxyOptions") },
  "services/proxy": { verbs: PROXY, kind: WITHIN("ServiceProxyOptions") },
  "serviceaccounts/token": {
    verbs: ["create"],
    kind: { group: "authentication.k8s.io", version: "v1", kind: "TokenRequest" },
  },
};

const SCALE: ObjectKind = { group: "autoscaling", version: "v1", kind: "Scale" };

/** Answers what is served: aggregated to those who ask for that, else as servers always have. */
export async function answerDiscovery(
  path: DiscoveryPath,
  resources: readonly ServedResource[],
  { method, headers }: { readonly method: string; readonly headers: Headers },
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
  return Response.json(plain(path, resources), {
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
  const { group, version, kind, builtIn, plural, scope, singular, shortNames, categories } = resource;
  const own = builtIn ? WITHIN(kind) : { group, version, kind };
  const subresources = subresourcesOf(resource).map(({ name, verbs, kind = own }) => ({
    subresource: name,
    responseKind: kind,
    verbs,
  }));
  return {
    resource: plural,
    responseKind: own,
    scope,
    singularResource: singular,
    verbs: verbsOf(resource),
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && { subresources }),
  };
}

function plain(path: DiscoveryPath, resources: readonly ServedResource[]): unknown {
  const groups = groupsOf(resources);
  switch (path.at) {
    case "root":
      return path.root === "api"
        ? { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] }
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
        resources: resources.filter(({ apiVersion }) => apiVersion === path.apiVersion)
          .sort((a, b) => a.plural < b.plural ? -1 : 1).flatMap(plainResources),
      };
  }
}

function plainGroup({ group, versions }: Group): Record<string, unknown> {
  const listed = versions.map(({ version }) => ({ groupVersion: `${group}/${version}`, version }));
  return { name: group, versions: listed, preferredVersion: listed[0] };
}

function plainResources(resource: ServedResource): unknown[] {
  const { plural, singular, scope, kind, shortNames, categories } = resource;
  const namespaced = scope === "Namespaced";
  return [
    {
      name: plural,
      singularName: singular,
      namespaced,
      kind,
      verbs: verbsOf(resource),
      ...(shortNames.length > 0 && { shortNames }),
      ...(categories.length > 0 && { categories }),
    },
    ...subresourcesOf(resource).map(({ name, verbs, kind: other }) => ({
      name: `${plural}/${name}`,
      singularName: "",
      namespaced,
      ...(other?.group && { group: other.group, version: other.version }),
      kind: other?.kind ?? kind,
      verbs,
    })),
  ];
}

function verbsOf({ builtIn, title }: ServedResource): string[] {
  return (builtIn ? VERBS : CUSTOM_VERBS).filter((verb) =>
    title !== "namespaces" || verb !== "deletecollection"
  );
}

function subresourcesOf({ plural, subresources }: ServedResource): (Subresource & { name: string })[] {
  return [...subresources].sort().map((name) => ({
    name,
    ...SUBRESOURCES[`${plural}/${name}`] ??
      { verbs: READ_AND_CHANGE, ...(name === "scale" && { kind: SCALE }) },
  }));
}

interface Group {
  readonly group: string;
  readonly versions: { readonly version: string; readonly members: ServedResource[] }[];
}

/** The groups in order, their versions and the resources of each too. */
function groupsOf(resources: readonly ServedResource[]): Group[] {
  const rank = (group: string) => (RANKED.indexOf(group) + RANKED.length + 1) % (RANKED.length + 1);
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
