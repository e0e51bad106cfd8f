// Makes testing/built_in_kinds.ts: the resources that the server in memory serves. `deno task generate` writes it.
import type { ApiResource, ServedApis } from "../../discovery/mod.ts";

/** What can be done with most resources, in the order in which discovery tells it. */
const VERBS = "create,delete,deletecollection,get,list,patch,update,watch";

/** What can be done with most subresources. */
const SUBRESOURCE_VERBS = "get,patch,update";

/** Versions whose kinds were stored once, and give their hashes to discovery still. */
const FORMER = ["apiextensions.k8s.io/v1beta1"];

/**
 * The module's text.
 *
 * @param discovery As a server with every version and feature tells it in the old form, which alone has hashes.
 * @param deprecations What a server warns of, by version and plural.
 */
export async function kindTable(
  { groups, resources }: ServedApis,
  deprecations: ReadonlyMap<string, string>,
  header: string,
): Promise<string> {
  const lists = new Map(resources.map((list) => [list.groupVersion, list.resources]));
  const versions = groups.flatMap(({ versions }) => versions.map(({ groupVersion }) => groupVersion));
  const stored = await storedVersions([...versions, ...FORMER], [...lists.values()].flat());
  const tables = versions.map((apiVersion) => {
    const all = lists.get(apiVersion) ?? [];
    const rows = all.filter(({ name }) => !name.includes("/")).map((resource) => {
      const subresources = all.filter(({ name }) => name.startsWith(`${resource.name}/`));
      return row(apiVersion, resource, subresources, stored, deprecations);
    });
    return `  "${apiVersion}": \`\n${rows.join("\n")}\`,\n`;
  });
  return `// ${header}

/**
 * What an API server serves with every version and feature switched on, in the order in which it tells it: by group and
 * version, a line for each resource. A line has the kind, the plural, the scope, the short names, the categories, the
 * subresources, the version that is stored, the verbs, and what the server warns of. \`-\` stands for what goes without
 * saying: nothing, the same version, all verbs; \`!\` for a resource that is not stored. A subresource is a name, then
 * perhaps \`=\` and its verbs, then perhaps \`:\` and the kind that is sent or answered.
 */
export const BUILT_IN_KINDS: Readonly<Record<string, string>> = {
${tables.join("")}};
`;
}

function row(
  apiVersion: string,
  resource: ApiResource,
  subresources: readonly ApiResource[],
  stored: ReadonlyMap<string, string>,
  deprecations: ReadonlyMap<string, string>,
): string {
  const { name, kind, namespaced, singularName, shortNames = [], categories = [], verbs } = resource;
  if (singularName !== kind.toLowerCase()) throw new Error(`${name} has the singular ${singularName}`);
  const { storageVersionHash: hash } = resource;
  const version = hash === undefined ? "!" : stored.get(hash);
  if (version === undefined) throw new Error(`In which version are ${name} stored? ${hash} is of none`);
  const deprecation = deprecations.get(`${apiVersion} ${name}`);
  return [
    kind,
    name,
    namespaced ? "Namespaced" : "Cluster",
    shortNames.join(",") || "-",
    categories.join(",") || "-",
    subresources.map((one) => subresourceText(one, kind)).join(";") || "-",
    version === apiVersion ? "-" : version,
    verbs.join(",") === VERBS ? "-" : verbs.join(","),
    ...deprecation === undefined ? [] : [deprecation],
  ].join(" ");
}

function subresourceText({ name, kind, group, version, verbs }: ApiResource, of: string): string {
  const own = verbs.join(",") === SUBRESOURCE_VERBS ? "" : `=${verbs.join(",")}`;
  const place = group ? `${group}/${version}/` : "";
  return name.split("/")[1] + own + (place === "" && kind === of ? "" : `:${place}${kind}`);
}

/** Versions by the hashes that discovery tells instead of them. */
async function storedVersions(
  versions: readonly string[],
  resources: readonly ApiResource[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const apiVersion of versions) {
    for (const { kind } of resources) {
      const text = `${apiVersion.includes("/") ? "" : "/"}${apiVersion}/${kind}`;
      const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      found.set(btoa(String.fromCharCode(...new Uint8Array(digest).slice(0, 8))), apiVersion);
    }
  }
  return found;
}
