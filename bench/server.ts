// An API server that has nothing but pods, all of them ready to be sent, so that it is never what a client waits for.
//
// Run: node bench/server.ts '{"pods":50000,"events":200000}'      prints {"url":"…"}, and ends when its input ends
import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import process from "node:process";
import { createGzip } from "node:zlib";
import { podAt } from "./pods.ts";

/** What the server is told as its only argument, in JSON. */
export interface ServerOptions {
  /** How many pods there are. */
  pods: number;
  /** How many events a watch sends before it ends. */
  events: number;
  /** Files with the server's certificate and its key, in PEM. Default: no TLS. */
  tls?: { cert: string; key: string };
  /** Whether a whole list is compressed for who accepts that, as kube-apiserver does above 128 KiB. Default false. */
  gzip?: boolean;
}

/** Bytes in one buffer: far below what an engine can hold in one piece. */
const SLAB = 32 * 1024 * 1024;
/** Bytes handed to the socket at a time. */
const PIECE = 256 * 1024;
/** One event in this many deletes its pod. */
const DELETED_EVERY = 20;
/** What Go's HTTP server holds back of an answer, in bytes. */
const HELD_BACK = 2048;

const bytes = (text: string) => Buffer.from(text, "utf8");
const VERSION = bytes('"resourceVersion":"');
const TYPE = bytes('"type":"');
const MODIFIED = bytes("MODIFIED");
const DELETED = bytes('DELETED",');
/** As long as the other, so that one can be written over the other. */
const ADDED = bytes('ADDED"  ,');

/** One chunk of HTTP/1.1. */
const framed = (content: Uint8Array): Buffer =>
  Buffer.concat([bytes(`${content.length.toString(16)}\r\n`), content, bytes("\r\n")]);

/** Parts of an answer, framed as chunks of HTTP/1.1, so that nothing is left to do when they are sent. */
class Frames {
  readonly #slabs: Buffer[] = [];
  readonly #at: { slab: number; from: number; to: number }[] = [];
  #used = SLAB;

  /** Makes other states of the events from `first` up to `end`; what was deleted the last time is added. */
  stamp(first: number, end: number, round: number): void {
    for (let index = first; index < end; index++) {
      const { slab: number, from } = this.#at[index];
      const slab = this.#slabs[number];
      slab[slab.indexOf(VERSION, from) + VERSION.length] = 50 + round % 6;
      const type = slab.indexOf(TYPE, from) + TYPE.length;
      if (slab[type] !== MODIFIED[0]) (round % 2 === 0 ? DELETED : ADDED).copy(slab, type);
    }
  }

  /** @param chunks What is sent together, in one chunk or several. */
  add(...chunks: Uint8Array[]): void {
    const frame = Buffer.concat(chunks.map(framed));
    if (this.#used + frame.length > SLAB) {
      this.#slabs.push(Buffer.allocUnsafeSlow(SLAB));
      this.#used = 0;
    }
    const slab = this.#slabs.length - 1;
    const from = this.#used;
    this.#slabs[slab].set(frame, from);
    this.#used += frame.length;
    this.#at.push({ slab, from, to: this.#used });
  }

