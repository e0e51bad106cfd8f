import {
  type Counter,
  type Gauge,
  type Histogram,
  type HistogramDefinition,
  type Meter,
  type MetricDefinition,
  noMeter,
} from "../observe/mod.ts";

const labels = ["name"];
const SECONDS = { unit: "seconds", labels, buckets: [0.005, 0.05, 0.5, 1, 5, 15, 60, 300, 600] };
const ITEMS = { labels, buckets: [1, 10, 100, 1_000, 10_000, 100_000] };

/**
 * What caches measure, with the names that client-go's dashboards know. `name` is the resource, such as
 * `deployments.apps`.
 *
 * @see spec informers 17
 */
export const cacheMetrics = {
  lists: { name: "reflector_lists_total", help: "Total number of API lists done by the reflectors.", labels },
  listDuration: {
    name: "reflector_list_duration_seconds",
    help: "How long an API list takes to return and decode for the reflectors.",
    ...SECONDS,
  },
  itemsPerList: {
    name: "reflector_items_per_list",
    help: "How many items an API list returns to the reflectors.",
    ...ITEMS,
  },
  watches: {
    name: "reflector_watches_total",
    help: "Total number of API watches done by the reflectors.",
    labels,
  },
  shortWatches: {
    name: "reflector_short_watches_total",
    help: "Total number of short API watches done by the reflectors.",
    labels,
  },
  watchDuration: {
    name: "reflector_watch_duration_seconds",
    help: "How long an API watch takes to return and decode for the reflectors.",
    ...SECONDS,
  },
  itemsPerWatch: {
    name: "reflector_items_per_watch",
    help: "How many items an API watch returns to the reflectors.",
    ...ITEMS,
  },
  lastResourceVersion: {
    name: "reflector_last_resource_version",
    help: "Last resource version seen by the reflectors, its last 15 digits.",
    labels,
  },
  transitions: {
    name: "coxswain_reflector_transitions_total",
    help: "How often reflectors have gone from one state to another.",
    labels: ["name", "from", "to"],
  },
  queuedItems: {
    name: "informer_queued_items",
    help: "Number of items currently queued in the FIFO.",
    labels,
  },
  processingLatency: {
    name: "informer_processing_latency_seconds",
    help: "How long it takes to apply one batch of changes to the store.",
    unit: "seconds",
    labels,
    buckets: [0.0001, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
  },
  storeSize: { name: "coxswain_store_objects", help: "How many objects the store holds.", labels },
  storeResourceVersion: {
    name: "informer_store_resource_version",
    help: "Resource version that the store has reached, its last 15 digits.",
    labels,
  },
} as const satisfies Record<string, MetricDefinition | HistogramDefinition>;

/** The instruments of one reflector. */
export interface ReflectorMetrics {
  readonly lists: Counter;
  readonly listDuration: Histogram;
  readonly itemsPerList: Histogram;
  readonly watches: Counter;
  readonly shortWatches: Counter;
  readonly watchDuration: Histogram;
  readonly itemsPerWatch: Histogram;
  readonly lastResourceVersion: Gauge;
  readonly transitions: Counter;
}

/** The instruments of a reflector in a meter. */
export function reflectorMetrics(meter: Meter = noMeter): ReflectorMetrics {
  return {
    lists: meter.counter(cacheMetrics.lists),
    listDuration: meter.histogram(cacheMetrics.listDuration),
    itemsPerList: meter.histogram(cacheMetrics.itemsPerList),
    watches: meter.counter(cacheMetrics.watches),
    shortWatches: meter.counter(cacheMetrics.shortWatches),
    watchDuration: meter.histogram(cacheMetrics.watchDuration),
    itemsPerWatch: meter.histogram(cacheMetrics.itemsPerWatch),
    lastResourceVersion: meter.gauge(cacheMetrics.lastResourceVersion),
    transitions: meter.counter(cacheMetrics.transitions),
  };
}

/**
 * A version as a number that a gauge can show: its last 15 digits, since more cannot be told apart; `undefined` if it
 * is none.
 *
 * @see spec informers 3.4
 */
export function gaugeOf(resourceVersion: string): number | undefined {
  if (resourceVersion === "") return 0;
  return /^\d+$/.test(resourceVersion) ? Number(resourceVersion.slice(-15)) : undefined;
}
