import { unescapeExtraKey } from "../rest/mod.ts";
import type { ApiRequest } from "./api_request.ts";
import type { Authenticator } from "./authenticator.ts";
import type { Attributes, Authorizer } from "./authorizer.ts";
import { badRequest, failure, quoted, Refusal } from "./refusal.ts";
import type { RequestInfo } from "./request_info.ts";
import {
  ANONYMOUS,
  AUTHENTICATED,
  serviceAccountGroups,
  serviceAccountOf,
  UNAUTHENTICATED,
  type User,
} from "./user.ts";

const EXTRA = "impersonate-extra-";
const AUTHENTICATION = "authentication.k8s.io";

/** Who a request is from, and as whom. */
export interface Access {
  /** Whose rights count. */
  readonly user: User;
  /** Who it really is, if it acts as somebody else. */
  readonly impersonator?: User;
}

/**
 * Lets a request in.
 *
 * @throws {Refusal} 401 if it is not known who comes, 403 if that one must not.
 */
export function admit(
  request: ApiRequest,
  info: RequestInfo,
  authenticator: Authenticator,
  authorizer: Authorizer,
): Access {
  const { headers, certificate } = request;
  const user = authenticator.authenticate({ authorization: headers.get("authorization"), certificate });
  const wanted = wantedUser(request);
  if (wanted === undefined) {
    check(authorizer, user, info);
    return { user };
  }
  checkImpersonation(authorizer, user, wanted, info);
  const acting = withGroups(wanted);
  check(authorizer, acting, info);
  return { user: acting, impersonator: user };
}

/** @throws {Refusal} 403, in the words of the server. */
export function check(authorizer: Authorizer, user: User, attributes: Attributes): void {
  const { allowed, reason } = authorizer.authorize(user, attributes);
  if (!allowed) throw refused(user, attributes, reason);
}

function refused(user: User, attributes: Attributes, reason: string): Refusal {
  const { verb, isResource, group, resource, subresource, namespace, name, path } = attributes;
  const because = reason === "" ? "" : `: ${reason}`;
  const who = `User ${quoted(user.name)} cannot ${verb}`;
  if (!isResource) {
    return new Refusal(failure(403, "Forbidden", `forbidden: ${who} path ${quoted(path)}${because}`, {}));
  }
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace ${quoted(namespace)}`;
  const title = `${resource}${group === "" ? "" : `.${group}`}${name === "" ? "" : ` ${quoted(name)}`}`;
  const message = `${title} is forbidden: ${who} resource ${quoted(whole)} in API group ${
    quoted(group)
  } ${where}`;
  return new Refusal(failure(403, "Forbidden", message + because, {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    kind: resource,
  }));
}

/** As whom a request wants to act. */
function wantedUser({ headers, values }: ApiRequest): User | undefined {
  const name = headers.get("impersonate-user") ?? "";
  const uid = headers.get("impersonate-uid") ?? "";
  const groups = values("impersonate-group");
  const extra: Record<string, string[]> = {};
  headers.forEach((_, header) => {
    if (!header.startsWith(EXTRA)) return;
    extra[unescapeExtraKey(header.slice(EXTRA.length)).toLowerCase()] = values(header);
  });
  const hasExtra = Object.keys(extra).length > 0;
  if (name !== "") return { name, uid, groups, extra };
  if (uid === "" && groups.length === 0 && !hasExtra) return undefined;
  throw badRequest(`requested ${inGo(uid, groups, extra)} without impersonating a user name`);
}

/** The user as Go prints it. */
function inGo(
  uid: string,
  groups: readonly string[],
  extra: Readonly<Record<string, readonly string[]>>,
): string {
  const list = (values: readonly string[]) =>
    `[]string${values.length === 0 ? "(nil)" : `{${values.map(quoted).join(", ")}}`}`;
  const entries = Object.entries(extra).sort().map(([key, values]) => `${quoted(key)}:${list(values)}`);
  const map = `map[string][]string${entries.length === 0 ? "(nil)" : `{${entries.join(", ")}}`}`;
  return `&user.DefaultInfo{Name:"", UID:${quoted(uid)}, Groups:${list(groups)}, Extra:${map}}`;
}

/** Each part of the other's identity must be allowed. */
function checkImpersonation(authorizer: Authorizer, user: User, wanted: User, info: RequestInfo): void {
  const { name, uid, groups, extra } = wanted;
  const account = serviceAccountOf(name);
  const asUser = account === undefined
    ? impersonating("", "users", name)
    : { ...impersonating("", "serviceaccounts", account.name), namespace: account.namespace };
  // Where not even that is allowed, 1.36 asks whether it is for this very request, and says so.
  if (!authorizer.authorize(user, asUser).allowed && (account === undefined || groups.length === 0)) {
    const mode = account === undefined ? "user-info" : "serviceaccount";
    throw refused(user, { ...info, verb: `impersonate-on:${mode}:${info.verb}` }, "");
  }
  check(authorizer, user, asUser);
  if (uid !== "") check(authorizer, user, impersonating(AUTHENTICATION, "uids", uid));
  for (const group of groups) check(authorizer, user, impersonating("", "groups", group));
  for (const [key, values] of Object.entries(extra)) {
    for (const value of values) {
      check(authorizer, user, { ...impersonating(AUTHENTICATION, "userextras", value), subresource: key });
    }
  }
}

function impersonating(group: string, resource: string, name: string): Attributes {
  const none = { subresource: "", namespace: "", path: "" };
  return { ...none, verb: "impersonate", isResource: true, group, resource, name };
}

/** The groups that come by themselves. */
function withGroups({ name, uid, groups, extra }: User): User {
  const account = serviceAccountOf(name);
  const own = groups.length === 0 && account !== undefined ? serviceAccountGroups(account.namespace) : groups;
  if (name === ANONYMOUS.name) return { name, uid, groups: [...new Set([...own, UNAUTHENTICATED])], extra };
  const isSaid = own.includes(AUTHENTICATED) || own.includes(UNAUTHENTICATED);
  return { name, uid, groups: isSaid ? own : [...own, AUTHENTICATED], extra };
}
