/**
 * Hooks for metrics and logs: a {@linkcode Meter} and a {@linkcode Logger} that everything above takes as an option,
 * and ready ones for Prometheus, OpenTelemetry and the console. Nothing is global, and without a meter nothing is
 * measured. Client-go's `tools/metrics`.
 *
 * @example Requests counted for Prometheus
 * ```ts
 * import assert from "node:assert/strict";
 * import { PrometheusMeter } from "@coxswain/kube/observe";
 * const meter = new PrometheusMeter();
 * const requests = meter.counter({ name: "rest_client_requests_total", help: "Number of HTTP requests." });
 * requests.add(1, { code: "200", method: "GET" });
 * assert.match(meter.text(), /rest_client_requests_total\{code="200",method="GET"\} 1/);
 * ```
 *
 * @module
 */
export { consoleLogger, type ConsoleLoggerOptions } from "./console_logger.ts";
export { type LogFields, type Logger, type LogLevel, noLogger } from "./logger.ts";
export { maskAuthorization } from "./mask_authorization.ts";
export {
  type Counter,
  defaultBuckets,
  type Gauge,
  type Histogram,
  type HistogramDefinition,
  type Labels,
  type Meter,
  type MetricDefinition,
  type Report,
} from "./meter.ts";
export { noMeter } from "./no_meter.ts";
export {
  type OtelCallback,
  type OtelMeter,
  otelMeter,
  type OtelObservableGauge,
  type OtelOptions,
} from "./otel_meter.ts";
export { OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE, PrometheusMeter } from "./prometheus_meter.ts";
