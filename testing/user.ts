/** Somebody who may come to the server. */
export interface UserInit {
  /** The user's name, such as `jane` or `system:serviceaccount:shop:default`. */
  readonly name: string;
  /** Told apart from others of that name by it. Default: none. */
  readonly uid?: string;
  /** Groups; `system:authenticated` comes by itself. */
  readonly groups?: readonly string[];
  /** What else the authenticator knows. */
  readonly extra?: Readonly<Record<string, readonly string[]>>;
  /** The bearer token. Default: one of the server's own making, which `restConfig(name)` has. */
  readonly token?: string;
}

/** Who a request comes from, once that is known. */
export interface User {
  /** The name, such as `jane` or `system:serviceaccount:shop:default`. */
  readonly name: string;
  /** Empty if it has none. */
  readonly uid: string;
  /** All groups, `system:authenticated` among them. */
  readonly groups: readonly string[];
  /** What else is known. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export const AUTHENTICATED = "system:authenticated";
export const UNAUTHENTICATED = "system:unauthenticated";
/** Whoever is in it may do anything. */
export const MASTERS = "system:masters";

/** Nobody in particular. */
export const ANONYMOUS: User = { name: "system:anonymous", uid: "", groups: [UNAUTHENTICATED], extra: {} };

/** Who everybody is on a server that asks nobody who they are. */
export const ADMIN: User = { name: "admin", uid: "", groups: [MASTERS, AUTHENTICATED], extra: {} };

const SERVICE_ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

/** Namespace and name of a service account, if that is what the user is. */
export function serviceAccountOf(userName: string): { namespace: string; name: string } | undefined {
  const [, namespace, name] = SERVICE_ACCOUNT.exec(userName) ?? [];
  return name === undefined ? undefined : { namespace, name };
}

/** The groups of a service account, besides those of everybody. */
export function serviceAccountGroups(namespace: string): string[] {
  return ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
}

/** A user with the groups that come by themselves. */
export function userOf({ name, uid = "", groups, extra = {} }: UserInit): User {
  const account = serviceAccountOf(name);
  const own = groups ?? (account === undefined ? [] : serviceAccountGroups(account.namespace));
  return { name, uid, groups: [...new Set([...own, AUTHENTICATED])], extra };
}

/** A user as reviews show it: what is empty is left out. */
export function userInfo({ name, uid, groups, extra }: User): Record<string, unknown> {
  return {
    username: name,
    ...(uid === "" ? {} : { uid }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(Object.keys(extra).length === 0 ? {} : { extra }),
  };
}
