import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { originOf, targetOf } from "../../rest/request_target.ts";

const TARGETS = [
  ...[
    "",
    "/",
    "//",
    "/a",
    "/a/",
    "/a//b",
    "/a/./b",
    "/a/../b",
    "/a/..",
    "/.",
    "/..a/.b/...",
    "/a/%2e%2E/b",
    "/a%2fb",
  ],
  ..."/a b|/a\"b|/ä|/a\\\\b|/a\tb|/a#b|/a{b}|/a'b|/a<b>|/a`b|/a^b|/[a]|/a%zz".split("|"),
  ...[
    "?a",
    "?a=/b",
    "/?",
    "/a?",
    "/a?b=c&d=%2C",
    "/a?b='c'",
    "/a?b c",
    "/a?b/../c",
    "/a/..?b",
    "/a?b?c",
    "/a?b#c",
    "#a/b",
  ],
  "/api/v1/namespaces/shop/pods/web-0:x@y/log?tailLines=10&container=a%20b",
];

describe("What a request asks for", () => {
  for (const origin of ["http://a.test", "https://a.test:8443", "https://[::1]:6443"]) {
    for (const target of TARGETS) {
      it(`is what URL makes of ${JSON.stringify(origin + target)}`, () => {
        const { pathname, search, origin: its } = new URL(origin + target);
        assert.equal(targetOf(origin + target), pathname + search);
        assert.equal(new URL(originOf(origin + target)).origin, its);
      });
    }
  }

  it("is that of any text", () => {
    const pieces = [
      "/",
      ".",
      "..",
      "a",
      "%2e",
      "%",
      "?",
      "#",
      "'",
      " ",
      "ü",
      "=",
      "&",
      ":",
      "@",
      "~",
      "|",
      "\\",
    ];
    let seed = 1;
    const random = () => (seed = seed * 48_271 % 2_147_483_647) / 2_147_483_647;
    for (let time = 0; time < 5_000; time++) {
      const target = Array.from({ length: random() * 8 }, () => pieces[Math.floor(random() * pieces.length)])
        .join("");
      const url = `http://a.test/${target}`;
      const { pathname, search } = new URL(url);
      assert.equal(targetOf(url), pathname + search, url);
    }
  });
});
