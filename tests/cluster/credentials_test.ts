import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, connect, isForbidden } from "@coxswain/kube";
import { type CertificatePair, issueAuthority, issueCertificate } from "@coxswain/kube/certificates";
import { execSource, flattenKubeconfig, loadKubeconfig } from "@coxswain/kube/config";
import { type CredentialSource, statusErrorOf, type Warning } from "@coxswain/kube/rest";
import { Namespace } from "@coxswain/kube/types/core/v1";
import { cleaned, type Cleanup, undoing } from "../cleanup.ts";
import { withPlugin } from "../config/plugin.ts";
import { authority } from "./authority.ts";
import { cluster } from "./cluster.ts";
import { whoIs } from "./who_is.ts";

const { kubeconfig } = cluster();

async function admin(t: Pick<Cleanup, "after">): Promise<Client> {
  const client = await connect({ kubeconfig });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

/** A client that knows the server, and who it is from a source alone. */
async function clientWith(t: Pick<Cleanup, "after">, credentials: CredentialSource): Promise<Client> {
  const { server, tls: { ca } } = (await admin(t)).rest.config;
  const client = new Client({ server, tls: { ca }, credentials });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

interface TokenRequest {
  status: { token: string; expirationTimestamp: string };
}

/** A token of the service account `default/tester`, good for ten minutes. */
async function requestToken({ rest }: Client): Promise<TokenRequest["status"]> {
  const request = rest.post().resource("serviceaccounts").namespace("default").name("tester").subresource(
    "token",
  );
  const spec = { expirationSeconds: 600 };
  const answer = await request.body({ apiVersion: "authentication.k8s.io/v1", kind: "TokenRequest", spec })
    .send();
  return (await answer.json<TokenRequest>()).status;
}

describe("credentials that a real API server takes", () => {
  it("come from a plugin as a token, and anew when the server refuses it [rest 9.3]", () =>
    withPlugin(({ exec, gives, runs }) =>
      undoing(async (t) => {
        gives({ token: "not-a-token" });
        const client = await clientWith(t, execSource(exec));
        await assert.rejects(whoIs(client), /Unauthorized/);
        const { token, expirationTimestamp } = await requestToken(await admin(t));
        gives({ token, expirationTimestamp });
        assert.equal((await whoIs(client)).username, "system:serviceaccount:default:tester");
        const before = runs().length;
        await client.resource(Namespace).list();
        assert.equal(runs().length, before, "a token that is taken is kept");
      })
    ));

  it("come from a plugin as a client certificate [rest 9.1]", () =>
    withPlugin(({ exec, gives }) =>
      undoing(async (t) => {
        const { users } = await flattenKubeconfig(await loadKubeconfig({ kubeconfig }));
        const { user } = users.find(({ name }) => name === "admin")!;
        gives({
          clientCertificateData: atob(user["client-certificate-data"]!),
          clientKeyData: atob(user["client-key-data"]!),
        });
        const client = await clientWith(t, execSource(exec));
        const { username, groups } = await whoIs(client);
        assert.equal(username, "admin");
        assert.ok(groups?.includes("system:masters"));
      })
    ));

  it("come from a plugin as a token and a client certificate, and both are shown [rest 9.1]", () =>
    withPlugin(({ exec, gives, runs }) =>
      undoing(async (t) => {
        const { token, expirationTimestamp } = await requestToken(await admin(t));
        const issue = async (authority: CertificatePair) => {
          const usages = ["digital signature", "client auth"] as const;
          const { cert, key } = await issueCertificate(authority, { commonName: "by-certificate", usages });
          return { clientCertificateData: cert, clientKeyData: key };
        };
        gives({ token, expirationTimestamp, ...await issue(authority) });
        const client = await clientWith(t, execSource(exec));
        assert.equal((await whoIs(client)).username, "by-certificate", "the server asks for that first");
        assert.equal(runs().length, 1);

        // A certificate that the server knows nothing of leaves it with the token.
        gives({
          token,
          expirationTimestamp,
          ...await issue(await issueAuthority({ commonName: "unknown" })),
        });
        const other = await clientWith(t, execSource(exec));
        assert.equal((await whoIs(other)).username, "system:serviceaccount:default:tester");
      })
    ));

  it(
    "change to a certificate while a watch goes on with the token from before",
    cleaned(async (t) => {
      const config = (await admin(t)).rest.config;
      const certificate = await config.credentials!({ signal: new AbortController().signal });
      let credentials: Awaited<ReturnType<CredentialSource>> = {
        bearerToken: (await requestToken(await admin(t))).token,
      };
      const client = await clientWith(t, () => credentials);
      const namespaces = client.resource(Namespace);
      const names: string[] = [];
      for await (const { object } of namespaces.watch({ fieldSelector: "metadata.name=default" })) {
        names.push((object as Namespace).metadata!.name!);
        if (names.length > 1) break;
        credentials = certificate;
        assert.equal((await whoIs(client)).username, "admin");
        await namespaces.patch("default", {
          merge: { metadata: { labels: { changed: String(names.length) + Math.random() } } },
        });
      }
      assert.deepEqual(names, ["default", "default"]);
    }),
  );
});

describe("what else a real API server is told, and tells", () => {
  it(
    "whom to act as, with each group in a header of its own [rest 7.2]",
    cleaned(async (t) => {
      const impersonate = {
        userName: "jane",
        groups: ["developers", "a,b"],
        extra: { "example.com/scope": ["one", "two"] },
      };
      const client = new Client((await admin(t)).rest.config.with({ impersonate }));
      t.after(() => client[Symbol.asyncDispose]());
      const { username, groups, extra } = await whoIs(client);
      assert.deepEqual([username, groups, extra], [
        "jane",
        ["developers", "a,b", "system:authenticated"],
        { "example.com/scope": ["one", "two"] },
      ]);
      await assert.rejects(client.resource(Namespace).list(), (error) => {
        assert.ok(isForbidden(error));
        assert.match(statusErrorOf(error)!.auditId!, /^[0-9a-f-]{36}$/);
        return true;
      });
    }),
  );

  it(
    "that an API is deprecated [rest 5]",
    cleaned(async (t) => {
      const warnings: Warning[] = [];
      const client = new Client(
        (await admin(t)).rest.config.with({ onWarning: (warning) => warnings.push(warning) }),
      );
      t.after(() => client[Symbol.asyncDispose]());
      (await client.rest.get().resource("endpoints").namespace("default").send()).close();
      assert.deepEqual(warnings.map(({ code, text }) => [code, text]), [
        [299, "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"],
      ]);
    }),
  );
});
