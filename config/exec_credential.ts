import { checkPair } from "../rest/mod.ts";
import { parseYaml, YamlError } from "../yaml/mod.ts";
import { encodeBase64 } from "./base64.ts";
import type { KubeconfigCluster } from "./kubeconfig.ts";
import type { Problem } from "./problem.ts";
import { inShape, isMapping, kindOf, type Shape } from "./shape.ts";

/** The group of {@linkcode ExecCredential}. */
export const GROUP = "client.authentication.k8s.io";
/** What `apiVersion` of an {@linkcode ExecCredential} can be. */
export const VERSIONS: readonly string[] = [`${GROUP}/v1`, `${GROUP}/v1beta1`];
/** The cluster's extension that is for plugins. */
const EXTENSION = `${GROUP}/exec`;

/**
 * What a client and a credential plugin tell each other: the client a `spec`, in the variable
 * `KUBERNETES_EXEC_INFO`; the plugin a `status`, on its standard output.
 *
 * @see client-go `pkg/apis/clientauthentication`, spec rest 9.1
 */
export interface ExecCredential {
  /** `client.authentication.k8s.io/v1` or `…/v1beta1`. */
  apiVersion: string;
  /** Always `ExecCredential`. */
  kind: string;
  /** What the client says. */
  spec?: ExecCredentialSpec;
  /** What the plugin says. */
  status?: ExecCredentialStatus;
}

/** What a client tells a plugin. */
export interface ExecCredentialSpec {
  /** The cluster that credentials are wanted for, if the kubeconfig says `provideClusterInfo`. */
  cluster?: ExecCluster;
  /** Whether the plugin may ask the person at the terminal. */
  interactive?: boolean;
}

/** What a plugin tells a client. */
export interface ExecCredentialStatus {
  /** Until when the credentials are good, as RFC 3339. Absent: until the server refuses them. */
  expirationTimestamp?: string;
  /** Bearer token. */
  token?: string;
  /** PEM; needs `clientKeyData`. */
  clientCertificateData?: string;
  /** PEM; needs `clientCertificateData`. */
  clientKeyData?: string;
}

/** What a plugin is told about a cluster. */
export interface ExecCluster {
  /** URL of the API server. */
  server?: string;
  /** The name to ask for and to verify, when it is not the host of `server`. */
  "tls-server-name"?: string;
  /** Believe any server certificate. */
  "insecure-skip-tls-verify"?: boolean;
  /** Base64 of a PEM file with certificate authorities. */
  "certificate-authority-data"?: string;
  /** Proxy to the server. */
  "proxy-url"?: string;
  /** Asks for uncompressed answers. */
  "disable-compression"?: boolean;
  /** The extension `client.authentication.k8s.io/exec` of the kubeconfig's cluster. */
  config?: unknown;
}

/** The shape of an {@linkcode ExecCredential}. */
export const EXEC_CREDENTIAL: Shape = {
  fields: {
    apiVersion: "text",
    kind: "text",
    spec: {
      fields: {
        cluster: {
          fields: {
            server: "text",
            "tls-server-name": "text",
            "insecure-skip-tls-verify": "boolean",
            "certificate-authority-data": "text",
            "proxy-url": "text",
            "disable-compression": "boolean",
            config: "any",
          },
        },
        interactive: "boolean",
      },
    },
    status: {
      fields: {
        expirationTimestamp: "text",
        token: "text",
        clientCertificateData: "text",
        clientKeyData: "text",
      },
    },
  },
};

/**
 * What a plugin is told about the cluster of a kubeconfig.
 *
 * @param ca The certificate authorities, in PEM, from wherever they are.
 */
