const OLD_PATH = /^(\/api\/v1|\/apis\/[^/]+\/[^/]+)\/watch\/(.+?)\/?$/;

/** The URL of a watch that is asked for by a path of its own, as long ago; undefined if it is none. */
export function withoutWatchPath(url: URL): URL | undefined {
  const [, version, rest] = OLD_PATH.exec(url.pathname) ?? [];
  if (version === undefined) return undefined;
  const parts = rest.split("/");
  const found = new URL(url);
  found.searchParams.set("watch", "true");
  if (parts.length % 2 === 0) { // one object
    found.searchParams.set("fieldSelector", `metadata.name=${decodeURIComponent(parts.pop()!)}`);
  }
  found.pathname = `${version}/${parts.join("/")}`;
  return found;
}
