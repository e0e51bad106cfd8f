import type { Counter, Gauge, Histogram, Meter } from "./meter.ts";

const nothing = () => {};
const counter: Counter = { add: nothing };
const gauge: Gauge = { set: nothing };
const histogram: Histogram = { record: nothing };

/**
 * Measures nothing, and costs a call of an empty function: what code that was given no meter uses. All its
 * instruments are the same ones.
 *
 * @example
 * ```ts
 * import { type Meter, noMeter } from "@coxswain/kube/observe";
 * function work({ meter = noMeter }: { meter?: Meter } = {}): void {
 *   meter.counter({ name: "shop_orders_total", help: "Orders taken." }).add(1);
 * }
 * work();
 * ```
 */
export const noMeter: Meter = {
  counter: () => counter,
  gauge: () => gauge,
  observableGauge: () => nothing,
  histogram: () => histogram,
};
