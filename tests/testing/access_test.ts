import assert from "node:assert/strict";
import { request } from "node:https";
import process from "node:process";
import { describe, it } from "node:test";
import { Client, isForbidden, isUnauthorized } from "@coxswain/kube";
import { ApiServer } from "@coxswain/kube/testing";
import { SelfSubjectReview } from "@coxswain/kube/types/authentication/v1";
import { Pod } from "@coxswain/kube/types/core/v1";
import { RoleBinding } from "@coxswain/kube/types/rbac/v1";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { CLIENT_CA, CLIENT_CERT, CLIENT_KEY } from "./client_fixture.ts";
import { CONFIG_MAPS, ORIGIN, PODS, send } from "./exchange.ts";
import { SERVER_CERT, SERVER_KEY } from "./tls_fixture.ts";

const REVIEW = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
const review = { body: { apiVersion: "authentication.k8s.io/v1", kind: "SelfSubjectReview" } };

interface UserInfo {
  username: string;
  uid?: string;
  groups: string[];
  extra?: Record<string, string[]>;
}

const infoOf = (body: unknown) => (body as { status: { userInfo: UserInfo } }).status.userInfo;

function clientOf(t: Cleanup, server: ApiServer, user?: string): Client {
  const client = new Client(server.restConfig(user));
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

/** Lets somebody read pods in the namespace `default`. */
function allowPods(server: ApiServer, ...subjects: object[]): void {
  const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: "pods" };
  const rules = [{ verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] }];
  const metadata = { name: "pods", namespace: "default" };
  const role = { apiVersion: "rbac.authorization.k8s.io/v1", kind: "Role", metadata, rules };
  server.load(role, { ...role, kind: "RoleBinding", subjects, roleRef } as typeof role);
}

describe("users", () => {
  it(
    "are known by their tokens, and others are not",
    cleaned(async (t) => {
      const users = [{ name: "jane", groups: ["dev"], uid: "7", extra: { team: ["a"] } }, {
        name: "joe",
        token: "t-joe",
      }];
      const server = new ApiServer({ users });
      const who = async (token: string) => {
        const answer = await send(server, "POST", REVIEW, {
          ...review,
          headers: { authorization: `Bearer ${token}` },
        });
        return answer.code === 201 ? infoOf(answer.body) : answer.code;
      };
      assert.deepEqual(await who(server.restConfig().bearerToken!), {
        username: "jane",
        uid: "7",
        groups: ["dev", "system:authenticated"],
        extra: { team: ["a"] },
      });
      assert.deepEqual(await who("t-joe"), { username: "joe", groups: ["system:authenticated"] });
      assert.equal(await who("other"), 401);
      assert.equal((await send(server, "GET", PODS)).code, 401);
      const stranger = new Client({ server: ORIGIN, fetch: server.fetch, bearerToken: "other" });
      t.after(() => stranger[Symbol.asyncDispose]());
      await assert.rejects(stranger.resource(Pod).list(), isUnauthorized);
      await clientOf(t, server, "joe").resource(Pod).list();
    }),
  );

  it("are all the administrator when nobody is asked", async () => {
    const { body } = await send(new ApiServer(), "POST", REVIEW, review);
    assert.deepEqual(infoOf(body), { username: "admin", groups: ["system:masters", "system:authenticated"] });
  });

  it("come once, and with a token of their own", () => {
    const twice = { users: [{ name: "jane" }, { name: "jane" }] };
    assert.throws(() => new ApiServer(twice), { message: 'Cannot know "jane": it comes twice' });
    const same = { users: [{ name: "jane", token: "secret" }, { name: "joe", token: "secret" }] };
    assert.throws(() => new ApiServer(same), {
      message: `Cannot know "joe": its token is another user's, too`,
    });
    assert.throws(() => new ApiServer().restConfig("jane"), {
      message: 'Cannot act as "jane": the server knows no such user. Add it to its users',
    });
  });

  it("have the same tokens with the same seed", () => {
    const token = (seed: number) =>
      new ApiServer({ seed, users: [{ name: "jane" }] }).restConfig().bearerToken;
    assert.equal(token(3), token(3));
    assert.notEqual(token(3), token(4));
  });

  it("are reviewed by their tokens", async () => {
    const server = new ApiServer({ users: [{ name: "jane", token: "t-jane" }] });
    const spec = { token: "t-jane" };
    const { body } = await send(server, "POST", "/apis/authentication.k8s.io/v1/tokenreviews", {
      body: { apiVersion: "authentication.k8s.io/v1", kind: "TokenReview", spec },
      headers: { authorization: "Bearer t-jane" },
    });
    assert.deepEqual(body.status, {
      authenticated: true,
      user: { username: "jane", groups: ["system:authenticated"] },
      audiences: ["https://kubernetes.default.svc"],
    });
  });
});

