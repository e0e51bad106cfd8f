import type { Clock } from "../async/mod.ts";
import type { Meter } from "../observe/mod.ts";
import type { CertificateAuthoritySource, ConfigError } from "../rest/mod.ts";
import { caFileSource } from "./ca_file_source.ts";
import type { KubeconfigCluster } from "./kubeconfig.ts";
import { type MaterialOptions, readMaterial, resolvePath } from "./read_material.ts";

/** What a cluster's entry says about connections to it. */
export interface ClusterSettings {
  server: string;
  /** Whether credentials and certificates may be used (spec rest 8.5). */
  secure: boolean;
  /** The authorities as they are now. */
  ca?: string;
  /** Gives the authorities as they are later, if they come from a file. What is above is then to be checked only. */
  authorities?: CertificateAuthoritySource;
  serverName?: string;
  insecure?: boolean;
  proxy?: string;
  disableCompression?: boolean;
}

/** Options of {@linkcode clusterSettings}. */
export interface ClusterSettingsOptions extends MaterialOptions {
  /** For what is read again. */
  clock?: Clock;
  /** For what is read again. */
  meter?: Meter;
  /** Told of what could not be read again. */
  onError: (error: ConfigError) => void;
}

/** Reads and checks the settings of a cluster. If something is reported, the result is of no use. */
export async function clusterSettings(
  cluster: KubeconfigCluster,
  options: ClusterSettingsOptions,
): Promise<ClusterSettings> {
  const { entry, report, clock, meter, onError } = options;
  const {
    server = "",
    "certificate-authority": path,
    "certificate-authority-data": data,
    "insecure-skip-tls-verify": insecure = false,
    "tls-server-name": serverName,
    "proxy-url": proxyUrl,
    "disable-compression": disableCompression,
  } = cluster;
  if (server === "") report("server", "it is not set", "Write a URL like https://10.0.0.1:6443");
  if (proxyUrl && !/^[a-z0-9+.-]+:\/\//i.test(proxyUrl)) { // else a word could mean something to RestConfig
    report("proxy-url", "it is not a URL", "Write it like http://proxy.example.com:3128");
  }
  const ca = await readMaterial("certificate-authority", { path, data }, options);
  // From the URL alone: here, a CA does not turn a server without a scheme into an HTTPS one (quirk B3).
  // One that is missing may become one, so the user's settings are checked for that.
  const secure = server === "" || /^https:\/\//i.test(server);
  if (secure && insecure && (path || data)) {
    report("insecure-skip-tls-verify", "there is a certificate authority too", "Leave one of them out");
  }
  const always = { server, secure, ...proxyUrl && { proxy: proxyUrl }, disableCompression };
  if (!secure) return always;
  const authorities = path && ca !== undefined
    ? caFileSource(await resolvePath(path, entry), { clock, meter, onError })
    : undefined;
  return { ...always, ca, authorities, serverName, insecure };
}
