import { builtinModule } from "./transport_builtins.ts";

/** How Node tells of what its HTTP client does. */
const CHANNELS = ["request.created", "request.start", "request.error", "response.finish"];

/**
 * Makes a function that tells whether somebody looks at what Node's HTTP client does: by its channels, or by functions in
 * place of its own, as tools do that trace requests, and tests that answer them.
 */
export function httpWatchers(): () => boolean {
  const modules = [builtinModule("node:http"), builtinModule("node:https")];
  const { channel } = builtinModule("node:diagnostics_channel");
  const channels = CHANNELS.map((name) => channel(`http.client.${name}`));
  /** What has been found to be Node's own. */
  const known = new Set<unknown>();
  const isOwn = (request: unknown) => {
    if (known.has(request)) return true;
    const isNodes = /^function request\(.*\bClientRequest\b/s.test(String(request));
    if (isNodes) known.add(request);
    return isNodes;
  };
  return () =>
    channels.some(({ hasSubscribers }) => hasSubscribers) || !modules.every(({ request }) => isOwn(request));
}
