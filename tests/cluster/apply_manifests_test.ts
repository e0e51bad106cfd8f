import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { type Client, connect } from "@coxswain/kube";
import { ApplyManifestsError, ManifestError, type ManifestResult } from "@coxswain/kube/client";
import type { KubernetesObject } from "@coxswain/kube/meta";
import { isConflict, isNotFound } from "@coxswain/kube/rest";
import { parseManifests } from "@coxswain/kube/yaml";
import { cluster } from "./cluster.ts";
import { kubectl } from "./kubectl.ts";

const folder = new URL("./manifests/", import.meta.url);
const FILES = readdirSync(folder).sort();
const read = (file: string) => readFileSync(new URL(file, folder), "utf8");
const BY_US = { fieldManager: "comparison" };

/** What differs between any two objects: who they are, and when they were made. */
const OWN = new Set([
  "uid",
  "resourceVersion",
  "creationTimestamp",
  "time",
  "lastTransitionTime",
  "controller-uid",
  "batch.kubernetes.io/controller-uid",
  "lastPhaseTransitionTime",
  "clusterIP",
  "clusterIPs",
]);

describe("applyManifests() to a real API server", () => {
  let client: Client;
  let run: string;
  const made: KubernetesObject[] = [];

  before(async () => {
    client = await connect({ kubeconfig: cluster().kubeconfig });
    run = `m${Math.random().toString(36).slice(2, 8)}`;
  });
  after(async () => {
    for (const { apiVersion = "", kind = "", metadata: { name = "", namespace } = {} } of made.reverse()) {
      try {
        const type = await client.find({ apiVersion, kind });
        const all = client.resource(type);
        const place = namespace === undefined ? all : all.namespace(namespace);
        await place.patch(name, { merge: { metadata: { finalizers: null } } });
        await place.delete(name, { gracePeriodSeconds: 0 });
      } catch {
        // It went with another one; and what is left harms nobody.
      }
    }
    await client[Symbol.asyncDispose]();
  });

  /** All objects of a text as the server has them, without what is their own. */
  async function stored(text: string, name: string): Promise<string[]> {
    const found: string[] = [];
    for (const { value } of await parseManifests(text)) {
      const { apiVersion = "", kind = "", metadata = {} } = value as KubernetesObject;
      const type = await client.find({ apiVersion, kind });
      const all = client.resource(type);
      const place = type.scope === "Cluster" ? all : all.namespace(metadata.namespace ?? "default");
      const object = await place.get(metadata.name!);
      made.push({ apiVersion, kind, metadata });
      const text = JSON.stringify(object, (key, value) => OWN.has(key) ? undefined : value, 1);
      found.push(text.replaceAll(name, "NAME"));
    }
    return found;
  }

  for (const file of FILES) {
    it(`leaves what kubectl apply --server-side leaves: ${file}`, async () => {
      const [theirs, ours] = [`${run}-t-${FILES.indexOf(file)}`, `${run}-o-${FILES.indexOf(file)}`];
      const [theirText, ourText] = [theirs, ours].map((name) => read(file).replaceAll("NAME", name));
      // kubectl does not wait for definitions: it is told again until it succeeds.
      const arguments_ = ["apply", "--server-side", `--field-manager=${BY_US.fieldManager}`, "-f"];
      let result = await kubectl(arguments_, theirText);
      for (let tries = 1; result.code !== 0 && tries < 20; tries++) {
        result = await kubectl(arguments_, theirText);
      }
      assert.equal(result.code, 0, result.stderr);

      const results = await client.applyManifests(ourText, BY_US);
      assert.deepEqual(new Set(results.map(({ outcome }) => outcome)), new Set(["created"]));
      // A second time, as an object of which nothing is owned then gets an owner, "before-first-apply".
      assert.equal((await kubectl(arguments_, theirText)).code, 0);
      await client.applyManifests(ourText, BY_US);
      const [expected, actual] = [await stored(theirText, theirs), await stored(ourText, ours)];
      assert.equal(actual.length, results.length);
      for (const [index, text] of actual.entries()) assert.equal(text, expected[index]);

      const again = await client.applyManifests(ourText, BY_US);
      assert.deepEqual(told(again).filter((text) => !text.startsWith("unchanged")), []);
    });
  }

  const config = (name: string, data: string, more = "") => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}${more}}
