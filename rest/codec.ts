import type { ListHead } from "./list_parser.ts";

/**
 * A way to write objects as bytes. JSON is built in; others, such as CBOR or Protobuf, are given as
 * `RestConfigInit.codecs`. What an answer is written in is told by its content type.
 *
 * Decoders throw `SyntaxError` for bytes that they cannot read; the message goes into errors and must hold nothing of
 * the data.
 *
 * @see client-go `runtime.NegotiatedSerializer`, spec rest 1.6
 */
export interface Codec {
  /** The media type of bodies and answers, without parameters: `application/cbor`. */
  readonly mediaType: string;
  /** The media type of watches, when it is another one: `application/cbor-seq`. */
  readonly streamMediaType?: string;
  /** Writes the body of a request. */
  encode(value: object): string | Uint8Array<ArrayBuffer>;
  /** Reads a whole answer: an object, or the `Status` of a refusal. */
  decode(bytes: Uint8Array): unknown;
  /** Begins to read a list. */
  decodeList<T>(): ListDecoder<T>;
  /** Begins to read a watch, perhaps after loading what does so. */
  decodeWatch(): WatchDecoder | Promise<WatchDecoder>;
}

/** Takes a list apart while its bytes arrive. */
export interface ListDecoder<T> {
  /** Everything but the items, as far as it has been seen. */
  readonly head: ListHead;
  /** Whether what was read is a list. Asked at the end; false makes an error, so that a cache is not emptied by it. */
  readonly isList: boolean;
  /**
   * Takes more bytes.
   *
   * @param release May be called with the chunk once it is not needed any more, for its memory to be used again.
   * @returns The items that they complete, each with `apiVersion` and `kind`.
   */
  push(chunk: Uint8Array, release?: (chunk: Uint8Array) => void): T[];
  /**
   * Takes the end.
   *
   * @returns The last items.
   * @throws {SyntaxError} If the list is not complete.
   */
  finish(): T[];
}

/** Takes a watch apart while its bytes arrive. */
export interface WatchDecoder {
  /**
   * Takes more bytes.
   *
   * @param take Is called with each document that they complete, in order: `{ type, object }`, or what came instead.
   * @param release May be called with the chunk once it is not needed any more, for its memory to be used again.
   */
  push(chunk: Uint8Array, take: (document: unknown) => void, release?: (chunk: Uint8Array) => void): void;
  /**
   * Takes the end, and what stood before it unfinished.
   *
   * @returns Whether it came between two documents, and not within one.
   */
  finish(take: (document: unknown) => void): boolean;
}
