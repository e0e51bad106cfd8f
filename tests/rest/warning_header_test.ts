import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatWarning, parseWarnings, type Warning, warningsOf } from "@coxswain/kube/rest";

const deprecated = (text: string): Warning => ({ code: 299, agent: "-", text });

/** Text as `Headers` hold it: a character for each byte of UTF-8. */
const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

describe("parseWarnings() reads [rest 5]", () => {
  for (
    const [name, value, expected] of [
      ["a warning", '299 - "text"', [deprecated("text")]],
      ["a code that no API server sends", '321 - "text"', [{ code: 321, agent: "-", text: "text" }]],
      ["a code with leading zeros", '001 - "text"', [{ code: 1, agent: "-", text: "text" }]],
      ["an agent", '299 api.example.com:443 "text"', [{
        code: 299,
        agent: "api.example.com:443",
        text: "text",
      }]],
      ["an agent with a quote", '299 a"b" "text"', [{ code: 299, agent: 'a"b"', text: "text" }]],
      ["an empty text", '299 - ""', [deprecated("")]],
      ["escapes", '299 - "text\\"\\\\\\a\\b\\c"', [deprecated('text"\\abc')]],
      ["spaces around it", '  299 - "text"  ', [deprecated("text")]],
      ["other white space around it", '\t299 - "text"\r\n', [deprecated("text")]],
      ["a date", ' 299 - "text"  "Tue, 15 Nov 1994 08:12:31 GMT" ', [deprecated("text")]],
      ["a date right behind the text", '299 - "text""Tue, 15 Nov 1994 08:12:31 GMT"', [deprecated("text")]],
      ["a date that is none", '299 - "text" "tomorrow"', [deprecated("text")]],
      ["an empty date", '299 - "text" ""', [deprecated("text")]],
      ["a comma at the end", '299 - "text"  , ', [deprecated("text")]],
      ["a date and a comma at the end", '299 - "text" "tomorrow" ,', [deprecated("text")]],
      ["several warnings", '299 - "a",299 - "b"  ,  299 - "c" "now",299 - "d"', [
        deprecated("a"),
        deprecated("b"),
        deprecated("c"),
        deprecated("d"),
      ]],
      ["commas in texts and dates", '299 - "a, 299 - b" "c, d", 299 - "e"', [
        deprecated("a, 299 - b"),
        deprecated("e"),
      ]],
      ["UTF-8", bytes('299 - "Iñtërnâtiônàlizætiøn,💝🐹🌇⛔"'), [
        deprecated("Iñtërnâtiônàlizætiøn,💝🐹🌇⛔"),
      ]],
      ["UTF-8 in an agent", bytes('299 zürich "a"'), [{ code: 299, agent: "zürich", text: "a" }]],
      ["UTF-8 whose bytes look like control characters", bytes('299 - "Ā\u2013"'), [deprecated("Ā\u2013")]],
      ["a byte order mark", bytes('299 - "\ufeffa"'), [deprecated("\ufeffa")]],
      ["text that was decoded already", '299 - "ñ 💝"', [deprecated("ñ 💝")]],
      ["nothing", "", []],
    ] as [string, string, Warning[]][]
  ) {
    it(name, () => {
      assert.deepEqual(parseWarnings([value]), { warnings: expected, errors: [] });
    });
  }
});

describe("parseWarnings() decodes the words of RFC 2047 [rest 5]", () => {
  for (
    const [name, text, expected] of [
      ["q, ISO 8859-1", "=?iso-8859-1?q?this=20is=20some=20text=e4?=", "this is some textä"],
      [
        "b, UTF-8",
        "=?UTF-8?B?VGhpcyBpcyBhIGhvcnNleTog8J+Qjg==?= And =?UTF-8?b?8J+Qjg==?=",
        "This is a horsey: 🐎 And 🐎",
      ],
      [
        "q with spaces and quotes",
        '=?UTF-8?Q?This is a \\"horsey\\": =F0=9F=90=8e?=',
        'This is a "horsey": 🐎',
      ],
      ["q with underscores", "=?utf-8?q?a_b=5Fc?=", "a b_c"],
      ["an empty word", "a=?utf-8?q??=b", "ab"],
      ["text around a word", "a =?utf-8?q?b?= c", "a b c"],
      ["words with white space between them", "=?utf-8?q?a?=  =?utf-8?q?b?=", "ab"],
      ["a character that is cut by two words", "=?utf-8?q?=F0=9F?= =?utf-8?q?=90=8E?=", "🐎"],
      ["ASCII", "=?us-ascii?q?a=E4?=", "a\ufffd"],
      [
        "nothing of a charset that it does not know",
        "=?UTF-9?Q?a?= =?utf-8?q?b?=",
        "=?UTF-9?Q?a?= =?utf-8?q?b?=",
      ],
      ["nothing of an encoding that there is not", "=?utf-8?x?a?= =?utf-8?q?b?=", "=?utf-8?x?a?= b"],
      ["nothing of q without its digits", "=?utf-8?q?a=F?=", "=?utf-8?q?a=F?="],
      ["nothing of b without its padding", "=?utf-8?b?YQ?=", "=?utf-8?b?YQ?="],
      ["nothing of what is no base64", "=?utf-8?b?YQ=Q?=", "=?utf-8?b?YQ=Q?="],
      ["nothing of a word without an end", "=?utf-8?q?a", "=?utf-8?q?a"],
      ["nothing of a word without an encoding", "=?utf-8??=", "=?utf-8??="],
      ["nothing of a charset without an end", "=?utf-8", "=?utf-8"],
    ]
  ) {
    it(name, () => {
      assert.deepEqual(parseWarnings([`299 - "${text}"`]), { warnings: [deprecated(expected)], errors: [] });
    });
  }

  for (const word of ["=?utf-8?q?=C5?=", "=?utf-8?q?a=0Ab?=", "=?utf-8?b?AA==?=", "=?iso-8859-1?q?=9b?="]) {
    it(`and drops what they hide: ${word}`, () => {
      const { warnings, errors } = parseWarnings([`299 - "${word}"`]);
      assert.deepEqual([warnings.length, errors.length], [0, 1]);
    });
  }
});

