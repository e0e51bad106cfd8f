/** The modules of Node's own that transports use. */
interface Builtins {
  "node:crypto": typeof import("node:crypto");
  "node:diagnostics_channel": typeof import("node:diagnostics_channel");
  "node:http": typeof import("node:http");
  "node:https": typeof import("node:https");
  "node:net": typeof import("node:net");
  "node:tls": typeof import("node:tls");
  "node:zlib": typeof import("node:zlib");
}

/**
 * A module of Node's own, which Deno and Bun have too. Not by `import()`, for which Node looks at each name that a module
 * has to offer: `WebSocket` of `node:http` alone loads for 30 ms then.
 */
export function builtinModule<N extends keyof Builtins>(name: N): Builtins[N] {
  const { process } = globalThis as {
    process?: { getBuiltinModule<N extends keyof Builtins>(name: N): Builtins[N] };
  };
  return process!.getBuiltinModule(name); // all that have a transport of these have one
}
