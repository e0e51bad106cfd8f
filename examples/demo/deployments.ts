import { type Client, runController } from "@coxswain/kube";
import { systemClock } from "@coxswain/kube/async";
import { Deployment } from "@coxswain/kube/types/apps/v1";

/** How long a replica takes until it is there, and then until it is ready, in milliseconds. */
const STARTING = 300;

/** What a cluster does for Deployments, as far as it shows in their status: replicas get ready one by one. */
export async function runDeployments(client: Client, signal: AbortSignal): Promise<void> {
  await runController(client, {
    name: "deployments",
    for: Deployment,
    reconcile: async ({ namespace, name }, { object, client, signal }) => {
      if (object === undefined) return;
      const { replicas: wanted = 1 } = object.spec ?? {};
      const { replicas = 0, readyReplicas = 0, observedGeneration = 0 } = object.status ?? {};
      const { generation = 0 } = object.metadata;
      if (observedGeneration === generation && readyReplicas === wanted && replicas === wanted) return;
      // First all are there, then one after another is ready.
      const ready = replicas === wanted
        ? Math.min(wanted, readyReplicas + 1)
        : Math.min(wanted, readyReplicas);
      const counts = {
        replicas: wanted,
        updatedReplicas: wanted,
        readyReplicas: ready,
        availableReplicas: ready,
      };
      await systemClock.sleep(STARTING, { signal });
      const deployments = client.resource(Deployment).namespace(namespace);
      const status = { ...counts, observedGeneration: generation };
      await deployments.patchStatus(name, { merge: { status } }, { signal });
    },
  }, { signal, concurrency: 4, recorder: { event() {} } });
}
