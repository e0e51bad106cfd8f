/**
 * Whether Go's `url.ParseRequestURI` takes a text: a URL, a path, or a star.
 *
 * @see https://pkg.go.dev/net/url#ParseRequestURI
 */
export function isRequestUri(text: string): boolean {
  // deno-lint-ignore no-control-regex -- these are refused wherever they are
  if (text === "" || /[\0-\x1f\x7f]/.test(text) || text.startsWith(":")) return false;
  if (text === "*") return true;
  const [, scheme = "", rest] = /^(?:([a-zA-Z][a-zA-Z0-9+.-]*):)?([^?]*)/.exec(text)!;
  if (!rest.startsWith("/")) return scheme !== ""; // such as mailto:a@b
  if (scheme === "" || !rest.startsWith("//")) return isEscaped(rest);
  const [, authority, path] = /^\/\/([^/]*)(.*)$/.exec(rest)!;
  const at = authority.lastIndexOf("@");
  const user = authority.slice(0, Math.max(at, 0));
  return isEscaped(path) && isEscaped(user) && /^[\w\-.:~!$&'()*+,;=%@]*$/.test(user) &&
    isHost(authority.slice(at + 1));
}

/** A name or an address, and a port if there is one. Escapes are for what is not ASCII. */
function isHost(host: string): boolean {
  const [, name] = (host.startsWith("[") ? /^(\[.*\])(?::\d*)?$/ : /^([^:]*)(?::\d*)?$/).exec(host) ?? [];
  return name !== undefined && /^(?:[\w\-.~!$&'()*+,;=:[\]<>"\x80-\uffff]|%25|%[89a-f][\da-f])*$/i.test(name);
}

function isEscaped(text: string): boolean {
  return !/%(?![\da-fA-F]{2})/.test(text);
}
