import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatMicroTime, parseMicroTime } from "@coxswain/kube/meta";

describe("formatMicroTime() and parseMicroTime()", () => {
  for (
    const text of [
      "2026-01-01T00:00:00.000001Z",
      "2026-12-31T23:59:59.999999Z",
      "1969-12-31T23:59:59.000123Z",
    ]
  ) {
    it(`keep ${text} as it is`, () => assert.equal(formatMicroTime(parseMicroTime(text)), text));
  }

  it("read what has less or more digits, and other zones", () => {
    assert.equal(formatMicroTime(parseMicroTime("2026-01-01T00:00:00Z")), "2026-01-01T00:00:00.000000Z");
    assert.equal(formatMicroTime(parseMicroTime("2026-01-01T00:00:00.5Z")), "2026-01-01T00:00:00.500000Z");
    assert.equal(
      formatMicroTime(parseMicroTime("2026-01-01T00:00:00.123456789Z")),
      "2026-01-01T00:00:00.123456Z",
    );
    assert.equal(formatMicroTime(parseMicroTime("2026-01-01T02:00:00+02:00")), "2026-01-01T00:00:00.000000Z");
  });

  for (const text of ["", "now", "2026-13-01T00:00:00Z", "2026-01-01"]) {
    it(`refuse ${JSON.stringify(text)}`, () => assert.throws(() => parseMicroTime(text), SyntaxError));
  }

  it("refuse what is no time", () => assert.throws(() => formatMicroTime(NaN), RangeError));
});
