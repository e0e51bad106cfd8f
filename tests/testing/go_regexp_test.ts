import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { goRegExp } from "../../testing/go_regexp.ts";

// Each expectation was asked of a real server, as the pattern of a schema.

describe("patterns of Go", () => {
  for (
    const { name, pattern, fits = [], differs = [] } of [
      { name: "flags", pattern: "(?i)^abc$", fits: ["ABC", "abc"], differs: ["x"] },
      { name: "flags of a group", pattern: "^(?i)a(?-i:b)$", fits: ["Ab"], differs: ["AB"] },
      { name: "flags from somewhere on", pattern: "^a(?i)b|c$", fits: ["aB", "C"], differs: ["AB"] },
      { name: "flags of classes", pattern: "(?i)^[^a][b-c]$", fits: ["bC"], differs: ["AB"] },
      { name: "lines", pattern: "(?m)^b$", fits: ["a\nb"] },
      { name: "no lines", pattern: "^b$", differs: ["a\nb", "b\n"] },
      { name: "any character", pattern: "(?s)^a.b$", fits: ["a\nb"] },
      {
        name: "any character but a line feed",
        pattern: "^.$",
        fits: ["\u2028", "\r", "😀"],
        differs: ["\n"],
      },
      { name: "ends of the text", pattern: "\\Aab\\z", fits: ["ab"], differs: ["xab"] },
      { name: "borders of words", pattern: "\\bfoo\\b", fits: ["a foo b", "éfoo"], differs: ["afoo"] },
      { name: "names of groups", pattern: "^(?P<x>a)(?<y>b)$", fits: ["ab"] },
      { name: "classes by name", pattern: "^[[:^alpha:][:upper:]]$", fits: ["1", "A"], differs: ["a"] },
      { name: "classes of Perl", pattern: "^\\W[\\D\\S][^\\W]$", fits: ["!xa"], differs: ["axa"] },
      { name: "white space of ASCII", pattern: "^\\s$", fits: [" ", "\f"], differs: ["\v", "\u00a0"] },
      {
        name: "classes of Unicode",
        pattern: "^\\pL\\P{L}\\p{^L}\\p{Greek}$",
        fits: ["é11α"],
        differs: ["1111"],
      },
      { name: "brackets in classes", pattern: "^[]a][^]a]$", fits: ["]b", "ab"], differs: ["]]"] },
      { name: "a dash in classes", pattern: "^[\\w\\-\\.:-]+$", fits: ["a-b.c:d"], differs: ["é"] },
      { name: "needless backslashes", pattern: "^a\\_\\@\\-$", fits: ["a_@-"] },
      { name: "characters by number", pattern: "^\\x41\\x{42}\\123\\07$", fits: ["ABS\x07"] },
      { name: "quoted text", pattern: "^\\Qa.b\\E+$", fits: ["a.b", "a.bb"], differs: ["axb"] },
      { name: "braces that are none", pattern: "^{a{,2}}{02}$", fits: ["{a{,2}}{02}"], differs: ["{aa}}"] },
      {
        name: "repetitions",
        pattern: "^\\d{1,3}(?:\\.\\d{1,3}){3}$",
        fits: ["1.22.3.4"],
        differs: ["1.2.3"],
      },
      { name: "repetitions of ends", pattern: "^*a", fits: ["a"] },
      { name: "lazy repetitions", pattern: "x*?y??z+?", fits: ["z"] },
      { name: "nothing in between", pattern: "^(|a)+$", fits: ["", "aa"], differs: ["b"] },
    ]
  ) {
    it(`have ${name}`, () => {
      const expression = goRegExp(pattern);
      assert.deepEqual(fits.filter((text) => !expression.test(text)), []);
      assert.deepEqual(differs.filter((text: string) => expression.test(text)), []);
    });
  }

  for (
    const [pattern, problem] of [
      ["(a", "missing closing ): `(a`"],
      ["a)", "unexpected ): `a)`"],
      ["[a", "missing closing ]: `[a`"],
      ["[z-a]", "invalid character class range: `z-a`"],
      ["[[:foo:]]", "invalid character class range: `[:foo:]`"],
      ["[a-\\d]", "invalid escape sequence: `\\d`"],
      ["\\p{IsGreek}", "invalid character class range: `\\p{IsGreek}`"],
      ["(a)\\1", "invalid escape sequence: `\\1`"],
      ["\\u0041", "invalid escape sequence: `\\u`"],
      ["\\", "trailing backslash at end of expression: ``"],
      ["(?=a)", "invalid or unsupported Perl syntax: `(?=`"],
      ["(?-)a", "invalid or unsupported Perl syntax: `(?-)`"],
      ["(?<=a)b", "invalid named capture: `(?<=a)b`"],
      ["(?P<a b>c)", "invalid named capture: `(?P<a b>`"],
      ["a|*", "missing argument to repetition operator: `*`"],
      ["a**?", "invalid nested repetition operator: `**?`"],
      ["a{2,1}", "invalid repeat count: `{2,1}`"],
      ["a{1001}", "invalid repeat count: `{1001}`"],
    ]
  ) {
    it(`are refused: ${pattern}`, () => {
      assert.throws(() => goRegExp(pattern), {
        name: "PatternError",
        message: `error parsing regexp: ${problem}`,
      });
    });
  }
});
