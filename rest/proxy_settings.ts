import { parseNoProxy } from "./no_proxy.ts";
import { parseProxyUrl } from "./parse_proxy_url.ts";

/** What the environment says about proxies. Names in capitals go before others, as in Go programs. */
export interface ProxyEnvironment {
  /** `HTTP_PROXY` or `http_proxy`. */
  readonly http?: string;
  /** `HTTPS_PROXY` or `https_proxy`. */
  readonly https?: string;
  /** `ALL_PROXY` or `all_proxy`: nothing to us, as to Go programs, but something to the `fetch` of a runtime. */
  readonly all?: string;
  /** `NO_PROXY` or `no_proxy`. */
  readonly none?: string;
  /** Whether all of that could be read, and so what is not there is not set. */
  readonly isKnown: boolean;
}

/** Which requests take a proxy, and which. */
export interface ProxyChoice {
  /** Equal for choices that are equal. May hold a password. */
  readonly key: string;
  /** Whether all requests take one proxy. */
  readonly isExplicit: boolean;
  /**
   * The proxy for a URL; `undefined` for none.
   *
   * @throws {ConfigError} If the environment names one that cannot be.
   */
  proxyFor(url: URL): URL | undefined;
  /** Whether a `fetch` that looks at the environment by itself might send there what is to go without a proxy. */
  fetchMayStray(url: URL): boolean;
  /** Whether only such a `fetch` can find out, since we may not look. */
  isForFetch: boolean;
}

/**
 * Decides about proxies as client-go does: a URL is for all requests, whatever `NO_PROXY` says; the environment is
 * asked about each.
 *
 * @param proxy The setting, see `RestConfigInit.proxy`.
 */
export function chooseProxy(proxy: string, environment: ProxyEnvironment): ProxyChoice {
  const { http = "", https = "", all = "", none = "", isKnown } = environment;
  const { excludes, excludesPlainly } = parseNoProxy(none);
  const known = (url: URL) => (url.protocol === "https:" ? https : http) || all;
  const key = JSON.stringify([proxy, http, https, all, none, isKnown]);
  if (proxy === "none") {
    return {
      key,
      isExplicit: false,
      isForFetch: false,
      proxyFor: () => undefined,
      fetchMayStray: (url) => !isKnown || (known(url) !== "" && !excludesPlainly(url)),
    };
  }
  if (proxy !== "environment") {
    const url = parseProxyUrl("proxy", proxy);
    return { key, isExplicit: true, isForFetch: false, proxyFor: () => url, fetchMayStray: () => true };
  }
  return {
    key,
    isExplicit: false,
    isForFetch: !isKnown,
    proxyFor(url) {
      const isSecure = url.protocol === "https:";
      const text = isSecure ? https : http;
      if (text === "" || excludes(url)) return undefined;
      // As in Go: what is no URL lacks its scheme.
      const withScheme = /^[a-z0-9+.-]+:\/\//i.test(text) ? text : `http://${text}`;
      return parseProxyUrl(isSecure ? "HTTPS_PROXY" : "HTTP_PROXY", withScheme);
    },
    fetchMayStray: (url) => known(url) !== "" && !excludesPlainly(url),
  };
}
