/** The bytes of an answer, as its transport has them: they wait here until they are taken. */
export interface ByteSource {
  /**
   * What has come since the last time: nothing if it is empty, nothing ever again if it is `undefined`.
   *
   * @throws What broke it off, after what came before that.
   */
  take(): Uint8Array[] | undefined;
  /** Calls `ready` once there is something to take. For one at a time. */
  wait(ready: () => void): void;
  /**
   * Says that all of it is wanted before any is looked at: it may come in one piece then, where that costs less.
   *
   * @param isObject Whether it is one object, for which nobody waits as long as for others.
   */
  gather?(isObject: boolean): void;
  /** Takes memory that nobody reads any more, such as a chunk: to use it again, or to end it before it is collected. */
  release?(chunk: Uint8Array): void;
  /** Lets go of the connection, if this has not ended. Idempotent. */
  cancel(reason?: unknown): void;
}

/** An answer whose headers have come: a `Response`, or what costs a transport less. */
export interface Answer {
  /** The HTTP status code. */
  readonly status: number;
  /** The headers. */
  readonly headers: Headers;
  /** What comes after them; for one reader. */
  readonly body: ReadableStream<Uint8Array> | ByteSource | null;
  /** A header by its name in lower case, where that costs less than `headers`. */
  header?(name: string): string | null;
}

/** A header of an answer by its name in lower case. */
export function headerOf(answer: Pick<Answer, "headers" | "header">, name: string): string | null {
  return answer.header === undefined ? answer.headers.get(name) : answer.header(name);
}
