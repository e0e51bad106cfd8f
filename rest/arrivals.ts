/** How much may wait unread before no more is taken, in bytes. */
const MOST_UNREAD = 256 * 1024;

/** What has come by a connection that brings bytes by itself, for who reads them when they are wanted. */
export class Arrivals {
  readonly #onRoom: () => void;
  readonly #waiting: Uint8Array[] = [];
  #unread = 0;
  #isFull = false;
  #reader: (PromiseWithResolvers<number | null> & { bytes: Uint8Array }) | undefined;
  /** Set when nothing more comes. */
  #end: { failure?: Error } | undefined;

  /** @param onRoom Is called when all has been read after it had been too much. */
  constructor(onRoom: () => void) {
    this.#onRoom = onRoom;
  }

  /**
   * Takes bytes, which may be overwritten afterwards.
   *
   * @returns Whether there is room for more.
   */
  add(bytes: Uint8Array): boolean {
    if (this.#end !== undefined) return true; // nobody wants it any more
    const reader = this.#reader;
    let from = 0;
    if (reader !== undefined) {
      this.#reader = undefined;
      from = Math.min(bytes.length, reader.bytes.length);
      reader.bytes.set(from === bytes.length ? bytes : bytes.subarray(0, from));
      reader.resolve(from);
    }
    if (from < bytes.length) {
      this.#waiting.push(new Uint8Array(bytes.subarray(from)));
      this.#unread += bytes.length - from;
    }
    this.#isFull = this.#unread >= MOST_UNREAD;
    return !this.#isFull;
  }

  /** Reads as `Connection.read()` does. */
  read(bytes: Uint8Array): Promise<number | null> {
    if (this.#unread > 0) return Promise.resolve(this.#fill(bytes));
    if (this.#end !== undefined) {
      const { failure } = this.#end;
      return failure === undefined ? Promise.resolve(null) : Promise.reject(failure);
    }
    this.#reader = { ...Promise.withResolvers<number | null>(), bytes };
    return this.#reader.promise;
  }

  /** Nothing more comes. What has come can still be read, and then the end or this failure. Only the first counts. */
  end(failure?: Error): void {
    if (this.#end !== undefined) return;
    this.#end = { failure };
    const reader = this.#reader;
    this.#reader = undefined;
    if (failure === undefined) reader?.resolve(null);
    else reader?.reject(failure);
  }

  /** Nobody wants any more. Who still reads gets an error. */
  drop(): void {
    this.#waiting.length = this.#unread = 0;
    this.end(new Error("the connection is closed"));
  }

  #fill(bytes: Uint8Array): number {
    let filled = 0;
    while (filled < bytes.length && this.#waiting.length > 0) {
      const [first] = this.#waiting;
      const part = first.subarray(0, bytes.length - filled);
      bytes.set(part, filled);
      filled += part.length;
      if (part.length === first.length) this.#waiting.shift();
      else this.#waiting[0] = first.subarray(part.length);
    }
    this.#unread -= filled;
    if (this.#isFull && this.#unread === 0) {
      this.#isFull = false;
      this.#onRoom();
    }
    return filled;
  }
}
