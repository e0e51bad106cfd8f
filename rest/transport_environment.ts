import type { ProxyEnvironment } from "./proxy_settings.ts";

/** The part of Deno's API that is used here, so that other runtimes can load and check this file. */
interface DenoRuntime {
  env: { get(name: string): string | undefined };
  permissions: { querySync(descriptor: { name: "env"; variable: string }): { state: string } };
}

/**
 * What the environment says about proxies. On Deno, only what is permitted is read, and nobody is asked for a
 * permission; where there is no environment, it says nothing.
 */
export function proxyEnvironment(): ProxyEnvironment {
  // `process` is left alone on Deno, which loads modules of Node for it.
  const global = globalThis as {
    Deno?: DenoRuntime;
    process?: { env?: Record<string, string | undefined> };
  };
  const { Deno } = global;
  let isKnown = true;
  const read = (name: string): string | undefined => {
    if (Deno === undefined) return global.process?.env?.[name] || undefined;
    if (Deno.permissions.querySync({ name: "env", variable: name }).state === "granted") {
      return Deno.env.get(name) || undefined;
    }
    isKnown = false;
    return undefined;
  };
  const either = (name: string) => {
    const [upper, lower] = [read(name), read(name.toLowerCase())];
    return upper ?? lower;
  };
  const none = either("NO_PROXY");
  if (!isKnown) return { isKnown }; // a proxy for what may be excluded is worse than the runtime's own judgement
  const [http, https, all] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"].map(either);
  return { http, https, all, none, isKnown };
}
