import type { ByteSource } from "./answer.ts";
import { NodeBody } from "./node_body.ts";
import { builtinModule } from "./transport_builtins.ts";
import { TransportFailure } from "./transport_failure.ts";

/** What `node:zlib` makes of a body that is packed by gzip: no faster than it is read, and with an error where it breaks off. */
export function gunzipped(body: ByteSource): ByteSource {
  const gunzip = builtinModule("node:zlib").createGunzip(); // loaded with the first that is packed
  let isEmpty = true;
  const put = (chunk: Uint8Array) =>
    new Promise<void>((resolve, reject) => gunzip.write(chunk, (error) => error ? reject(error) : resolve()));
  const feed = async () => {
    for (;;) {
      const chunks = body.take();
      if (chunks === undefined) return void gunzip.end();
      for (const chunk of chunks) {
        isEmpty = false;
        await put(chunk);
        body.release?.(chunk);
      }
      if (chunks.length === 0) await new Promise<void>((ready) => body.wait(ready));
    }
  };
  gunzip.on("close", () => body.cancel());
  feed().catch((error) => gunzip.destroy(error));
  const failureOf = (error: Error & { code?: string }) => {
    if (!error.code?.startsWith("Z_")) return error;
    if (isEmpty) return undefined;
    return error.code === "Z_BUF_ERROR"
      ? new TransportFailure("cut", "the answer broke off within its compressed text", { cause: error })
      : new TransportFailure("other", "the answer is not the compressed text that it says it is", {
        cause: error,
      });
  };
  return new NodeBody(gunzip, { failureOf });
}