data: {value: "${data}"}
`;
  const namespaceText = (name: string) => `apiVersion: v1\nkind: Namespace\nmetadata: {name: ${name}}\n`;
  const told = (results: readonly ManifestResult[]) =>
    results.map(({ outcome, kind, name }) => `${outcome} ${kind} ${name}`);

  it("reports created, configured and unchanged, also in a dry run, which changes nothing", async () => {
    const namespace = `${run}-report`;
    const text = (value: string) =>
      [namespaceText(namespace), config("a", "1"), config("b", value)].join("---\n");
    const seen: string[] = [];
    const options = { ...BY_US, namespace, onResult: (result: ManifestResult) => seen.push(result.name) };
    made.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const created = await client.applyManifests(text("1"), options);
    assert.deepEqual(told(created), [
      `created Namespace ${namespace}`,
      "created ConfigMap a",
      "created ConfigMap b",
    ]);
    assert.deepEqual(created.map(({ where }) => where), [
      "document 1, line 1",
      "document 2, line 6",
      "document 3, line 12",
    ]);
    assert.deepEqual(seen.splice(0), [namespace, "a", "b"]);
    const expected = [`unchanged Namespace ${namespace}`, "unchanged ConfigMap a", "configured ConfigMap b"];
    await client.applyManifests(text("1"), options);
    assert.deepEqual(told(await client.applyManifests(text("2"), { ...options, dryRun: "All" })), expected);
    assert.deepEqual(told(await client.applyManifests(text("2"), options)), expected);
    const dry = config("c", "1");
    assert.deepEqual(told(await client.applyManifests(dry, { ...options, dryRun: "All" })), [
      "created ConfigMap c",
    ]);
    const maps = client.resource(await client.find("cm")).namespace(namespace);
    await assert.rejects(maps.get("c"), isNotFound);
  });

  it("goes on after a failure, or stops; and tells who owns what it may not change", async () => {
    const namespace = `${run}-failure`;
    made.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    const options = { ...BY_US, namespace };
    await client.applyManifests([namespaceText(namespace), config("b", "theirs")].join("---\n"), {
      ...options,
      fieldManager: "other",
    });
    const text = [config("a", "1"), config("b", "2"), config("c", "3")].join("---\n");
    await assert.rejects(client.applyManifests(text, { ...options, onFailure: "stop" }), (error) => {
      assert.ok(error instanceof ApplyManifestsError && isConflict(error));
      assert.deepEqual(told(error.results), ["created ConfigMap a", "failed ConfigMap b"]);
      assert.match(
        error.message,
        /^Could not apply 1 of 2 objects: ConfigMap "b" in namespace ".*" \(document 2, line 8\): .*conflict with "other"/,
      );
      return true;
    });
    await assert.rejects(client.applyManifests(text, options), (error) => {
      assert.deepEqual(told((error as ApplyManifestsError).results), [
        "unchanged ConfigMap a",
        "failed ConfigMap b",
        "created ConfigMap c",
      ]);
      return true;
    });
    const forced = await client.applyManifests(text, { ...options, force: true });
    assert.deepEqual(told(forced), [
      "unchanged ConfigMap a",
      "configured ConfigMap b",
      "unchanged ConfigMap c",
    ]);
    const unknown = "apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: a}\n";
    await assert.rejects(
      client.applyManifests(unknown, options),
      /Nothing "a".*document 1, line 1.*no matches for kind/,
    );
    const wrong = `${config("d", "1")}dta: {}\n`;
    await assert.rejects(
      client.applyManifests(wrong, options),
      /unknown field "\.?dta"|field not declared in schema/,
    );
  });

  it("prunes what is no longer there, of the same set alone, in all kinds and namespaces", async () => {
    const [one, two] = [`${run}-prune-1`, `${run}-prune-2`];
    for (const name of [one, two]) made.push({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    await client.applyManifests([namespaceText(one), namespaceText(two)].join("---\n"), BY_US);
    const options = { ...BY_US, namespace: one, prune: { applySet: "shop" } };
    const secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\n";
    const all = [config("a", "1"), config("b", "1"), config("c", "1", `, namespace: ${two}`), secret].join(
      "---\n",
    );
    await client.applyManifests(all, options);
    await client.applyManifests(config("bystander", "1"), { ...BY_US, namespace: one });
    const kept = config("a", "1");
    const dry = await client.applyManifests(kept, { ...options, dryRun: "All" });
    const pruned = ["unchanged ConfigMap a", "pruned Secret s", "pruned ConfigMap b", "pruned ConfigMap c"];
    const sorted = (results: readonly ManifestResult[]) => told(results).sort();
    assert.deepEqual(sorted(dry), [...pruned].sort());
    // What fails keeps all that is there.
    const failing = [kept, "apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: a}\n"].join("---\n");
    await assert.rejects(client.applyManifests(failing, options), ApplyManifestsError);
    assert.deepEqual(sorted(await client.applyManifests(kept, options)), [...pruned].sort());
    assert.deepEqual(told(await client.applyManifests(kept, options)), ["unchanged ConfigMap a"]);
    const maps = client.resource(await client.find("cm"));
    const left = (await maps.listAll({ fieldSelector: "metadata.name!=kube-root-ca.crt" })).items
      .filter(({ metadata }) => metadata.namespace === one || metadata.namespace === two);
    assert.deepEqual(left.map(({ metadata }) => metadata.name), ["a", "bystander"]);
    // The secret that keeps the set is as the specification of ApplySets wants it, so that other tools know it.
    const parent = await client.resource(await client.find("secrets")).namespace(one).get("shop");
    const { annotations = {}, labels = {} } = parent.metadata;
    assert.deepEqual(annotations, {
      "applyset.kubernetes.io/tooling": "coxswain/v1",
      "applyset.kubernetes.io/contains-group-kinds": "ConfigMap",
      "applyset.kubernetes.io/additional-namespaces": "",
    });
    assert.equal(
      left[0].metadata.labels?.["applyset.kubernetes.io/part-of"],
      labels["applyset.kubernetes.io/id"],
    );
  });

  it("names a set as kubectl names it, and leaves kubectl's alone", async () => {
    const namespace = `${run}-set`;
    made.push({ apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
    await client.applyManifests(namespaceText(namespace), BY_US);
    const prune = ["--prune", "--applyset=theirs", `--namespace=${namespace}`];
    const env = { KUBECTL_APPLYSET: "true" };
    const result = await kubectl(["apply", "--server-side", ...prune, "-f"], config("a", "1"), env);
    assert.equal(result.code, 0, result.stderr);
    await assert.rejects(
      client.applyManifests(config("a", "1"), { ...BY_US, namespace, prune: { applySet: "theirs" } }),
      /the parent of an ApplySet that kubectl keeps/,
    );
    // Of the same name and namespace, ours has the id that kubectl has given.
    const secrets = client.resource(await client.find("secrets")).namespace(namespace);
    const idOf = async () => (await secrets.get("theirs")).metadata.labels?.["applyset.kubernetes.io/id"];
    const theirs = await idOf();
    await secrets.delete("theirs");
    await client.resource(await client.find("cm")).namespace(namespace).delete("a");
    await client.applyManifests(config("a", "1"), { ...BY_US, namespace, prune: { applySet: "theirs" } });
    assert.equal(await idOf(), theirs);
    await secrets.create({ metadata: { name: "other" } });
    await assert.rejects(
      client.applyManifests(config("a", "1"), { ...BY_US, namespace, prune: { applySet: "other" } }),
      /exists, and is no parent of an ApplySet/,
    );
  });

  it("sends nothing when there are mistakes", async () => {
    const text = [namespaceText(`${run}-mistake`), "kind: ConfigMap\nmetadata: {name: a}\n"].join("---\n");
    await assert.rejects(client.applyManifests(text, BY_US), (error) => {
      assert.ok(error instanceof ManifestError);
      assert.deepEqual(error.mistakes, [
        { where: "document 2, line 5", problem: "it does not say its apiVersion" },
      ]);
      return true;
    });
    await assert.rejects(client.resource(await client.find("ns")).get(`${run}-mistake`), isNotFound);
  });
});
