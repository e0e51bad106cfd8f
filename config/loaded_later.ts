// What few kubeconfigs ask for. Each is loaded when it is needed for the first time.
import { onDemand } from "../async/mod.ts";

/** Runs credential plugins. */
export const credentialPlugins: () => Promise<typeof import("./exec_source.ts")> = onDemand(() =>
  import("./exec_source.ts")
);
/** Renews tokens of auth providers. */
export const authProviders: () => Promise<typeof import("./auth_provider_source.ts")> = onDemand(() =>
  import("./auth_provider_source.ts")
);
/** Writes such tokens back. */
export const persisting: () => Promise<typeof import("./persist_auth_provider.ts")> = onDemand(() =>
  import("./persist_auth_provider.ts")
);
/** Checks which credential plugins may run. */
export const pluginPolicies: () => Promise<typeof import("./plugin_policy.ts")> = onDemand(() =>
  import("./plugin_policy.ts")
);
