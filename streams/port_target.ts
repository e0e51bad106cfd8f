import type { RestClient } from "../rest/mod.ts";
import type { Pod, Service } from "../types/core_v1.ts";

/** Where ports lead: a pod, or whichever pod of several is ready. */
export interface PortTarget {
  /** The namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** The pod. */
  name?: string;
  /** In the place of `name`: a service, whose ports are then those that are forwarded. */
  service?: string;
  /** In the place of `name`: a deployment. */
  deployment?: string;
  /** In the place of `name`: a label selector of pods. */
  labelSelector?: string;
}

/** A pod, and a port in it. */
export interface PodPort {
  /** The pod. */
  pod: string;
  /** The port. */
  port: number;
}

/**
 * Finds the pod that a target stands for now, and the port in it.
 *
 * @throws {StatusError} If what it names does not exist.
 * @throws {TypeError} If no pod of it is ready, or the service has no such port.
 */
export async function resolvePort(
  rest: RestClient,
  { namespace = rest.config.namespace, name, service, deployment, labelSelector }: PortTarget,
  port: number,
  signal?: AbortSignal,
): Promise<PodPort> {
  if (name !== undefined) return { pod: name, port };
  const get = rest.get().namespace(namespace);
  if (service !== undefined) {
    const { spec } = await (await get.resource("services").name(service).send({ signal })).json<Service>();
    const found = spec?.ports?.find((one) => one.port === port);
    if (found === undefined) {
      const ports = spec?.ports?.map((one) => one.port).join(", ") || "none";
      throw new TypeError(`Cannot forward port ${port}: service ${service} has ${ports}`);
    }
    if (Object.keys(spec?.selector ?? {}).length === 0) {
      throw new TypeError(`Cannot forward port ${port}: service ${service} selects no pods`);
    }
    const selector = Object.entries(spec!.selector!).map(([key, value]) => `${key}=${value}`).join();
    const pod = await readyPod(rest, namespace, selector, `service ${service}`, signal);
    return { pod: pod.metadata!.name!, port: targetPort(pod, found.targetPort ?? port, service) };
  }
  let selector = labelSelector;
  let owner = `the selector ${labelSelector}`;
  if (deployment !== undefined) {
    owner = `deployment ${deployment}`;
    const request = get.groupVersion("apps", "v1").resource("deployments").name(deployment);
    const { spec } = await (await request.send({ signal })).json<{
      spec: { selector: { matchLabels?: Record<string, string>; matchExpressions?: Expression[] } };
    }>();
    selector = [
      ...Object.entries(spec.selector.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`),
      ...(spec.selector.matchExpressions ?? []).map(expressionText),
    ].join();
  }
  if (!selector) {
    throw new TypeError("Cannot forward ports: no target. Give name, service, deployment or labelSelector");
  }
  const pod = await readyPod(rest, namespace, selector, owner, signal);
  return { pod: pod.metadata!.name!, port };
}

interface Expression {
  key: string;
  operator: string;
  values?: string[];
}

function expressionText({ key, operator, values = [] }: Expression): string {
  switch (operator) {
    case "In":
      return `${key} in (${values.join()})`;
    case "NotIn":
      return `${key} notin (${values.join()})`;
    case "DoesNotExist":
      return `!${key}`;
    default:
      return key;
  }
}

async function readyPod(
  rest: RestClient,
  namespace: string,
  labelSelector: string,
  owner: string,
  signal: AbortSignal | undefined,
): Promise<Pod> {
  const request = rest.get().namespace(namespace).resource("pods").query({ labelSelector });
  const { items } = await (await request.send({ signal })).json<{ items: Pod[] }>();
  const ready = items.find(({ metadata, status }) =>
    metadata?.deletionTimestamp === undefined &&
    status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True")
  );
  if (ready !== undefined) return ready;
  throw new TypeError(`Cannot forward ports: none of the ${items.length} pods of ${owner} is ready`);
}

function targetPort(pod: Pod, target: number | string, service: string): number {
  if (typeof target === "number") return target;
  for (const { ports } of pod.spec?.containers ?? []) {
    const port = ports?.find(({ name }) => name === target)?.containerPort;
    if (port !== undefined) return port;
  }
  throw new TypeError(
    `Cannot forward ports: service ${service} leads to port "${target}", which pod ${pod.metadata?.name} does not name`,
  );
}
