import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { maskAuthorization } from "@coxswain/kube/observe";

describe("maskAuthorization() [rest 7.9]", () => {
  for (
    const [value, masked] of [
      ["Bearer abc123", "Bearer <masked>"],
      ["bearer abc123", "bearer <masked>"],
      ["BEARER abc123", "BEARER <masked>"],
      ["Basic YWxhZGRpbjpvcGVuc2VzYW1l", "Basic <masked>"],
      ["Negotiate abc123", "Negotiate <masked>"],
      ["Bearer a b c", "Bearer <masked>"],
      ["Bearer", "Bearer"],
      ["bearer", "bearer"],
      ["Basic", "Basic"],
      ["negotiate", "negotiate"],
      ["bearer ", "bearer"],
      ["Negotiate ", "Negotiate"],
      ["Digest abc123", "<masked>"],
      ["abc123", "<masked>"],
      ["Bearerabc123", "<masked>"],
      ["Bearer\tabc123", "<masked>"],
      ["Bearer\u00a0abc123", "<masked>"],
      ["Bearer,abc123 x", "<masked>"],
      [" Bearer abc123", "<masked>"],
      [" ", "<masked>"],
      ["", ""],
    ]
  ) {
    it(`${JSON.stringify(value)} becomes ${JSON.stringify(masked)}`, () => {
      assert.equal(maskAuthorization(value), masked);
    });
  }
});
