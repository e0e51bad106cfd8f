import type { KubeconfigCluster } from "./kubeconfig.ts";
import { type MaterialOptions, readMaterial } from "./read_material.ts";

/** What a cluster's entry says about connections to it. */
export interface ClusterSettings {
  server: string;
  /** Whether credentials and certificates may be used (spec rest 8.5). */
  secure: boolean;
  ca?: string;
  serverName?: string;
  insecure?: boolean;
}

/** Reads and checks the settings of a cluster. If something is reported, the result is of no use. */
export async function clusterSettings(
  cluster: KubeconfigCluster,
  options: MaterialOptions,
): Promise<ClusterSettings> {
  const { report } = options;
  const {
    server = "",
    "certificate-authority": path,
    "certificate-authority-data": data,
    "insecure-skip-tls-verify": insecure = false,
    "tls-server-name": serverName,
    "proxy-url": proxyUrl,
  } = cluster; // disable-compression is of no consequence: answers are read either way
  if (server === "") report("server", "it is not set", "Write a URL like https://10.0.0.1:6443");
  if (proxyUrl) report("proxy-url", "proxies are not supported yet", "Use a context without one");
  const ca = await readMaterial("certificate-authority", { path, data }, options);
  // From the URL alone: here, a CA does not turn a server without a scheme into an HTTPS one (quirk B3).
  // One that is missing may become one, so the user's settings are checked for that.
  const secure = server === "" || /^https:\/\//i.test(server);
  if (secure && insecure && (path || data)) {
    report("insecure-skip-tls-verify", "there is a certificate authority too", "Leave one of them out");
  }
  return secure ? { server, secure, ca, serverName, insecure } : { server, secure };
}
