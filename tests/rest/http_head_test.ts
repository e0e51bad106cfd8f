import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseHttpHead } from "../../rest/http_head.ts";
import { TransportFailure } from "../../rest/transport_failure.ts";

const head = (...lines: string[]) => lines.join("\r\n");

describe("The head of an answer (RFC 9112)", () => {
  it("has a status and headers, in their order, without white space around them", () => {
    const { status, statusText, raw } = parseHttpHead(
      "GET",
      head("HTTP/1.1 200 All right", "Warning: a", "warning: \t b c \t", "X-Empty:"),
    );
    assert.deepEqual([status, statusText], [200, "All right"]);
    assert.deepEqual(raw, ["Warning", "a", "warning", "b c", "X-Empty", ""]);
  });

  it("may have no reason, with or without the space before it", () => {
    assert.equal(parseHttpHead("GET", "HTTP/1.1 204").statusText, "");
    assert.equal(parseHttpHead("GET", "HTTP/1.1 204 ").statusText, "");
  });

  for (
    const { name, method = "GET", lines, length, isChunked = false, isKept } of [
      { name: "a length", lines: ["Content-Length: 12"], length: 12, isKept: true },
      {
        name: "a length that is said twice",
        lines: ["Content-Length: 12", "content-length: 12"],
        length: 12,
        isKept: true,
      },
      {
        name: "chunks",
        lines: ["Transfer-Encoding: Chunked"],
        length: Infinity,
        isChunked: true,
        isKept: true,
      },
      {
        name: "chunks, whatever its length",
        lines: ["Content-Length: 3", "Transfer-Encoding: x, chunked"],
        length: Infinity,
        isChunked: true,
        isKept: true,
      },
      { name: "another coding", lines: ["Transfer-Encoding: identity"], length: Infinity, isKept: false },
      { name: "no end but the connection's", lines: [], length: Infinity, isKept: false },
      {
        name: "a length, and closes",
        lines: ["Content-Length: 1", "Connection: x, Close"],
        length: 1,
        isKept: false,
      },
      { name: "none, for HEAD", method: "HEAD", lines: ["Content-Length: 9"], length: 0, isKept: true },
      {
        name: "none, for HEAD with chunks",
        method: "HEAD",
        lines: ["Transfer-Encoding: chunked"],
        length: 0,
        isKept: true,
      },
    ]
  ) {
    it(`says that the body has ${name}`, () => {
      const parsed = parseHttpHead(method, head("HTTP/1.1 200 OK", ...lines));
      assert.deepEqual([parsed.length, parsed.isChunked, parsed.isKept], [length, isChunked, isKept]);
    });
  }

  it("has no body with 204 and 304, whatever it says", () => {
    for (const status of [204, 304]) {
      const parsed = parseHttpHead("GET", head(`HTTP/1.1 ${status} x`, "Content-Length: 5"));
      assert.deepEqual([parsed.length, parsed.isKept], [0, true]);
    }
  });

  it("of HTTP/1.0 keeps the connection only if it says so", () => {
    const kept = (...lines: string[]) =>
      parseHttpHead("GET", head("HTTP/1.0 200 OK", "Content-Length: 1", ...lines)).isKept;
    assert.deepEqual([kept(), kept("Connection: keep-alive")], [false, true]);
  });

  for (
    const [name, ...lines] of [
      ["another protocol", "SSH-2.0-OpenSSH_9.6"],
      ["another version", "HTTP/2 200"],
      ["no status", "HTTP/1.1 OK"],
      ["a header without a name", "HTTP/1.1 200 OK", ": secret"],
      ["a header without a colon", "HTTP/1.1 200 OK", "secret"],
      ["a header on two lines", "HTTP/1.1 200 OK", "X: a", " secret"],
      ["white space before the colon", "HTTP/1.1 200 OK", "Content-Length : 3"],
      ["a line feed in a value", "HTTP/1.1 200 OK", "X: secret\nY: b"],
      ["a length that is none", "HTTP/1.1 200 OK", "Content-Length: -3"],
      ["two lengths", "HTTP/1.1 200 OK", "Content-Length: 3", "Content-Length: 4"],
      ["a length beyond all numbers", "HTTP/1.1 200 OK", "Content-Length: 99999999999999999999"],
    ]
  ) {
    it(`is refused with ${name}, and not repeated`, () => {
      assert.throws(() => parseHttpHead("GET", head(...lines)), (error) => {
        assert.ok(error instanceof TransportFailure, String(error));
        assert.match(error.message, /^what the server answers is not HTTP\/1\.1: /);
        assert.doesNotMatch(error.message, /secret|99|SSH/);
        return true;
      });
    });
  }
});
