import assert from "node:assert/strict";
import { systemClock } from "@coxswain/kube/async";
import { BodyReader, type BodyReaderOptions, type ByteSource } from "@coxswain/kube/rest";

const QUOTE = 34;

/** A body that arrives in the given pieces. */
export function bodyOf(chunks: Iterable<Uint8Array>, options: Partial<BodyReaderOptions> = {}): BodyReader {
  const iterator = chunks[Symbol.iterator]();
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
  return new BodyReader(stream, {
    what: "GET http://coxswain.test/list",
    idle: 0,
    clock: systemClock,
    ...options,
  });
}

/**
 * The same from a transport that uses memory again as soon as it gets it back: whoever looks at it afterwards sees
 * something else.
 */
export function overwritten(chunks: Iterable<Uint8Array>): BodyReader {
  const iterator = chunks[Symbol.iterator]();
  const released = new Set<Uint8Array>();
  const source: ByteSource = {
    take() {
      const { done, value } = iterator.next();
      return done ? undefined : [value];
    },
    wait: (ready) => ready(),
    release(chunk) {
      assert.ok(!released.has(chunk), "given back twice");
      released.add(chunk);
      chunk.fill(QUOTE);
    },
    cancel() {},
  };
  return new BodyReader(source, { what: "GET http://coxswain.test/list", idle: 0, clock: systemClock });
}

/** The text's bytes in pieces of a size. */
export function* pieces(text: string, size: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
