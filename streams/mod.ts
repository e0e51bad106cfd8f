/**
 * What goes on between a program and a pod: commands in containers, their terminals, and what they print.
 *
 * All of it goes over connections with everything that requests have: credentials, certificates, proxies,
 * impersonation. All of it has back-pressure, ends with a signal, and says how it ended.
 *
 * @example A command, and how it ended
 * ```ts no-run
 * import { connect } from "@coxswain/kube";
 * import { exec } from "@coxswain/kube/streams";
 * const client = await connect();
 * const child = await exec(client, { namespace: "shop", name: "web-0", command: ["sort"], stdin: true });
 * const { code, stdout } = await child.output({ input: "b\na\n" });
 * console.log(code, new TextDecoder().decode(stdout));
 * ```
 *
 * @module
 */
export {
  type CopyOptions,
  type CopyProgress,
  type CopyResult,
  download,
  type DownloadOptions,
  upload,
} from "./copy.ts";
export { type DebugContainer, debugContainer, type DebugContainerOptions } from "./debug_container.ts";
export { attach, type AttachOptions, exec, type ExecOptions } from "./exec.ts";
export type { ExitStatus } from "./exit_status.ts";
export type { LogLine } from "./log_line.ts";
export { logLines, type LogLinesOptions } from "./log_lines.ts";
export { logs, type LogsOptions } from "./logs.ts";
export { formatPodLogLine, type PodLogLine, podLogs, type PodLogsOptions } from "./pod_logs.ts";
export { type ForwardedPort, parseForwardedPort } from "./parse_port.ts";
export { PortConnection, type PortConnectionOptions } from "./port_connection.ts";
export {
  type PortConnectOptions,
  PortForward,
  portForward,
  type PortForwardOptions,
} from "./port_forward.ts";
export type { ForwardedConnection, ListenedPort, ListenOptions, PortListener } from "./port_listener.ts";
export type { PortTarget } from "./port_target.ts";
export { proxyFetch, proxyHandler, type ProxyHandlerOptions, type ProxyTarget } from "./proxy.ts";
export { readTar, type TarEntry } from "./read_tar.ts";
export {
  type OutputOptions,
  type ProcessOutput,
  type ProcessStreams,
  RemoteProcess,
  type TerminalSize,
} from "./remote_process.ts";
export type { TarEntryType, TarHeader } from "./tar_entry.ts";
export type { SkippedEntry } from "./unpack_tar.ts";
export {
  connectTerminal,
  type ConnectTerminalOptions,
  type TerminalInput,
  type TerminalOutput,
} from "./terminal.ts";
export { type TarSource, writeTar } from "./write_tar.ts";
