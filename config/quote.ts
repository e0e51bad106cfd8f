/** The most names that an error lists, and the longest path that it shows. */
const MOST_NAMES = 10;
const LONGEST_PATH = 256;

/** Names for an error message: `"a", "b" and 3 more`. */
export function quoteNames(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map((name) => JSON.stringify(name)).join(", ");
  const more = names.length - MOST_NAMES;
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/**
 * A path for an error message. CI systems put the *text* of a kubeconfig into variables that should hold its
 * path: what does not look like a path may be a secret, and is not repeated.
 */
export function quotePath(path: string): string {
  // deno-lint-ignore no-control-regex -- a path for people has none of these
  if (path.length > LONGEST_PATH || /[\x00-\x1f]|-----|^\s*\{/.test(path)) {
    return `(${path.length} characters that are no path)`;
  }
  return JSON.stringify(path);
}
