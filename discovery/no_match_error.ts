import { apiVersionOf, parseApiVersion, type ResourceType } from "../meta/mod.ts";
import { nearest } from "./nearest.ts";
import type { KindQuery, ResourceQuery } from "./queries.ts";
import type { ResourceTable } from "./resource_table.ts";

const BRAND = Symbol.for("@coxswain/kube/NoMatchError");

/**
 * The server has no such resource or kind, even after discovery was repeated. Says where it has one, what has a name
 * like it, and whether discovery failed where it would be.
 *
 * @see client-go `meta.NoKindMatchError`, `meta.NoResourceMatchError`, spec rest 17.1
 */
export class NoMatchError extends Error {
  /** What was looked for. */
  readonly query: ResourceQuery | KindQuery;

  /** Compares with what the server has. */
  constructor(query: ResourceQuery | KindQuery, table: Pick<ResourceTable, "types" | "failures">) {
    const failure = failureAt(query, table.failures);
    const hint = failure === undefined
      ? hintOf(query, table.types)
      : `The server could not say what it has in ${failure[0]}: ${failure[1].message}`;
    super(`no matches for ${describe(query)}${hint && `. ${hint}`}`, failure && { cause: failure[1] });
    this.name = "NoMatchError";
    this.query = query;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** Whether an error, or one that caused it, is a {@linkcode NoMatchError}, also of another copy of this package. */
export function isNoMatch(error: unknown): boolean {
  for (let one = error, depth = 0; typeof one === "object" && one !== null && depth < 16; depth++) {
    if (BRAND in one) return true;
    one = (one as { cause?: unknown }).cause;
  }
  return false;
}

/** What was looked for, in client-go's words for kinds. */
export function describe(query: ResourceQuery | KindQuery): string {
  if ("resource" in query) {
    const { resource, group, version } = query;
    return `resource ${JSON.stringify(resource)}` +
      (group ? ` in group ${JSON.stringify(group)}` : "") +
      (version ? ` in version ${JSON.stringify(version)}` : "");
  }
  const kind = `kind ${JSON.stringify(query.kind)}`;
  if (query.apiVersion !== undefined) return `${kind} in version ${JSON.stringify(query.apiVersion)}`;
  const { group, versions = [] } = query;
  const spelt = versions.map((version) => JSON.stringify(group ? `${group}/${version}` : version)).sort();
  if (spelt.length === 1) return `${kind} in version ${spelt[0]}`;
  if (spelt.length > 1) return `${kind} in versions [${spelt.join(" ")}]`;
  return group === undefined ? kind : `${kind} in group ${JSON.stringify(group)}`;
}

function hintOf(query: ResourceQuery | KindQuery, types: readonly ResourceType[]): string {
  const namesOf = (type: ResourceType) =>
    "resource" in query
      ? [type.plural, ...type.singular ? [type.singular] : [], ...type.shortNames ?? []]
      : [type.kind];
  const name = "resource" in query ? query.resource : query.kind;
  const elsewhere = types.filter((type) =>
    namesOf(type).some((one) => one.toLowerCase() === name.toLowerCase())
  );
  if (elsewhere.length > 0) return `The server has it in ${listed(elsewhere.map(apiVersionOf))}`;
  const near = nearest(name, types.flatMap(namesOf));
  if (near.length === 0) {
    const group = groupOf(query);
    return group !== undefined && types.some((type) => type.group === group)
      ? `The server has other kinds of the group ${JSON.stringify(group)}`
      : "Is its CustomResourceDefinition installed?";
  }
  const places = near.map((one) => {
    const found = types.filter((type) => namesOf(type).includes(one));
    return `${one} in ${listed(found.map(apiVersionOf))}`;
  });
  return `Nearest: ${places.join(", ")}`;
}

/** The failure of discovery that explains why nothing was found; where no group was given, none can. */
function failureAt(
  query: ResourceQuery | KindQuery,
  failures: ReadonlyMap<string, Error>,
): [string, Error] | undefined {
  const group = groupOf(query);
  if (group === undefined) return undefined;
  return [...failures].find(([groupVersion]) =>
    groupVersion.startsWith(`${group}/`) || (group === "" && !groupVersion.includes("/"))
  );
}

/** The group that was looked in, if it was said. */
function groupOf(query: ResourceQuery | KindQuery): string | undefined {
  if ("resource" in query) return query.group || undefined;
  return query.apiVersion === undefined ? query.group : parseApiVersion(query.apiVersion).group;
}

const listed = (names: readonly string[]) => [...new Set(names)].slice(0, 5).join(", ");
