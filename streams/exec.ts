import type { Client } from "../client/mod.ts";
import { openSocket } from "./open_socket.ts";
import { RemoteProcess, type TerminalSize } from "./remote_process.ts";

/** The subprotocols of commands, the best first. Only v5 can say that the input has ended. */
const PROTOCOLS = ["v5.channel.k8s.io", "v4.channel.k8s.io"];

/** Options of {@linkcode attach}. */
export interface AttachOptions {
  /** The pod's namespace. Default: the one that the client's configuration prefers. */
  namespace?: string;
  /** The pod. */
  name: string;
  /** The container. Default: the only one, or the one that the pod's annotation `default-container` names. */
  container?: string;
  /** Whether there is input. Default false. */
  stdin?: boolean;
  /** Whether the output is of interest. Default true. */
  stdout?: boolean;
  /** Whether what is said beside the output is of interest. Default true, but false with a terminal, which has one output. */
  stderr?: boolean;
  /** Whether there is a terminal, perhaps with its size. For {@linkcode attach}, the container must have one. Default false. */
  tty?: boolean | TerminalSize;
  /**
   * The subprotocols that will do, the best first. Default `v5.channel.k8s.io` and `v4.channel.k8s.io`; servers since
   * Kubernetes 1.30 choose the first. With v4, nobody can be told that the input has ended.
   */
  protocols?: readonly string[];
  /** Ends the handshake, and the connection after it. */
  signal?: AbortSignal;
}

/** Options of {@linkcode exec}. */
export interface ExecOptions extends AttachOptions {
  /** The program and its arguments, as they are: no shell looks at them. */
  command: readonly string[];
}

/**
 * Runs a command in a container. Resolves when the server has taken it on.
 *
 * @throws {StatusError} If the server refuses, in its own words: no such pod, not allowed, …
 * @throws {NetworkError} If it cannot be reached, or speaks none of the protocols.
 * @throws The signal's reason.
 * @see `kubectl exec`, client-go `remotecommand`, spec rest 14
 * @example
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { exec } from "@coxswain/kube/streams";
 * const client = await connect();
 * const child = await exec(client, { namespace: "shop", name: "web-0", command: ["tar", "-c", "/etc"] });
 * for await (const bytes of child.stdout) console.log(bytes.length);
 * const { code, message } = await child.status;
 * console.log(code, message);
 * ```
 */
export async function exec(client: Pick<Client, "rest">, options: ExecOptions): Promise<RemoteProcess> {
  const { command } = options;
  if (command.length === 0) throw new TypeError("Cannot run a command: command is empty");
  return await open(client, "exec", options, command);
}

/**
 * Attaches to what runs in a container already: its main process, or a debug container's. Resolves when the server has
 * connected us. What the process wrote before is not shown; `logs()` has it.
 *
 * @throws As {@linkcode exec}.
 * @see `kubectl attach`, spec rest 14
 */
export async function attach(client: Pick<Client, "rest">, options: AttachOptions): Promise<RemoteProcess> {
  return await open(client, "attach", options, undefined);
}

async function open(
  { rest }: Pick<Client, "rest">,
  subresource: "exec" | "attach",
  { namespace = rest.config.namespace, name, container, protocols = PROTOCOLS, signal, ...wanted }:
    AttachOptions,
  command: readonly string[] | undefined,
): Promise<RemoteProcess> {
  const tty = wanted.tty !== undefined && wanted.tty !== false;
  const { stdin = false, stdout = true, stderr = !tty } = wanted;
  if (tty && stderr) {
    throw new TypeError("Cannot have stderr and tty: a terminal has one output. Leave stderr out");
  }
  if (!stdin && !stdout && !stderr) {
    throw new TypeError("Cannot connect with no stream at all: ask for stdin, stdout or stderr");
  }
  const on = (value: boolean) => value || undefined; // what is false is not sent (spec rest 14.2)
  const request = rest.get().resource("pods").namespace(namespace).name(name).subresource(subresource)
    .query({ container, command, stdin: on(stdin), stdout: on(stdout), stderr: on(stderr), tty: on(tty) });
  const socket = await openSocket(rest, request, { protocols, signal });
  const child = new RemoteProcess(socket, { stdin, stdout, stderr, tty });
  if (typeof wanted.tty === "object") {
    await child.resize(wanted.tty).catch(async (error) => {
      if (error instanceof RangeError) await child[Symbol.asyncDispose]();
      if (error instanceof RangeError) throw error;
      // Else the connection has ended already, and the status says how.
    });
  }
  return child;
}
