import { bytesOf } from "./bytes_of.ts";
import { ConfigError } from "./config_error.ts";

/**
 * Whom to act as. The server checks that the one who asks may impersonate all that is given here, and then treats the
 * request as that user's.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/authentication/#user-impersonation
 */
export interface Impersonation {
  /** The user's name. Servers refuse the other parts without it. */
  userName?: string;
  /** The user's UID. */
  uid?: string;
  /** The groups that the user is in. */
  groups?: readonly string[];
  /** Whatever else authenticators say about users, such as scopes. Case in the keys does not count. */
  extra?: Readonly<Record<string, readonly string[]>>;
}

/**
 * The headers that ask a server to take a request as another user's: none when nothing is given, else the user's name
 * (though it be empty), UID, groups and extras. Text beyond ASCII is UTF-8, with a character for each byte, as `fetch`
 * takes it.
 *
 * @throws {ConfigError} If a value cannot arrive as it is: it has control characters, or white space at an end.
 * @see client-go `transport.NewImpersonatingRoundTripper`, spec rest 7.2
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { impersonationHeaders } from "@coxswain/kube/rest";
 * assert.deepEqual(impersonationHeaders({ userName: "jane", extra: { "example.com/scope": ["a", "b"] } }), [
 *   ["Impersonate-User", "jane"],
 *   ["Impersonate-Extra-example.com%2Fscope", "a"],
 *   ["Impersonate-Extra-example.com%2Fscope", "b"],
 * ]);
 * ```
 */
export function impersonationHeaders(impersonation: Impersonation): [string, string][] {
  const { userName = "", uid = "", groups = [], extra = {} } = impersonation;
  if (userName === "" && uid === "" && groups.length === 0 && Object.keys(extra).length === 0) return [];
  return userHeaders("Impersonate", impersonation, "impersonate");
}

/**
 * The headers that describe a user, each with a prefix.
 *
 * @param setting Where the user comes from, for errors.
 */
export function userHeaders(
  prefix: string,
  { userName = "", uid = "", groups = [], extra = {} }: Impersonation,
  setting: string,
): [string, string][] {
  const headers: [string, string][] = [[`${prefix}-User`, valueOf(`${setting}.userName`, userName)]];
  if (uid !== "") headers.push([`${prefix}-Uid`, valueOf(`${setting}.uid`, uid)]);
  for (const group of groups) headers.push([`${prefix}-Group`, valueOf(`${setting}.groups`, group)]);
  for (const [key, values] of Object.entries(extra)) {
    const name = `${setting}.extra[${JSON.stringify(key)}]`;
    if (!key.isWellFormed()) throw unsendable(name, "the key has lone surrogates");
    for (const value of values) {
      headers.push([`${prefix}-Extra-${escapeExtraKey(key)}`, valueOf(name, value)]);
    }
  }
  return headers;
}

/**
 * The key of an extra as a part of a header's name: each byte of it that may not stand there, and `%`, becomes `%XX`.
 *
 * @see client-go `transport.headerKeyEscape`, spec rest 7.2
 */
export function escapeExtraKey(key: string): string {
  return bytesOf(key).replace(
    /[^!#$&'*+\-.^_`|~0-9A-Za-z]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

/**
 * The key in a part of a header's name: the inverse of {@linkcode escapeExtraKey}. What is not escaped well stays as it
 * is, as it does on servers.
 *
 * @see kube-apiserver `unescapeExtraKey`
 */
export function unescapeExtraKey(escaped: string): string {
  try {
    return decodeURIComponent(escaped);
  } catch { // a % without two digits, or bytes that are not UTF-8: servers take the key as it came
    return escaped;
  }
}

/** What goes into the header. An identity that changes on its way is another one, so it must arrive as it is. */
function valueOf(setting: string, value: string): string {
  if (/\p{Cc}/u.test(value) || !value.isWellFormed()) {
    throw unsendable(setting, "it has control characters or lone surrogates");
  }
  if (/^ | $/.test(value)) throw unsendable(setting, "it begins or ends with a space, which HTTP drops");
  return bytesOf(value);
}

function unsendable(setting: string, problem: string): ConfigError {
  return new ConfigError(setting, problem, "Check where it comes from");
}
