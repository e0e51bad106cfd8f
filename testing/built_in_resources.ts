import { parseApiVersion, type Scope } from "../meta/mod.ts";
import { BUILT_IN_KINDS } from "./built_in_kinds.ts";
import { builtInTraits } from "./built_in_traits.ts";
import { type ServedResource, servedResource, type Subresource } from "./served_resource.ts";

const READ: Map<boolean, readonly ServedResource[]> = new Map(); // what it says of them never changes

/**
 * The built-in resources, read from the table once.
 *
 * @param previews Those of alpha and beta versions too, which a server serves only when it is told to.
 */
export function builtInResources(previews: boolean): readonly ServedResource[] {
  const read = READ.get(previews) ?? Object.entries(BUILT_IN_KINDS)
    .filter(([apiVersion]) => previews || !/alpha|beta/.test(apiVersion))
    .flatMap(([apiVersion, rows]) => rows.trim().split("\n").map((row) => builtInResource(apiVersion, row)));
  READ.set(previews, read);
  return read;
}

/** The built-in groups, in the order in which a server tells them. */
export function builtInGroups(): string[] {
  return [...new Set(Object.keys(BUILT_IN_KINDS).map((apiVersion) => parseApiVersion(apiVersion).group))];
}

function builtInResource(apiVersion: string, row: string): ServedResource {
  const list = (cell: string, separator = ",") => cell === "-" ? [] : cell.split(separator);
  const [kind, plural, scope, shortNames, categories, subresources, stored, verbs, ...words] = row.split(" ");
  const { group, version } = parseApiVersion(apiVersion);
  const type = {
    group,
    version,
    kind,
    plural,
    scope: scope as Scope,
    shortNames: list(shortNames),
    categories: list(categories),
    verbs: verbs === "-" ? undefined : verbs.split(","),
  };
  return servedResource(type, {
    builtIn: true,
    traits: builtInTraits(group === "" ? plural : `${plural}.${group}`),
    subresources: list(subresources, ";").map(readSubresource),
    deprecation: words.length === 0 ? undefined : `${apiVersion} ${kind} ${words.join(" ")}`,
    stored: stored === "!" ? undefined : stored === "-" ? apiVersion : stored,
  });
}

function readSubresource(text: string): [string, Subresource] {
  const [, name, verbs, group = "", version = "", kind] = /^(\w+)(?:=([\w,]+))?(?::(?:(.+)\/(\w+)\/)?(\w+))?$/
    .exec(text)!;
  return [name, {
    ...(verbs !== undefined && { verbs: verbs.split(",") }),
    ...(kind !== undefined && { kind: { group, version, kind } }),
  }];
}
