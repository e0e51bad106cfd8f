import { ConfigError } from "./config_error.ts";

const PROTOCOLS = new Set(["http:", "https:", "socks5:", "socks5h:"]);

/**
 * Reads the URL of a proxy.
 *
 * @param setting Where it comes from. The text itself is not repeated: it may hold a password.
 * @throws {ConfigError} If it is no such URL.
 */
export function parseProxyUrl(setting: string, text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const remedy = "Write it like http://proxy.example.com:3128, or with https, socks5 or socks5h";
  if (url === undefined || !/^[a-z0-9+.-]+:\/\//i.test(text)) {
    throw new ConfigError(setting, "it is not a URL", remedy);
  }
  if (!PROTOCOLS.has(url.protocol)) {
    throw new ConfigError(setting, "no proxy speaks the protocol of that URL", remedy);
  }
  if (url.hostname === "") throw new ConfigError(setting, "the URL names no host", remedy);
  for (const part of [url.username, url.password]) {
    try {
      decodeURIComponent(part);
    } catch { // its message is about code, and would stand beside a password
      throw new ConfigError(setting, "the user name or password is not well encoded", "Write % as %25");
    }
  }
  return url;
}
