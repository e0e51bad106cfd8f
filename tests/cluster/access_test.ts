// Who may do what: the same questions to the real server and to the one in memory, and the same answers.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ApiServer } from "@coxswain/kube/testing";
import { cleaned } from "../cleanup.ts";
import { normalizer } from "./conformance_normal.ts";
import { clusterServer, memoryServer, type Server } from "./conformance_servers.ts";

const RBAC = "/apis/rbac.authorization.k8s.io/v1";
const AUTHORIZATION = "/apis/authorization.k8s.io/v1";
const AUTHENTICATION = "/apis/authentication.k8s.io/v1";
const PREFIX = `access-${crypto.randomUUID().slice(0, 8)}`;
const NAMESPACE = PREFIX;

interface Question {
  readonly as?: string;
  readonly method?: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const rule = (verbs: string[], apiGroups: string[], resources: string[], resourceNames?: string[]) => ({
  verbs,
  apiGroups,
  resources,
  resourceNames,
});
const role = (name: string, ...rules: object[]) => ({ metadata: { name: `${PREFIX}-${name}` }, rules });
const bound = (name: string, kind: string, to: string, ...subjects: object[]) => ({
  metadata: { name: `${PREFIX}-${name}` },
  subjects,
  roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: `${PREFIX}-${to}` },
});
const user = (name: string) => ({ kind: "User", apiGroup: "rbac.authorization.k8s.io", name });
const group = (name: string) => ({ kind: "Group", apiGroup: "rbac.authorization.k8s.io", name });

/** What both servers are given first. */
const GIVEN: readonly Question[] = [
  { method: "POST", path: "/api/v1/namespaces", body: { metadata: { name: NAMESPACE } } },
  {
    method: "POST",
    path: `${RBAC}/namespaces/${NAMESPACE}/roles`,
    body: role("pods", rule(["get", "list"], [""], ["pods", "pods/log"]), rule(["*"], ["apps"], ["*/scale"])),
  },
  {
    method: "POST",
    path: `${RBAC}/namespaces/${NAMESPACE}/rolebindings`,
    body: bound("pods", "Role", "pods", user("jane"), {
      kind: "ServiceAccount",
      name: "robot",
      namespace: NAMESPACE,
    }),
  },
  {
    method: "POST",
    path: `${RBAC}/clusterroles`,
    body: role("secrets", rule(["get"], [""], ["secrets"], ["one", "two"]), {
      verbs: ["get"],
      nonResourceURLs: ["/metrics", "/debug/*"],
    }),
  },
  {
    method: "POST",
    path: `${RBAC}/clusterrolebindings`,
    body: bound("secrets", "ClusterRole", "secrets", group("dev")),
  },
  {
    method: "POST",
    path: `${RBAC}/clusterroles`,
    body: role("impersonator", rule(["impersonate"], [""], ["users"], ["jane"])),
  },
  {
    method: "POST",
    path: `${RBAC}/namespaces/${NAMESPACE}/rolebindings`,
    body: bound("gone", "Role", "gone", user("lost")),
  },
];

const PODS = `/api/v1/namespaces/${NAMESPACE}/pods`;
const access = (spec: object, kind = "SelfSubjectAccessReview") => ({
  apiVersion: "authorization.k8s.io/v1",
  kind,
  spec,
});
const asked = (as: string, spec: object): Question => ({
  as,
  method: "POST",
  path: `${AUTHORIZATION}/selfsubjectaccessreviews`,
  body: access(spec),
});
const resource = (verb: string, resource: string, more: object = {}) => ({
  resourceAttributes: { namespace: NAMESPACE, verb, resource, ...more },
});
const whoAmI = (headers: Readonly<Record<string, string>>): Question => ({
  method: "POST",
  path: `${AUTHENTICATION}/selfsubjectreviews`,
  body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" },
  headers,
});

