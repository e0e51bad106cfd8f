import type { Stored } from "@coxswain/kube";
import type { ContainerStatus, Pod } from "@coxswain/kube/types/core/v1";
import { printable } from "./text.ts";

/** How a pod is doing, for its colour. */
export type Tone = "good" | "busy" | "bad" | "over";

/** A pod in the words of `kubectl get pods --output=wide`. All texts are printable. */
export interface PodRow {
  namespace: string;
  name: string;
  ready: string;
  status: string;
  restarts: string;
  age: string;
  node: string;
  tone: Tone;
}

/** Statuses of a pod that is on its way. */
const BUSY =
  /^(Pending|ContainerCreating|PodInitializing|Init:\d+\/\d+|Terminating|NotReady|SchedulingGated)$/;
const OVER = /^(Completed|Succeeded)$/;

/** The row of a pod at a point in time. */
export function podRow(pod: Stored<Pod>, now: Date): PodRow {
  const { metadata, spec, status } = pod;
  const containers = status?.containerStatuses ?? [];
  const ready = containers.filter((container) => container.ready).length;
  const wanted = spec?.containers.length ?? 0;
  const text = podStatus(pod);
  return {
    namespace: printable(metadata.namespace ?? ""),
    name: printable(metadata.name),
    ready: `${ready}/${wanted}`,
    status: printable(text),
    restarts: String(containers.reduce((sum, { restartCount }) => sum + restartCount, 0)),
    age: formatAge(now.getTime() - Date.parse(metadata.creationTimestamp)),
    node: printable(spec?.nodeName ?? "-"),
    tone: OVER.test(text)
      ? "over"
      : text === "Running" && ready === wanted
      ? "good"
      : text === "Running" || BUSY.test(text)
      ? "busy"
      : "bad",
  };
}

/**
 * A pod's status in one word: not the phase alone, but what keeps a container from running.
 *
 * @see kubectl's `printPod`
 */
export function podStatus({ metadata, spec, status }: Stored<Pod>): string {
  const { phase = "Unknown", reason, conditions = [], containerStatuses = [] } = status ?? {};
  const isDone = phase === "Succeeded" || phase === "Failed";
  if (metadata.deletionTimestamp !== undefined && reason === "NodeLost") return "Unknown";
  if (metadata.deletionTimestamp !== undefined && !isDone) return "Terminating";

  const initStatuses = (status?.initContainerStatuses ?? []) as ContainerStatus[];
  const current = initStatuses.findIndex(({ state, ready }) => state?.terminated?.exitCode !== 0 && !ready);
  if (current !== -1 && !isDone) {
    const why = waitingFor(initStatuses[current]);
    const count = spec?.initContainers?.length ?? initStatuses.length;
    return `Init:${why === undefined || why === "PodInitializing" ? `${current}/${count}` : why}`;
  }

  const why = containerStatuses.map(waitingFor).find((one) => one !== undefined);
  const someRun = containerStatuses.some(({ state, ready }) => state?.running !== undefined && ready);
  if (why === "Completed" && someRun) {
    const isReady = conditions.some(({ type, status }) => type === "Ready" && status === "True");
    return isReady ? "Running" : "NotReady";
  }
  const isGated = conditions.some(({ type, reason }) =>
    type === "PodScheduled" && reason === "SchedulingGated"
  );
  return why ?? (reason || (isGated ? "SchedulingGated" : phase));
}

/** Why a container does not run; `undefined` if it does, or nobody says. */
function waitingFor({ state }: ContainerStatus): string | undefined {
  if (state?.waiting?.reason) return state.waiting.reason;
  if (state?.terminated === undefined) return undefined;
  const { reason, signal, exitCode } = state.terminated;
  return reason || (signal ? `Signal:${signal}` : `ExitCode:${exitCode}`);
}

/** A time span in at most two units, the finer the shorter it is: `42s`, `3m12s`, `5h`, `12d`. */
export function formatAge(milliseconds: number): string {
  if (Number.isNaN(milliseconds)) return "?";
  const seconds = Math.max(0, Math.floor(milliseconds / 1000)); // clocks of two machines differ
  const [minutes, hours, days] = [60, 3600, 86_400].map((unit) => Math.floor(seconds / unit));
  const rest = (amount: number, unit: string) => amount === 0 ? "" : `${amount}${unit}`;
  if (seconds < 120) return `${seconds}s`;
  if (minutes < 10) return `${minutes}m${rest(seconds % 60, "s")}`;
  if (minutes < 180) return `${minutes}m`;
  if (hours < 8) return `${hours}h${rest(minutes % 60, "m")}`;
  if (hours < 48) return `${hours}h`;
  if (days < 8) return `${days}d${rest(hours % 24, "h")}`;
  return days < 730 ? `${days}d` : `${Math.floor(days / 365)}y${rest(days % 365, "d")}`;
}
