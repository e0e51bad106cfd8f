import { isExpired, isNetworkError, type Stored } from "@coxswain/kube";
import { Backoff, type Clock } from "@coxswain/kube/async";
import type { CollectionClient } from "@coxswain/kube/client";
import { formatKey } from "@coxswain/kube/meta";
import type { Pod } from "@coxswain/kube/types/core/v1";

/** What became of a pod. `LISTED`: it was there when we came. */
export interface Change {
  type: "LISTED" | "ADDED" | "MODIFIED" | "DELETED";
  pod: Stored<Pod>;
}

/** How following is going. */
export type State = "listing" | "following" | "interrupted";

/** Options of {@linkcode followPods}. */
export interface FollowOptions {
  /** Ends it. */
  signal: AbortSignal;
  /** What it waits on before it tries again. */
  clock: Clock;
  /** Told of all that changes, and at first of all that there is. */
  onChanges: (changes: readonly Change[]) => void;
  /** Told how it is going. */
  onState: (state: State) => void;
}

/**
 * Lists pods and follows them from there. `watch()` survives broken connections by itself; when it was away for so
 * long that the server has forgotten what happened meanwhile, this lists anew and finds out.
 *
 * @throws What the first list throws; later only what trying again would not change, such as 403.
 * @throws The signal's reason after an abort.
 */
export async function followPods(
  pods: Pick<CollectionClient<Pod>, "list" | "watch">,
  { signal, clock, onChanges, onState }: FollowOptions,
): Promise<never> {
  const known = new Map<string, Stored<Pod>>();
  const backoff = new Backoff();
  for (let listed = false;;) {
    try {
      onState("listing");
      const list = await pods.list({ signal });
      onChanges(listed ? differences(known, list.items) : list.items.map((pod) => ({ type: "LISTED", pod })));
      known.clear();
      for (const pod of list.items) known.set(formatKey(pod.metadata), pod);
      listed = true;
      backoff.reset();

      onState("following");
      for await (const event of pods.watch({ resourceVersion: list.metadata?.resourceVersion, signal })) {
        if (event.type === "BOOKMARK") continue;
        const { type, object: pod } = event;
        if (type === "DELETED") known.delete(formatKey(pod.metadata));
        else known.set(formatKey(pod.metadata), pod);
        onChanges([{ type, pod }]);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!listed || !(isExpired(error) || isNetworkError(error))) throw error;
      onState("interrupted");
      await clock.sleep(backoff.next(), { signal });
    }
  }
}

/** What must have happened for the pods that were known to become those that are there. */
function differences(known: ReadonlyMap<string, Stored<Pod>>, pods: readonly Stored<Pod>[]): Change[] {
  const missing = new Map(known);
  const changes: Change[] = [];
  for (const pod of pods) {
    const before = known.get(formatKey(pod.metadata));
    missing.delete(formatKey(pod.metadata));
    if (before?.metadata.resourceVersion === pod.metadata.resourceVersion) continue;
    changes.push({ type: before === undefined ? "ADDED" : "MODIFIED", pod });
  }
  return [...[...missing.values()].map((pod): Change => ({ type: "DELETED", pod })), ...changes];
}
