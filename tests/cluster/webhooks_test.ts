// The API server asks a server of ours, over TLS with certificates that change meanwhile.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Client, connect, defineResource, isForbidden, type KubernetesObject } from "@coxswain/kube";
import { type CertificatePair, issueAuthority, issueCertificate } from "@coxswain/kube/certificates";
import {
  type AdmissionRequest,
  admissionWebhook,
  allow,
  conversionWebhook,
  deny,
  mutate,
  serve,
  type Serving,
} from "@coxswain/kube/controller";
import {
  MutatingWebhookConfiguration,
  ValidatingWebhookConfiguration,
} from "@coxswain/kube/types/admissionregistration/v1";
import { CustomResourceDefinition, type JSONSchemaProps } from "@coxswain/kube/types/apiextensions/v1";
import { ConfigMap, Namespace } from "@coxswain/kube/types/core/v1";
import { cluster } from "./cluster.ts";

/** Names of one run: the cluster is shared by the runs of all runtimes. */
const RUN = Math.random().toString(36).slice(2, 8);
const GROUP = `${RUN}.example.com`;

interface Crew extends KubernetesObject {
  spec: { name: string } | { first: string; last: string };
}
const crewOf = (version: string) =>
  defineResource<Crew>({ group: GROUP, version, kind: "Crew", plural: "crews" });

