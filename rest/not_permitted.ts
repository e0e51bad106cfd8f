import { ConfigError } from "./config_error.ts";

/** Deno's refusal is no failure of the network: trying again does not help. */
export function notPermitted(url: string, cause: Error): ConfigError {
  const [, kind = "net", what = new URL(url).host] =
    /Requires (\w+) access to "([^"]*)"/.exec(cause.message) ?? [];
  if (kind !== "net") {
    const problem = `Deno may not read its own certificate authorities, for which it asks for ${kind} access`;
    return new ConfigError("tls", problem, `Give tls.ca, or run with --allow-${kind}=${what}`);
  }
  const setting = what === new URL(url).host ? "server" : "proxy";
  return new ConfigError(setting, `Deno may not connect to ${what}`, `Run with --allow-net=${what}`);
}
