import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ChunkFraming } from "../../rest/chunk_framing.ts";
import { seededRandom } from "../../testing/seeded_random.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** What the framing says of bytes that come in pieces: their text, and what follows the last chunk's line. */
function read(pieces: Uint8Array[]): { text: string; rest: string | undefined } {
  const framing = new ChunkFraming();
  const text: Uint8Array[] = [];
  for (const [index, piece] of pieces.entries()) {
    const end = framing.read(piece, 0, piece.length, (from, to) => text.push(piece.slice(from, to)));
    if (end < 0) continue;
    const rest = [piece.subarray(end), ...pieces.slice(index + 1)].map((bytes) => decoder.decode(bytes)).join(
      "",
    );
    return { text: text.map((bytes) => decoder.decode(bytes)).join(""), rest };
  }
  return { text: text.map((bytes) => decoder.decode(bytes)).join(""), rest: undefined };
}

describe("Chunks (RFC 9112, 7.1)", () => {
  const body = encoder.encode(
    "4\r\nWiki\r\n6;name=value\r\npedia \r\n00E \t\r\nin \r\n\r\nchunks.\r\n0;last\r\nA-Trailer: 1\r\n\r\nHTTP/1.1",
  );
  const wanted = { text: "Wikipedia in \r\n\r\nchunks.", rest: "A-Trailer: 1\r\n\r\nHTTP/1.1" };

  it("are the same wherever they are cut", () => {
    assert.deepEqual(read([body]), wanted);
    for (let first = 0; first <= body.length; first++) {
      for (let second = first; second <= body.length; second++) {
        const pieces = [body.subarray(0, first), body.subarray(first, second), body.subarray(second)];
        assert.deepEqual(read(pieces), wanted, `cut at ${first} and ${second}`);
      }
    }
  });

  it("are the same byte by byte, and within a larger piece", () => {
    assert.deepEqual(read([...body].map((byte) => Uint8Array.of(byte))), wanted);
    const framing = new ChunkFraming();
    const around = encoder.encode(`zz3\r\nabc\r\n0\r\nzz`);
    let text = "";
    const end = framing.read(around, 2, around.length - 2, (from, to) => {
      text += decoder.decode(around.subarray(from, to));
    });
    assert.deepEqual([text, end], ["abc", around.length - 2]);
  });

  it("have lengths in hexadecimal digits of both cases", () => {
    for (const length of [1, 9, 10, 15, 16, 171, 255, 4_096, 70_000]) {
      const text = "x".repeat(length);
      for (
        const digits of [length.toString(16), length.toString(16).toUpperCase(), `000${length.toString(16)}`]
      ) {
        assert.deepEqual(read([encoder.encode(`${digits}\r\n${text}\r\n0\r\n`)]), { text, rest: "" });
      }
    }
  });

  it("do not end before the last one's line has", () => {
    assert.deepEqual(read([encoder.encode("1\r\na\r\n0")]), { text: "a", rest: undefined });
    assert.deepEqual(read([encoder.encode("1\r\na\r\n0\r")]), { text: "a", rest: undefined });
    assert.deepEqual(read([]), { text: "", rest: undefined });
  });

  const wrong = {
    "no length": "\r\nabc\r\n",
    "a length that is no number": "g\r\nabc\r\n",
    "a length with a sign": "-3\r\nabc\r\n",
    "a length with a prefix": "0x3\r\nabc\r\n",
    "white space before a length": " 3\r\nabc\r\n",
    "a length beyond all numbers": "ffffffffffffff\r\nabc",
    "a line that ends without CR": "3\nabc\r\n",
    "a line that ends without LF": "3\rabc\r\n",
    "more text than the length says": "3\r\nabcd\r\n",
    "less text than the length says": "3\r\nab\r\n0\r\n\r\n",
    "a chunk that ends without CR": "3\r\nabc\n0\r\n\r\n",
    "a chunk that ends without LF": "3\r\nabc\r0\r\n\r\n",
    "a line without an end": `3;${"x".repeat(17_000)}`,
  };
  for (const [what, bytes] of Object.entries(wrong)) {
    it(`are refused with ${what}, in one piece and byte by byte`, () => {
      const refused = {
        name: "RangeError",
        message: /^the answer is not in the chunks that it says it is in: /,
      };
      const all = encoder.encode(bytes);
      assert.throws(() => read([all]), refused);
      assert.throws(() => read([...all].map((byte) => Uint8Array.of(byte))), refused);
    });
  }

  it("give back any text, by seeds", () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = seededRandom(seed);
      const below = (most: number) => Math.floor(random() * most);
      let text = "";
      let sent = "";
      for (let n = below(6); n > 0; n--) {
        const part = Array.from({ length: 1 + below(40) }, () => "ab\r\n0;"[below(6)]).join("");
        text += part;
        sent += `${part.length.toString(16)}\r\n${part}\r\n`;
      }
      const bytes = encoder.encode(`${sent}0\r\n\r\n`);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at < bytes.length;) {
        const end = Math.min(bytes.length, at + 1 + below(20));
        pieces.push(bytes.subarray(at, end));
        at = end;
      }
      assert.deepEqual(read(pieces), { text, rest: "\r\n" }, `seed ${seed}`);
    }
  });
});
