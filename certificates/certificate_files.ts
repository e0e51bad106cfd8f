import { ConfigError } from "../rest/mod.ts";
import type { CertificatePair } from "./issue_certificate.ts";

/**
 * A certificate and its key in two files that something else renews, such as a mounted Secret of cert-manager: reads
 * them anew at each call.
 *
 * On Deno it needs `--allow-read` for both. In a mounted Secret, that is the folder: its files are links.
 *
 * @param cert The file with the certificate, followed by intermediate ones if there are any.
 * @param key The file with the private key.
 * @returns What `serve` of `@coxswain/kube/controller` takes as `tls`. It throws {@linkcode ConfigError} if a file cannot
 * be read; whether they are a pair is for who uses them.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { certificateFiles } from "@coxswain/kube/certificates";
 * const read = certificateFiles("/tls/tls.crt", "/tls/tls.key");
 * await assert.rejects(read(), /Cannot use the certificate "\/tls\/tls.crt": ENOENT/);
 * ```
 */
export function certificateFiles(cert: string, key: string): () => Promise<CertificatePair> {
  return async () => ({
    cert: await readPart("certificate", cert),
    key: await readPart("key", key),
  });
}

async function readPart(what: string, path: string): Promise<string> {
  const { readFile } = await import("node:fs/promises");
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    const { code, name } = cause as { code?: string; name: string };
    throw new ConfigError(
      `the ${what} ${JSON.stringify(path)}`,
      code ?? name,
      "Check that it is there and may be read",
      { cause },
    );
  }
}
