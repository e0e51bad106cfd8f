// What a program that sends no such request does without. Each is loaded when it is needed for the first time.
import { onDemand } from "../async/mod.ts";

/** Carries requests. */
export const carriers: () => Promise<typeof import("./request_carrier.ts")> = onDemand(() =>
  import("./request_carrier.ts")
);
/** Reads watches. */
export const watches: () => Promise<typeof import("./watches.ts")> = onDemand(() => import("./watches.ts"));
/** Reads watches whose objects are not parsed. */
export const byteWatches: () => Promise<typeof import("./bytes_watch_decoder.ts")> = onDemand(() =>
  import("./bytes_watch_decoder.ts")
);
