import type { ListDecoder } from "./codec.ts";
import { type ListHead, ListParser } from "./list_parser.ts";
import { textOf } from "./utf8.ts";

/** The items of a list in JSON, from its bytes. */
export class JsonListDecoder<T> implements ListDecoder<T> {
  readonly #parser = new ListParser<T>();
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });

  get head(): ListHead {
    return this.#parser.head;
  }

  get isList(): boolean {
    return this.#parser.isList;
  }

  push(chunk: Uint8Array, release?: (chunk: Uint8Array) => void): T[] {
    const text = textOf(this.#decoder, chunk, { stream: true });
    release?.(chunk);
    return this.#parser.push(text);
  }

  finish(): T[] {
    textOf(this.#decoder); // throws if the bytes end within a character
    return this.#parser.finish();
  }
}
