/** Options of {@linkcode tappedBody}. */
export interface BodyTap {
  /** Is shown each chunk. It must not change it. */
  onChunk?: (chunk: Uint8Array) => void;
  /** Is called once, when the body ends, fails or is cancelled. */
  onEnd: () => void;
}

/** The same bytes, no faster than they are read, while somebody else looks on. */
export function tappedBody(
  body: ReadableStream<Uint8Array>,
  { onChunk, onEnd }: BodyTap,
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream<Uint8Array>({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          onChunk?.(value);
          return controller.enqueue(value);
        }
        onEnd();
        controller.close();
      } catch (error) {
        onEnd();
        controller.error(error);
      }
    },
    cancel(reason) {
      onEnd();
      return reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
