// What most requests do without. Each is loaded when it is needed for the first time.
import { onDemand } from "../async/mod.ts";

/** Makes errors of requests that failed. */
export const failures: () => Promise<typeof import("./failures.ts")> = onDemand(() =>
  import("./failures.ts")
);
/** Reads the warnings in an answer. */
export const warnings: () => Promise<typeof import("./warning_header.ts")> = onDemand(() =>
  import("./warning_header.ts")
);
/** Measures requests. */
export const requestMeasures: () => Promise<typeof import("./request_metrics.ts")> = onDemand(() =>
  import("./request_metrics.ts")
);
/** Measures transports. */
export const transportMeasures: () => Promise<typeof import("./transport_metrics.ts")> = onDemand(() =>
  import("./transport_metrics.ts")
);
/** Reads authorities that change. */
export const authoritySources: () => Promise<typeof import("./ca_source.ts")> = onDemand(() =>
  import("./ca_source.ts")
);
