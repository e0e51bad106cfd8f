import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Client, connect, isForbidden, isNetworkError, isUnauthorized } from "@coxswain/kube";
import { Namespace, Pod } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";
import { cleaned } from "../cleanup.ts";

const { kubeconfig, server } = cluster();

describe("connect() to a real API server", () => {
  for (const context of ["admin", "token", "embedded", "service-account"]) {
    it(
      `is let in by the context ${context}`,
      cleaned(async (t) => {
        const client = await connect({ kubeconfig, context });
        t.after(() => client[Symbol.asyncDispose]());
        const names = await Array.fromAsync(
          client.resource(Namespace).items(),
          ({ metadata }) => metadata.name,
        );
        assert.ok(names.includes("default"), names.join());
      }),
    );
  }

  it(
    "takes the current context of the kubeconfig",
    cleaned(async (t) => {
      const client = await connect({ kubeconfig });
      t.after(() => client[Symbol.asyncDispose]());
      assert.equal(client.rest.config.server, `${server}/`);
      const response = await client.rest.get().absolutePath("/version").send();
      assert.equal((await response.json<{ major: string }>()).major, "1");
      assert.equal(await (await client.rest.get().absolutePath("/readyz").send()).text(), "ok");
    }),
  );

  it(
    "is refused what its user may not do, in the server's words",
    cleaned(async (t) => {
      const client = await connect({ kubeconfig, context: "reader" });
      t.after(() => client[Symbol.asyncDispose]());
      const pods = client.resource(Pod).namespace("default");
      assert.equal((await pods.get("web")).metadata.name, "web");
      await assert.rejects(client.resource(Pod).list(), (error: Error) => {
        assert.ok(isForbidden(error));
        assert.match(
          error.message,
          /^pods is forbidden: User "[^"]+" cannot list resource "pods" in API group "" at the cluster scope/,
        );
        return true;
      });
      await assert.rejects(pods.delete("web"), isForbidden);
    }),
  );

  it(
    "is not let in with a certificate that has expired",
    cleaned(async (t) => {
      const client = await connect({ kubeconfig, context: "expired" });
      t.after(() => client[Symbol.asyncDispose]());
      await assert.rejects(client.resource(Namespace).list(), isUnauthorized);
    }),
  );

  it(
    "does not trust a server that another CA has signed",
    cleaned(async (t) => {
      const client = await connect({ kubeconfig, context: "wrong-ca" });
      t.after(() => client[Symbol.asyncDispose]());
      await assert.rejects(
        client.resource(Namespace).list(),
        (error) => isNetworkError(error) && error.reason === "tls",
      );
    }),
  );

  it(
    "verifies another name when told so, and refuses one that the certificate does not have",
    cleaned(async (t) => {
      const base = (await connect({ kubeconfig, context: "token" })).rest.config;
      for (
        const [serverName, trusted] of [["kubernetes.default.svc", true], ["other.test", false]] as const
      ) {
        const client = new Client(base.with({ tls: { ...base.tls, serverName } }));
        t.after(() => client[Symbol.asyncDispose]());
        const listing = client.resource(Namespace).list();
        if (trusted) assert.ok((await listing).items.length > 0);
        else await assert.rejects(listing, (error) => isNetworkError(error) && error.reason === "tls");
      }
    }),
  );
});
