import { onDemand } from "../async/mod.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import { proxyEnvironment } from "./transport_environment.ts";

/** Most programs have no proxy. */
const proxySettings = onDemand(() => import("./proxy_settings.ts"));

/** What is chosen where there is nothing to choose. */
const NO_PROXY: Omit<ProxyChoice, "key"> = {
  isExplicit: false,
  isForFetch: false,
  proxyFor: () => undefined,
  fetchMayStray: () => false,
};

/**
 * Decides about proxies. What reads settings of proxies is loaded where there are some.
 *
 * @param proxy The setting, see `RestConfigInit.proxy`.
 */
export async function proxiesFor(proxy: string): Promise<ProxyChoice> {
  const environment = proxyEnvironment();
  const { http, https, all, isKnown } = environment;
  const isNamed = proxy !== "none" && proxy !== "environment";
  if (!isNamed && isKnown && (http ?? https ?? all) === undefined) return { key: proxy, ...NO_PROXY };
  const { chooseProxy } = await proxySettings();
  return chooseProxy(proxy, environment);
}
