/**
 * One exchange with an API server: where it is ({@linkcode RestConfig}), what is asked
 * ({@linkcode RestRequest}), what comes back ({@linkcode RestResponse}), as JSON, as a list that is read while it
 * arrives, or as a watch. What goes wrong is a {@linkcode StatusError} when the server says so, a
 * {@linkcode NetworkError} when it could not, a {@linkcode ConfigError} when it was never asked.
 *
 * @example
 * ```ts
 * import { RestClient } from "@coxswain/kube/rest";
 * import { ApiServer } from "@coxswain/kube/testing";
 * const server = new ApiServer();
 * const rest = new RestClient(server.restConfig());
 * const { gitVersion } = await (await rest.get().absolutePath("/version").send()).json<{ gitVersion: string }>();
 * console.log(gitVersion);
 * await rest[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export type { Answer, ByteSource } from "./answer.ts";
export { decodeBase64 } from "./base64.ts";
export { type DerValue, readDer } from "./read_der.ts";
export { asciiBytes, isString, JsonScanner } from "./json_scanner.ts";
export { BodyReader, type BodyReaderOptions } from "./body_reader.ts";
export type { CertificateAuthorityRequest, CertificateAuthoritySource } from "./ca_source.ts";
export { type ClientMetrics, clientMetrics } from "./client_metrics.ts";
export { checkPair, type PairProblem } from "./certificate_pair.ts";
export { checkCertificates } from "./check_certificates.ts";
export type { Codec, ListDecoder, WatchDecoder } from "./codec.ts";
export { ConfigError, isConfigError } from "./config_error.ts";
export type { CredentialRequest, Credentials, CredentialSource } from "./credentials.ts";
export {
  escapeExtraKey,
  type Impersonation,
  impersonationHeaders,
  unescapeExtraKey,
} from "./impersonation.ts";
export { bytesCodec } from "./bytes_codec.ts";
export { ObjectBytes } from "./object_bytes.ts";
export type { ListHead } from "./list_parser.ts";
export { ListReader } from "./list_reader.ts";
export type { Middleware, OutgoingRequest } from "./middleware.ts";
export { joinBytes } from "./join_bytes.ts";
export {
  isNetworkError,
  NetworkError,
  type NetworkErrorInit,
  type NetworkPhase,
  type NetworkReason,
} from "./network_error.ts";
export { type NodeAgents, nodeAgents, type NodeAgentsOptions, type NodeRoute } from "./node_agents.ts";
export type { TransportSettings } from "./open_transport.ts";
export type { ProxyChoice } from "./proxy_settings.ts";
export { remoteUser, remoteUserHeaders } from "./remote_user.ts";
export { requestLog, type RequestLogOptions } from "./request_log.ts";
export { type RequestMetrics, requestMetrics, type RequestMetricsOptions } from "./request_metrics.ts";
export type { Representation } from "./representation.ts";
export { RestClient } from "./rest_client.ts";
export { RestConfig, type RestConfigInit, type Timeouts, type TlsConfig } from "./rest_config.ts";
export {
  type PatchType,
  type QueryParameters,
  type RequestBody,
  type RequestParts,
  type RequestSender,
  RestRequest,
  type SendOptions,
} from "./rest_request.ts";
export { RestResponse } from "./rest_response.ts";
export { type SocketGate, socketGate } from "./socket_gate.ts";
export {
  isAlreadyExists,
  isBadRequest,
  isConflict,
  isExpired,
  isForbidden,
  isGone,
  isInternalError,
  isInvalid,
  isMethodNotAllowed,
  isNotAcceptable,
  isNotFound,
  isRequestEntityTooLarge,
  isServerTimeout,
  isServiceUnavailable,
  isTimeout,
  isTooManyRequests,
  isUnauthorized,
  isUnexpectedServerError,
  isUnsupportedMediaType,
  statusCauseOf,
  StatusError,
  statusErrorOf,
  type StatusErrorOptions,
  suggestedDelayOf,
} from "./status_error.ts";
export { statusOf } from "./status_of.ts";
export type { TlsMaterial } from "./tls_material.ts";
export { toNetworkError } from "./to_network_error.ts";
export { type TraceContext, traceContext } from "./trace_context.ts";
export type { AskedRequest, Transport, TransportRequest } from "./transport.ts";
export type { Upgrade } from "./upgrade.ts";
export { urlTemplate } from "./url_template.ts";
export {
  ignoreWarnings,
  type WarningHandler,
  warningLogger,
  type WarningWriter,
  warningWriter,
  type WarningWriterOptions,
} from "./warning_handler.ts";
export {
  formatWarning,
  type ParsedWarnings,
  parseWarnings,
  type Warning,
  warningsOf,
} from "./warning_header.ts";
export { WatchReader } from "./watch_reader.ts";
