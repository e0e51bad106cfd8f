import type { HistogramDefinition, MetricDefinition } from "../observe/mod.ts";

/** From a fast answer to the longest that a server takes, in seconds. */
const LATENCIES: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];
/** From 64 bytes to 16 MiB. */
const SIZES: readonly number[] = [
  ...[64, 256, 512, 1_024, 4_096, 16_384, 65_536],
  ...[262_144, 1_048_576, 4_194_304, 16_777_216],
];
/** From too often (10 minutes) to too rarely (4 years), in seconds. */
const LIFETIMES: readonly number[] = [
  ...[600, 1_800, 3_600, 14_400, 86_400, 604_800],
  ...[2_592_000, 7_776_000, 15_552_000, 31_104_000, 124_416_000],
];

/** The tables of {@linkcode clientMetrics}. */
export interface ClientMetrics {
  /** A call from its begin to the end of its last attempt. `host` has a port where the URL has. */
  readonly requestDuration: HistogramDefinition;
  /** Finding the server's address. */
  readonly resolverDuration: HistogramDefinition;
  /** The body that is sent, for each attempt. */
  readonly requestSize: HistogramDefinition;
  /** The body that comes back. */
  readonly responseSize: HistogramDefinition;
  /** Waiting for the client's own rate limiter. */
  readonly rateLimiterDuration: HistogramDefinition;
  /** What each attempt came to: a status code, or `<error>`. */
  readonly requestResult: MetricDefinition;
  /** The attempts after the first. The label is `verb` here, and `method` above, as in Go. */
  readonly requestRetry: MetricDefinition;
  /** Until the first client certificate of a plugin expires; `Infinity` when there is none. */
  readonly execPluginTtl: MetricDefinition;
  /** How old a plugin's client certificate was when it was replaced, in seconds. */
  readonly execPluginRotationAge: HistogramDefinition;
  /** Runs of plugins: `code` is the exit code, or 1 when there is none. */
  readonly execPluginCalls: MetricDefinition;
  /** Whether a plugin may run: `call_status` is `allowed` or `denied`. */
  readonly execPluginPolicyCalls: MetricDefinition;
  /** How many transports are kept. */
  readonly transportCacheEntries: MetricDefinition;
  /** Asking for a transport: `result` is `hit`, `miss`, `miss-gc` or `uncacheable`. */
  readonly transportCreateCalls: MetricDefinition;
  /**
   * Reading the authorities' certificates again: `result` is `success` (`reason` `updated` or `unchanged`) or
   * `failure` (`read_error`, `empty` or `ca_parse_error`).
   */
  readonly transportCaReloads: MetricDefinition;
}

/**
 * The metrics of a client, with the names, labels, buckets and help texts that Go programs export, so that their
 * dashboards and alerts work. `requestMetrics` records those of requests.
 *
 * Two are mended: Go's `rest_client_exec_plugin_policy_call_total` declares the values `allowed` and `denied` as two
 * labels and cannot be written, and `rest_client_dns_resolution_duration_seconds` is never exported.
 *
 * @see k8s.io/component-base 0.36 `metrics/prometheus/restclient`, spec rest 12
 * @example A call of a credential plugin
 * ```ts
 * import { PrometheusMeter } from "@coxswain/kube/observe";
 * import { clientMetrics } from "@coxswain/kube/rest";
 * const calls = new PrometheusMeter().counter(clientMetrics.execPluginCalls);
 * calls.add(1, { code: "0", call_status: "no_error" });
 * ```
 */
export const clientMetrics: ClientMetrics = {
  requestDuration: {
    name: "rest_client_request_duration_seconds",
    help: "Request latency in seconds. Broken down by verb, and host.",
    unit: "seconds",
    labels: ["verb", "host"],
    buckets: LATENCIES,
  },
  resolverDuration: {
    name: "rest_client_dns_resolution_duration_seconds",
    help: "DNS resolver latency in seconds. Broken down by host.",
    unit: "seconds",
    labels: ["host"],
    buckets: LATENCIES.slice(0, -1),
  },
  requestSize: {
    name: "rest_client_request_size_bytes",
    help: "Request size in bytes. Broken down by verb and host.",
    unit: "bytes",
    labels: ["verb", "host"],
    buckets: SIZES,
  },
  responseSize: {
    name: "rest_client_response_size_bytes",
    help: "Response size in bytes. Broken down by verb and host.",
    unit: "bytes",
    labels: ["verb", "host"],
    buckets: SIZES,
  },
  rateLimiterDuration: {
    name: "rest_client_rate_limiter_duration_seconds",
    help: "Client side rate limiter latency in seconds. Broken down by verb, and host.",
    unit: "seconds",
    labels: ["verb", "host"],
    buckets: LATENCIES,
  },
  requestResult: {
    name: "rest_client_requests_total",
    help: "Number of HTTP requests, partitioned by status code, method, and host.",
    labels: ["code", "method", "host"],
  },
  requestRetry: {
    name: "rest_client_request_retries_total",
    help: "Number of request retries, partitioned by status code, verb, and host.",
    labels: ["code", "verb", "host"],
  },
  execPluginTtl: {
    name: "rest_client_exec_plugin_ttl_seconds",
    help: "Gauge of the shortest TTL (time-to-live) of the client certificate(s) managed by the auth exec " +
      "plugin. The value is in seconds until certificate expiry (negative if already expired). If auth exec " +
      "plugins are unused or manage no TLS certificates, the value will be +INF.",
    unit: "seconds",
    labels: [],
  },
  execPluginRotationAge: {
    name: "rest_client_exec_plugin_certificate_rotation_age",
    help:
      "Histogram of the number of seconds the last auth exec plugin client certificate lived before being " +
      "rotated. If auth exec plugin client certificates are unused, histogram will contain no data.",
    unit: "seconds",
    labels: [],
    buckets: LIFETIMES,
  },
  execPluginCalls: {
    name: "rest_client_exec_plugin_call_total",
    help: "Number of calls to an exec plugin, partitioned by the type of event encountered (no_error, " +
      "plugin_execution_error, plugin_not_found_error, client_internal_error) and an optional exit code. The " +
      "exit code will be set to 0 if and only if the plugin call was successful.",
    labels: ["code", "call_status"],
  },
  execPluginPolicyCalls: {
    name: "rest_client_exec_plugin_policy_call_total",
    help:
      "Number of comparisons of an exec plugin to the plugin policy and allowlist (if any), partitioned by " +
      "whether or not the policy permits the plugin",
    labels: ["call_status"],
  },
  transportCacheEntries: {
    name: "rest_client_transport_cache_entries",
    help: "Number of transport entries in the internal cache.",
    labels: [],
  },
  transportCreateCalls: {
    name: "rest_client_transport_create_calls_total",
    help:
      "Number of calls to get a new transport, partitioned by the result of the operation hit: obtained from " +
      "the cache, miss: created and added to the cache, miss-gc: recreated and added back to the cache after " +
      "being garbage collected, uncacheable: created and not cached",
    labels: ["result"],
  },
  transportCaReloads: {
    name: "rest_client_transport_ca_reload_total",
    help:
      "Number of times a CA reload is attempted, partitioned by the result and reason for the reload attempt",
    labels: ["result", "reason"],
  },
};
