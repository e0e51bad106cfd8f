import type { Kubeconfig } from "./kubeconfig.ts";

/** The lists of a kubeconfig, whose entries are known by their names. */
export const LISTS = ["clusters", "contexts", "users", "extensions"] as const;

/** An entry of one of the {@linkcode LISTS}, as JSON. */
export interface NamedEntry {
  name: string;
  [field: string]: unknown;
}

/** One change of a kubeconfig: of an entry of a list, or of another field. Without `value` it is removed. */
export type KubeconfigEdit =
  | { list: typeof LISTS[number]; name: string; value?: NamedEntry }
  | { field: string; value?: unknown };

/** A copy of a kubeconfig with changes made. */
export function applyEdits(kubeconfig: Kubeconfig, edits: readonly KubeconfigEdit[]): Kubeconfig {
  const result: Record<string, unknown> = { ...kubeconfig };
  for (const edit of edits) {
    if ("field" in edit) {
      if (edit.value === undefined) delete result[edit.field];
      else result[edit.field] = edit.value;
      continue;
    }
    const { list, name, value } = edit;
    const entries = [...(result[list] ?? []) as NamedEntry[]];
    const index = entries.findIndex((entry) => entry.name === name);
    if (value === undefined) entries.splice(index, index < 0 ? 0 : 1);
    else if (index < 0) entries.splice(placeFor(name, entries), 0, value);
    else entries[index] = value;
    if (entries.length === 0 && list === "extensions") delete result[list];
    else result[list] = entries;
  }
  return result as unknown as Kubeconfig;
}

/** Where an entry goes: by its name if the list is in that order, as kubectl writes them, else to the end. */
export function placeFor(name: string, entries: readonly { name: string }[]): number {
  const isSorted = entries.every((entry, index) => index === 0 || entries[index - 1].name <= entry.name);
  const next = isSorted ? entries.findIndex((entry) => entry.name > name) : -1;
  return next < 0 ? entries.length : next;
}
