/** What tells the series of a metric apart, such as `{ verb: "GET", host: "10.0.0.1:6443" }`. */
export type Labels = Readonly<Record<string, string>>;

/** What a metric is: data, so that a table of metrics can be read, tested and documented. */
export interface MetricDefinition {
  /** Its name as Prometheus has it: letters, digits and `_`, with the unit, and `_total` for counters. */
  readonly name: string;
  /** What it says, in a sentence. */
  readonly help: string;
  /** What is measured, such as `seconds` or `bytes`. Default: just a number. */
  readonly unit?: string;
  /** The names of the labels that each record carries. Default: not said, so that exporters take any. */
  readonly labels?: readonly string[];
}

/** What a histogram is. */
export interface HistogramDefinition extends MetricDefinition {
  /** Upper bounds of the buckets, ascending, in the metric's unit. Default {@linkcode defaultBuckets}. */
  readonly buckets?: readonly number[];
}

/** Bounds for the durations of what mostly takes milliseconds, in seconds: Prometheus' own default. */
export const defaultBuckets: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Counts what happens. */
export interface Counter {
  /** Adds `amount`, which is 0 or more. */
  add(amount: number, labels?: Labels): void;
}

/** Says how things stand. */
export interface Gauge {
  /** Replaces the value that was set before with the same labels. */
  set(value: number, labels?: Labels): void;
}

/** Sorts what was measured into buckets, and adds it up. */
export interface Histogram {
  /** Adds one measurement, in the metric's unit. */
  record(value: number, labels?: Labels): void;
}

/** Takes one value of a gauge that is read. The last one with the same labels counts. */
export type Report = (value: number, labels?: Labels) => void;

/**
 * Where this package reports what it measures. Give one to a client, a queue or a controller: a
 * {@linkcode PrometheusMeter}, an {@linkcode otelMeter}, or your own. There is none by default, and no global one.
 *
 * Instruments are asked for once and kept. Asking again for the same metric gives one that writes to the same
 * series, so that two clients can share a meter.
 *
 * @see client-go `tools/metrics`, spec rest 12
 * @example A meter that only counts
 * ```ts
 * import assert from "node:assert/strict";
 * import { type Meter, noMeter } from "@coxswain/kube/observe";
 * let requests = 0;
 * const meter: Meter = {
 *   ...noMeter,
 *   counter: ({ name }) => name === "rest_client_requests_total" ? { add: (amount) => void (requests += amount) } : noMeter.counter({ name, help: "" }),
 * };
 * meter.counter({ name: "rest_client_requests_total", help: "Number of HTTP requests." }).add(1, { code: "200" });
 * assert.equal(requests, 1);
 * ```
 */
export interface Meter {
  /** What happened so often. */
  counter(definition: MetricDefinition): Counter;
  /** What stands so now, set when it changes. */
  gauge(definition: MetricDefinition): Gauge;
  /**
   * What stands so now, read when somebody looks: for what changes with time alone, such as an age.
   *
   * @param read Called at each export; reports any number of series, and does not wait.
   * @returns Ends it: `read` is not called again. Harmless when called twice.
   */
  observableGauge(definition: MetricDefinition, read: (report: Report) => void): () => void;
  /** How long or large things were. */
  histogram(definition: HistogramDefinition): Histogram;
}
