import { Backoff } from "../async/mod.ts";
import type { Client } from "../client/mod.ts";
import { isBadRequest, isNetworkError, isNotFound, type RestClient, statusErrorOf } from "../rest/mod.ts";
import type { Pod } from "../types/core_v1.ts";
import { type LogLine, readLogLines } from "./log_line.ts";
import { LogPosition } from "./log_position.ts";
import { logs, type LogsOptions } from "./logs.ts";

/** Options of {@linkcode logLines}. */
export interface LogLinesOptions extends Omit<LogsOptions, "timestamps"> {
  /** Told why the log is asked for again, with `follow`. Default: nobody is. */
  onRetry?: (error: unknown) => void;
}

/** What matters of a container for its log. */
interface ContainerState {
  /** Changes when the container is another one. */
  uid: string;
  restarts: number;
  /** Whether it will print nothing more. */
  isOver: boolean;
}

/**
 * What a container has printed, line by line, with the time of each. With `follow` it goes on when the connection is cut
 * and when the container is restarted, until the container has ended for good or the pod is gone: each line once, in
 * order. Of several restarts in a row, servers keep the log of the last but one; what was before is lost.
 *
 * @throws {StatusError} If the server refuses, in its own words.
 * @throws {NetworkError} Without `follow`, if the server cannot be reached or the answer breaks off.
 * @throws The signal's reason.
 * @see `kubectl logs --timestamps --follow`
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { logLines } from "@coxswain/kube/streams";
 * const client = await connect();
 * for await (const { time, text } of logLines(client, { namespace: "shop", name: "web-0", follow: true })) {
 *   console.log(time, text);
 * }
 * ```
 */
export async function* logLines(
  client: Pick<Client, "rest">,
  { onRetry = () => {}, ...options }: LogLinesOptions,
): AsyncGenerator<LogLine, void, undefined> {
  const asked = { ...options, timestamps: true };
  if (!options.follow || options.previous || options.limitBytes !== undefined) {
    yield* readLogLines(await logs(client, asked));
    return;
  }
  const { rest } = client;
  const { clock, random } = rest.config;
  const { signal } = options;
  const backoff = new Backoff({ initial: 500, cap: 30_000, random });
  const position = new LogPosition();
  let known: ContainerState | undefined;
  for (let hasBegun = false;;) {
    let last: LogLine | undefined;
    let failure: unknown;
    try {
      known ??= await stateOf(rest, options); // before the log, or a restart just after it would go unnoticed
      const { since } = position;
      const from = since === undefined
        ? {}
        : { sinceTime: since, sinceSeconds: undefined, tailLines: undefined };
      const stream = await logs(client, { ...asked, ...from });
      hasBegun = true;
      position.readAgain();
      // Asked now, so that a restart before this log is known of; one after it ends this log.
      const state = await stateOf(rest, options).catch((error) => {
        if (!isNotFound(error)) throw error;
        return known;
      });
      if (known !== undefined && state?.uid === known.uid && state.restarts > known.restarts) {
        yield* linesBefore(client, asked, position);
        position.readAgain(); // if the restart came just now, this log is the one before it too
      }
      known = state;
      for await (const line of readLogLines(stream, (line) => last = line)) {
        if (!position.isNew(line.time)) continue;
        backoff.reset();
        yield line;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (isNotFound(error) && hasBegun) return;
      if (!isPassing(error)) throw error;
      failure = error;
    }
    if (failure === undefined) {
      const state = await stateOf(rest, options).catch((error) => failure = error) as
        | ContainerState
        | undefined;
      signal?.throwIfAborted();
      if (isNotFound(failure) || (failure === undefined && state!.isOver)) {
        // A line without an end is the last one; else it comes again, with its end.
        if (last !== undefined && position.isNew(last.time)) yield last;
        return;
      }
    }
    onRetry(failure);
    await clock.sleep(backoff.next(), { signal });
  }
}

/** What the container before the last restart has printed since. */
async function* linesBefore(
  client: Pick<Client, "rest">,
  asked: LogsOptions,
  position: LogPosition,
): AsyncGenerator<LogLine> {
  const { namespace, name, container, stream, signal } = asked;
  const query = { namespace, name, container, stream, signal, timestamps: true, previous: true };
  let log: ReadableStream<Uint8Array>;
  try {
    log = await logs(client, { ...query, sinceTime: position.since });
  } catch (error) {
    if (isBadRequest(error) || isNotFound(error)) return; // it has been cleared away
    throw error;
  }
  for await (const line of readLogLines(log)) if (position.isNew(line.time)) yield line;
}

async function stateOf(
  rest: RestClient,
  { namespace = rest.config.namespace, name, container, signal }: LogsOptions,
): Promise<ContainerState> {
  const request = rest.get().resource("pods").namespace(namespace).name(name);
  const { metadata, spec, status } = await (await request.send({ signal })).json<Pod>();
  const all = [
    ...status?.containerStatuses ?? [],
    ...status?.initContainerStatuses ?? [],
    ...status?.ephemeralContainerStatuses ?? [],
  ];
  const one = all.find((one) => container === undefined || one.name === container);
  const ended = one?.state?.terminated;
  const isRestarted = spec?.restartPolicy === "Always" || spec?.restartPolicy === undefined ||
    (spec.restartPolicy === "OnFailure" && ended?.exitCode !== 0);
  const hasEnded = ended !== undefined && (!isRestarted || metadata?.deletionTimestamp !== undefined);
  return {
    uid: metadata?.uid ?? "",
    restarts: one?.restartCount ?? 0,
    isOver: hasEnded || /^(Succeeded|Failed)$/.test(status?.phase ?? ""),
  };
}

/** Whether asking again may help: the network failed, the server is busy or away, or the container does not run yet. */
function isPassing(error: unknown): boolean {
  const code = statusErrorOf(error)?.code ?? 0;
  const isWaiting = isBadRequest(error) && /is waiting to start/.test((error as Error).message);
  return isNetworkError(error) || code === 429 || code >= 500 || isWaiting;
}
