import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { consoleLogger, type LogLevel, noLogger } from "@coxswain/kube/observe";

const LEVELS: readonly LogLevel[] = ["debug", "info", "warn", "error"];

/** What `message` and `fields` become at level `warn`. */
function lineOf(message: string, fields?: Record<string, unknown>): string {
  let written = "";
  consoleLogger({ write: (line) => written = line }).warn(message, fields);
  return written;
}

describe("consoleLogger()", () => {
  for (
    const [level, expected] of [
      [undefined, ["warn", "error"]],
      ["debug", ["debug", "info", "warn", "error"]],
      ["info", ["info", "warn", "error"]],
      ["error", ["error"]],
      ["silent", []],
    ] as [LogLevel | "silent" | undefined, LogLevel[]][]
  ) {
    it(`writes ${expected.join(", ") || "nothing"} at level ${level ?? "unsaid"}`, () => {
      const written: [string, LogLevel][] = [];
      const logger = consoleLogger({ level, write: (line, level) => written.push([line, level]) });
      for (const each of LEVELS) logger[each]("x");
      assert.deepEqual(written, expected.map((each) => [`${each.toUpperCase()} x`, each]));
    });
  }

  it("refuses a level that there is not", () => {
    assert.throws(() => consoleLogger({ level: "trace" as "debug" }), RangeError);
  });

  it("writes to the console's method of the level, as it stands then", (t) => {
    const logger = consoleLogger();
    const warn = t.mock.method(console, "warn", () => {});
    logger.warn("100%", { format: "%s" });
    assert.deepEqual(warn.mock.calls.map((call) => call.arguments), [['WARN 100% format="%s"']]);
  });

  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const angry = {
    toJSON() {
      throw new Error("no");
    },
  };
  for (
    const [name, value, expected] of [
      ["a word", "shop/web-0", "shop/web-0"],
      ["an address", "10.0.0.1:6443", "10.0.0.1:6443"],
      ["several words", "a b", '"a b"'],
      ["nothing", "", '""'],
      ["a quote", 'a"b', '"a\\"b"'],
      ["what looks like another field", "a b=c", '"a b=c"'],
      ["a line break", "a\nb", '"a\\nb"'],
      ["what steers terminals", "\x1b[2J\x9b2J\u2028", '"\\u001b[2J\\u009b2J\\u2028"'],
      ["a number", 1.5, "1.5"],
      ["a truth", false, "false"],
      ["nothing at all", undefined, "undefined"],
      ["null", null, "null"],
      ["a bigint", 10n, "10"],
      ["a symbol", Symbol("s"), '"Symbol(s)"'],
      ["a list", ["a", 1], '["a",1]'],
      ["an object", { a: "b\n\x9b" }, '{"a":"b\\n\\u009b"}'],
      ["a date", new Date(0), '"1970-01-01T00:00:00.000Z"'],
      ["an error", new TypeError("no way", { cause: 1 }), '"TypeError: no way"'],
      ["a circle", circular, "[unprintable]"],
      ["what throws", angry, "[unprintable]"],
      ["an object with a bigint", { a: 1n }, "[unprintable]"],
      ["an object without a prototype", Object.create(null), "{}"],
    ] as [string, unknown, string][]
  ) {
    it(`writes ${name} as a field`, () => {
      assert.equal(lineOf("m", { key: value }), `WARN m key=${expected}`);
    });
  }

  it("keeps a message and keys on their line", () => {
    assert.equal(lineOf("a\r\nb \x1b[1m", { "k\ney": 1 }), "WARN a\\u000d\\nb \\u001b[1m k\\ney=1");
  });
});

describe("noLogger", () => {
  it("takes everything and says nothing", (t) => {
    for (const level of LEVELS) {
      const written = t.mock.method(console, level, () => {});
      noLogger[level]("x", { a: 1 });
      assert.equal(written.mock.callCount(), 0);
    }
  });
});
