// An operator: keeps a Deployment and a Service for each WebApp, the kind of operator.yaml. `deno task demo` shows it at work.
// Run: deno run --allow-net --allow-read --allow-env examples/operator.ts   (or: bun …, node …)   Of two, one leads and one stands by.
import process from "node:process";
import {
  connect,
  defineResource,
  isNotFound,
  type KubernetesObject,
  runController,
  runUntilSignal,
} from "@coxswain/kube";
import { applyIfNeeded, finalize, type Reconciler } from "@coxswain/kube/controller";
import { type Condition, setCondition, setControllerReference } from "@coxswain/kube/meta";
import { consoleLogger } from "@coxswain/kube/observe";
import { Deployment } from "@coxswain/kube/types/apps/v1";
import { Service } from "@coxswain/kube/types/core/v1";

interface WebApp extends KubernetesObject {
  spec: { image: string; replicas: number; port: number }; // the server fills in the defaults
  status?: { observedGeneration?: number; readyReplicas?: number; conditions?: Condition[] };
}
const WebApp = defineResource<WebApp>({
  group: "example.com",
  version: "v1",
  kind: "WebApp",
  plural: "webapps",
});

const reconcile: Reconciler<WebApp> = async ({ namespace, name }, context) => {
  const { object: app, client, informers, recorder, signal } = context;
  if (app === undefined) return; // it is gone, and what it had has gone before
  const apps = client.resource(WebApp).namespace(namespace);
  const deployments = client.resource(Deployment).namespace(namespace);
  const services = client.resource(Service).namespace(namespace);

  /** Makes everything as it should be, and says in the status how far that is. Asks for nothing if all is well. */
  async function apply() {
    const { image, replicas, port } = app!.spec;
    const labels = { app: name };
    const metadata = setControllerReference({ metadata: { namespace, labels } }, app!).metadata;
    const options = { fieldManager: "webapp-operator", force: true, signal };

    const knownDeployment = informers.informer(Deployment).lister.namespace(namespace).get(name);
    const container = { name: "main", image, ports: [{ containerPort: port, protocol: "TCP" as const }] };
    const deployment = await applyIfNeeded(deployments, name, {
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    }, { ...options, current: knownDeployment });

    const knownService = informers.informer(Service).lister.namespace(namespace).get(name);
    const service = await applyIfNeeded(services, name, {
      metadata,
      spec: { selector: labels, ports: [{ port: 80, targetPort: port, protocol: "TCP" }] },
    }, { ...options, current: knownService });

    const changed = [deployment, service].flatMap((object) => object === undefined ? [] : [object.kind]);
    if (changed.length > 0) {
      recorder.event(app!, {
        type: "Normal",
        reason: "Applied",
        message: `${changed.join(" and ")} changed`,
      });
    }

    const { metadata: { generation }, status: rollout = {} } = (deployment ?? knownDeployment)!; // one of them is there
    const { readyReplicas = 0 } = rollout;
    const isReady = readyReplicas >= replicas && rollout.observedGeneration === generation;
    const condition = {
      type: "Ready",
      status: isReady ? "True" : "False",
      reason: isReady ? "AllReplicasReady" : "Waiting",
      message: `${readyReplicas} of ${replicas} replicas are ready`,
    };
    const conditions = [...setCondition(app!.status?.conditions, condition, new Date())];
    const status = { observedGeneration: app!.metadata.generation, readyReplicas, conditions };
    await applyIfNeeded(apps, name, { status }, { ...options, current: app, subresource: "status" });
  }

  /** Before it may go: first nobody is led to it any more, then it ends. */
  async function cleanUp() {
    for (const owned of [services, deployments]) {
      await owned.delete(name, { signal }).catch((error) => {
        if (!isNotFound(error)) throw error;
      });
    }
    recorder.event(app!, { type: "Normal", reason: "CleanedUp", message: "Service and Deployment are gone" });
  }

  await finalize(apps, app, { finalizer: "example.com/cleanup", apply, cleanUp, signal });
};

const { POD_NAME: identity, POD_NAMESPACE: namespace = "default", LEASE_SECONDS = 15 } = process.env;
const leaseDuration = Number(LEASE_SECONDS) * 1000;
const client = await connect();
await runUntilSignal((signal) =>
  runController(client, { for: WebApp, owns: [Deployment, Service], reconcile }, {
    signal,
    concurrency: 4,
    informers: { namespaces: namespace },
    leaderElection: {
      namespace,
      name: "webapp-operator",
      identity,
      leaseDuration,
      renewDeadline: leaseDuration * 2 / 3,
      retryPeriod: leaseDuration / 6,
    },
    logger: consoleLogger({ level: "info" }),
  })
);
await client[Symbol.asyncDispose]();
