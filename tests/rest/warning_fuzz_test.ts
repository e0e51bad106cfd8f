import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../testing/seeded_random.ts";
import { formatWarning, parseWarnings, type Warning, warningsOf } from "@coxswain/kube/rest";

const SEEDS = [20_260_726, 1, 2, 3];
const ROUNDS = 5_000;

/** What breaks parsers of this format. */
const PIECES = [
  ...'"\\, \t\n\x00\x7f\x80\x9b\xc3\xa9\xff=?-_:',
  ...[
    "299",
    "29",
    "299 - ",
    '299 - "a"',
    '299 a "',
    ', 299 - "',
    '"Tue, 15 Nov 1994 08:12:31 GMT"',
    '\\"',
    "\\\\",
  ],
  ...[
    "=?utf-8?q?",
    "=?utf-8?b?",
    "?=",
    "=C3=A9",
    "=0A",
    "=4",
    "8J+Qjg==",
    "=?iso-8859-1?q?=e4?=",
    "?q?",
    "?=",
  ],
];
const WIDE = ["💝", "é", "\ud83d", "\ufeff", "\u2028", "中"];

describe("Whatever a server sends as warnings", () => {
  for (const seed of SEEDS) {
    it(`parseWarnings() gives printable warnings or errors, seed ${seed}`, () => {
      const random = seededRandom(seed);
      for (let round = 0; round < ROUNDS; round++) {
        const values = [textFrom(random, PIECES), textFrom(random, [...PIECES, ...WIDE])];
        const { warnings, errors } = parseWarnings(values);
        const shown = `round ${round} of seed ${seed}: ${JSON.stringify(values)}`;
        assert.ok(errors.length <= values.length, shown);
        for (const warning of warnings) checkWarning(warning, shown);
      }
    });

    it(`warningsOf() finds at least what parseWarnings() finds in the line, seed ${seed}`, () => {
      const random = seededRandom(seed);
      for (let round = 0; round < ROUNDS; round++) {
        const value = textFrom(random, PIECES).replace(/[\n\0\x7f]/g, ""); // what Headers refuse
        const headers = new Headers([["Warning", value]]);
        const { warnings } = parseWarnings([headers.get("warning")!]);
        const found = warningsOf(headers);
        const shown = `round ${round} of seed ${seed}: ${JSON.stringify(value)}`;
        assert.deepEqual(found.slice(0, warnings.length), warnings, shown);
        for (const warning of found) checkWarning(warning, shown);
      }
    });

    it(`what formatWarning() writes is read back, among others, seed ${seed}`, () => {
      const random = seededRandom(seed);
      for (let round = 0; round < ROUNDS; round++) {
        const warnings: Warning[] = [];
        for (let count = Math.floor(random() * 4); count > 0; count--) {
          const text = textFrom(random, [...PIECES, ...WIDE]).replace(/\p{Cc}|\p{Cs}/gu, "").replaceAll(
            "=?",
            "",
          );
          warnings.push({ code: Math.floor(random() * 1_000), agent: "agent", text });
        }
        const headers = new Headers(warnings.map((warning) => ["Warning", formatWarning(warning)]));
        assert.deepEqual(warningsOf(headers), warnings, `round ${round} of seed ${seed}`);
      }
    });
  }

  for (
    const [name, value] of [
      ["escapes", `299 - "${"\\".repeat(1_000_001)}`],
      ["beginnings of words", `299 - "${"=?utf-8?b?!".repeat(100_000)}?="`],
      ["beginnings of warnings", ', 299 - "'.repeat(100_000)],
      ["broken warnings", '29 - "a", '.repeat(100_000)],
      ["commas", ",".repeat(1_000_000)],
      ["spaces", `299 - "a"${" ".repeat(1_000_000)}`],
    ]
  ) {
    it(`a megabyte of ${name} is read in one go`, () => {
      parseWarnings([value]);
      warningsOf(new Headers([["Warning", value]]));
    });
  }
});

function checkWarning({ code, agent, text }: Warning, shown: string): void {
  assert.ok(Number.isInteger(code) && code >= 0 && code <= 999, shown);
  assert.ok(agent !== "", shown);
  for (const part of [agent, text]) assert.ok(!/\p{Cc}/u.test(part) && part.isWellFormed(), shown);
}

function textFrom(random: () => number, pieces: readonly string[]): string {
  let text = random() < 0.5 ? '299 - "' : "";
  for (let count = Math.floor(random() * 12); count > 0; count--) {
    text += pieces[Math.floor(random() * pieces.length)];
  }
  return text + (random() < 0.5 ? '"' : "");
}
