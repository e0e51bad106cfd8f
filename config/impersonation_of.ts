import type { Impersonation } from "../rest/mod.ts";
import type { KubeconfigUser } from "./kubeconfig.ts";
import type { Report } from "./problem.ts";

/** Whom a user acts as, if anybody. What stands there without `as` is reported (spec rest 8.5, 8.7). */
export function impersonationOf(user: KubeconfigUser, report: Report): Impersonation | undefined {
  const { as: userName, "as-uid": uid, "as-groups": groups = [], "as-user-extra": extra = {} } = user;
  if (userName) return { userName, ...uid && { uid }, groups, extra };
  const others = { "as-uid": uid, "as-groups": groups.length, "as-user-extra": Object.keys(extra).length };
  for (const [field, isSet] of Object.entries(others)) {
    if (isSet) report(field, "there is no as", "Name the user to act as, or leave it out");
  }
}

/** The field of a user's entry for a setting that `RestConfig` calls `impersonate.…`. */
export function fieldOfImpersonation(setting: string): string | undefined {
  const [, name, key = ""] = /^impersonate\.(\w+)(.*)$/s.exec(setting) ?? [];
  const fields = { userName: "as", uid: "as-uid", groups: "as-groups", extra: "as-user-extra" };
  return Object.hasOwn(fields, name) ? `${fields[name as keyof typeof fields]}${key}` : undefined;
}
