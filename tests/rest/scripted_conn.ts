import assert from "node:assert/strict";
import type { Connection } from "../../rest/http_connection.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** A connection that brings these pieces and then ends, or falls silent. */
export class ScriptedConn implements Connection {
  readonly #pieces: Uint8Array[];
  readonly #isSilent: boolean;
  #waiting: PromiseWithResolvers<null | undefined> | undefined;
  isClosed = false;
  isReferenced = true;
  /** How many bytes a write takes at a time; none if 0. */
  room = 100;
  written = "";
  /** Called before something is written. */
  onWrite = () => {};

  constructor(pieces: (string | Uint8Array)[], { isSilent = false } = {}) {
    this.#pieces = pieces.map((piece) => typeof piece === "string" ? encoder.encode(piece) : piece);
    this.#isSilent = isSilent;
  }

  async read(bytes: Uint8Array): Promise<number | null> {
    if (this.isClosed) throw new Error("closed");
    const [piece] = this.#pieces;
    if (piece === undefined) {
      if (!this.#isSilent) return null;
      this.#waiting = Promise.withResolvers<null | undefined>();
      return await this.#waiting.promise === null ? null : await this.read(bytes);
    }
    const taken = piece.subarray(0, bytes.length);
    bytes.set(taken);
    if (taken.length === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(taken.length);
    return taken.length;
  }

  async write(bytes: Uint8Array): Promise<number> {
    this.onWrite();
    if (this.room === 0) return await new Promise(() => {});
    const taken = bytes.subarray(0, this.room);
    this.written += decoder.decode(taken);
    return taken.length;
  }

  close(): void {
    assert.equal(this.isClosed, false, "it is closed once");
    this.isClosed = true;
    this.#waiting?.reject(new Error("closed"));
  }

  /** The other side sends something. */
  push(piece: string): void {
    this.#pieces.push(encoder.encode(piece));
    this.#waiting?.resolve(undefined);
  }

  /** The other side ends it. */
  end(): void {
    this.#waiting?.resolve(null);
  }

  ref(): void {
    this.isReferenced = true;
  }

  unref(): void {
    this.isReferenced = false;
  }
}
