import type { KubernetesObject } from "../meta/mod.ts";
import type { PolicyRule } from "./authorizer.ts";
import { AUTHENTICATED, MASTERS, UNAUTHENTICATED } from "./user.ts";

const GROUP = "rbac.authorization.k8s.io";
const INFORMATION = ["/healthz", "/livez", "/readyz", "/version", "/version/"];

/** What a server with RBAC has from its beginning, as far as it is about users: name, groups, rules. */
const ROLES: readonly [string, readonly string[], readonly PolicyRule[]][] = [
  ["cluster-admin", [MASTERS], [
    { verbs: ["*"], apiGroups: ["*"], resources: ["*"] },
    { verbs: ["*"], nonResourceURLs: ["*"] },
  ]],
  ["system:basic-user", [AUTHENTICATED], [
    {
      verbs: ["create"],
      apiGroups: ["authorization.k8s.io"],
      resources: ["selfsubjectaccessreviews", "selfsubjectrulesreviews"],
    },
    { verbs: ["create"], apiGroups: ["authentication.k8s.io"], resources: ["selfsubjectreviews"] },
  ]],
  ["system:discovery", [AUTHENTICATED], [{
    verbs: ["get"],
    nonResourceURLs: [
      "/api",
      "/api/*",
      "/apis",
      "/apis/*",
      "/healthz",
      "/livez",
      "/openapi",
      "/openapi/*",
      "/readyz",
      "/version",
      "/version/",
    ],
  }]],
  ["system:public-info-viewer", [AUTHENTICATED, UNAUTHENTICATED], [
    { verbs: ["get"], nonResourceURLs: INFORMATION },
  ]],
];

/** The cluster roles and bindings that a server with RBAC begins with. */
export function bootstrapRoles(): KubernetesObject[] {
  const apiVersion = `${GROUP}/v1`;
  return ROLES.flatMap(([name, groups, rules]) => {
    const metadata = {
      name,
      labels: { "kubernetes.io/bootstrapping": "rbac-defaults" },
      annotations: { "rbac.authorization.kubernetes.io/autoupdate": "true" },
    };
    const subjects = groups.map((group) => ({ kind: "Group", apiGroup: GROUP, name: group }));
    const roleRef = { apiGroup: GROUP, kind: "ClusterRole", name };
    const role: KubernetesObject & { rules: readonly PolicyRule[] } = {
      apiVersion,
      kind: "ClusterRole",
      metadata,
      rules,
    };
    const binding: KubernetesObject & { subjects: unknown; roleRef: unknown } = {
      apiVersion,
      kind: "ClusterRoleBinding",
      metadata,
      subjects,
      roleRef,
    };
    return [role, binding];
  });
}