describe("parseWarnings() drops, and says why [rest 5]", () => {
  for (
    const [name, value, error] of [
      ["white space alone", " ", "it is not a code, an agent and a text"],
      ["a comma alone", ",", "it is not a code, an agent and a text"],
      ["a code alone", "299", "it is not a code, an agent and a text"],
      ["a code and an agent", "299 - ", "it is not a code, an agent and a text"],
      ["a code without an agent", '299 "text"', "it is not a code, an agent and a text"],
      ["a code of one digit", '1 - "text"', "its code is not three digits"],
      ["a code of two digits", '29 - "text"', "its code is not three digits"],
      ["a code of four digits", '2999 - "text"', "its code is not three digits"],
      ["a code that is no number", 'A99 - "text"', "its code is not three digits"],
      ["a code of other digits", bytes('٢٩٩ - "text"'), "its code is not three digits"],
      ["a code behind a tab", '299\t- - "text"', "its code is not three digits"],
      ["two spaces behind the code", '299  - "text"', "its agent is missing"],
      ["an agent with a control character", '299 a\x00b "text"', "its agent is not printable UTF-8"],
      ["an agent that is not UTF-8", '299 a\xc5b "text"', "its agent is not printable UTF-8"],
      ["a text without quotes", "299 - text", "its text does not begin with a quote"],
      ["two spaces behind the agent", '299 -  "text"', "its text does not begin with a quote"],
      ["a text without an end", '299 - "text', "its text has no closing quote"],
      ["a text whose end is escaped", '299 - "text\\"', "its text has no closing quote"],
      ["a text that ends in an escape", '299 - "text\\', "its text has no closing quote"],
      ["a text with a control character", '299 - "te\x00xt"', "its text is not printable UTF-8"],
      ["a text with a line break", '299 - "te\nxt"', "its text is not printable UTF-8"],
      ["a text with a tab", '299 - "te\txt"', "its text is not printable UTF-8"],
      ["a text that steers terminals", bytes('299 - "\u009b2J"'), "its text is not printable UTF-8"],
      ["a text that is not UTF-8", '299 - "text\xc5"', "its text is not printable UTF-8"],
      ["half a character that was decoded already", '299 - "\ud83d"', "its text is not printable UTF-8"],
      ["a date without an end", '299 - "text" "Tue, 15 Nov', "its date has no closing quote"],
      ["something behind the text", '299 - "text" other', "something follows it that is not a comma"],
      ["something right behind the text", '299 - "text"other', "something follows it that is not a comma"],
      ["something behind the date", '299 - "text" "now" other', "something follows it that is not a comma"],
    ]
  ) {
    it(name, () => {
      assert.deepEqual(parseWarnings([value]), {
        warnings: [],
        errors: [`Cannot read a warning: ${error}`],
      });
    });
  }

  it("what comes after it in its value, and nothing else", () => {
    const { warnings, errors } = parseWarnings([
      '299 - "1.1",299 - "1.2"',
      '299 - "2.1", 299 - "unquoted, 299 - other',
      "299 - unquoted",
      ' 299 - "4.1" ,  299 - "4.2" ',
      '299 - "5.1", 29 - "5.2", 299 - "5.3"',
      "299 - ",
    ]);
    assert.deepEqual(warnings.map(({ text }) => text), ["1.1", "1.2", "2.1", "4.1", "4.2", "5.1"]);
    assert.equal(errors.length, 4);
  });
});

