/** A request that the server has seen. Without headers and bodies: nothing secret gets here. */
export interface SeenRequest {
  /** The HTTP method. */
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  /** The status code of the answer; undefined while there is none. */
  readonly status?: number;
}

/** The latest requests, in order of arrival. */
export class RequestLog {
  readonly #size: number;
  readonly #seen: { method: string; url: string; status?: number }[] = [];

  constructor(size: number) {
    this.#size = size;
  }

  /** What has been seen. */
  get seen(): readonly SeenRequest[] {
    return this.#seen;
  }

  /** Notes a request. @returns A function that notes the status of its answer. */
  add(method: string, url: URL): (status: number) => void {
    const entry: { method: string; url: string; status?: number } = {
      method,
      url: url.pathname + url.search,
    };
    this.#seen.push(entry);
    if (this.#seen.length > this.#size) this.#seen.shift();
    return (status) => entry.status = status;
  }
}
