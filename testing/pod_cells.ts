import type { CellReader } from "./cell_reader.ts";

/** What the row of a pod says: how its containers are is told in one word. */
export function podCells(pod: CellReader): unknown[] {
  const { ready, total, reason, restarts } = summary(pod);
  const gates = pod.list("spec.readinessGates");
  const open = gates.filter((gate) => pod.condition(gate.text("conditionType")) === true);
  return [
    pod.name,
    `${ready}/${total}`,
    reason,
    restarts,
    pod.age,
    pod.list("status.podIPs")[0]?.text("ip", "<none>") ?? "<none>",
    pod.text("spec.nodeName", "<none>"),
    pod.text("status.nominatedNodeName", "<none>"),
    gates.length === 0 ? "<none>" : `${open.length}/${gates.length}`,
  ];
}

/** What a Table says of a pod that is done. */
export function podConditions(pod: CellReader): unknown[] | undefined {
  const phase = pod.text("status.phase");
  if (phase !== "Succeeded" && phase !== "Failed") return undefined;
  const message = phase === "Succeeded" ? "The pod has completed successfully." : "The pod failed.";
  return [{ type: "Completed", status: "True", reason: phase, message }];
}

interface Summary {
  readonly ready: number;
  readonly total: number;
  readonly reason: string;
  readonly restarts: string;
}

function summary(pod: CellReader): Summary {
  const phase = pod.text("status.phase");
  const sidecars = new Set(
    pod.list("spec.initContainers").filter((one) => one.text("restartPolicy") === "Always")
      .map((one) => one.text("name")),
  );
  const total = pod.list("spec.containers").length + sidecars.size;
  const isGated = pod.list("status.conditions").some((one) =>
    one.text("type") === "PodScheduled" && one.text("reason") === "SchedulingGated"
  );
  let reason = isGated ? "SchedulingGated" : pod.text("status.reason", phase);
  const statuses = pod.list("status.initContainerStatuses");
  const counted = statuses.filter((one) => sidecars.has(one.text("name")));
  let ready = 0;
  let initializing: string | undefined;
  const begun: CellReader[] = [];
  for (const [index, status] of statuses.entries()) {
    begun.push(status);
    if (status.has("state.terminated") && status.number("state.terminated.exitCode") === 0) continue;
    if (sidecars.has(status.text("name")) && status.boolean("started")) {
      if (status.boolean("ready")) ready++;
      continue;
    }
    const waiting = status.text("state.waiting.reason");
    if (status.has("state.terminated")) initializing = `Init:${ending(status)}`;
    else if (waiting !== "" && waiting !== "PodInitializing") initializing = `Init:${waiting}`;
    else initializing = `Init:${index}/${pod.list("spec.initContainers").length}`;
    break;
  }
  reason = initializing ?? reason;
  let restarted = begun;
  if (initializing === undefined || pod.condition("Initialized") === true) {
    const containers = pod.list("status.containerStatuses");
    restarted = [...counted, ...containers];
    let isRunning = false;
    let failure = "";
    for (const status of containers.reverse()) {
      if (status.text("state.waiting.reason") !== "") reason = status.text("state.waiting.reason");
      else if (status.has("state.terminated")) {
        reason = ending(status);
        if (status.number("state.terminated.exitCode") !== 0) failure = reason;
      } else if (status.boolean("ready") && status.has("state.running")) {
        isRunning = true;
        ready++;
      }
    }
    if (reason === "Completed") {
      if (isRunning && pod.condition("Ready") === true) reason = "Running";
      else if (failure !== "") reason = failure;
      else if (isRunning) reason = "NotReady";
    }
  }
  if (pod.has("metadata.deletionTimestamp")) {
    if (pod.text("status.reason") === "NodeLost") reason = "Unknown";
    else if (phase !== "Failed" && phase !== "Succeeded") reason = "Terminating";
  }
  return { ready, total, reason, restarts: restartText(restarted) };
}

function ending(status: CellReader): string {
  const terminated = status.below("state.terminated");
  if (terminated.text("reason") !== "") return terminated.text("reason");
  const signal = terminated.number("signal");
  return signal === 0 ? `ExitCode:${terminated.number("exitCode")}` : `Signal:${signal}`;
}

function restartText(statuses: readonly CellReader[]): string {
  const count = statuses.reduce((sum, one) => sum + one.number("restartCount"), 0);
  const path = "lastState.terminated.finishedAt";
  const [last] = statuses.filter((one) => one.has(path)).sort((a, b) => a.text(path) < b.text(path) ? 1 : -1);
  return count === 0 || last === undefined ? String(count) : `${count} (${last.since(path)} ago)`;
}