  /** The frames from `first` up to `end`, in pieces of about {@linkcode PIECE} bytes. */
  *pieces(first: number, end: number): Generator<Buffer> {
    for (let index = first; index < end;) {
      const { slab, from } = this.#at[index];
      let { to } = this.#at[index++];
      while (index < end && to - from < PIECE && this.#at[index].slab === slab) to = this.#at[index++].to;
      yield this.#slabs[slab].subarray(from, to);
    }
  }
}

/** A small object, for those who count requests. */
const SETTINGS = {
  path: "/api/v1/namespaces/shop/configmaps/settings",
  body: JSON.stringify({
    kind: "ConfigMap",
    apiVersion: "v1",
    metadata: {
      name: "settings",
      namespace: "shop",
      uid: "5bd9b3b4-2f6e-4d4c-8f3b-0d5c3f0f9a11",
      resourceVersion: "7",
    },
    data: Object.fromEntries(
      Array.from({ length: 8 }, (_, index) => [`key-${index}`, `value of key ${index}`]),
    ),
  }),
};

const { pods, events, tls, gzip } = JSON.parse(process.argv[2]) as ServerOptions;

/** Of each pod `,{…}`, as it stands in a list unless it is the first there. */
const items = new Frames();
/** Of each pod an event that adds it, and one that changes or deletes it. */
const added = new Frames();
const changed = new Frames();

/*
 * The chunks are those of kube-apiserver 1.36: small chunks are a cost that clients have to bear. It writes a comma,
 * then an item in one piece; Go holds the comma back until it has 2,048 bytes, and sends the rest after those. Of a
 * watch each event is a chunk.
 */
for (let index = 0; index < pods; index++) {
  const item = bytes(`,${JSON.stringify(podAt(index))}`);
  items.add(item.subarray(0, HELD_BACK), item.subarray(HELD_BACK));
  const event = (type: string) =>
    Buffer.concat([
      bytes(`{"type":"${type}","object":{"kind":"Pod","apiVersion":"v1",`),
      item.subarray(",{".length),
      bytes("}\n"),
    ]);
  added.add(event("ADDED"));
  if (events > 0) changed.add(event(index % DELETED_EVERY === DELETED_EVERY - 1 ? "DELETED" : "MODIFIED"));
}

function* listPieces(first: number, count: number): Generator<Buffer> {
  const end = Math.min(pods, first + count);
  const metadata = end < pods
    ? { resourceVersion: "9000000", continue: String(end), remainingItemCount: pods - end }
    : { resourceVersion: "9000000" };
  const head = `{"kind":"PodList","apiVersion":"v1","metadata":${JSON.stringify(metadata)},"items":[`;
  yield framed(bytes(head));
  if (first < end) yield framed(bytes(JSON.stringify(podAt(first))));
  yield* items.pieces(first + 1, end);
  yield framed(bytes("]}\n"));
}

/** The whole list, compressed with the level that kube-apiserver has. */
async function compressedList(): Promise<Buffer[]> {
  const compressor = createGzip({ level: 1 });
  async function write(text: string): Promise<void> {
    if (!compressor.write(text)) await new Promise((resolve) => compressor.once("drain", resolve));
  }
  const frames: Buffer[] = [];
  compressor.on("data", (chunk: Buffer) => frames.push(framed(chunk)));
  const metadata = JSON.stringify({ resourceVersion: "9000000" });
  await write(`{"kind":"PodList","apiVersion":"v1","metadata":${metadata},"items":[`);
  for (let index = 0; index < pods; index++) {
    await write(`${index === 0 ? "" : ","}${JSON.stringify(podAt(index))}`);
  }
  await new Promise<void>((resolve) => compressor.on("end", resolve).end("]}\n"));
  return frames;
}

const compressed = gzip ? await compressedList() : undefined;

function* watchPieces(): Generator<Buffer> {
  yield* added.pieces(0, Math.min(events, pods));
  for (let left = events - pods; left > 0; left -= pods) yield* changed.pieces(0, Math.min(left, pods));
}

/** What is there, the sign that this was all, and then changes. A state that comes again has another version. */
function* watchListPieces(): Generator<Buffer> {
  yield* added.pieces(0, pods);
  const bookmark = { resourceVersion: "9000000", annotations: { "k8s.io/initial-events-end": "true" } };
  const object = { kind: "Pod", apiVersion: "v1", metadata: bookmark };
  yield framed(bytes(`${JSON.stringify({ type: "BOOKMARK", object })}\n`));
  yield* changePieces();
}

function* changePieces(): Generator<Buffer> {
  for (let left = events, round = 0; left > 0; left -= pods, round++) {
    changed.stamp(0, Math.min(left, pods), round);
    yield* changed.pieces(0, Math.min(left, pods));
  }
}

/** Writes to the socket behind the answer's back: the pieces are framed already. */
async function send(
  response: ServerResponse,
  pieces: Iterable<Buffer>,
  { headers = {}, stays = false }: { headers?: Record<string, string>; stays?: boolean } = {},
): Promise<void> {
  const always = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" };
  response.writeHead(200, { ...always, ...headers });
  response.flushHeaders();
  const { socket } = response;
  for (const piece of pieces) {
    if (socket === null || socket.destroyed) return;
    if (socket.write(piece)) continue;
    await new Promise<void>((resolve) => {
      const go = () => {
        socket.off("drain", go).off("close", go);
        resolve();
      };
      socket.on("drain", go).on("close", go);
    });
  }
  if (!stays) response.end();
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? "/", "http://server");
  if (pathname === SETTINGS.path) {
    response.writeHead(200, { "Content-Type": "application/json" }).end(SETTINGS.body);
  } else if (pathname !== "/api/v1/pods") {
    response.writeHead(404).end();
  } else if (/^(true|1)$/.test(searchParams.get("watch") ?? "")) {
    const isInitial = searchParams.get("sendInitialEvents") === "true";
    const follows = isInitial || (searchParams.get("resourceVersion") ?? "0") !== "0";
    await send(response, isInitial ? watchListPieces() : follows ? changePieces() : watchPieces(), {
      stays: follows,
    });
  } else if (
    compressed !== undefined && !searchParams.get("limit") && !searchParams.get("continue") &&
    /gzip/.test(String(request.headers["accept-encoding"]))
  ) {
    await send(response, compressed, { headers: { "Content-Encoding": "gzip" } });
  } else {
    await send(
      response,
      listPieces(Number(searchParams.get("continue") ?? 0), Number(searchParams.get("limit")) || pods),
    );
  }
}

const listener = (request: IncomingMessage, response: ServerResponse) => {
  answer(request, response).catch(() => response.destroy()); // the client has gone, which is its right
};
const server = tls === undefined
  ? createServer(listener)
  : createTlsServer({ cert: readFileSync(tls.cert), key: readFileSync(tls.key) }, listener);
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  console.log(JSON.stringify({ url: `http${tls === undefined ? "" : "s"}://127.0.0.1:${port}` }));
});
process.stdin.on("end", () => process.exit()).resume();
