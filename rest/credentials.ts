/** What proves who a client is. Beside a bearer token or a name and password there may be a certificate. */
export interface Credentials {
  /** Sent as `Authorization: Bearer …`. Not together with `username`. */
  bearerToken?: string;
  /** For HTTP basic authentication. */
  username?: string;
  /** For HTTP basic authentication. */
  password?: string;
  /** The client's certificate, in PEM, followed by intermediate ones if there are any. Needs `key`. */
  cert?: string;
  /** The private key of `cert`, in PEM. */
  key?: string;
}

/** What a {@linkcode CredentialSource} is told. */
export interface CredentialRequest {
  /** Aborts when nobody waits for the credentials any more. */
  signal: AbortSignal;
  /** Credentials of this source that the server has just answered with 401: they are no good any more. */
  refused?: Credentials;
}

/**
 * Gives credentials each time that a request needs them; cache inside. What it throws fails the request. When the
 * server refuses them, it is asked once more, and if it has others the request is sent again with those.
 *
 * @example A token from a vault, cached until it is refused
 * ```ts
 * import { type Credentials, type CredentialSource, RestConfig } from "@coxswain/kube/rest";
 * let cached: Credentials | undefined;
 * const vault: CredentialSource = async ({ refused }) => {
 *   if (cached === undefined || cached === refused) cached = await Promise.resolve({ bearerToken: "abc123" });
 *   return cached;
 * };
 * new RestConfig({ server: "https://10.0.0.1:6443", credentials: vault });
 * ```
 */
export type CredentialSource = (request: CredentialRequest) => Credentials | Promise<Credentials>;
