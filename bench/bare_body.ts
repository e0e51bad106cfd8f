import http from "node:http";
import https from "node:https";
import process from "node:process";
import type { Surroundings } from "./benchmark.ts";

/**
 * Hands out the bytes of an answer as the runtime has them fastest, without a library: `node:https` on Node, `fetch`
 * elsewhere.
 *
 * @param take Is called with each piece. Returns whether that was enough.
 */
export async function bareBody(
  { server, ca }: Surroundings,
  path: string,
  take: (piece: Uint8Array) => boolean,
): Promise<void> {
  const { bun, deno } = process.versions;
  if (bun === undefined && deno === undefined) return await bodyOfNode(server + path, ca, take);
  const abort = new AbortController();
  const response = await fetch(server + path, { signal: abort.signal });
  const reader = response.body!.getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) if (take(read.value)) break;
  await reader.cancel();
  abort.abort();
}

function bodyOfNode(
  url: string,
  ca: string | undefined,
  take: (piece: Uint8Array) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = (url.startsWith("https:") ? https : http).get(url, { ca }, (answer) => {
      answer.on("data", (piece: Uint8Array) => {
        if (!take(piece)) return;
        answer.removeAllListeners("data");
        request.destroy();
        resolve();
      });
      answer.on("end", resolve).on("error", reject);
    }).on("error", reject);
  });
}
