import { defaultBuckets, type Labels, type Meter, type MetricDefinition } from "./meter.ts";

/** Options that OpenTelemetry takes for an instrument. */
export interface OtelOptions {
  /** What it says. */
  description?: string;
  /** Its unit in UCUM's spelling, such as `s` or `By`. */
  unit?: string;
  /** Advice for histograms. */
  advice?: { explicitBucketBoundaries?: number[] };
}

/** An OpenTelemetry gauge that is read at each export. */
export interface OtelObservableGauge {
  /** Begins to read. */
  addCallback(callback: OtelCallback): void;
  /** Ends it. */
  removeCallback(callback: OtelCallback): void;
}

/** Reads an {@linkcode OtelObservableGauge}. */
export type OtelCallback = (result: { observe(value: number, attributes?: Labels): void }) => void;

/** What {@linkcode otelMeter} uses of a `Meter` of `@opentelemetry/api`, from version 1.9. */
export interface OtelMeter {
  /** A counter. */
  createCounter(name: string, options?: OtelOptions): { add(value: number, attributes?: Labels): void };
  /** A gauge that is set. */
  createGauge(name: string, options?: OtelOptions): { record(value: number, attributes?: Labels): void };
  /** A gauge that is read. */
  createObservableGauge(name: string, options?: OtelOptions): OtelObservableGauge;
  /** A histogram. */
  createHistogram(name: string, options?: OtelOptions): { record(value: number, attributes?: Labels): void };
}

/** Our units in UCUM's spelling, which OpenTelemetry expects. */
const UCUM: Readonly<Record<string, string>> = { seconds: "s", milliseconds: "ms", bytes: "By" };

/**
 * Reports to OpenTelemetry: makes a {@linkcode Meter} of the one that its API gives. Metrics keep their names;
 * labels become attributes.
 *
 * @param meter From `@opentelemetry/api`: `metrics.getMeter("my-operator")`.
 * @example A meter that prints
 * ```ts
 * import { otelMeter } from "@coxswain/kube/observe";
 * const instrument = { add: console.log, record: console.log, addCallback() {}, removeCallback() {} };
 * const meter = otelMeter({ // in a program: metrics.getMeter("my-operator")
 *   createCounter: () => instrument,
 *   createGauge: () => instrument,
 *   createObservableGauge: () => instrument,
 *   createHistogram: () => instrument,
 * });
 * meter.counter({ name: "shop_orders_total", help: "Orders taken." }).add(1, { shop: "north" });
 * ```
 */
export function otelMeter(meter: OtelMeter): Meter {
  return {
    counter: (definition) => meter.createCounter(definition.name, optionsOf(definition)),
    gauge(definition) {
      const gauge = meter.createGauge(definition.name, optionsOf(definition));
      return { set: (value, labels) => gauge.record(value, labels) };
    },
    observableGauge(definition, read) {
      const gauge = meter.createObservableGauge(definition.name, optionsOf(definition));
      const callback: OtelCallback = (result) => read((value, labels) => result.observe(value, labels));
      gauge.addCallback(callback);
      return () => gauge.removeCallback(callback);
    },
    histogram: (definition) =>
      meter.createHistogram(definition.name, {
        ...optionsOf(definition),
        advice: { explicitBucketBoundaries: [...definition.buckets ?? defaultBuckets] },
      }),
  };
}

function optionsOf({ help, unit }: MetricDefinition): OtelOptions {
  return { description: help, unit: unit && (UCUM[unit] ?? unit) };
}
