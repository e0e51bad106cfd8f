import { ConfigError } from "../rest/mod.ts";
import { parseYaml, YamlError } from "../yaml/mod.ts";
import { type Kubeconfig, locationOfOrigin } from "./kubeconfig.ts";
import { configErrorOf, type Problem } from "./problem.ts";
import { quotePath } from "./quote.ts";
import { inShape, isMapping, kindOf, type Shape } from "./shape.ts";

const TEXTS: Shape = { list: "text" };
const EXTENSIONS: Shape = { named: "extension", shape: "any" };

/** Spec rest 8.2. */
const KUBECONFIG: Shape = {
  fields: {
    kind: "text",
    apiVersion: "text",
    "current-context": "text",
    extensions: EXTENSIONS,
    clusters: {
      named: "cluster",
      absent: {},
      shape: {
        fields: {
          server: "text",
          "tls-server-name": "text",
          "insecure-skip-tls-verify": "boolean",
          "certificate-authority": "text",
          "certificate-authority-data": "text",
          "proxy-url": "text",
          "disable-compression": "boolean",
          extensions: EXTENSIONS,
        },
      },
    },
    users: {
      named: "user",
      absent: {},
      shape: {
        fields: {
          "client-certificate": "text",
          "client-certificate-data": "text",
          "client-key": "text",
          "client-key-data": "text",
          token: "text",
          tokenFile: "text",
          username: "text",
          password: "text",
          as: "text",
          "as-uid": "text",
          "as-groups": TEXTS,
          "as-user-extra": { map: TEXTS },
          "auth-provider": { fields: { name: "text", config: { map: "text" } } },
          exec: {
            fields: {
              command: "text",
              args: TEXTS,
              env: { list: { fields: { name: "text", value: "text" } } },
              apiVersion: "text",
              installHint: "text",
              provideClusterInfo: "boolean",
              interactiveMode: "text",
            },
          },
          extensions: EXTENSIONS,
        },
      },
    },
    contexts: {
      named: "context",
      absent: {},
      shape: { fields: { cluster: "text", user: "text", namespace: "text", extensions: EXTENSIONS } },
    },
  },
};

/** Options of {@linkcode parseKubeconfig}. */
export interface ParseKubeconfigOptions {
  /**
   * Path of the file that the text is from: errors name it, and relative paths in the text start from its
   * folder. Without it they start from the working directory.
   */
  file?: string;
}

/**
 * Reads the text of a kubeconfig, YAML or JSON. An empty text is an empty kubeconfig. Whether the entries make
 * sense is not looked at: {@linkcode restConfigFrom} checks those that it uses.
 *
 * @param text The content of the file.
 * @throws {ConfigError} If it is not YAML, several documents, not of kind `Config`, if a known field has the
 *   wrong type, or a list has a name twice. No message repeats a part of the text.
 * @see client-go `clientcmd.Load`, spec rest 8.2
 * @example From a string
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseKubeconfig, restConfigFrom } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig(`
 * clusters: [{ name: dev, cluster: { server: "https://10.0.0.1:6443" } }]
 * users: [{ name: ci, user: { token: abc123 } }]
 * contexts: [{ name: dev, context: { cluster: dev, user: ci, namespace: shop } }]
 * `);
 * const config = await restConfigFrom(kubeconfig, { context: "dev" });
 * assert.equal(config.server, "https://10.0.0.1:6443/");
 * assert.equal(config.namespace, "shop");
 * ```
 */
export async function parseKubeconfig(
  text: string,
  options: ParseKubeconfigOptions = {},
): Promise<Kubeconfig> {
  const { file } = options;
  const subject = file === undefined ? "kubeconfig" : `kubeconfig ${quotePath(file)}`;
  const value = await parseYaml(text).catch((error) => {
    if (error instanceof YamlError) throw new ConfigError(subject, error.message, error.remedy);
    throw error;
  });
  if (value === undefined || value === null) return { clusters: [], users: [], contexts: [] };
  if (!isMapping(value)) {
    throw new ConfigError(subject, `expected a mapping, found ${kindOf(value)}`, "Name a kubeconfig file");
  }
  const { kind, apiVersion } = value;
  if ((kind || "Config") !== "Config" || (apiVersion || "v1") !== "v1") {
    throw new ConfigError(subject, "it is not of apiVersion v1, kind Config", "Name a kubeconfig file");
  }
  const problems: Problem[] = [];
  const checked = inShape(value, KUBECONFIG, "", problems) as Partial<Kubeconfig>;
  if (problems.length > 0) {
    throw configErrorOf(
      subject,
      problems.map(({ problem, ...rest }) => ({
        ...rest,
        problem: file === undefined ? problem : `${problem} (${quotePath(file)})`,
      })),
    );
  }
  const located = <Entry>(entries: Entry[] = []): Entry[] =>
    file === undefined ? entries : entries.map((entry) => ({ ...entry, [locationOfOrigin]: file }));
  return {
    ...checked,
    clusters: located(checked.clusters),
    users: located(checked.users),
    contexts: located(checked.contexts),
  };
}
