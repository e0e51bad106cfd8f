import { onAbort } from "../async/mod.ts";
import type { KubernetesObject, List, Stored } from "../meta/mod.ts";
import { isExpired, statusErrorOf } from "../rest/mod.ts";
import type { ListOptions, PagesOptions } from "./options.ts";

/** Objects per request when a collection is read in pages, as client-go's pager asks for. */
export const PAGE_SIZE = 500;

/** Reads one page. */
export type ReadPage<T extends KubernetesObject> = (options: ListOptions) => Promise<List<Stored<T>>>;

/**
 * The pages of a collection, asked for ahead of the one in use. Leaving early ends what is under way.
 *
 * @see client-go `tools/pager`, spec rest 11
 */
export async function* listPages<T extends KubernetesObject>(
  read: ReadPage<T>,
  { signal, limit = PAGE_SIZE, onExpired = "throw", prefetch = 1, ...options }: PagesOptions,
): AsyncGenerator<List<Stored<T>>, void, undefined> {
  if (!(prefetch >= 0)) {
    throw new RangeError(`Cannot read pages: prefetch must be at least 0, got ${prefetch}`);
  }
  signal?.throwIfAborted();
  const life = new AbortController();
  const forget = onAbort(signal, (reason) => life.abort(reason));
  const { continue: from, resourceVersion, resourceVersionMatch, ...selectors } = options;
  const readFrom = (token: string) =>
    readOn(read, { ...selectors, limit, continue: token, signal: life.signal }, onExpired);

  /** The page after another; `undefined` after the last one. */
  const after = async (page: Promise<List<Stored<T>> | undefined>): Promise<List<Stored<T>> | undefined> => {
    const token = (await page)?.metadata.continue;
    return token ? await readFrom(token) : undefined;
  };
  const ask = (page: Promise<List<Stored<T>> | undefined>) => {
    page.catch(() => {}); // told when its turn comes, if it ever does
    asked.push(page);
    return page;
  };
  /** Pages that are asked for, or have come, and are not in use yet. */
  const asked: Promise<List<Stored<T>> | undefined>[] = [];
  try {
    const version = { resourceVersion, resourceVersionMatch };
    let latest = ask(
      from ? readFrom(from) : read({ ...selectors, ...version, limit, signal: life.signal }),
    );
    for (;;) {
      while (asked.length <= prefetch) latest = ask(after(latest));
      const page = await asked.shift();
      if (page === undefined) return;
      yield page;
    }
  } finally {
    forget();
    life.abort();
    await Promise.allSettled(asked);
  }
}

/** A later page. When its token has expired, the server gives another, which goes on in the present state. */
async function readOn<T extends KubernetesObject>(
  read: ReadPage<T>,
  options: ListOptions,
  onExpired: "throw" | "continue",
): Promise<List<Stored<T>>> {
  try {
    return await read(options);
  } catch (error) {
    const token = statusErrorOf(error)?.status.metadata?.continue;
    if (onExpired === "throw" || !isExpired(error) || typeof token !== "string" || token === "") throw error;
    return await read({ ...options, continue: token });
  }
}
