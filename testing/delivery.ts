import { onAbort } from "../async/mod.ts";
import type { Watch } from "./watch.ts";

/** Waits until all open watches have sent all that they have to send, and are asked for more. */
export async function whenDelivered(
  watches: () => Iterable<Watch>,
  signal: AbortSignal | undefined,
): Promise<void> {
  for (;;) {
    signal?.throwIfAborted();
    const behind = Array.from(watches()).find((watch) => !watch.isDelivered);
    if (behind === undefined) return;
    const aborted = Promise.withResolvers<void>();
    const forget = onAbort(signal, () => aborted.resolve());
    await Promise.race([behind.whenAsked(), aborted.promise]);
    forget();
  }
}
