import { type EffectiveConfigOptions, findContext } from "./effective_config.ts";
import type { Kubeconfig } from "./kubeconfig.ts";

/** A namespace, and what says so. */
export interface EffectiveNamespace {
  /** Its name. */
  namespace: string;
  /** Whether it is that of the `namespace` option, so that somebody asked for it. */
  isExplicit: boolean;
}

/**
 * The namespace that a program prefers: that of the `namespace` option, else the context's, else `default`. Commands
 * that refuse objects of another namespace than the asked one, as `kubectl apply` does, want to know which it is.
 *
 * @throws {ConfigError} If the context does not exist that was asked for, or that is the current one.
 * @see client-go `clientcmd.ClientConfig.Namespace`, spec rest 8.4
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { effectiveNamespace, parseKubeconfig } from "@coxswain/kube/config";
 * const kubeconfig = await parseKubeconfig(`
 * current-context: dev
 * contexts: [{ name: dev, context: { namespace: shop } }]
 * `);
 * assert.deepEqual(effectiveNamespace(kubeconfig), { namespace: "shop", isExplicit: false });
 * ```
 */
export function effectiveNamespace(
  { contexts, "current-context": current }: Kubeconfig,
  options: Pick<EffectiveConfigOptions, "context" | "namespace"> = {},
): EffectiveNamespace {
  const context = options.context || current ? findContext(contexts, current, options.context) : undefined;
  if (options.namespace) return { namespace: options.namespace, isExplicit: true };
  return { namespace: context?.context.namespace || "default", isExplicit: false };
}
