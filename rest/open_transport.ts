import { checkCertificates } from "./check_certificates.ts";
import { ConfigError } from "./config_error.ts";
import type { ProxyChoice } from "./proxy_settings.ts";
import type { TlsMaterial } from "./tls_material.ts";
import type { Transport } from "./transport.ts";
import { customTransport } from "./transport_custom.ts";

/** What a transport is made for. */
export interface TransportSettings {
  /** Carries the requests, if given. */
  fetch?: typeof globalThis.fetch;
  /** Certificates and names. */
  tls: TlsMaterial;
  /** Which requests take a proxy. */
  proxies: ProxyChoice;
}

/**
 * The runtimes that have a transport of their own; anything else has a `fetch`, or gets one from the user. Looks at
 * `process` last, for which Deno loads modules of Node.
 */
function runtimeName(): "bun" | "deno" | "node" | undefined {
  const global = globalThis as {
    Bun?: unknown;
    Deno?: unknown;
    process?: { versions?: { node?: string } };
    navigator?: { userAgent?: string };
  };
  if (global.Deno !== undefined) return "deno";
  if (global.Bun !== undefined) return "bun";
  // Cloudflare's runtime can pretend to be Node, without its sockets.
  return global.process?.versions?.node !== undefined && global.navigator?.userAgent !== "Cloudflare-Workers"
    ? "node"
    : undefined;
}

/**
 * Opens the transport that a configuration needs on this runtime. It is loaded then, so that a program pays for one
 * alone.
 *
 * @throws {ConfigError} If this runtime cannot do what a setting asks for.
 */
export async function openTransport(
  { fetch, tls, proxies }: TransportSettings,
): Promise<Transport> {
  const runtime = fetch === undefined ? runtimeName() : undefined;
  if (runtime !== undefined && (tls.ca ?? tls.cert) !== undefined) {
    await checkCertificates(tls);
  }
  switch (runtime) {
    case "deno":
      // Deno's fetch can neither verify another name nor trust blindly.
      if (tls.serverName === undefined && !tls.insecure) {
        return (await import("./transport_deno.ts")).denoTransport(tls, proxies);
      }
      return (await import("./transport_node.ts")).nodeTransport(tls, proxies);
    case "bun":
      return (await import("./transport_bun.ts")).bunTransport(tls, proxies);
    case "node":
      return (await import("./transport_node.ts")).nodeTransport(tls, proxies);
    default: {
      const lost = (["ca", "cert", "serverName", "insecure"] as const).find((name) =>
        tls[name] !== undefined
      );
      if (lost !== undefined) {
        throw new ConfigError(
          `tls.${lost}`,
          "this runtime's fetch cannot use it",
          "Pass a fetch that is set up for it",
        );
      }
      if (fetch === undefined && proxies.isExplicit) {
        throw new ConfigError(
          "proxy",
          "this runtime's fetch cannot use one",
          "Pass a fetch that is set up for it",
        );
      }
      return customTransport(fetch ?? globalThis.fetch);
    }
  }
}
