import type { HistogramDefinition, MetricDefinition } from "../observe/mod.ts";

/** The tables of {@linkcode certificateMetrics}. */
export interface CertificateMetrics {
  /** How old certificates were when others took their place, in seconds. */
  readonly rotationAge: HistogramDefinition;
  /** Attempts to get another certificate that have failed. */
  readonly renewErrors: MetricDefinition;
}

/**
 * The metrics of a {@linkcode CertificateRotation}. Client-go leaves them to its callers; the names are the kubelet's,
 * without its own at the front.
 *
 * @see spec rest 13.3
 */
export const certificateMetrics: CertificateMetrics = {
  rotationAge: {
    name: "certificate_manager_rotation_seconds",
    help: "Histogram of the number of seconds the previous certificate lived before being rotated.",
    unit: "seconds",
    labels: [],
    buckets: [
      ...[60, 3_600, 14_400, 21_600, 43_200, 86_400, 604_800],
      ...[2_592_000, 7_776_000, 15_552_000, 31_104_000, 124_416_000],
    ],
  },
  renewErrors: {
    name: "certificate_manager_expiration_renew_errors_total",
    help: "Counter of certificate renewal errors.",
    labels: [],
  },
};
