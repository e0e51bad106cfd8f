import type { ConnectionOptions, PeerCertificate } from "node:tls";
import type { TlsMaterial } from "./tls_material.ts";
import { builtinModule } from "./transport_builtins.ts";

/** The part of Node's options that {@linkcode TlsMaterial} decides, but for the name. */
export function nodeTrust({ ca, cert, key, insecure }: TlsMaterial) {
  return {
    // Without one, Deno loads its own authorities and asks for a permission, even when nothing is checked.
    ca: ca ?? (insecure ? [] : undefined),
    cert,
    key,
    rejectUnauthorized: !insecure,
  };
}

/** The name that a server is asked for, and what checks that it has it. */
export function nodeIdentity({ serverName }: TlsMaterial, host: string): ConnectionOptions {
  const { isIP } = builtinModule("node:net");
  return {
    host,
    servername: serverName ?? (isIP(host) === 0 ? host : ""),
    checkServerIdentity: checkIdentity,
  };
}

/** The runtime's own check, and for IPv6 a second: some versions of Node 22 find such an address in no certificate. */
export function checkIdentity(host: string, certificate: PeerCertificate): Error | undefined {
  const error = builtinModule("node:tls").checkServerIdentity(host, certificate);
  if (error === undefined || !host.includes(":")) return error;
  const { X509Certificate } = builtinModule("node:crypto");
  return new X509Certificate(certificate.raw).checkIP(host) === undefined ? error : undefined;
}
