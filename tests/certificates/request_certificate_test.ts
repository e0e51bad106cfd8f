import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  createCertificateRequest,
  generateKey,
  requestCertificate,
  type RequestCertificateOptions,
} from "@coxswain/kube/certificates";
import { isAlreadyExists, isForbidden, RestClient } from "@coxswain/kube/rest";
import { ApiServer, ManualClock } from "@coxswain/kube/testing";
import { cleaned, type Cleanup } from "../cleanup.ts";
import { APPROVED, decide, nextRequest, type SigningRequest } from "./signer.ts";

const OPTIONS = { signerName: "example.com/agents", usages: ["digital signature", "client auth"] };

/** A server, its admin, and somebody who asks for a certificate. */
function bench(
  t: Cleanup,
  { clock = new ManualClock(), tap }: { clock?: ManualClock; tap?: typeof fetch } = {},
) {
  const server = new ApiServer({ clock });
  t.after(() => server[Symbol.asyncDispose]());
  const admin = new RestClient(server.restConfig());
  const rest = new RestClient(server.restConfig().with({ clock, qps: 0, ...tap && { fetch: tap } }));
  for (const client of [admin, rest]) t.after(() => client[Symbol.asyncDispose]());
  return { server, admin, rest, clock };
}

async function request(): Promise<string> {
  return await createCertificateRequest({ commonName: "agent" }, await generateKey());
}

const decisions: { name: string; status: SigningRequest["status"]; says: RegExp }[] = [
  {
    name: "denied",
    status: { conditions: [{ type: "Denied", status: "True", reason: "Policy", message: "not you" }] },
    says: /"csr-.*" was denied \(Policy: not you\)/,
  },
  {
    name: "failed",
    status: { conditions: [{ type: "Failed", status: "True", reason: "SignerError" }] },
    says: /"csr-.*" has failed \(SignerError\)/,
  },
];

describe("requestCertificate()", () => {
  it(
    "gives the certificate once the request is approved and signed [rest 13.4]",
    cleaned(async (t) => {
      const { server, admin, rest } = bench(t);
      const text = await request();
      const asked = requestCertificate(rest, text, { ...OPTIONS, validity: 3_600_999 });
      const found = await nextRequest(admin);
      const { metadata, spec } = found;
      assert.match(metadata.name!, /^csr-/);
      assert.deepEqual({ ...spec, request: atob(spec.request) }, {
        ...OPTIONS,
        expirationSeconds: 3600,
        request: text,
        username: "admin",
        groups: ["system:masters", "system:authenticated"],
      });
      decide(server, found, { certificate: btoa("too early") });
      decide(server, found, { conditions: [APPROVED] });
      decide(server, found, {
        conditions: [APPROVED],
        certificate: btoa("the chain"),
      });
      assert.equal(await asked, "the chain");
    }),
  );

  it(
    "takes a name, and says when there is one of that name [rest 13.4]",
    cleaned(async (t) => {
      const { server, admin, rest } = bench(t);
      const names: string[] = [];
      const options: RequestCertificateOptions = {
        ...OPTIONS,
        name: "agent-1",
        onRequested: (name) => names.push(name),
      };
      const asked = requestCertificate(rest, await request(), options);
      const found = await nextRequest(admin);
      await assert.rejects(requestCertificate(rest, await request(), options), isAlreadyExists);
      decide(server, found, {
        conditions: [APPROVED],
        certificate: btoa("c"),
      });
      await asked;
      assert.deepEqual([found.metadata.name, names], ["agent-1", ["agent-1"]]);
    }),
  );

  for (const { name, status, says } of decisions) {
    it(
      `fails with the reason when the request is ${name} [rest 13.4]`,
      cleaned(async (t) => {
        const { server, admin, rest } = bench(t);
        const failed = assert.rejects(requestCertificate(rest, await request(), OPTIONS), says);
        decide(server, await nextRequest(admin), status);
        await failed;
      }),
    );
  }

  it(
    "fails when the request is deleted, or another one has its name [rest 13.4]",
    cleaned(async (t) => {
      const { server, admin, rest } = bench(t);
      const failed = assert.rejects(
        requestCertificate(rest, await request(), OPTIONS),
        /was deleted before it was signed/,
      );
      const { metadata } = await nextRequest(admin);
      await admin.delete().groupVersion("certificates.k8s.io", "v1").resource("certificatesigningrequests")
        .name(metadata.name!).send();
      await failed;
      const replaced = assert.rejects(
        requestCertificate(rest, await request(), { ...OPTIONS, name: "agent-2" }),
        /"agent-2" is another one, its UID has changed/,
      );
      const old = await nextRequest(admin);
      server.load({ ...old, metadata: { ...old.metadata, uid: "other" } } as typeof old);
      await replaced;
    }),
  );

  it(
    "gives up when nobody signs in time, 15 minutes [rest 13.3, A.5]",
    cleaned(async (t) => {
      const { admin, rest, clock } = bench(t);
      const failed = assert.rejects(
        requestCertificate(rest, await request(), OPTIONS),
        /timed out waiting for "csr-.*" to be signed/,
      );
      await nextRequest(admin);
      await clock.advance(899_999);
      assert.ok(clock.timers > 0);
      await clock.advance(1);
      await failed;
    }),
  );

  it(
    "ends with the signal",
    cleaned(async (t) => {
      const { admin, rest } = bench(t);
      const controller = new AbortController();
      const ended = assert.rejects(
        requestCertificate(rest, await request(), { ...OPTIONS, signal: controller.signal }),
        (error) => error === "enough",
      );
      await nextRequest(admin);
      controller.abort("enough");
      await ended;
    }),
  );

  it(
    "hands on a refusal of the server [rest 13.4]",
    cleaned(async (t) => {
      const { rest } = bench(t, {
        tap: () =>
          Promise.resolve(
            Response.json({ kind: "Status", status: "Failure", reason: "Forbidden", code: 403 }, {
              status: 403,
            }),
          ),
      });
      await assert.rejects(requestCertificate(rest, await request(), OPTIONS), isForbidden);
    }),
  );

  it(
    "follows on when a watch is cut, a second later [rest 13.4]",
    cleaned(async (t) => {
      const server = new ApiServer();
      t.after(() => server[Symbol.asyncDispose]());
      let watches = 0;
      const cut = Promise.withResolvers<void>();
      const tap: typeof fetch = (input, init) => {
        if (!String(input).includes("watch=true") || watches++ > 0) return server.fetch(input, init);
        cut.resolve();
        return Promise.resolve(
          new Response("", { status: 200, headers: { "content-type": "application/json" } }),
        );
      };
      const clock = new ManualClock();
      const admin = new RestClient(server.restConfig());
      const rest = new RestClient(server.restConfig().with({ clock, qps: 0, fetch: tap }));
      for (const client of [admin, rest]) t.after(() => client[Symbol.asyncDispose]());
      const asked = requestCertificate(rest, await request(), OPTIONS);
      const found = await nextRequest(admin);
      await cut.promise;
      await clock.waitForTimer(2); // the time-out, and the pause
      await clock.advance(1_000);
      decide(server, found, {
        conditions: [APPROVED],
        certificate: btoa("c"),
      });
      assert.equal(await asked, "c");
      assert.equal(watches, 2);
    }),
  );
});
