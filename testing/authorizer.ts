import type { RequestInfo } from "./request_info.ts";
import { quoted } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import { keyOf, type Store } from "./store.ts";
import { MASTERS, serviceAccountOf, type User } from "./user.ts";

/** What somebody wants to do. */
export type Attributes = Pick<
  RequestInfo,
  "verb" | "isResource" | "group" | "resource" | "subresource" | "namespace" | "name" | "path"
>;

/** Whether somebody may do it, and why; the reason may be empty. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** A rule of a role. */
export interface PolicyRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
}

/** Says who may do what. */
export interface Authorizer {
  authorize(user: User, attributes: Attributes): Decision;
  /** The rules that a user has in a namespace. */
  rules(user: User, namespace: string): readonly PolicyRule[];
}

/** Everybody may do everything. */
export const ALWAYS_ALLOW: Authorizer = {
  authorize: () => ({ allowed: true, reason: "" }),
  rules: () => [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ],
};

/** Where roles and bindings are kept. */
export interface RoleResources {
  readonly roles: ServedResource;
  readonly clusterRoles: ServedResource;
  readonly roleBindings: ServedResource;
  readonly clusterRoleBindings: ServedResource;
}

interface Subject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

interface Binding {
  readonly kind: "ClusterRoleBinding" | "RoleBinding";
  readonly name: string;
  /** Undefined for cluster-scoped ones. */
  readonly namespace: string | undefined;
  readonly subjects: readonly Subject[];
  readonly roleRef: { readonly kind: string; readonly name: string };
}

/** The roles and bindings in the store say it. Who is in `system:masters` is not asked. */
export class RbacAuthorizer implements Authorizer {
  readonly #store: Store;
  readonly #resources: RoleResources;

  constructor(store: Store, resources: RoleResources) {
    this.#store = store;
    this.#resources = resources;
  }

  authorize(user: User, attributes: Attributes): Decision {
    if (user.groups.includes(MASTERS)) return { allowed: true, reason: "" };
    const missing: string[] = [];
    for (const { binding, subject, rules } of this.#granted(user, attributes.namespace, missing)) {
      if (!rules.some((rule) => covers(rule, attributes))) continue;
      const { kind, name, namespace, roleRef } = binding;
      const title = namespace === undefined ? name : `${name}/${namespace}`;
      const to = describe(subject, namespace);
      const reason = `RBAC: allowed by ${kind} ${quoted(title)} of ${roleRef.kind} ${
        quoted(roleRef.name)
      } to ${to}`;
      return { allowed: true, reason };
    }
    const [first, ...more] = missing;
    if (first === undefined) return { allowed: false, reason: "" };
    return { allowed: false, reason: `RBAC: ${more.length === 0 ? first : `[${missing.join(", ")}]`}` };
  }

  rules(user: User, namespace: string): readonly PolicyRule[] {
    return Array.from(this.#granted(user, namespace, []), ({ rules }) => rules).flat();
  }

  /** The rules that somebody has, cluster-wide and in a namespace. */
  *#granted(
    user: User,
    namespace: string,
    missing: string[],
  ): Generator<{ binding: Binding; subject: Subject; rules: readonly PolicyRule[] }> {
    for (const binding of this.#bindings(namespace)) {
      const subject = binding.subjects.find((subject) => isSubject(subject, user, binding.namespace));
      if (subject === undefined) continue;
      const rules = this.#rulesOf(binding);
      if (rules !== undefined) yield { binding, subject, rules };
      else {
        const { kind, name } = binding.roleRef;
        missing.push(`${kind.toLowerCase()}.rbac.authorization.k8s.io ${quoted(name)} not found`);
      }
    }
  }

  *#bindings(namespace: string): Generator<Binding> {
    const { clusterRoleBindings, roleBindings } = this.#resources;
    yield* this.#read(clusterRoleBindings, "", "ClusterRoleBinding");
    if (namespace !== "") yield* this.#read(roleBindings, `${namespace}/`, "RoleBinding");
  }

  *#read(resource: ServedResource, prefix: string, kind: Binding["kind"]): Generator<Binding> {
    for (const { object } of this.#store.collection(resource).at(this.#store.resourceVersion, prefix)) {
      const { subjects = [], roleRef = { kind: "", name: "" } } = object as unknown as Partial<Binding>;
      const { name, namespace } = object.metadata;
      yield { kind, name, namespace, subjects, roleRef };
    }
  }

  #rulesOf({ roleRef: { kind, name }, namespace }: Binding): readonly PolicyRule[] | undefined {
    const { roles, clusterRoles } = this.#resources;
    const role = kind === "Role"
      ? this.#store.collection(roles).get(keyOf(namespace, name))
      : this.#store.collection(clusterRoles).get(name);
    return role && (role.rules ?? []) as PolicyRule[];
  }
}

function isSubject(
  { kind, name, namespace }: Subject,
  user: User,
  bindingNamespace: string | undefined,
): boolean {
  if (kind === "User") return name === user.name;
  if (kind === "Group") return user.groups.includes(name);
  const account = serviceAccountOf(user.name);
  return kind === "ServiceAccount" && account?.name === name &&
    account.namespace === (namespace ?? bindingNamespace);
}

function describe({ kind, name, namespace }: Subject, bindingNamespace: string | undefined): string {
  return `${kind} ${quoted(kind === "ServiceAccount" ? `${name}/${namespace ?? bindingNamespace}` : name)}`;
}

/** Whether a rule allows it. */
export function covers(rule: PolicyRule, attributes: Attributes): boolean {
  const { verb, isResource, group, resource, subresource, name, path } = attributes;
  const has = (values: readonly string[] | undefined, value: string) =>
    values !== undefined && (values.includes("*") || values.includes(value));
  if (!has(rule.verbs, verb)) return false;
  if (!isResource) return (rule.nonResourceURLs ?? []).some((url) => isPath(url, path));
  const whole = subresource === "" ? resource : `${resource}/${subresource}`;
  const { resources = [], resourceNames = [] } = rule;
  return has(rule.apiGroups, group) &&
    (has(resources, whole) || (subresource !== "" && resources.includes(`*/${subresource}`))) &&
    (resourceNames.length === 0 || resourceNames.includes(name));
}

/** A path, or with a star at its end all that begin so. */
function isPath(url: string, path: string): boolean {
  return url === path || (url.endsWith("*") && path.startsWith(url.slice(0, -1)));
}
