import { onAbort } from "../async/mod.ts";
import type { KubernetesObject } from "../meta/mod.ts";
import type { QueryParameters } from "../rest/mod.ts";
import type { ListPage, ListWatch } from "./list_watch.ts";

/**
 * Asks for the pages of one list, and for one of them ahead: while a page is read, the server prepares the next. Its
 * bytes wait in the connection, so that no more than two pages are on their way.
 */
export class PageAhead<T extends KubernetesObject> {
  readonly #source: ListWatch<T>;
  readonly #life = new AbortController();
  readonly #forget: () => void;
  #ahead: { readonly token: string; readonly page: Promise<ListPage<T>> } | undefined;

  /** @param signal Ends all that is asked for. */
  constructor(source: ListWatch<T>, signal: AbortSignal) {
    this.#source = source;
    this.#forget = onAbort(signal, (reason) => this.#life.abort(reason));
  }

  /** Asks for the page that a token stands for, which will be wanted; nothing if that has been done, or there is none. */
  askAhead(token: string, limit: number): void {
    if (token === "" || this.#ahead !== undefined || this.#life.signal.aborted) return;
    const page = this.ask({ continue: token }, limit);
    page.catch(() => {}); // told when its turn comes, if it ever does
    this.#ahead = { token, page };
  }

  /** The page that a token stands for, whether it has been asked for ahead or not. */
  next(token: string, limit: number): Promise<ListPage<T>> {
    const ahead = this.#ahead;
    this.#ahead = undefined;
    if (ahead?.token === token) return ahead.page;
    // A list that says at its end that it goes on elsewhere.
    if (ahead !== undefined) void closed(ahead.page);
    return this.ask({ continue: token }, limit);
  }

  /** Asks for a page. */
  async ask(query: QueryParameters, limit: number): Promise<ListPage<T>> {
    return await this.#source.list({ ...query, limit: limit || undefined }, { signal: this.#life.signal });
  }

  /** Ends what is under way. Resolves when nothing is. */
  async close(): Promise<void> {
    this.#forget();
    this.#life.abort();
    if (this.#ahead !== undefined) await closed(this.#ahead.page);
  }
}

async function closed<T extends KubernetesObject>(page: Promise<ListPage<T>>): Promise<void> {
  try {
    (await page).close();
  } catch {
    // It has failed, or was ended before it came: nobody wants it.
  }
}
