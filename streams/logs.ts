import type { Client } from "../client/mod.ts";

/** Options of {@linkcode logs}: those of the API, with its meanings. */
export interface LogsOptions {
  /** The pod's namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** The pod. */
  name: string;
  /** The container. May be left out when the pod has one. */
  container?: string;
  /** Whether to stay for what is yet to come. Default false. */
  follow?: boolean;
  /** Whether it is the log of the container before the last restart. Default false. */
  previous?: boolean;
  /** Only what is not older than that: RFC 3339, or a `Date`. Servers compare whole seconds. */
  sinceTime?: string | Date;
  /** Only what is not older than so many seconds. */
  sinceSeconds?: number;
  /** Only the last so many lines. */
  tailLines?: number;
  /** No more than so many bytes; the last line may be cut. */
  limitBytes?: number;
  /** Whether each line begins with the time at which it was written. Default false. */
  timestamps?: boolean;
  /** One of the two outputs alone. Default both. Servers before Kubernetes 1.32 do not know it. */
  stream?: "Stdout" | "Stderr";
  /** Ends it, also while it is being read. */
  signal?: AbortSignal;
}

/**
 * What a container has printed, as bytes. With `follow` it ends with the container or with the connection;
 * {@linkcode logLines} goes on.
 *
 * @throws {StatusError} If the server refuses, in its own words.
 * @throws {NetworkError} If it cannot be reached; the stream fails with one if it breaks off.
 * @throws The signal's reason.
 * @see `kubectl logs`
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { logs } from "@coxswain/kube/streams";
 * const client = await connect();
 * const log = await logs(client, { namespace: "shop", name: "web-0", tailLines: 10 });
 * console.log(await new Response(log).text());
 * ```
 */
export async function logs(
  { rest }: Pick<Client, "rest">,
  { namespace = rest.config.namespace, name, signal, sinceTime, stream, ...query }: LogsOptions,
): Promise<ReadableStream<Uint8Array>> {
  const { follow, previous, timestamps } = query;
  const on = (value: boolean | undefined) => value || undefined;
  const request = rest.get().resource("pods").namespace(namespace).name(name).subresource("log").query({
    ...query,
    follow: on(follow),
    previous: on(previous),
    timestamps: on(timestamps),
    sinceTime: sinceTime instanceof Date ? sinceTime.toISOString() : sinceTime,
    stream,
  });
  return (await request.send({ signal })).stream();
}
