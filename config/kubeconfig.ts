/**
 * Key under which each cluster, user and context of a {@linkcode Kubeconfig} remembers the file that it came
 * from. A symbol, so that it is copied along with an entry and is never written to a file.
 *
 * @see client-go `clientcmd/api`, `LocationOfOrigin`
 */
export const locationOfOrigin: unique symbol = Symbol.for("@coxswain/kube/locationOfOrigin");

/** An entry that knows the file that it came from. */
export interface Located {
  /** Path of the file; relative paths inside it start from its folder. Absent for what was not in a file. */
  [locationOfOrigin]?: string;
}

/**
 * A kubeconfig as its file spells it: plain data, with the names of `kubectl config view --output json`. It
 * holds secrets: print {@linkcode redactKubeconfig} of it instead. Fields that are not listed here are kept
 * when a file is read.
 *
 * @see client-go `clientcmd/api/v1.Config`, spec rest 8.2
 */
export interface Kubeconfig {
  /** Always `v1`. */
  apiVersion?: string;
  /** Always `Config`. */
  kind?: string;
  /** Name of the context that is used when no other is asked for. */
  "current-context"?: string;
  /** API servers. */
  clusters: NamedCluster[];
  /** Identities. */
  users: NamedUser[];
  /** Pairs of a cluster and a user. */
  contexts: NamedContext[];
  /** What other programs keep in the file. */
  extensions?: NamedExtension[];
}

/** An entry of {@linkcode Kubeconfig.clusters}. */
export interface NamedCluster extends Located {
  /** What contexts refer to. */
  name: string;
  /** The settings. */
  cluster: KubeconfigCluster;
}

/** An entry of {@linkcode Kubeconfig.users}. */
export interface NamedUser extends Located {
  /** What contexts refer to. */
  name: string;
  /** The settings. */
  user: KubeconfigUser;
}

/** An entry of {@linkcode Kubeconfig.contexts}. */
export interface NamedContext extends Located {
  /** What `current-context` and the `context` options refer to. */
  name: string;
  /** The settings. */
  context: KubeconfigContext;
}

/** An entry of an `extensions` list. */
export interface NamedExtension {
  /** Whose data this is. */
  name: string;
  /** Anything. */
  extension?: unknown;
}

/** Where an API server is and how it proves to be that server. An empty text is the same as an absent one. */
export interface KubeconfigCluster {
  /** URL of the API server. Credentials and certificates are used only if it starts with `https://`. */
  server?: string;
  /** The name to ask for and to verify, when it is not the host of `server`. */
  "tls-server-name"?: string;
  /** Believe any server certificate. */
  "insecure-skip-tls-verify"?: boolean;
  /** Path of a PEM file with certificate authorities. Not together with the `-data` field. */
  "certificate-authority"?: string;
  /** Base64 of a PEM file with certificate authorities. */
  "certificate-authority-data"?: string;
  /** URL of the proxy for all requests. Default what `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` say. */
  "proxy-url"?: string;
  /** Asks for uncompressed answers. */
  "disable-compression"?: boolean;
  /** What other programs keep here. */
  extensions?: NamedExtension[];
}

/** Who the client is. An empty text is the same as an absent one. */
export interface KubeconfigUser {
  /** Path of a PEM file with the client's certificate. Not together with the `-data` field. */
  "client-certificate"?: string;
  /** Base64 of a PEM file with the client's certificate. */
  "client-certificate-data"?: string;
  /** Path of a PEM file with the client's private key. Not together with the `-data` field. */
  "client-key"?: string;
  /** Base64 of a PEM file with the client's private key. */
  "client-key-data"?: string;
  /** Bearer token. Not together with `username`. */
  token?: string;
  /** Path of a file with a bearer token that something else renews. Wins over `token` while it is readable. */
  tokenFile?: string;
  /** For HTTP basic authentication. */
  username?: string;
  /** For HTTP basic authentication. */
  password?: string;
  /** User to act as: the server takes each request as that user's. */
  as?: string;
  /** UID to act as. Needs `as`. */
  "as-uid"?: string;
  /** Groups to act as. Needs `as`. */
  "as-groups"?: string[];
  /** Further attributes to act as, such as scopes. Needs `as`. */
  "as-user-extra"?: Record<string, string[]>;
  /** Legacy plugin; `oidc` is the only one. Not used for a user that has a token or a password. */
  "auth-provider"?: KubeconfigAuthProvider;
  /** Program that gives credentials. Not used for a user that has others. */
  exec?: KubeconfigExec;
  /** What other programs keep here. */
  extensions?: NamedExtension[];
}

/** A pair of a cluster and a user. */
export interface KubeconfigContext {
  /** Name of an entry of {@linkcode Kubeconfig.clusters}. */
  cluster?: string;
  /** Name of an entry of {@linkcode Kubeconfig.users}. Without one, requests are anonymous. */
  user?: string;
  /** The preferred namespace. Default `default`. */
  namespace?: string;
  /** What other programs keep here. */
  extensions?: NamedExtension[];
}

/** A legacy authentication plugin and its settings. */
export interface KubeconfigAuthProvider {
  /** Such as `oidc`. */
  name?: string;
  /** Settings and cached tokens. */
  config?: Record<string, string>;
}

/** A program that gives credentials. */
export interface KubeconfigExec {
  /** A name to be found on `PATH`, or a path. */
  command?: string;
  /** Arguments of the command. */
  args?: string[];
  /** Variables that are added to the environment of the command. */
  env?: {
    /** Name of the variable. */
    name?: string;
    /** Its value. */
    value?: string;
  }[];
  /** Version of the protocol that the command speaks. */
  apiVersion?: string;
  /** What to tell a person when the command is missing. */
  installHint?: string;
  /** Whether the command is told about the cluster. */
  provideClusterInfo?: boolean;
  /** `Never`, `IfAvailable` or `Always`: whether the command may use standard input. */
  interactiveMode?: string;
}
