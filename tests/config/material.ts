import { readFileSync } from "node:fs";
import type { RestConfig } from "@coxswain/kube/rest";

/** What occurs in every secret of these tests, and must occur in no message. */
export const CANARY = "c4n4ry-in-a-coal-mine";

/** Looks like PEM, which is all that is checked before a connection is made. */
export const pem = (label: string, content: string): string =>
  `-----BEGIN ${label}-----\n${btoa(content)}\n-----END ${label}-----\n`;

export const CA: string = readFileSync(new URL("../certificates/ca.pem", import.meta.url), "utf8");
export const CERT: string = pem("CERTIFICATE", "client");
export const KEY: string = pem("PRIVATE KEY", `${CANARY} key`);

/** The authorities of a configuration as they are now. */
export async function authoritiesOf({ tls: { ca } }: RestConfig): Promise<string | undefined> {
  return typeof ca === "function" ? await ca({ signal: new AbortController().signal }) : ca;
}

/** A kubeconfig with one context; pieces of it can be replaced. JSON is YAML. */
export function kubeconfigText(
  { cluster = {}, user = {}, context = {}, ...rest }: {
    cluster?: Record<string, unknown>;
    user?: Record<string, unknown>;
    context?: Record<string, unknown>;
    [field: string]: unknown;
  } = {},
): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "dev",
    clusters: [{ name: "east", cluster: { server: "https://east:6443", ...cluster } }],
    users: [{ name: "ci", user }],
    contexts: [{ name: "dev", context: { cluster: "east", user: "ci", ...context } }],
    ...rest,
  });
}
