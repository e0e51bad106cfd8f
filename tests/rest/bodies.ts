import { systemClock } from "@coxswain/kube/async";
import { BodyReader, type BodyReaderOptions } from "@coxswain/kube/rest";

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

/** The text's bytes in pieces of a size. */
export function* pieces(text: string, size: number): Generator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}
