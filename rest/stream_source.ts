import type { ByteSource } from "./answer.ts";

/**
 * What a stream of the web brings, chunk by chunk.
 *
 * @param onEnd Called when it ends, fails or is cancelled, perhaps twice.
 * @param release What is done with chunks that nobody reads any more. Default: they may be somebody else's.
 */
export function streamSource(
  stream: ReadableStream<Uint8Array>,
  onEnd: () => void = () => {},
  release?: (chunk: Uint8Array) => void,
): ByteSource {
  const reader = stream.getReader();
  let waiting: Uint8Array[] | undefined = [];
  let failure: { error: unknown } | undefined;
  return {
    release,
    take() {
      if (failure !== undefined) throw failure.error;
      const taken = waiting;
      if (taken !== undefined) waiting = [];
      return taken;
    },
    wait(ready) {
      reader.read().then(({ value }) => {
        waiting = value && [value];
        if (value === undefined) onEnd();
      }, (error) => {
        failure = { error };
        onEnd();
      }).then(ready);
    },
    cancel(reason) {
      onEnd();
      reader.cancel(reason).catch(() => {}); // it has failed already, which is as good an end as any
    },
  };
}
