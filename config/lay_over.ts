/** Whether a field says something: an empty text, an empty list, `false` and 0 do not (spec rest 8.4, B8). */
export function says(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/**
 * The fields of `base`, and over them those of `over` that say something. Maps are merged by their keys,
 * extensions by their names; any other value is replaced whole (spec rest 8.4).
 */
export function layOver<Fields extends object>(base: Fields, over: Fields): Fields {
  const result = new Map<string, unknown>(Object.entries(base));
  for (const [field, value] of Object.entries(over)) {
    if (!says(value)) continue;
    const below = result.get(field);
    if (field === "as-user-extra") result.set(field, { ...below as object, ...value });
    else if (field === "extensions") result.set(field, mergeByName(below, value));
    else result.set(field, value);
  }
  return Object.fromEntries(result) as Fields;
}

function mergeByName(below: unknown, over: { name: string }[]): { name: string }[] {
  const others = (below ?? []) as { name: string }[];
  return [...others.filter((one) => !over.some(({ name }) => name === one.name)), ...over];
}
