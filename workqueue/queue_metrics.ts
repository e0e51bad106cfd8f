import type { Clock } from "../async/mod.ts";
import type { Counter, Gauge, Histogram, Labels, Meter } from "../observe/mod.ts";

/** From 10 ns to 1,000 s, each ten times the one before, as client-go's queues have them (spec informers 19.5). */
const BUCKETS: readonly number[] = Array.from({ length: 12 }, (_, power) => 10e-9 * 10 ** power);

const LABELS = ["name"];

/** What is measured of one queue, under client-go's names (spec informers 19.5). Times are those of `clock.now()`. */
export class QueueMetrics {
  readonly #labels: Labels;
  readonly #depth: Gauge;
  readonly #adds: Counter;
  readonly #waited: Histogram;
  readonly #worked: Histogram;
  readonly #endAges: (() => void)[];

  /** @param started When each item that is being processed was handed out. */
  constructor(name: string, meter: Meter, clock: Clock, started: () => Iterable<number>) {
    this.#labels = { name };
    this.#depth = meter.gauge({
      name: "workqueue_depth",
      help: "Items that wait in the queue, those included that were added again while they are processed.",
      labels: LABELS,
    });
    this.#adds = meter.counter({
      name: "workqueue_adds_total",
      help: "Items added to the queue; one that was waiting already does not count again.",
      labels: LABELS,
    });
    this.#waited = meter.histogram({
      name: "workqueue_queue_duration_seconds",
      help: "How long an item waited before it was handed out.",
      unit: "seconds",
      labels: LABELS,
      buckets: BUCKETS,
    });
    this.#worked = meter.histogram({
      name: "workqueue_work_duration_seconds",
      help: "How long an item was processed.",
      unit: "seconds",
      labels: LABELS,
      buckets: BUCKETS,
    });
    const ages = () => [...started()].map((time) => (clock.now() - time) / 1_000);
    this.#endAges = [
      meter.observableGauge({
        name: "workqueue_unfinished_work_seconds",
        help:
          "Ages of all items that are being processed, added up. Growing without end, it shows workers that hang.",
        unit: "seconds",
        labels: LABELS,
      }, (report) => report(ages().reduce((sum, age) => sum + age, 0), this.#labels)),
      meter.observableGauge({
        name: "workqueue_longest_running_processor_seconds",
        help: "Age of the item that has been processed the longest.",
        unit: "seconds",
        labels: LABELS,
      }, (report) => report(ages().reduce((most, age) => Math.max(most, age), 0), this.#labels)),
    ];
    this.#depth.set(0, this.#labels);
  }

  /** An item has been added that was not waiting. */
  added(depth: number): void {
    this.#adds.add(1, this.#labels);
    this.#depth.set(depth, this.#labels);
  }

  /** An item has been handed out after `waited` milliseconds. */
  handedOut(depth: number, waited: number): void {
    this.#depth.set(depth, this.#labels);
    this.#waited.record(waited / 1_000, this.#labels);
  }

  /** An item is done after `worked` milliseconds. */
  done(worked: number): void {
    this.#worked.record(worked / 1_000, this.#labels);
  }

  /** Ages are no longer reported: the queue has been shut down. */
  end(): void {
    for (const end of this.#endAges) end();
  }
}

/** What counts items that are added with a delay, in a queue of that name. */
export function retryCounter(name: string, meter: Meter): () => void {
  const retries = meter.counter({
    name: "workqueue_retries_total",
    help: "Items added with a delay.",
    labels: LABELS,
  });
  const labels = { name };
  return () => retries.add(1, labels);
}
