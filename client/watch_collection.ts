import { Backoff } from "../async/mod.ts";
import type { KubernetesObject, Stored, WatchEvent } from "../meta/mod.ts";
import {
  isNetworkError,
  type RestConfig,
  type RestRequest,
  statusErrorOf,
  suggestedDelayOf,
} from "../rest/mod.ts";
import { PAGE_SIZE } from "./list_pages.ts";
import type { WatchOptions } from "./options.ts";

/** Connections begin at least this far apart, in milliseconds (spec rest 25.1). */
const LEAST_BETWEEN = 1_000;
/** Each connection is asked to last this long at least, in seconds, and up to twice that: they spread out. */
const LEAST_TIMEOUT = 300;

/** How a collection is asked for. */
export interface CollectionSource<T extends KubernetesObject> {
  /** Lists it. */
  readonly list: RestRequest;
  /** Watches it. */
  readonly watch: RestRequest;
  /** Makes of an object what is handed out. */
  readonly shape: (object: KubernetesObject) => Stored<T>;
}

/**
 * A watch that goes on. It lists first, since the version of a list is a safe place to begin: those of the
 * initial events of a bare watch are not in order. From then on each event, and each bookmark, moves the place
 * from which a new connection goes on.
 *
 * @param source What to list and watch.
 * @see client-go `tools/watch.RetryWatcher`, spec rest 25.1. It stops where it is refused for good, as that does,
 * and also at an `Expired` while reconnecting, where that would ask again for ever.
 */
export async function* watchCollection<T extends KubernetesObject>(
  { list, watch, shape }: CollectionSource<T>,
  { clock, random }: RestConfig,
  { signal, resourceVersion: from, bookmarks = false, onInterrupted, ...selectors }: WatchOptions,
): AsyncGenerator<WatchEvent<T>, void, undefined> {
  signal?.throwIfAborted();
  let resourceVersion = from ?? "";
  let connected = false;
  if (resourceVersion === "" || resourceVersion === "0") {
    resourceVersion = yield* initialState(list.query({ ...selectors }), shape, resourceVersion, signal);
    connected = true;
    const annotations = { "k8s.io/initial-events-end": "true" };
    if (bookmarks) yield { type: "BOOKMARK", object: { metadata: { resourceVersion, annotations } } };
  }
  const backoff = new Backoff({ random });
  for (;;) {
    const began = clock.now();
    let failure: { error: unknown } | undefined;
    try {
      const timeoutSeconds = Math.floor(LEAST_TIMEOUT * (1 + random()));
      const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
      const connection = (await watch.query({ ...selectors, ...query }).send({ signal })).watch<T>();
      connected = true;
      for await (const event of connection) {
        backoff.reset();
        const version = versionOf(event.object);
        if (event.type !== "BOOKMARK") yield { type: event.type, object: shape(event.object) };
        else if (bookmarks) yield event;
        // Only now has the event been dealt with: who left the loop meanwhile never comes here.
        resourceVersion = version;
      }
    } catch (error) {
      signal?.throwIfAborted();
      if (!connected || !isWorthRetrying(error)) throw error;
      failure = { error };
    }
    const pause = Math.max(
      began + LEAST_BETWEEN - clock.now(),
      failure === undefined ? 0 : Math.max(backoff.next(), suggestedDelayOf(failure.error) ?? 0),
    );
    onInterrupted?.({ ...failure, pause });
    await clock.sleep(pause, { signal });
  }
}

/** Hands out what exists. @returns The version that shows exactly this. */
async function* initialState<T extends KubernetesObject>(
  request: RestRequest,
  shape: CollectionSource<T>["shape"],
  atLeast: string,
  signal?: AbortSignal,
): AsyncGenerator<WatchEvent<T>, string, undefined> {
  let resourceVersion = "";
  let page: string | undefined;
  do {
    const query = page === undefined ? { resourceVersion: atLeast || undefined } : { continue: page };
    const list = (await request.query({ limit: PAGE_SIZE, ...query }).send({ signal })).list();
    for await (const object of list) yield { type: "ADDED", object: shape(object) };
    resourceVersion ||= versionOf(list.head);
    page = list.head.metadata?.continue || undefined;
  } while (page !== undefined);
  return resourceVersion;
}

/**
 * The place from which a connection can go on. Without one, the next would begin from the beginning, unnoticed.
 *
 * @throws {SyntaxError} If what the server sent has none.
 */
function versionOf({ metadata }: { metadata?: { resourceVersion?: unknown } }): string {
  const version = metadata?.resourceVersion;
  if (typeof version === "string" && version !== "") return version;
  throw new SyntaxError("Cannot follow: what the server sent has no metadata.resourceVersion");
}

/** Whether asking again may end differently: not when the server refuses, as with 403 or 410. */
function isWorthRetrying(error: unknown): boolean {
  const code = statusErrorOf(error)?.code;
  // An ERROR event may have no code; client-go asks again then too (spec rest 25.1).
  return code === undefined ? isNetworkError(error) : code === 0 || code === 429 || code >= 500;
}
