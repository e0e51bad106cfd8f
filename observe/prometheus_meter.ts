import {
  type Counter,
  defaultBuckets,
  type Gauge,
  type Histogram,
  type HistogramDefinition,
  type Meter,
  type MetricDefinition,
  type Report,
} from "./meter.ts";
import { escapeLine, escapeQuoted, formatNumber } from "./prometheus_text.ts";
import { Series } from "./series.ts";

/** The `Content-Type` of {@linkcode PrometheusMeter.text}. */
export const PROMETHEUS_CONTENT_TYPE: string = "text/plain; version=0.0.4; charset=utf-8";

/** The `Content-Type` of {@linkcode PrometheusMeter.openMetricsText}. */
export const OPENMETRICS_CONTENT_TYPE: string = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/** One number of a counter or gauge. */
interface Value {
  value: number;
}

/** What a histogram has seen with one combination of labels. */
interface Distribution {
  /** How many fell into each bucket and into none before it; the last is for what exceeds all bounds. */
  counts: number[];
  sum: number;
}

/** A metric and what has been recorded of it. */
type Family =
  | { kind: "counter" | "gauge"; definition: MetricDefinition; series: Series<Value> }
  | { kind: "observable gauge"; definition: MetricDefinition; reads: Set<{ read(report: Report): void }> }
  | {
    kind: "histogram";
    definition: MetricDefinition;
    series: Series<Distribution>;
    bounds: readonly number[];
  };

/**
 * Keeps what is measured in memory, and shows it as Prometheus reads it. Give it to clients, queues and controllers,
 * and serve its text under `/metrics`. It keeps every combination of labels that it has seen.
 *
 * A counter or histogram whose definition says that it has no labels is there from the start, at 0.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/, https://prometheus.io/docs/specs/om/open_metrics_spec/
 * @example Serving /metrics
 * ```ts
 * import assert from "node:assert/strict";
 * import { PROMETHEUS_CONTENT_TYPE, PrometheusMeter } from "@coxswain/kube/observe";
 * const meter = new PrometheusMeter();
 * meter.counter({ name: "shop_orders_total", help: "Orders taken." }).add(2, { shop: "north" });
 * const serve = () => new Response(meter.text(), { headers: { "Content-Type": PROMETHEUS_CONTENT_TYPE } });
 * assert.equal(
 *   await serve().text(),
 *   '# HELP shop_orders_total Orders taken.\n# TYPE shop_orders_total counter\nshop_orders_total{shop="north"} 2\n',
 * );
 * ```
 */
export class PrometheusMeter implements Meter {
  readonly #families = new Map<string, Family>();

  /**
   * A counter. Its `add` throws a `RangeError` for less than 0, and a `TypeError` for labels that the metric does not
   * have.
   *
   * @throws {TypeError} If the name is malformed, or taken by another metric.
   */
  counter(definition: MetricDefinition): Counter {
    const { series } = this.#values("counter", definition);
    if (definition.labels?.length === 0) series.at();
    return {
      add(amount, labels) {
        if (!(amount >= 0)) {
          throw new RangeError(`Cannot add to ${definition.name}: a counter only grows, got ${amount}`);
        }
        series.at(labels).value += amount;
      },
    };
  }

  /**
   * A gauge that is set. Its `set` throws a `TypeError` for labels that the metric does not have.
   *
   * @throws {TypeError} If the name is malformed, or taken by another metric.
   */
  gauge(definition: MetricDefinition): Gauge {
    const { series } = this.#values("gauge", definition);
    return {
      set(value, labels) {
        series.at(labels).value = value;
      },
    };
  }

  /**
   * A gauge that is read at each export. What `read` throws, the export throws.
   *
   * @throws {TypeError} If the name is malformed, or taken by another metric.
   */
  observableGauge(definition: MetricDefinition, read: (report: Report) => void): () => void {
    const family = this.#family(definition, { kind: "observable gauge", definition, reads: new Set() });
    const entry = { read };
    family.reads.add(entry);
    return () => void family.reads.delete(entry);
  }

