// What most programs do without. Each is loaded when it is needed for the first time.
import { onDemand } from "../async/mod.ts";

/** Tries again after conflicts. */
export const retrying: () => Promise<typeof import("./retry_on_conflict.ts")> = onDemand(() =>
  import("./retry_on_conflict.ts")
);
/** Puts pages together. */
export const collecting: () => Promise<typeof import("./list_all.ts")> = onDemand(() =>
  import("./list_all.ts")
);
/** Follows collections. */
export const watching: () => Promise<typeof import("./watch_collection.ts")> = onDemand(() =>
  import("./watch_collection.ts")
);
/** Follows tables. */
export const watchingTables: () => Promise<typeof import("./watch_table.ts")> = onDemand(() =>
  import("./watch_table.ts")
);
/** Waits for objects to be as wanted. */
export const waiting: () => Promise<typeof import("./wait_for.ts")> = onDemand(() => import("./wait_for.ts"));
