import type { TlsConfig } from "./rest_config.ts";

/** {@linkcode TlsConfig} with the authorities that hold now, all as PEM. */
export interface TlsMaterial extends Omit<TlsConfig, "ca"> {
  /** Certificate authorities that may have signed the server's certificate. Default: the runtime's own. */
  ca?: string;
}
