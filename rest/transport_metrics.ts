import type { Meter } from "../observe/mod.ts";
import { clientMetrics } from "./client_metrics.ts";

/** Takes what there is to measure of transports. */
export interface TransportMetrics {
  /** One was asked for, and was there already, or not. */
  created(result: "hit" | "miss" | "uncacheable"): void;
  /** How many are kept is reported from now on. @returns What ends it. */
  reportEntries(count: () => number): () => void;
}

/** Records the metrics of transports, under client-go's names. */
export function transportMetrics(meter: Meter): TransportMetrics {
  const calls = meter.counter(clientMetrics.transportCreateCalls);
  return {
    created: (result) => calls.add(1, { result }),
    reportEntries: (count) =>
      meter.observableGauge(clientMetrics.transportCacheEntries, (report) => report(count())),
  };
}
