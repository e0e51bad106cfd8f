import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, connect, isUnauthorized } from "@coxswain/kube";
import {
  type CertificatePair,
  CertificateRotation,
  FileCertificateStore,
  issueCertificate,
  parseCertificates,
  signCertificateRequest,
} from "@coxswain/kube/certificates";
import { RestClient } from "@coxswain/kube/rest";
import { Namespace } from "@coxswain/kube/types/core/v1";
import { APPROVED, nextRequest } from "../certificates/signer.ts";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { withFiles } from "../config/folder.ts";
import { authority } from "./authority.ts";
import { cluster } from "./cluster.ts";
import { whoIs } from "./who_is.ts";

const { kubeconfig, server } = cluster();
const SIGNER = "coxswain.test/agents";

async function admin(t: Cleanup): Promise<Client> {
  const client = await connect({ kubeconfig });
  t.after(() => client[Symbol.asyncDispose]());
  return client;
}

/** Approves and signs the next request, as an administrator and a signer do, and tells what it was. */
async function sign({ rest }: Client): Promise<string> {
  const request = await nextRequest(rest, undefined, `spec.signerName=${SIGNER}`);
  const at = (subresource: string) =>
    rest.put().groupVersion("certificates.k8s.io", "v1").resource("certificatesigningrequests")
      .name(request.metadata.name!).subresource(subresource);
  const approved = await at("approval").body({ ...request, status: { conditions: [APPROVED] } }).send();
  const cert = await signCertificateRequest(atob(request.spec.request), authority);
  const decided = await approved.json<typeof request>();
  (await at("status").body({ ...decided, status: { ...decided.status, certificate: btoa(cert) } }).send())
    .close();
  return request.metadata.name!;
}

describe("certificates that a real API server takes", () => {
  it("are asked for there, and are used once they are signed [rest 13.3, 13.4]", (context) =>
    withFiles({}, (directory) =>
      cleaned(async (t) => {
        const store = new FileCertificateStore("agent", { directory });
        const operator = await admin(t);
        const rest = new RestClient(operator.rest.config);
        t.after(() => rest[Symbol.asyncDispose]());
        const rotated = Promise.withResolvers<CertificatePair>();
        const rotation = await CertificateRotation.open({
          store,
          template: { commonName: "agent-7", organizations: ["agents", "more"] },
          signerName: SIGNER,
          usages: "client",
          validity: 3_600_000,
          client: () => rest,
          onRotated: rotated.resolve,
        });
        t.after(() => rotation[Symbol.asyncDispose]());
        const client = new Client({ server, tls: { ca: authority.cert }, credentials: rotation.credentials });
        t.after(() => client[Symbol.asyncDispose]());

        rotation.start();
        const name = await sign(operator);
        assert.match(name, /^csr-/);
        assert.deepEqual(await rotated.promise, await store.current());
        assert.ok(rotation.isServerHealthy);
        const { username, groups } = await whoIs(client);
        assert.deepEqual([username, groups], ["agent-7", ["agents", "more", "system:authenticated"]]);
        await operator.rest.delete().groupVersion("certificates.k8s.io", "v1")
          .resource("certificatesigningrequests").name(name).send();
      })(context)));

  it(
    "end by its own clock: 401, then the next one works, and a watch goes on all the while [rest 7.6, 13.3]",
    cleaned(async (t) => {
      const issue = (validity: number) =>
        issueCertificate(authority, {
          commonName: "short-lived",
          organizations: ["system:masters"],
          usages: ["digital signature", "client auth"],
          validity,
        });
      const first = await issue(5_000);
      let current = first;
      const client = new Client({ server, tls: { ca: authority.cert }, credentials: () => current });
      t.after(() => client[Symbol.asyncDispose]());
      const namespaces = client.resource(Namespace);
      const watch = namespaces.watch({ fieldSelector: "metadata.name=default" })[Symbol.asyncIterator]();
      t.after(() => watch.return?.());
      assert.equal((await watch.next()).value?.type, "ADDED");
      assert.equal((await whoIs(client)).username, "short-lived");

      await assert.rejects(async () => {
        for (;;) await whoIs(client); // until the server says no
      }, isUnauthorized);
      assert.ok(new Date() > parseCertificates(first.cert)[0].notAfter, "not before its time");

      current = await issue(3_600_000);
      assert.equal((await whoIs(client)).username, "short-lived");
      const label = { metadata: { labels: { rotated: crypto.randomUUID() } } };
      await namespaces.patch("default", { merge: label });
      const { value } = await watch.next();
      assert.equal((value?.object as Namespace).metadata?.labels?.rotated, label.metadata.labels.rotated);
    }),
  );
});
