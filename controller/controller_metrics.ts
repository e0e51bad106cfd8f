import type { Meter } from "../observe/mod.ts";

/** How a reconcile has ended. */
export type ReconcileOutcome = "success" | "requeue_after" | "error" | "terminal_error" | "timeout";

/** From 5 ms to 60 s. */
const BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60];

/** What is measured of one controller, under controller-runtime's names. */
export interface ControllerMetrics {
  /** How many workers are busy. */
  active(workers: number): void;
  /** @param duration Milliseconds. */
  ended(outcome: ReconcileOutcome, duration: number): void;
}

/** The instruments of the controller of that name. */
export function controllerMetrics(controller: string, concurrency: number, meter: Meter): ControllerMetrics {
  const labels = { controller };
  const counter = (name: string, help: string, more: string[] = []) =>
    meter.counter({ name: `controller_runtime_${name}`, help, labels: ["controller", ...more] });
  const total = counter("reconcile_total", "Reconciles by how they ended.", ["result"]);
  const errors = counter("reconcile_errors_total", "Reconciles that failed.");
  const terminal = counter(
    "terminal_reconcile_errors_total",
    "Reconciles that failed and are not tried again.",
  );
  const timeouts = counter("reconcile_timeouts_total", "Reconciles that took too long.");
  const seconds = meter.histogram({
    name: "controller_runtime_reconcile_time_seconds",
    help: "How long reconciles took.",
    unit: "seconds",
    labels: ["controller"],
    buckets: BUCKETS,
  });
  const active = meter.gauge({
    name: "controller_runtime_active_workers",
    help: "Workers that reconcile something.",
    labels: ["controller"],
  });
  meter.gauge({
    name: "controller_runtime_max_concurrent_reconciles",
    help: "How many objects are reconciled at the same time at most.",
    labels: ["controller"],
  }).set(concurrency, labels);
  active.set(0, labels);
  for (const one of [errors, terminal, timeouts]) one.add(0, labels);
  return {
    active: (workers) => active.set(workers, labels),
    ended(outcome, duration) {
      seconds.record(duration / 1_000, labels);
      const result = outcome === "success" || outcome === "requeue_after" ? outcome : "error";
      total.add(1, { ...labels, result });
      if (result !== "error") return;
      errors.add(1, labels);
      if (outcome === "terminal_error") terminal.add(1, labels);
      if (outcome === "timeout") timeouts.add(1, labels);
    },
  };
}
