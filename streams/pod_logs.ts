import type { Client } from "../client/mod.ts";
import { isExpired } from "../rest/mod.ts";
import { Pod } from "../types/core_v1.ts";
import type { LogLine } from "./log_line.ts";
import { logLines, type LogLinesOptions } from "./log_lines.ts";

/** How many lines wait for the reader at most, of all pods together. */
const MOST_WAITING = 1_000;

/** A line of one pod of several. */
export interface PodLogLine extends LogLine {
  /** The pod's namespace. */
  readonly namespace: string;
  /** The pod. */
  readonly pod: string;
  /** The container. */
  readonly container: string;
}

/** Options of {@linkcode podLogs}. */
export interface PodLogsOptions
  extends Pick<LogLinesOptions, "sinceTime" | "sinceSeconds" | "tailLines" | "stream" | "signal"> {
  /** The namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** Which pods. */
  labelSelector?: string;
  /** Which pods. */
  fieldSelector?: string;
  /** Which containers of them. Default all, those that prepare a pod and those for debugging too. */
  containers?: (container: string, pod: string) => boolean;
  /** How many logs may be followed at once. Default 100; more is an error, as in kubectl, not silence about some pods. */
  mostLogs?: number;
  /** Told why a log ended that should not have. Default: that ends all of it. */
  onError?: (error: unknown, log: { pod: string; container: string }) => void;
}

/**
 * Follows the logs of all pods that a selector selects, those that come later too: each line once, in the order of each
 * log. It goes on until the signal aborts or the reader leaves. Who reads slowly holds back the servers; no more than a
 * thousand lines wait.
 *
 * @throws {RangeError} If there are more logs than `mostLogs`.
 * @throws {StatusError} If the server refuses to list or watch pods, or, without `onError`, to give a log.
 * @throws The signal's reason.
 * @see `kubectl logs --selector --follow --prefix`
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { formatPodLogLine, podLogs } from "@coxswain/kube/streams";
 * const client = await connect();
 * for await (const line of podLogs(client, { namespace: "shop", labelSelector: "app=web", tailLines: 10 })) {
 *   console.log(formatPodLogLine(line));
 * }
 * ```
 */
export async function* podLogs(
  client: Client,
  options: PodLogsOptions = {},
): AsyncGenerator<PodLogLine, void, undefined> {
  const { namespace = client.rest.config.namespace, labelSelector, fieldSelector, containers = () => true } =
    options;
  const { mostLogs = 100, onError, sinceTime, sinceSeconds, tailLines, stream } = options;
  const life = new AbortController();
  const signal = options.signal === undefined ? life.signal : AbortSignal.any([options.signal, life.signal]);
  const waiting: PodLogLine[] = [];
  let failure: { error: unknown } | undefined;
  let wakeReader = () => {};
  let wakeWriters: (() => void)[] = [];
  const fail = (error: unknown) => {
    failure ??= { error };
    wakeReader();
  };
  const followed = new Map<string, Promise<void>>();
  const seen = new Set<string>();

  const followOne = async (pod: string, container: string, isFirst: boolean) => {
    const begin = isFirst ? { sinceTime, sinceSeconds, tailLines } : {};
    const lines = logLines(client, {
      namespace,
      name: pod,
      container,
      follow: true,
      stream,
      signal,
      ...begin,
    });
    for await (const line of lines) {
      while (waiting.length >= MOST_WAITING && !signal.aborted) {
        await new Promise<void>((resolve) => wakeWriters.push(resolve));
      }
      if (signal.aborted) return;
      waiting.push({ ...line, namespace, pod, container });
      wakeReader();
    }
  };
  const look = (pod: Pod, isFirst: boolean) => {
    const name = pod.metadata?.name ?? "";
    const { containerStatuses = [], initContainerStatuses = [], ephemeralContainerStatuses = [] } =
      pod.status ?? {};
    for (const one of [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses]) {
      const key = `${pod.metadata?.uid}/${one.name}`;
      const hasLog = one.state?.running !== undefined || one.state?.terminated !== undefined;
      if (!hasLog || seen.has(key) || !containers(one.name, name)) continue;
      seen.add(key);
      if (followed.size >= mostLogs) {
        return fail(
          new RangeError(`Cannot follow more than ${mostLogs} logs at once: select fewer, or set mostLogs`),
        );
      }
      const following = followOne(name, one.name, isFirst).catch((error) => {
        if (signal.aborted) return;
        if (onError === undefined) fail(error);
        else onError(error, { pod: name, container: one.name });
      }).finally(() => followed.delete(key));
      followed.set(key, following);
    }
  };
  const forget = ({ metadata }: Pod) => {
    for (const key of seen) if (key.startsWith(`${metadata?.uid}/`)) seen.delete(key);
  };
  const watching = (async () => {
    const pods = client.resource(Pod).namespace(namespace);
    for (let isFirst = true; !signal.aborted;) {
      try {
        for await (const event of pods.watch({ labelSelector, fieldSelector, signal })) {
          if (event.type === "BOOKMARK") isFirst = false;
          else if (event.type === "DELETED") forget(event.object as Pod);
          else look(event.object as Pod, isFirst);
        }
      } catch (error) {
        if (signal.aborted) return;
        if (!isExpired(error)) return fail(error); // what was missed is seen when all pods are listed again
      }
      isFirst = false;
    }
  })();
  const onAbort = () => wakeReader();
  signal.addEventListener("abort", onAbort);
  try {
    for (;;) {
      options.signal?.throwIfAborted();
      const line = waiting.shift();
      if (line !== undefined) {
        if (waiting.length < MOST_WAITING) { for (const wake of wakeWriters.splice(0)) wake(); }
        yield line;
        continue;
      }
      if (failure !== undefined) throw failure.error;
      await new Promise<void>((resolve) => wakeReader = resolve);
    }
  } finally {
    life.abort();
    signal.removeEventListener("abort", onAbort);
    for (const wake of wakeWriters) wake();
    wakeWriters = [];
    await Promise.all([watching, ...followed.values()]);
  }
}

/** A line as `kubectl logs --prefix` shows it: `[pod/web-0/main] listening on 8080`. */
export function formatPodLogLine({ pod, container, text }: PodLogLine): string {
  return `[pod/${pod}/${container}] ${text}`;
}