describe("webhooks that an API server asks", () => {
  let client: Client;
  let webhooks: Serving;
  let namespace: string;
  let authority: CertificatePair;
  let current: CertificatePair;
  const asked: AdmissionRequest<ConfigMap>[] = [];
  const conversions: string[] = [];
  const warnings: string[] = [];

  const renew = async () => {
    current = await issueCertificate(authority, { commonName: "webhooks", dnsNames: ["localhost"] });
  };
  const at = (path: string) => ({
    url: `https://localhost:${webhooks.port}${path}`,
    caBundle: btoa(authority.cert),
  });
  const common = (path: string) => ({
    clientConfig: at(path),
    admissionReviewVersions: ["v1"],
    failurePolicy: "Fail" as const,
    sideEffects: "None" as const,
    namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": namespace } },
    rules: [{
      operations: ["CREATE", "UPDATE", "DELETE"],
      apiGroups: [""],
      apiVersions: ["v1"],
      resources: ["configmaps"],
    }],
  });
  const settings = () => client.resource(ConfigMap).namespace(namespace);

  before(async () => {
    const plain = await connect({ kubeconfig: cluster().kubeconfig });
    client = new Client(plain.rest.config.with({ onWarning: ({ text }) => void warnings.push(text) }));
    await plain[Symbol.asyncDispose]();
    authority = await issueAuthority({ commonName: "webhooks-ca" });
    await renew();
    webhooks = await serve({
      "/validate": admissionWebhook<ConfigMap>((request) => {
        asked.push(request);
        if (request.object?.data?.forbidden) return deny("that is forbidden here", { reason: "Forbidden" });
        return request.operation === "DELETE" ? allow() : allow("somebody has looked at it");
      }),
      "/mutate": admissionWebhook<ConfigMap>(({ object, operation }) => {
        if (operation !== "CREATE" || !object) return allow();
        return mutate({
          ...object,
          metadata: {
            ...object.metadata,
            labels: { ...object.metadata?.labels, "example.com/a": "kept" },
          },
          data: { ...object.data, added: "by the webhook" },
        });
      }),
      "/convert": conversionWebhook((object, apiVersion) => {
        conversions.push(apiVersion);
        const { spec } = object as Crew;
        if (apiVersion.endsWith("/v1")) {
          const { first, last } = spec as { first: string; last: string };
          return { ...object, spec: { name: `${first} ${last}` } } as KubernetesObject;
        }
        const { name } = spec as { name: string };
        if (!name.includes(" ")) throw new Error(`${name} has no last name`);
        const [first, last] = name.split(" ");
        return { ...object, spec: { first, last } } as KubernetesObject;
      }),
    }, { hostname: "127.0.0.1", tls: () => current });
    namespace =
      (await client.resource(Namespace).create({ metadata: { generateName: "webhooks-" } })).metadata.name;
    await client.resource(MutatingWebhookConfiguration).create({
      metadata: { name: RUN },
      webhooks: [{ name: "mutate.example.com", ...common("/mutate") }],
    });
    await client.resource(ValidatingWebhookConfiguration).create({
      metadata: { name: RUN },
      webhooks: [{ name: "validate.example.com", ...common("/validate") }],
    });
    // The API server takes a moment to know of them.
    for (let isAsked = false; !isAsked;) {
      const { data } = await settings().create({ metadata: { generateName: "probe-" } }, { dryRun: "All" });
      isAsked = data?.added !== undefined && asked.length > 0;
    }
  });
  after(async () => {
    await client.resource(ValidatingWebhookConfiguration).delete(RUN);
    await client.resource(MutatingWebhookConfiguration).delete(RUN);
    await client.resource(CustomResourceDefinition).delete(`crews.${GROUP}`).catch(() => {}); // not made if a test failed
    await webhooks.close();
    await client[Symbol.asyncDispose]();
  });

  it("change what is created, and see it changed when they are asked whether it may be", async () => {
    const made = await settings().create({
      metadata: { name: "shop", labels: { app: "shop" } },
      data: { a: "b" },
    });
    assert.deepEqual(made.data, { a: "b", added: "by the webhook" });
    assert.deepEqual(made.metadata.labels, { app: "shop", "example.com/a": "kept" });
    const { operation, object, userInfo, namespace: where } = asked.at(-1)!;
    assert.deepEqual([operation, object?.data?.added, where], ["CREATE", "by the webhook", namespace]);
    assert.equal(userInfo.username, "admin");
    assert.ok(warnings.includes("somebody has looked at it"), warnings.join());
  });

  it("refuse with their own words", async () => {
    const refused = settings().patch("shop", { merge: { data: { forbidden: "yes" } } });
    await assert.rejects(
      refused,
      (error: Error) => isForbidden(error) && /that is forbidden here/.test(error.message),
    );
    assert.equal(asked.at(-1)?.oldObject?.data?.a, "b");
    assert.equal((await settings().get("shop")).data?.forbidden, undefined);
  });

  it("are asked before a deletion", async () => {
    await settings().delete("shop");
    const { operation, oldObject } = asked.at(-1)!;
    assert.deepEqual([operation, oldObject?.metadata?.name], ["DELETE", "shop"]);
  });

  it("answer each request while their certificates are renewed three times", async () => {
    let isOver = false;
    let created = 0;
    const create = async (worker: number) => {
      for (let count = 0; !isOver; count++) {
        await settings().create({ metadata: { name: `flood-${worker}-${count}` } }, { dryRun: "All" });
        created++;
      }
    };
    const flood = Promise.all([0, 1, 2].map(create));
    for (let round = 0; round < 3; round++) {
      const from = created;
      await renew();
      await webhooks.reload();
      while (created < from + 20) await Promise.race([flood, settings().list({ limit: 1 })]);
    }
    isOver = true;
    await flood; // no request failed: failurePolicy is Fail
    assert.ok(created >= 60);
  });

  it("convert custom resources from one version to another, and say why they cannot", async () => {
    const schema = (properties: Record<string, JSONSchemaProps>) => ({
      openAPIV3Schema: { type: "object", properties: { spec: { type: "object", properties } } },
    });
    const version = (name: string, storage: boolean, properties: Record<string, JSONSchemaProps>) => ({
      ...{ name, storage, served: true, schema: schema(properties) },
    });
    const text = { type: "string" };
    await client.resource(CustomResourceDefinition).create({
      metadata: { name: `crews.${GROUP}` },
      spec: {
        group: GROUP,
        names: { kind: "Crew", plural: "crews" },
        scope: "Namespaced",
        versions: [version("v1", false, { name: text }), version("v2", true, { first: text, last: text })],
        conversion: {
          strategy: "Webhook",
          webhook: { conversionReviewVersions: ["v1"], clientConfig: at("/convert") },
        },
      },
    });
    await client.resource(CustomResourceDefinition).waitFor(`crews.${GROUP}`, { condition: "Established" });
    const [old, young] = [crewOf("v1"), crewOf("v2")].map((type) =>
      client.resource(type).namespace(namespace)
    );
    const create = async () =>
      await old.create({ metadata: { name: "ada" }, spec: { name: "Ada Lovelace" } });
    // Established is said before all of the API server knows.
    for (let made = false; !made;) {
      made = await create().then(() => true, (error) => {
        if (!/not find the requested resource|NotFound/.test(`${error}`)) throw error;
        return false;
      });
    }
    assert.deepEqual((await young.get("ada")).spec, { first: "Ada", last: "Lovelace" });
    assert.deepEqual((await old.get("ada")).spec, { name: "Ada Lovelace" });
    await young.patch("ada", { merge: { spec: { first: "Augusta" } } });
    assert.deepEqual((await old.list()).items.map(({ spec }) => spec), [{ name: "Augusta Lovelace" }]);
    assert.ok(conversions.includes(`${GROUP}/v1`) && conversions.includes(`${GROUP}/v2`));
    await assert.rejects(
      old.create({ metadata: { name: "x" }, spec: { name: "Cher" } }),
      /Cher has no last name/,
    );
    await old.delete("ada");
  });
});