describe("RBAC", () => {
  it(
    "lets users do what their roles say, as the roles are now",
    cleaned(async (t) => {
      const server = new ApiServer({
        authorization: "RBAC",
        users: [{ name: "jane", groups: ["dev"] }, { name: "joe" }],
      });
      const [jane, joe] = [clientOf(t, server, "jane"), clientOf(t, server, "joe")];
      const pods = (client: Client) => client.resource(Pod).namespace("default").list();
      await assert.rejects(pods(jane), (error: Error) => {
        assert.ok(isForbidden(error));
        assert.match(
          error.message,
          /pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"/,
        );
        return true;
      });
      allowPods(server, { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "dev" });
      await pods(jane);
      await assert.rejects(pods(joe), isForbidden);
      const admin = clientOf(t, server, "admin");
      await admin.resource(RoleBinding).namespace("default").delete("pods");
      await assert.rejects(pods(jane), isForbidden);
    }),
  );

  it(
    "knows service accounts by name, before they are made",
    cleaned(async (t) => {
      const server = new ApiServer({ authorization: "RBAC" });
      allowPods(server, { kind: "ServiceAccount", name: "robot", namespace: "ops" });
      const robot = clientOf(t, server, "system:serviceaccount:ops:robot");
      await robot.resource(Pod).namespace("default").list();
      const other = clientOf(t, server, "system:serviceaccount:default:robot");
      await assert.rejects(other.resource(Pod).namespace("default").list(), isForbidden);
    }),
  );

  it("lets those without credentials see that it is well, and nothing else", async () => {
    const server = new ApiServer({ authorization: "RBAC" });
    assert.equal((await send(server, "GET", "/healthz")).code, 200);
    const { code, body } = await send(server, "GET", CONFIG_MAPS);
    assert.equal(code, 403);
    assert.match(body.message!, /User "system:anonymous" cannot list resource "configmaps"/);
    assert.equal(
      (await send(server, "GET", "/healthz", { headers: { authorization: "Bearer x" } })).code,
      401,
    );
  });

  it("shows the rules that somebody has", async () => {
    const server = new ApiServer({ authorization: "RBAC", users: [{ name: "jane", token: "t" }] });
    allowPods(server, { apiGroup: "rbac.authorization.k8s.io", kind: "User", name: "jane" });
    const { body } = await send(server, "POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews", {
      body: {
        apiVersion: "authorization.k8s.io/v1",
        kind: "SelfSubjectRulesReview",
        spec: { namespace: "default" },
      },
      headers: { authorization: "Bearer t" },
    });
    const { resourceRules, nonResourceRules, incomplete } = body.status as Record<string, unknown[]>;
    assert.deepEqual(resourceRules.at(-1), { verbs: ["get", "list"], apiGroups: [""], resources: ["pods"] });
    assert.equal(nonResourceRules.length, 2);
    assert.equal(incomplete, false);
  });
});

describe("impersonation", () => {
  it(
    "acts as the other, if that is allowed",
    cleaned(async (t) => {
      const server = new ApiServer({ authorization: "RBAC" });
      allowPods(server, { apiGroup: "rbac.authorization.k8s.io", kind: "Group", name: "dev" });
      const config = server.restConfig("admin");
      const acting = new Client({
        server: ORIGIN,
        fetch: server.fetch,
        bearerToken: config.bearerToken,
        impersonate: { userName: "jane", groups: ["dev"] },
      });
      t.after(() => acting[Symbol.asyncDispose]());
      await acting.resource(Pod).namespace("default").list();
      await assert.rejects(acting.resource(Pod).list(), isForbidden);
    }),
  );

  it(
    "tells groups apart on a socket, even those with a comma",
    cleaned(async (t) => {
      const server = new ApiServer();
      t.after(() => server[Symbol.asyncDispose]());
      const { url } = await server.listen();
      const client = new Client({ server: url, impersonate: { userName: "jane", groups: ["a", "b, c"] } });
      t.after(() => client[Symbol.asyncDispose]());
      const answer = await client.resource(SelfSubjectReview).create({});
      assert.deepEqual(infoOf(answer).groups, ["a", "b, c", "system:authenticated"]);
    }),
  );
});

describe("on a socket", () => {
  it(
    "a kubeconfig holds the token of a user",
    cleaned(async (t) => {
      const server = new ApiServer({ users: [{ name: "jane" }, { name: "joe", token: "t-joe" }] });
      t.after(() => server[Symbol.asyncDispose]());
      const listener = await server.listen();
      const { users } = JSON.parse(listener.kubeconfig("joe"));
      assert.deepEqual(users, [{ name: "joe", user: { token: "t-joe" } }]);
    }),
  );

  it(
    "a client's certificate says who it is",
    cleaned(async (t) => {
      const { bun, deno } = process.versions;
      if (bun ?? deno) return t.skip("servers of this runtime do not tell what a certificate says");
      const server = new ApiServer({ users: [] });
      t.after(() => server[Symbol.asyncDispose]());
      const tls = { cert: SERVER_CERT, key: SERVER_KEY, clientCa: CLIENT_CA };
      const { url } = await server.listen({ tls });
      const known = await overTls(url + REVIEW, { cert: CLIENT_CERT, key: CLIENT_KEY });
      assert.equal(known.code, 201);
      assert.deepEqual(infoOf(JSON.parse(known.text)), {
        username: "jane",
        groups: ["dev", "ops", "system:authenticated"],
      });
      assert.equal((await overTls(url + REVIEW, { cert: SERVER_CERT, key: SERVER_KEY })).code, 401);
      assert.equal((await overTls(url + REVIEW, {})).code, 401);
    }),
  );
});

function overTls(
  url: string,
  pair: { cert?: string; key?: string },
): Promise<{ code?: number; text: string }> {
  const headers = { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    request(
      url,
      { ...pair, method: "POST", headers, agent: false, rejectUnauthorized: false },
      (response) => {
        let text = "";
        response.on("data", (chunk) => text += chunk).on("error", reject);
        response.on("end", () => resolve({ code: response.statusCode, text }));
      },
    ).on("error", reject).end(JSON.stringify(review.body));
  });
}
