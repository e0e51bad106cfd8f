import { type Impersonation, userHeaders } from "./impersonation.ts";
import type { Middleware } from "./middleware.ts";

/**
 * The headers in which a proxy tells a server that trusts it who asks: `X-Remote-User`, `X-Remote-Uid`,
 * `X-Remote-Group` for each group, `X-Remote-Extra-…` for each extra. Servers believe them together with a client
 * certificate of the authority that they know proxies by.
 *
 * @throws {ConfigError} If a value cannot arrive as it is: it has control characters, or white space at an end.
 * @see client-go `transport.SetAuthProxyHeaders`, spec rest 7.2
 */
export function remoteUserHeaders(user: Impersonation): [string, string][] {
  return userHeaders("X-Remote", user, "remoteUser");
}

/**
 * A middleware for such a proxy, which replaces what a request says of these.
 *
 * @throws {ConfigError} If a value cannot arrive as it is.
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#authenticating-proxy
 * @example
 * ```ts
 * import { remoteUser, RestConfig } from "@coxswain/kube/rest";
 * new RestConfig({
 *   server: "https://10.0.0.1:6443",
 *   middleware: [remoteUser({ userName: "jane", groups: ["system:authenticated"] })],
 * });
 * ```
 */
export function remoteUser(user: Impersonation): Middleware {
  const headers = remoteUserHeaders(user);
  return (request, next) => {
    const others = request.headers.filter(([name]) => !/^x-remote-(user|uid|group|extra-.*)$/i.test(name));
    return next({ ...request, headers: [...others, ...headers] });
  };
}