describe("warningsOf() [rest 5]", () => {
  for (
    const { name, values, texts } of [
      { name: "finds none where there is no header", values: [], texts: [] },
      {
        name: "reads the lines that Headers joins",
        values: ['299 - "a"', '299 - "b", 299 - "c" "Tue, 15 Nov"', '299 - "d"'],
        texts: ["a", "b", "c", "d"],
      },
      { name: "reads empty lines", values: ["", '299 - "a"', "", '299 - "b"', ""], texts: ["a", "b"] },
      {
        name: "goes on after a text without an end",
        values: ['299 - "a', '299 - "b"', '299 - "c"'],
        texts: ["b", "c"],
      },
      {
        name: "goes on after a date without an end",
        values: ['299 - "a" "Tue, 15', '299 - "b"'],
        texts: ["b"],
      },
      { name: "goes on after a bad code", values: ['2 - "a"', '299 - "b"'], texts: ["b"] },
      { name: "goes on after nonsense", values: ["a, b, 299", '299 - "b"'], texts: ["b"] },
      { name: "goes on after text that is not UTF-8", values: ['299 - "\xff"', '299 - "b"'], texts: ["b"] },
      { name: "goes on within a line", values: ['299 - "a", 29 - "b", 299 - "c"'], texts: ["a", "c"] },
      {
        name: "takes no start from within a text",
        values: ['299 - "a, 299 - \\"b\\""'],
        texts: ['a, 299 - "b"'],
      },
      { name: "decodes UTF-8", values: [bytes('299 - "ñ 💝"'), bytes('299 - "ö"')], texts: ["ñ 💝", "ö"] },
    ]
  ) {
    it(name, () => {
      const headers = new Headers();
      for (const value of values) headers.append("Warning", value);
      assert.deepEqual(warningsOf(headers).map(({ text }) => text), texts);
    });
  }
});

describe("formatWarning() [rest 5]", () => {
  for (
    const [warning, expected] of [
      [{ code: 299, agent: "-", text: "" }, '299 - ""'],
      [{ code: 299, agent: "", text: "text" }, '299 - "text"'],
      [{ code: 1, agent: "-", text: "text" }, '001 - "text"'],
      [{ code: 0, agent: "-", text: "text" }, '000 - "text"'],
      [{ code: 999, agent: "api.example.com", text: "text" }, '999 api.example.com "text"'],
      [{ code: 299, agent: "-", text: 'a "b" \\c, d' }, '299 - "a \\"b\\" \\\\c, d"'],
      [
        { code: 299, agent: "zürich", text: "Iñtërnâtiônàlizætiøn 💝" },
        bytes('299 zürich "Iñtërnâtiônàlizætiøn 💝"'),
      ],
    ] as [Warning, string][]
  ) {
    it(`writes ${expected}, and parseWarnings() reads it back`, () => {
      const value = formatWarning(warning);
      assert.equal(value, expected);
      const read = { ...warning, agent: warning.agent || "-" };
      assert.deepEqual(parseWarnings([value]), { warnings: [read], errors: [] });
      assert.deepEqual(warningsOf(new Headers([["Warning", value], ["Warning", value]])), [read, read]);
    });
  }

  for (
    const [name, warning, error] of [
      ["a code below 0", { code: -1, agent: "-", text: "" }, RangeError],
      ["a code above 999", { code: 1000, agent: "-", text: "" }, RangeError],
      ["a code that is not whole", { code: 299.5, agent: "-", text: "" }, RangeError],
      ["a code that is no number", { code: NaN, agent: "-", text: "" }, RangeError],
      ["an agent with a space", { code: 299, agent: "a b", text: "" }, TypeError],
      ["an agent with a space of another kind", { code: 299, agent: "a\u00a0b", text: "" }, TypeError],
      ["an agent with a line break", { code: 299, agent: "a\nb", text: "" }, TypeError],
      ["an agent with a backslash", { code: 299, agent: "a\\b", text: "" }, TypeError],
      ["an agent with a quote", { code: 299, agent: 'a"b"', text: "" }, TypeError],
      ["an agent with a control character", { code: 299, agent: "a\x00b", text: "" }, TypeError],
      ["an agent with half a character", { code: 299, agent: "a\ud83d", text: "" }, TypeError],
      ["a text with a line break", { code: 299, agent: "-", text: "a\nb" }, TypeError],
      ["a text with a control character", { code: 299, agent: "-", text: "a\x9bb" }, TypeError],
      ["a text with half a character", { code: 299, agent: "-", text: "a\ud83d" }, TypeError],
    ] as [string, Warning, new () => Error][]
  ) {
    it(`refuses ${name}`, () => {
      assert.throws(() => formatWarning(warning), error);
    });
  }
});
