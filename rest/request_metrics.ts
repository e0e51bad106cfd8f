import { type HistogramDefinition, type Meter, noMeter } from "../observe/mod.ts";
import { clientMetrics } from "./client_metrics.ts";
import { urlTemplate } from "./url_template.ts";

/** Options of {@linkcode requestMetrics}. Read once: changing the object later has no effect. */
export interface RequestMetricsOptions {
  /**
   * What durations are told apart by, beside the verb: the `host` alone, as Go programs do, or also the `url`, with
   * names and values taken out. That is a series for each resource that a program uses. Default `host`.
   */
  durationsBy?: "host" | "url";
}

/** Takes what there is to measure of one client's requests. Durations are in milliseconds; verbs are HTTP methods. */
export interface RequestMetrics {
  /**
   * A call has ended, with all its attempts and the pauses between them.
   *
   * @param path Path and query below the server's URL.
   */
  requestDuration(verb: string, path: string, duration: number): void;
  /**
   * An attempt has waited for the rate limiter, if only for 0 ms.
   *
   * @param path Path and query below the server's URL.
   */
  rateLimiterDuration(verb: string, path: string, duration: number): void;
  /** An attempt with a body of so many bytes is sent. */
  requestSize(verb: string, bytes: number): void;
  /** An answer with a body of so many bytes was read. */
  responseSize(verb: string, bytes: number): void;
  /** An attempt has ended, with a status code or without an answer. */
  requestResult(code: number | "<error>", verb: string): void;
  /** The same, and it was not the first of its request. */
  requestRetry(code: number | "<error>", verb: string): void;
}

const nothing = () => {};

const noRequestMetrics: RequestMetrics = {
  requestDuration: nothing,
  rateLimiterDuration: nothing,
  requestSize: nothing,
  responseSize: nothing,
  requestResult: nothing,
  requestRetry: nothing,
};

/**
 * Records the metrics of requests to one server, under client-go's names. Without a meter it does nothing.
 *
 * @param server URL of the server.
 * @throws {TypeError} If `server` is not a URL.
 * @see client-go `tools/metrics`, spec rest 3.8 and 12
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { PrometheusMeter } from "@coxswain/kube/observe";
 * import { requestMetrics } from "@coxswain/kube/rest";
 * const meter = new PrometheusMeter();
 * requestMetrics(meter, "https://10.0.0.1:6443/").requestResult(200, "GET");
 * assert.match(meter.text(), /rest_client_requests_total\{code="200",host="10.0.0.1:6443",method="GET"\} 1/);
 * ```
 */
export function requestMetrics(
  meter: Meter | undefined,
  server: string,
  options: RequestMetricsOptions = {},
): RequestMetrics {
  if (meter === undefined || meter === noMeter) return noRequestMetrics;
  const { durationsBy = "host" } = options;
  const { host, pathname } = new URL(server);
  const duration = (definition: HistogramDefinition) => {
    if (durationsBy === "host") {
      const histogram = meter.histogram(definition);
      return (verb: string, _path: string, duration: number) =>
        histogram.record(duration / 1_000, { verb, host });
    }
    const histogram = meter.histogram({ ...definition, labels: ["verb", "host", "url"] });
    return (verb: string, path: string, duration: number) =>
      histogram.record(duration / 1_000, { verb, host, url: urlTemplate(path, pathname) });
  };
  const sent = meter.histogram(clientMetrics.requestSize);
  const received = meter.histogram(clientMetrics.responseSize);
  const results = meter.counter(clientMetrics.requestResult);
  const retries = meter.counter(clientMetrics.requestRetry);
  return {
    requestDuration: duration(clientMetrics.requestDuration),
    rateLimiterDuration: duration(clientMetrics.rateLimiterDuration),
    requestSize: (verb, bytes) => sent.record(bytes, { verb, host }),
    responseSize: (verb, bytes) => received.record(bytes, { verb, host }),
    requestResult: (code, verb) => results.add(1, { code: String(code), method: verb, host }),
    requestRetry: (code, verb) => retries.add(1, { code: String(code), verb, host }),
  };
}
