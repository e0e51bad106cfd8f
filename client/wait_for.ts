import { onAbort } from "../async/mod.ts";
import type { KubernetesObject, Stored } from "../meta/mod.ts";
import { isExpired, type RestConfig } from "../rest/mod.ts";
import { conditionsOf } from "./conditions_of.ts";
import type { CallOptions } from "./options.ts";
import { WaitTimeoutError } from "./wait_timeout_error.ts";
import { type CollectionSource, watchCollection } from "./watch_collection.ts";

/** Between an expired version and the next list, in milliseconds. */
const RELIST_PAUSE = 1_000;

/**
 * What is waited for: a condition in `status.conditions`, or a function that says so. The function gets the object as it
 * is, `undefined` while there is none.
 */
export type WaitCondition<T extends KubernetesObject> =
  | {
    /** Its type, such as `Ready`. */
    condition: string;
    /** The status that is wanted. Default `True`. */
    status?: "True" | "False" | "Unknown";
  }
  | ((object: Stored<T> | undefined) => boolean | Promise<boolean>);

/** Options of {@linkcode ObjectClient.waitFor}. */
export interface WaitOptions extends CallOptions {
  /** Milliseconds until it gives up with a {@linkcode WaitTimeoutError}. Default: it waits for as long as it takes. */
  timeout?: number;
}

/**
 * Follows one object until it is as wanted.
 *
 * @param what The object, for errors: `pods "web-0" in namespace "shop"`.
 * @param source A collection of that object alone.
 * @see client-go `tools/watch.UntilWithSync`, spec rest 25.2: what exists is looked at first; states may be skipped,
 * and an expired version begins anew.
 */
export async function waitFor<T extends KubernetesObject>(
  what: string,
  name: string,
  source: CollectionSource<T>,
  config: RestConfig,
  until: "deleted" | WaitCondition<T>,
  { signal, timeout }: WaitOptions,
): Promise<Stored<T> | undefined> {
  if (timeout !== undefined && !(timeout >= 0)) {
    throw new RangeError(`Cannot wait: timeout must be at least 0 ms, got ${timeout}`);
  }
  signal?.throwIfAborted();
  const life = new AbortController();
  const forget = onAbort(signal, (reason) => life.abort(reason));
  let last: Stored<T> | undefined;
  let exists = false;
  const late = timeout === undefined ? undefined : config.clock.schedule(
    () => life.abort(new WaitTimeoutError({ what, wanted: describe(until), timeout, last, exists })),
    timeout,
  );
  try {
    for (;;) {
      let listed = false;
      try {
        exists = false;
        const events = watchCollection(source, config, {
          fieldSelector: `metadata.name=${name}`,
          bookmarks: true,
          signal: life.signal,
        });
        for await (const event of events) {
          if (event.type === "BOOKMARK") {
            if (listed) continue;
            listed = true; // what exists has been looked at; if nothing, that is a state too
            if (exists) continue;
            if (until === "deleted") return last;
          } else if (event.object.metadata.name !== name) {
            continue; // some servers behind the aggregation layer select by no field
          } else {
            const replaced = last !== undefined && last.metadata.uid !== event.object.metadata.uid;
            if (until === "deleted" && (event.type === "DELETED" || replaced)) {
              return replaced ? last : event.object;
            }
            last = event.object;
            exists = event.type !== "DELETED";
          }
          if (until !== "deleted" && await holds(until, exists ? last : undefined)) return last;
        }
      } catch (error) {
        life.signal.throwIfAborted();
        if (!isExpired(error)) throw error;
        await config.clock.sleep(RELIST_PAUSE, { signal: life.signal });
      }
    }
  } finally {
    late?.();
    forget();
  }
}

/** What says of which desired state a whole status speaks. */
interface Observed {
  status?: { observedGeneration?: number };
}

function holds<T extends KubernetesObject>(
  until: WaitCondition<T>,
  object: Stored<T> | undefined,
): boolean | Promise<boolean> {
  if (typeof until === "function") return until(object);
  const { condition, status = "True" } = until;
  const found = conditionsOf(object).find(({ type }) => type === condition);
  if (found?.status !== status) return false;
  // A condition that speaks of an older desired state says nothing of the present one, as for `kubectl wait`.
  const { observedGeneration = (object as Observed).status?.observedGeneration } = found;
  return !(observedGeneration! < (object?.metadata.generation ?? 0));
}

function describe<T extends KubernetesObject>(until: "deleted" | WaitCondition<T>): string {
  if (until === "deleted") return "be deleted";
  if (typeof until === "function") return `be as ${until.name || "the condition"} wants`;
  return `have the condition ${until.condition}=${until.status ?? "True"}`;
}