export function execClusterOf(cluster: KubeconfigCluster, ca: string | undefined): ExecCluster {
  return {
    server: cluster.server,
    "tls-server-name": cluster["tls-server-name"],
    "insecure-skip-tls-verify": cluster["insecure-skip-tls-verify"],
    "certificate-authority-data": ca && encodeBase64(ca),
    "proxy-url": cluster["proxy-url"],
    "disable-compression": cluster["disable-compression"],
    config: cluster.extensions?.find(({ name }) => name === EXTENSION)?.extension,
  };
}

/** The value of `KUBERNETES_EXEC_INFO`. What is empty is left out, as Go does it. */
export function execInfo(apiVersion: string, interactive: boolean, cluster?: ExecCluster): string {
  const present = cluster &&
    Object.fromEntries(Object.entries(cluster).filter(([, value]) => Boolean(value)));
  return JSON.stringify({ kind: "ExecCredential", apiVersion, spec: { cluster: present, interactive } });
}

/** What came of reading a plugin's output. */
export type PluginOutput =
  | { outcome: "read"; status: ExecCredentialStatus; expires?: number }
  | { outcome: "failed"; problem: string };

/**
 * Reads what a plugin wrote (spec rest 9.1). No piece of it gets into the problem: it may be a credential.
 *
 * @param apiVersion The version that the plugin is configured to speak.
 */
export async function readPluginOutput(text: string, apiVersion: string): Promise<PluginOutput> {
  const failed = (problem: string): PluginOutput => ({ outcome: "failed", problem });
  const credential = await decodeExecCredential(text);
  if (typeof credential === "string") return failed(`decoding stdout: ${credential}`);
  const { kind, status } = credential;
  if (!kind) return failed("decoding stdout: kind is missing");
  if (!credential.apiVersion) return failed("decoding stdout: apiVersion is missing");
  if (credential.apiVersion !== apiVersion) {
    return failed(
      `exec plugin is configured to use API version ${apiVersion}, plugin returned version ${
        showVersion(credential.apiVersion)
      }`,
    );
  }
  if (kind !== "ExecCredential") return failed("decoding stdout: its kind is not ExecCredential");
  if (status === undefined) return failed("exec plugin didn't return a status field");
  const { expirationTimestamp, token, clientCertificateData: cert, clientKeyData: key } = status;
  if (!token && !cert && !key) return failed("exec plugin didn't return a token or cert/key pair");
  if (!cert !== !key) return failed("exec plugin returned only certificate or key, not both");
  const expires = expirationTimestamp === undefined ? undefined : parseTime(expirationTimestamp);
  if (Number.isNaN(expires)) {
    return failed("decoding stdout: status.expirationTimestamp is not a time in RFC 3339");
  }
  const wrong = cert && key ? await checkPair(cert, key) : undefined;
  if (wrong === undefined) return { outcome: "read", status, expires };
  const what = wrong.part === "certificate" ? "client leaf certificate" : "client key/certificate";
  return failed(`failed parsing ${what}: ${wrong.problem}`);
}

/** The object in a text, or what is wrong with it. */
export async function decodeExecCredential(text: string): Promise<Partial<ExecCredential> | string> {
  const value = await parseYaml(text).catch((error) => {
    if (error instanceof YamlError) return error;
    throw error;
  });
  if (value instanceof YamlError) return value.message;
  if (!isMapping(value)) return `expected an object, found ${kindOf(value)}`;
  const problems: Problem[] = [];
  const credential = inShape(value, EXEC_CREDENTIAL, "", problems) as Partial<ExecCredential>;
  const [first] = problems;
  return first === undefined ? credential : `${first.setting}: ${first.problem}`;
}

/** A version for a message. Anything that is none may be something else that was put in its place. */
export function showVersion(text: string): string {
  return /^([a-z0-9.-]{1,100}\/)?v[0-9]{1,3}((alpha|beta)[0-9]{1,3})?$/.test(text) ? text : "(no version)";
}

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Milliseconds since 1970, or `NaN`. */
function parseTime(text: string): number {
  return RFC_3339.test(text) ? new Date(text).getTime() : NaN;
}
