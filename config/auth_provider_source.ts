import type { CredentialSource } from "../rest/mod.ts";
import type { KubeconfigAuthProvider } from "./kubeconfig.ts";
import { checkOidc, oidcSource, type OidcSourceOptions } from "./oidc_source.ts";
import type { Report } from "./problem.ts";

/** Auth providers that client-go had, and what stands in for them. */
const REMOVED: Readonly<Record<string, string>> = {
  gcp:
    "gke-gcloud-auth-plugin, https://cloud.google.com/kubernetes-engine/docs/how-to/cluster-access-for-kubectl",
  azure: "kubelogin, https://github.com/Azure/kubelogin",
};

/** The source that an `auth-provider` means; what cannot work is reported (spec rest 9.7). */
export function authProviderSource(
  { name = "", config = {} }: KubeconfigAuthProvider,
  report: Report,
  options: OidcSourceOptions,
): CredentialSource | undefined {
  if (name !== "oidc") {
    const instead = Object.hasOwn(REMOVED, name) ? REMOVED[name] : undefined;
    const problem = instead === undefined
      ? `no Auth Provider found for name ${JSON.stringify(name)}`
      : `the ${name} auth plugin has been removed`;
    const remedy = instead === undefined
      ? "Use oidc, or an exec plugin"
      : `Use the credential plugin ${instead}`;
    return void report("auth-provider.name", problem, remedy);
  }
  let isUsable = true;
  checkOidc(config, (...problem) => {
    isUsable = false;
    report(...problem);
  });
  return isUsable ? oidcSource(config, options) : undefined;
}
