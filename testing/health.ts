/** What a server looks at to know that it is well, by the path that tells of it. */
const CHECKS: Readonly<Record<string, readonly string[]>> = {
  healthz: ["ping", "log", "etcd"],
  livez: ["ping", "log", "etcd"],
  readyz: ["ping", "log", "etcd", "informer-sync", "shutdown"],
};

/** The paths that tell how the server is. */
export function healthPaths(): string[] {
  return Object.entries(CHECKS).flatMap((
    [root, checks],
  ) => [`/${root}`, ...checks.map((check) => `/${root}/${check}`)]);
}

/**
 * What the server says of how it is: always well, in one word or, with `verbose`, in a line for each check.
 *
 * @param path Such as `["readyz"]`, or `["readyz", "ping"]` for one check.
 * @returns Undefined if there is no such check.
 */
export function healthText(path: readonly string[], query: URLSearchParams): string | undefined {
  const [root, ...rest] = path;
  const checks = CHECKS[root];
  if (checks === undefined) return undefined;
  if (rest.length > 0) return checks.includes(rest.join("/")) ? "ok" : undefined;
  if (!query.has("verbose")) return "ok";
  const excluded = query.getAll("exclude");
  const lines = checks.map((check) => `[+]${check} ${excluded.includes(check) ? "excluded: " : ""}ok\n`);
  const unknown = excluded.filter((check) => !checks.includes(check)).map((check) => JSON.stringify(check));
  const warning = unknown.length === 0
    ? ""
    : `warn: some health checks cannot be excluded: no matches for ${unknown.sort().join(", ")}\n`;
  return `${lines.join("")}${warning}${root} check passed\n`;
}
