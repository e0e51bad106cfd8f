import type { ResourceType } from "../meta/mod.ts";
import type { ResourceQuery } from "./queries.ts";

/**
 * What a short name stands for: a resource and its group, in any version. `undefined` if it is the name of something
 * itself, which no short name of a custom resource can take over, or no short name of anything.
 *
 * @param types All resources, the best first.
 * @param onAmbiguous Called with each other resource that has the short name.
 * @see client-go `restmapper.NewShortcutExpander`, spec rest 17.4
 */
export function byShortName(
  types: readonly ResourceType[],
  { resource, group, version }: ResourceQuery,
  onAmbiguous: (other: ResourceType) => void = () => {},
): ResourceQuery | undefined {
  const isIn = (type: ResourceType) => !group || type.group === group;
  const name = resource.toLowerCase();
  if (types.some((type) => isIn(type) && (type.plural === name || type.singular === name))) return undefined;
  const named = types.filter((type) => type.shortNames?.includes(name));
  const [first, ...others] = named.filter(isIn);
  if (first !== undefined) {
    // Several versions of one resource are no ambiguity.
    const seen = new Set([titleOf(first)]);
    for (const other of others) {
      if (seen.has(titleOf(other))) continue;
      seen.add(titleOf(other));
      onAmbiguous(other);
    }
    return { resource: first.plural, group: first.group, version };
  }
  const near = named.find((type) => type.group.startsWith(group as string)); // no group: all would have been found
  return near && { resource: near.plural, group: near.group, version };
}

const titleOf = ({ plural, group }: ResourceType) => `${plural}.${group}`;
