import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  escapeExtraKey,
  type Impersonation,
  impersonationHeaders,
  isConfigError,
  unescapeExtraKey,
} from "@coxswain/kube/rest";

describe("impersonationHeaders() [rest 7.2]", () => {
  for (
    const { name, impersonation, headers } of [
      { name: "nothing is asked", impersonation: {}, headers: [] },
      {
        name: "everything is empty",
        impersonation: { userName: "", uid: "", groups: [], extra: {} },
        headers: [],
      },
      { name: "a user", impersonation: { userName: "jane" }, headers: [["Impersonate-User", "jane"]] },
      {
        name: "a UID alone: the user's name is there, though empty",
        impersonation: { uid: "1" },
        headers: [["Impersonate-User", ""], ["Impersonate-Uid", "1"]],
      },
      {
        name: "groups, one header each, in order",
        impersonation: { userName: "jane", uid: "", groups: ["b", "system:masters", "b"] },
        headers: [
          ["Impersonate-User", "jane"],
          ["Impersonate-Group", "b"],
          ["Impersonate-Group", "system:masters"],
          ["Impersonate-Group", "b"],
        ],
      },
      {
        name: "extras, one header for each value",
        impersonation: {
          userName: "jane",
          extra: { Scopes: ["view", "Dev, elopment"], "test.example.com/thing": [""] },
        },
        headers: [
          ["Impersonate-User", "jane"],
          ["Impersonate-Extra-Scopes", "view"],
          ["Impersonate-Extra-Scopes", "Dev, elopment"],
          ["Impersonate-Extra-test.example.com%2Fthing", ""],
        ],
      },
      {
        name: "an extra without values: somebody is impersonated",
        impersonation: { extra: { scopes: [] } },
        headers: [["Impersonate-User", ""]],
      },
      {
        name: "text beyond ASCII, as the bytes of UTF-8",
        impersonation: { userName: "müller", groups: ["💝"], extra: { ä: ["ö"] } },
        headers: [
          ["Impersonate-User", "m\xc3\xbcller"],
          ["Impersonate-Group", "\xf0\x9f\x92\x9d"],
          ["Impersonate-Extra-%C3%A4", "\xc3\xb6"],
        ],
      },
    ] as { name: string; impersonation: Impersonation; headers: [string, string][] }[]
  ) {
    it(name, () => {
      assert.deepEqual(impersonationHeaders(impersonation), headers);
      new Headers(headers); // takes them as they are
    });
  }

  for (
    const [setting, impersonation] of [
      ["impersonate.userName", { userName: "jane\r\nImpersonate-Group: system:masters" }],
      ["impersonate.userName", { userName: "jane " }],
      ["impersonate.uid", { uid: " 1" }],
      ["impersonate.uid", { uid: "a\tb" }],
      ["impersonate.groups", { groups: ["a", "b\0"] }],
      ["impersonate.groups", { groups: ["\x85"] }],
      ['impersonate.extra["a"]', { extra: { a: ["\n"] } }],
      ['impersonate.extra["a"]', { extra: { a: ["\ud83d"] } }],
      ['impersonate.extra["\\ud83d"]', { extra: { "\ud83d": ["a"] } }],
    ] as [string, Impersonation][]
  ) {
    it(`refuses what would arrive as somebody else: ${JSON.stringify(impersonation)}`, () => {
      assert.throws(
        () => impersonationHeaders(impersonation),
        (error) => isConfigError(error) && error.setting === setting,
      );
    });
  }
});

describe("escapeExtraKey() [rest 7.2]", () => {
  for (
    const [key, escaped] of [
      ["", ""],
      ["scopes", "scopes"],
      ["Scopes", "Scopes"],
      ["test.example.com/thing", "test.example.com%2Fthing"],
      ["a%20b", "a%2520b"],
      ["%", "%25"],
      ["a b:c", "a%20b%3Ac"],
      ["!#$&'*+-.^_`|~09AZaz", "!#$&'*+-.^_`|~09AZaz"],
      ['"(),/:;<=>?@[\\]{}', "%22%28%29%2C%2F%3A%3B%3C%3D%3E%3F%40%5B%5C%5D%7B%7D"],
      ["\0\n\x7f", "%00%0A%7F"],
      ["ẞ💝", "%E1%BA%9E%F0%9F%92%9D"],
    ]
  ) {
    it(`${JSON.stringify(key)} becomes ${escaped}, and back`, () => {
      assert.equal(escapeExtraKey(key), escaped);
      assert.equal(unescapeExtraKey(escaped), key);
      assert.equal(unescapeExtraKey(escaped.replace(/%../g, (code) => code.toLowerCase())), key);
      new Headers([[`Impersonate-Extra-${escaped}`, ""]]); // is a name
    });
  }

  it("is undone for every character of the first planes", () => {
    for (let code = 0; code < 0x2_ffff; code += code < 0x800 ? 1 : 61) {
      if (code >= 0xd800 && code <= 0xdfff) continue;
      const key = String.fromCodePoint(code);
      assert.equal(unescapeExtraKey(escapeExtraKey(key)), key);
    }
  });

  for (const malformed of ["%", "%2", "%zz", "a%C3", "%C3%28"]) {
    it(`${malformed} stays as it is when unescaped: servers take it so`, () => {
      assert.equal(unescapeExtraKey(malformed), malformed);
    });
  }
});
