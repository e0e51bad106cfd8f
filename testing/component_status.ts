import { failure, Refusal } from "./refusal.ts";

const COMPONENTS = [
  { name: "scheduler", port: 10259 },
  { name: "controller-manager", port: 10257 },
  { name: "etcd-0", port: undefined },
];

/**
 * How the parts of the control plane are: the store is well, the others are not there.
 *
 * @param name One of them; undefined for the list.
 * @throws {Refusal} 404.
 */
export function componentStatus(name: string | undefined): unknown {
  const items = COMPONENTS.map(({ name, port }) => {
    const url = `127.0.0.1:${port}`;
    const problem = `Get "https://${url}/healthz": dial tcp ${url}: connect: connection refused`;
    const [status, message] = port === undefined ? ["True", "ok"] : ["False", problem];
    return { metadata: { name }, conditions: [{ type: "Healthy", status, message }] };
  });
  if (name === undefined) return { kind: "ComponentStatusList", apiVersion: "v1", metadata: {}, items };
  const item = items.find(({ metadata }) => metadata.name === name);
  if (item !== undefined) return { kind: "ComponentStatus", apiVersion: "v1", ...item };
  throw new Refusal(
    failure(404, "NotFound", `componentstatus "${name}" not found`, { name, kind: "componentstatus" }),
  );
}
