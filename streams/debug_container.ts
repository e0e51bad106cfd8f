import type { Client } from "../client/mod.ts";
import { isExpired } from "../rest/mod.ts";
import { Pod } from "../types/core_v1.ts";
import { attach, type AttachOptions } from "./exec.ts";
import type { RemoteProcess } from "./remote_process.ts";

/** Options of {@linkcode debugContainer}. */
export interface DebugContainerOptions extends Omit<AttachOptions, "container"> {
  /** The image of the container that is added. */
  image: string;
  /** What runs in it. Default: what the image says. */
  command?: readonly string[];
  /** Its name. Default `debugger-` and five letters. */
  container?: string;
  /** The container whose processes it sees. Default: none but its own. */
  target?: string;
  /** Variables of its environment. */
  env?: Readonly<Record<string, string>>;
}

/** What {@linkcode debugContainer} resolves to. */
export interface DebugContainer {
  /** The name of the container that was added. */
  container: string;
  /** What runs in it. */
  child: RemoteProcess;
}

/**
 * Adds a container to a pod that runs, waits until it runs, and attaches to it. The container stays in the pod, also when it
 * has ended: nobody can remove it.
 *
 * @throws {StatusError} If the server refuses.
 * @throws {Error} If the container ends before anybody could attach to it, or the pod is deleted.
 * @throws The signal's reason. It ends the waiting, too, which has no other end when the image cannot be had.
 * @see `kubectl debug`, https://kubernetes.io/docs/concepts/workloads/pods/ephemeral-containers/
 */
export async function debugContainer(
  client: Client,
  options: DebugContainerOptions,
): Promise<DebugContainer> {
  const { rest } = client;
  const { image, command, target, env = {}, ...wanted } = options;
  const { namespace = rest.config.namespace, name, signal, stdin = false } = wanted;
  const container = options.container ?? `debugger-${randomLetters(rest.config.random)}`;
  const tty = wanted.tty !== undefined && wanted.tty !== false;
  const added = {
    name: container,
    image,
    command,
    targetContainerName: target,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
    stdin,
    tty,
    terminationMessagePolicy: "File",
  };
  const request = rest.patch().namespace(namespace).resource("pods").name(name).subresource(
    "ephemeralcontainers",
  );
  const patch = request.patch("strategic", { spec: { ephemeralContainers: [added] } });
  const pod = await (await patch.send({ signal })).json<Pod>();
  if (!isRunning(pod, container)) await untilRunning(client, namespace, name, container, signal);
  return { container, child: await attach(client, { ...wanted, namespace, container }) };
}

async function untilRunning(
  client: Client,
  namespace: string,
  name: string,
  container: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const pods = client.resource(Pod).namespace(namespace);
  for (;;) {
    try {
      for await (const event of pods.watch({ fieldSelector: `metadata.name=${name}`, signal })) {
        if (event.type === "BOOKMARK") continue;
        if (event.type === "DELETED") throw new Error(`Cannot debug pod ${name}: it was deleted`);
        if (isRunning(event.object as Pod, container)) return;
      }
    } catch (error) {
      if (!isExpired(error)) throw error; // else it is looked at anew
    }
  }
}

function isRunning({ metadata, status }: Pod, container: string): boolean {
  const state = status?.ephemeralContainerStatuses?.find(({ name }) => name === container)?.state;
  if (state?.terminated !== undefined) {
    const { reason = "no reason", exitCode } = state.terminated;
    throw new Error(
      `Cannot attach to container ${container} of pod ${metadata?.name}: it has ended already, with code ${exitCode} (${reason})`,
    );
  }
  return state?.running !== undefined;
}

function randomLetters(random: () => number): string {
  return Array.from({ length: 5 }, () => "bcdfghjklmnpqrstvwxz2456789"[Math.floor(random() * 27)]).join("");
}
