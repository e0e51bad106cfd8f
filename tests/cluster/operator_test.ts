// The operator of the examples, two processes of it on this runtime, while everything around it goes wrong.
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { Client, connect, isNotFound, isUnauthorized, RestConfig, type Stored } from "@coxswain/kube";
import { isConditionTrue, isControlledBy } from "@coxswain/kube/meta";
import { CustomResourceDefinition } from "@coxswain/kube/types/apiextensions/v1";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Lease } from "@coxswain/kube/types/coordination/v1";
import { ConfigMap, Namespace, Secret, Service, ServiceAccount } from "@coxswain/kube/types/core/v1";
import { ClusterRoleBinding } from "@coxswain/kube/types/rbac/v1";
import { runDeployments } from "../../examples/demo/deployments.ts";
import { type Replica, startReplica } from "../../examples/demo/replica.ts";
import { WebApp } from "../../examples/demo/web_app.ts";
import { cluster } from "./cluster.ts";

const DEFINITION = new URL("../../examples/operator.yaml", import.meta.url);
/** For everything that is waited for, in milliseconds: machines are busy, and informers wait between attempts. */
const LIMIT = { timeout: 120_000 };
/** For a test, in milliseconds. */
const PATIENT = { timeout: 300_000 };

describe(
  "the operator of the examples, on a real server (spec informers 20, 24.6)",
  { timeout: 600_000 },
  () => {
    let client: Client;
    let namespace: string;
    let folder: string;
    let deployments: Promise<void>;
    const stop = new AbortController();
    const replicas = new Map<string, Replica>();
    /** Why operators ended: those who lose their leadership do, and are started again, as a cluster would. */
    const ends: string[] = [];

    /** Starts an operator again whenever it ends, until all is over. */
    function keepUp(name: string): void {
      const env = { KUBECONFIG: join(folder, "kubeconfig"), POD_NAMESPACE: namespace, LEASE_SECONDS: "6" };
      const replica = startReplica(name, env);
      replicas.set(name, replica);
      void replica.ended.then((code) => {
        if (stop.signal.aborted) return;
        ends.push(`${name}: ${code} ${replica.complaints()}`);
        keepUp(name);
      });
    }

    const apps = () => client.resource(WebApp).namespace(namespace);

    /** Waits until the world is as a WebApp declares it, and its status says so. */
    async function settled(name: string, fits: (app: Stored<WebApp>) => boolean = () => true): Promise<void> {
      const app = await apps().waitFor(name, (app) => {
        const { observedGeneration, conditions } = app?.status ?? {};
        return app !== undefined && fits(app) && observedGeneration === app.metadata.generation &&
          isConditionTrue(conditions, "Ready");
      }, LIMIT);
      const { image, replicas = 1 } = app.spec;
      await client.resource(Deployment).namespace(namespace).waitFor(name, (deployment) => {
        const { spec, status } = deployment ?? {};
        return deployment !== undefined && isControlledBy(deployment, app) && spec?.replicas === replicas &&
          spec.template.spec?.containers[0].image === image && status?.readyReplicas === replicas;
      }, LIMIT);
      await client.resource(Service).namespace(namespace).waitFor(name, (service) => {
        return service !== undefined && isControlledBy(service, app) && service.spec?.selector?.app === name;
      }, LIMIT);
    }

    /** A token that is worth something for as long as a Secret is there. */
    async function newToken(name: string): Promise<string> {
      const { metadata: { uid } } = await client.resource(Secret).namespace(namespace).create({
        metadata: { name },
      });
      const accounts = client.resource(ServiceAccount).namespace(namespace);
      const boundObjectRef = { apiVersion: "v1", kind: "Secret", name, uid };
      const { status } = await accounts.createToken("operator", { audiences: [], boundObjectRef });
      return status?.token ?? assert.fail("no token");
    }

    before(async () => {
      client = await connect({ kubeconfig: cluster().kubeconfig });
      namespace =
        (await client.resource(Namespace).create({ metadata: { generateName: "operator-" } })).metadata.name;
      await client.applyManifests(await readFile(DEFINITION, "utf8"), { fieldManager: "test" });
      await client.resource(ServiceAccount).namespace(namespace).create({ metadata: { name: "operator" } });
      await client.resource(ClusterRoleBinding).create({
        metadata: { name: namespace },
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: "cluster-admin" },
        subjects: [{ kind: "ServiceAccount", name: "operator", namespace }],
      });
      folder = await mkdtemp(join(tmpdir(), "coxswain-operator-"));
      await writeFile(join(folder, "token"), await newToken("first-token"));
      const ca = join(cluster().kubeconfig, "../ca.crt");
      await writeFile(
        join(folder, "kubeconfig"),
        JSON.stringify({
          "current-context": "it",
          clusters: [{ name: "it", cluster: { server: cluster().server, "certificate-authority": ca } }],
          users: [{ name: "it", user: { tokenFile: join(folder, "token") } }],
          contexts: [{ name: "it", context: { cluster: "it", user: "it" } }],
        }),
      );
      deployments = runDeployments(client, stop.signal); // there are no controllers on this server
      for (const name of ["operator-a", "operator-b"]) keepUp(name);
    });
    after(async () => {
      stop.abort();
      for (const replica of replicas.values()) replica.kill("SIGKILL");
      await Promise.all([...replicas.values()].map(({ ended }) => ended));
      await deployments;
      await client.resource(ClusterRoleBinding).delete(namespace);
      for await (const { metadata: { name } } of apps().items()) {
        await apps().patch(name, { merge: { metadata: { finalizers: [] } } });
      }
      await client.resource(CustomResourceDefinition).delete("webapps.example.com");
      await client.resource(CustomResourceDefinition).waitFor("webapps.example.com", "deleted", LIMIT);
      await client[Symbol.asyncDispose]();
      await rm(folder, { recursive: true });
    });

    it("makes what is declared", PATIENT, async () => {
      await apps().create({ metadata: { name: "web" }, spec: { image: "nginx:1", replicas: 2 } });
      await apps().create({ metadata: { name: "cart" }, spec: { image: "cart:1" } });
      await Promise.all([settled("web"), settled("cart")]);
    });

    it("goes on after the API server was restarted", PATIENT, async () => {
      await cluster().restart();
      await apps().patch("web", { merge: { spec: { replicas: 3 } } });
      await settled("web", ({ spec }) => spec.replicas === 3);
    });

    it("goes on after the API server was killed", PATIENT, async () => {
      await cluster().kill();
      await cluster().start();
      await apps().patch("web", { merge: { spec: { image: "nginx:2" } } });
      await settled("web", ({ spec }) => spec.image === "nginx:2");
    });

    it("goes on when the server does not know any more what happened since (410)", PATIENT, async () => {
      const settings = client.resource(ConfigMap).namespace(namespace);
      for (let count = 0; count < 5; count++) await settings.create({ metadata: { name: `noise-${count}` } });
      await cluster().compact();
      await cluster().restart();
      await client.resource(Deployment).namespace(namespace).patch("web", {
        merge: { spec: { replicas: 0 } },
      });
      await client.resource(Service).namespace(namespace).delete("cart").catch((error) => {
        if (!isNotFound(error)) throw error;
      });
      await client.resource(Deployment).namespace(namespace).waitFor(
        "web",
        (found) => found?.spec?.replicas === 3,
        LIMIT,
      );
      await Promise.all([settled("web"), settled("cart")]);
    });

    it("goes on with another token when its own is worth nothing any more", PATIENT, async () => {
      const old = await readFile(join(folder, "token"), "utf8");
      await writeFile(join(folder, "token"), await newToken("second-token"));
      await client.resource(Secret).namespace(namespace).delete("first-token");
      const ca = await readFile(join(cluster().kubeconfig, "../ca.crt"), "utf8");
      const outdated = new Client(
        new RestConfig({ server: cluster().server, bearerToken: old, tls: { ca } }),
      );
      // The server believes a token for some seconds more.
      for (let isRefused = false; !isRefused;) {
        isRefused = await outdated.resource(Namespace).get(namespace).then(() => false, (error) => {
          if (!isUnauthorized(error)) throw error;
          return true;
        });
      }
      await outdated[Symbol.asyncDispose]();
      await apps().patch("cart", { merge: { spec: { replicas: 2 } } });
      await settled("cart", ({ spec }) => spec.replicas === 2);
    });

    it("goes on when its kind is deleted, with all objects, and installed again", PATIENT, async () => {
      const definitions = client.resource(CustomResourceDefinition);
      await definitions.delete("webapps.example.com");
      await definitions.waitFor("webapps.example.com", "deleted", LIMIT); // the operator has taken its finalizers away
      assert.deepEqual((await client.resource(Deployment).namespace(namespace).list()).items, []);
      assert.deepEqual((await client.resource(Service).namespace(namespace).list()).items, []);
      const app = { apiVersion: "example.com/v1", kind: "WebApp", metadata: { name: "again", namespace } };
      const spec = { image: "nginx:3", replicas: 2 };
      // In one go: it waits until the kind is served.
      const text = `${await readFile(DEFINITION, "utf8")}---\n${JSON.stringify({ ...app, spec })}`;
      await client.applyManifests(text, { fieldManager: "test" });
      await settled("again");
    });

    it("ends in order when it is told to, and gives its leadership back", PATIENT, async () => {
      stop.abort();
      const codes = await Promise.all([...replicas.values()].map((replica) => {
        replica.kill("SIGTERM");
        return replica.ended;
      }));
      assert.deepEqual(codes, [0, 0], ends.join("\n"));
      const lease = await client.resource(Lease).namespace(namespace).get("webapp-operator");
      assert.equal(lease.spec?.holderIdentity ?? "", "");
    });
  },
);