const QUESTIONS: Readonly<Record<string, Question>> = {
  "a list that is allowed": { as: "jane", path: PODS },
  "a list elsewhere": { as: "jane", path: "/api/v1/namespaces/default/pods" },
  "a list everywhere": { as: "jane", path: "/api/v1/pods" },
  "an object that is not there": { as: "jane", path: `${PODS}/web` },
  "a subresource that is not allowed": { as: "jane", path: `${PODS}/web/exec` },
  "a subresource of any resource": {
    as: "jane",
    path: `/apis/apps/v1/namespaces/${NAMESPACE}/deployments/web/scale`,
  },
  "a watch": { as: "jane", path: `${PODS}?watch=true` },
  "a list by name": {
    as: "jane",
    path: "/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Dx",
  },
  "a create": { as: "jane", method: "POST", path: PODS, body: { metadata: { name: "x" } } },
  "a deletion of all": { as: "jane", method: "DELETE", path: PODS },
  "a path outside the API": { as: "jane", path: "/metrics" },
  "a kind that does not exist": { as: "jane", path: "/apis/nope.example.com/v1/things" },
  "a namespace": { as: "jane", path: `/api/v1/namespaces/${NAMESPACE}` },
  "what all may see": { as: "jane", path: "/healthz" },
  "a service account": { as: `system:serviceaccount:${NAMESPACE}:robot`, path: PODS },
  "another service account": { as: `system:serviceaccount:${NAMESPACE}:other`, path: PODS },
  "a role that is not there": { as: "lost", path: PODS },
  "nobody": { as: "system:anonymous", path: PODS },
  "a group, and a name that is allowed": {
    as: "joe",
    path: "/api/v1/namespaces/default/secrets/one",
    headers: { "impersonate-group": "dev" },
  },
  "a group, and a name that is not": {
    as: "joe",
    path: "/api/v1/namespaces/default/secrets/three",
    headers: { "impersonate-group": "dev" },
  },
  "review: allowed": asked("jane", resource("list", "pods")),
  "review: not allowed": asked("jane", resource("list", "secrets", { name: "x", subresource: "y" })),
  "review: a role that is not there": asked("lost", resource("list", "secrets")),
  "review: to a service account": asked(`system:serviceaccount:${NAMESPACE}:robot`, resource("get", "pods")),
  // One that a single role allows: of several, the real server names any.
  "review: a path below": asked("jane", { nonResourceAttributes: { path: "/apis/apps", verb: "get" } }),
  "review: nothing": asked("jane", {}),
  "review: too much": asked("jane", {
    ...resource("list", "pods"),
    nonResourceAttributes: { path: "/", verb: "get" },
  }),
  "review of somebody": {
    method: "POST",
    path: `${AUTHORIZATION}/subjectaccessreviews`,
    body: access(
      { user: "jane", groups: ["dev"], ...resource("get", "secrets", { name: "one" }) },
      "SubjectAccessReview",
    ),
  },
  "review of nobody": {
    method: "POST",
    path: `${AUTHORIZATION}/subjectaccessreviews`,
    body: access(resource("list", "pods"), "SubjectAccessReview"),
  },
  "review in a namespace": {
    method: "POST",
    path: `${AUTHORIZATION}/namespaces/${NAMESPACE}/localsubjectaccessreviews`,
    body: {
      ...access({ user: "jane", ...resource("list", "pods") }, "LocalSubjectAccessReview"),
      metadata: { namespace: NAMESPACE },
    },
  },
  "review in another namespace": {
    method: "POST",
    path: `${AUTHORIZATION}/namespaces/${NAMESPACE}/localsubjectaccessreviews`,
    body: {
      ...access(
        { user: "jane", ...resource("list", "pods", { namespace: "x" }) },
        "LocalSubjectAccessReview",
      ),
      metadata: { namespace: NAMESPACE },
    },
  },
  "review without rights": { ...asked("system:anonymous", resource("list", "pods")) },
  "rules without a namespace": {
    as: "jane",
    method: "POST",
    path: `${AUTHORIZATION}/selfsubjectrulesreviews`,
    body: access({}, "SelfSubjectRulesReview"),
  },
  "token: unknown": {
    method: "POST",
    path: `${AUTHENTICATION}/tokenreviews`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: { token: "nope" } },
  },
  "token: none": {
    method: "POST",
    path: `${AUTHENTICATION}/tokenreviews`,
    body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec: {} },
  },
  "who: a user": whoAmI({ "impersonate-user": "jane" }),
  "who: all of it": whoAmI({
    "impersonate-user": "jane",
    "impersonate-group": "a",
    "impersonate-uid": "7",
    "impersonate-extra-example.com%2freason": "because",
  }),
  "who: a service account": whoAmI({ "impersonate-user": "system:serviceaccount:default:x" }),
  "who: nobody": whoAmI({ "impersonate-user": "system:anonymous" }),
  "who: a group alone": whoAmI({ "impersonate-group": "a" }),
  "who: a uid alone": whoAmI({ "impersonate-uid": "7" }),
};

describe("authorization", () => {
  it(
    "answers as the real server does",
    cleaned(async (t) => {
      const memory = new ApiServer({ authorization: "RBAC" });
      const token = memory.restConfig().bearerToken;
      const servers = [await clusterServer(), memoryServer(memory)];
      const headers = { authorization: `Bearer ${token}` }; // the cluster's own replaces it
      t.after(async () => {
        await Promise.all(GIVEN.map(({ path, body }) =>
          servers[0].send({
            method: "DELETE",
            path: `${path}/${(body as { metadata: { name: string } }).metadata.name}`,
            body: undefined,
            headers,
          }).then(({ close }) => close())
        ));
        for (const server of servers) server.close();
        await memory[Symbol.asyncDispose]();
      });
      const ask = async (server: Server, { as, method = "GET", path, body, headers: more }: Question) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const { code, chunks } = await server.send({
          method,
          path,
          body: text,
          headers: {
            ...headers,
            "user-agent": "access-test",
            ...(text !== undefined && { "content-type": "application/json" }),
            ...(as !== undefined && { "impersonate-user": as }),
            ...more,
          },
        });
        let answer = "";
        const decoder = new TextDecoder();
        for await (const chunk of chunks) answer += decoder.decode(chunk, { stream: true });
        return { code, answer: normalizer([])(answer) };
      };
      for (const given of GIVEN) {
        for (const server of servers) assert.equal((await ask(server, given)).code, 201, given.path);
      }
      const [real, ours] = servers;
      // The real server's rules come out of a cache, a moment later.
      const first = QUESTIONS["a list that is allowed"];
      while (
        (await ask(real, first)).code !== 200 ||
        (await ask(real, QUESTIONS["a role that is not there"])).code === 200
      );
      while ((await ask(real, QUESTIONS["a group, and a name that is allowed"])).code !== 404);
      const differences: Record<string, unknown> = {};
      for (const [name, question] of Object.entries(QUESTIONS)) {
        const [expected, actual] = [await ask(real, question), await ask(ours, question)];
        try {
          assert.deepEqual(actual, expected);
        } catch {
          differences[name] = { actual: JSON.stringify(actual), expected: JSON.stringify(expected) };
        }
      }
      assert.deepEqual(differences, {});
    }),
  );
});