  /**
   * A histogram. Its `record` throws a `TypeError` for labels that the metric does not have.
   *
   * @throws {RangeError} If the bounds of its buckets do not ascend.
   * @throws {TypeError} If the name is malformed, or taken by another metric.
   */
  histogram(definition: HistogramDefinition): Histogram {
    const { name, buckets = defaultBuckets, labels: names } = definition;
    const bounds = buckets.filter((bound) => bound !== Infinity); // that one is always there
    if (!bounds.every((bound, index) => index === 0 ? !Number.isNaN(bound) : bound > bounds[index - 1])) {
      throw new RangeError(`Cannot measure ${name}: its buckets do not ascend, got ${buckets.join(", ")}`);
    }
    const begin = () => ({ counts: new Array<number>(bounds.length + 1).fill(0), sum: 0 });
    const { series } = this.#family(definition, {
      kind: "histogram",
      definition,
      series: new Series<Distribution>(name, names, begin),
      bounds,
    });
    if (names?.length === 0) series.at();
    return {
      record(value, labels) {
        const distribution = series.at(labels);
        let bucket = 0;
        while (bucket < bounds.length && !(value <= bounds[bucket])) bucket++;
        distribution.counts[bucket]++;
        distribution.sum += value;
      },
    };
  }

  /**
   * All that has been recorded, in Prometheus' text format, version 0.0.4: metrics by name, series by labels.
   *
   * @returns Lines, the last one ended too; empty when nothing has been recorded.
   */
  text(): string {
    return this.#export("prometheus").join("");
  }

  /** The same in the OpenMetrics format, version 1.0.0, for scrapers that ask for it in `Accept`. */
  openMetricsText(): string {
    return [...this.#export("openmetrics"), "# EOF\n"].join("");
  }

  #values(kind: "counter" | "gauge", definition: MetricDefinition) {
    const series = new Series<Value>(definition.name, definition.labels, () => ({ value: 0 }));
    return this.#family(definition, { kind, definition, series });
  }

  /** The family of that name: the one that is there, if it is the same metric, or this one. */
  #family<F extends Family>(definition: MetricDefinition, family: F): F {
    const { name } = definition;
    if (!/^[a-zA-Z_:][\w:]*$/.test(name)) {
      throw new TypeError(
        `Cannot measure ${JSON.stringify(name)}: a metric's name is letters, digits, _ and :`,
      );
    }
    const known = this.#families.get(name);
    if (known === undefined) {
      this.#families.set(name, family);
      return family;
    }
    if (!isSame(known, family)) {
      throw new TypeError(`Cannot measure ${name}: another metric has that name, a ${known.kind}`);
    }
    return known;
  }

  #export(format: "prometheus" | "openmetrics"): string[] {
    const lines: string[] = [];
    for (const [name, family] of [...this.#families].sort(([a], [b]) => a < b ? -1 : 1)) {
      const open = format === "openmetrics";
      const samples = samplesOf(family, open);
      if (samples.length === 0) continue;
      const { help, unit } = family.definition;
      const type = family.kind === "observable gauge" ? "gauge" : family.kind;
      const title = open && type === "counter" ? name.replace(/_total$/, "") : name;
      lines.push(`# HELP ${title} ${open ? escapeQuoted(help) : escapeLine(help)}\n`);
      lines.push(`# TYPE ${title} ${type}\n`);
      if (open && unit !== undefined && title.endsWith(`_${unit}`)) lines.push(`# UNIT ${title} ${unit}\n`);
      lines.push(...samples);
    }
    return lines;
  }
}

function isSame<F extends Family>(known: Family, family: F): known is F {
  const facts = ({ kind, definition: { help, unit, labels }, ...rest }: Family) =>
    JSON.stringify([kind, help, unit, labels, "bounds" in rest ? rest.bounds : undefined]);
  return facts(known) === facts(family);
}

/** The lines of a family's series. */
function samplesOf(family: Family, open: boolean): string[] {
  const { name } = family.definition;
  switch (family.kind) {
    case "counter": {
      const sample = open ? `${name.replace(/_total$/, "")}_total` : name;
      return family.series.sorted().map(([labels, { value }]) => line(sample, labels, number(value, open)));
    }
    case "gauge":
      return family.series.sorted().map(([labels, { value }]) => line(name, labels, number(value, open)));
    case "observable gauge": {
      const series = new Series<Value>(name, family.definition.labels, () => ({ value: 0 }));
      const report: Report = (value, labels) => void (series.at(labels).value = value);
      for (const { read } of family.reads) read(report);
      return series.sorted().map(([labels, { value }]) => line(name, labels, number(value, open)));
    }
    case "histogram":
      return family.series.sorted().flatMap(([labels, distribution]) =>
        samplesOfDistribution(name, labels, family.bounds, distribution, open)
      );
    default:
      return family satisfies never;
  }
}

function samplesOfDistribution(
  name: string,
  labels: string,
  bounds: readonly number[],
  { counts, sum }: Distribution,
  open: boolean,
): string[] {
  const lines: string[] = [];
  let count = 0;
  for (const [index, inBucket] of counts.entries()) {
    count += inBucket;
    const bound = `le="${number(bounds[index] ?? Infinity, open)}"`;
    lines.push(line(`${name}_bucket`, labels === "" ? bound : `${labels},${bound}`, formatNumber(count)));
  }
  lines.push(line(`${name}_sum`, labels, number(sum, open)));
  lines.push(line(`${name}_count`, labels, formatNumber(count)));
  return lines;
}

function line(name: string, labels: string, value: string): string {
  return labels === "" ? `${name} ${value}\n` : `${name}{${labels}} ${value}\n`;
}

/** OpenMetrics tells numbers that are not counts by a point. */
function number(value: number, open: boolean): string {
  const text = formatNumber(value);
  return open && /^-?\d+$/.test(text) ? `${text}.0` : text;
}
