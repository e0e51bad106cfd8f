import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Frame, type MarkedRow, renderFrame, rowsIn } from "../../examples/demo/frame.ts";
import { fit, fitMiddle, printable, widthOf } from "../../examples/demo/text.ts";

const row = (name: string, change: Partial<MarkedRow> = {}): MarkedRow => ({
  namespace: "shop",
  name,
  ready: "1/1",
  status: "Running",
  restarts: "0",
  age: "5m",
  node: "node-a",
  tone: "good",
  mark: " ",
  ...change,
});

const frame = (rows: MarkedRow[], change: Partial<Frame> = {}): Frame => ({
  place: "All pods on https://10.0.0.1:6443/",
  facts: `${rows.length} pods · 0 events · following`,
  rows,
  hidden: 0,
  footer: "q or Ctrl-C leaves",
  ...change,
});

const plain = { width: 80, height: 8, colour: false };
const trimmed = (lines: string[]) => lines.map((line) => line.trimEnd());

describe("renderFrame()", () => {
  it("draws header, titles, rows and, on the last line, the footer", () => {
    const rows = [row("web-0"), row("web-1", { mark: "~", status: "CrashLoopBackOff", restarts: "12" })];
    assert.deepEqual(trimmed(renderFrame(frame(rows), plain)), [
      "All pods on https://10.0.0.1:6443/ · 2 pods · 0 events · following",
      "  NAMESPACE  NAME              READY  STATUS             RESTARTS    AGE  NODE",
      "  shop       web-0             1/1    Running                   0     5m  node-a",
      "~ shop       web-1             1/1    CrashLoopBackOff         12     5m  node-a",
      "",
      "",
      "",
      "q or Ctrl-C leaves",
    ]);
  });

  it("says that there are no pods", () => {
    const lines = trimmed(renderFrame(frame([]), plain));
    assert.equal(lines.length, 8);
    assert.equal(lines[2], "  There are no pods.");
  });

  it("says how many pods it does not show", () => {
    const lines = renderFrame(frame([row("web-0")], { hidden: 41 }), plain);
    assert.match(lines[3], /… and 41 more, whose last change is longer ago/);
  });

  it("leaves out columns before it cuts names, and keeps names and statuses to the last", () => {
    const titlesAt = (width: number) => {
      const rows = [
        row("payment-gateway-6b7f4c9xkl-h2mdq", { namespace: "shop", node: "ip-10-0-0-1.internal" }),
      ];
      return renderFrame(frame(rows), { ...plain, width })[1].trim().split(/ +/).join(" ");
    };
    assert.equal(titlesAt(110), "NAMESPACE NAME READY STATUS RESTARTS AGE NODE");
    assert.equal(titlesAt(102), "NAMESPACE NAME READY STATUS RESTARTS AGE NODE"); // with a part of the node
    assert.equal(titlesAt(90), "NAMESPACE NAME READY STATUS RESTARTS AGE");
    assert.equal(titlesAt(80), "NAMESPACE NAME READY STATUS AGE");
    assert.equal(titlesAt(72), "NAMESPACE NAME STATUS AGE");
    assert.equal(titlesAt(66), "NAMESPACE NAME STATUS");
    assert.equal(titlesAt(55), "NAME STATUS");
    assert.equal(titlesAt(40), "NAME STATUS"); // both cut
  });

  it("shortens the place rather than the facts, and leaves it out where nothing of it would be left", () => {
    const headerAt = (width: number) => renderFrame(frame([row("web-0")]), { ...plain, width })[0].trimEnd();
    assert.equal(headerAt(50), "All pods on https… · 1 pods · 0 events · following");
    assert.equal(headerAt(40), "1 pods · 0 events · following");
  });

  for (const colour of [false, true]) {
    it(`never draws more lines or columns than there are ${colour ? "in" : "without"} colour`, () => {
      const rows = [
        row("web-0", { mark: "+" }),
        row("a".repeat(63), { namespace: "b".repeat(63), node: "c".repeat(253), mark: "-", tone: "over" }),
        row("web-2", { status: "画像取得エラー🙂", tone: "bad" }),
      ];
      for (let width = 1; width <= 130; width++) {
        for (const height of [1, 2, 3, 4, 5, 8, 30]) {
          const lines = renderFrame(frame(rows, { hidden: 7 }), { width, height, colour });
          assert.ok(lines.length <= height, `${lines.length} lines in ${height}`);
          for (const line of lines) {
            const text = line.replaceAll("\x1b", "").replace(/\[\d+m/g, "");
            assert.ok(widthOf(text.trimEnd()) <= width, `${JSON.stringify(text)} in ${width} columns`);
          }
        }
      }
    });
  }

  it("paints statuses, and what has just changed", () => {
    const rows = [row("web-0"), row("web-1", { mark: "+", tone: "busy", status: "Pending" })];
    const lines = renderFrame(frame(rows), { ...plain, colour: true }).map((line) =>
      line.replaceAll("\x1b", "␛")
    );
    assert.match(lines[0], /^␛\[1m.*␛\[22m$/);
    assert.match(lines[2], /^ {2}shop .*␛\[32mRunning +␛\[39m/);
    assert.match(lines[3], /^␛\[1m␛\[32m\+␛\[39m shop .*␛\[33mPending +␛\[39m.*␛\[22m$/);
  });
});

describe("rowsIn()", () => {
  for (
    const { height, count, rows } of [
      { height: 24, count: 5, rows: 5 },
      { height: 24, count: 21, rows: 21 }, // no line is needed to say what is hidden
      { height: 24, count: 22, rows: 20 },
      { height: 4, count: 1, rows: 1 },
      { height: 4, count: 2, rows: 0 },
      { height: 1, count: 9, rows: 0 },
    ]
  ) {
    it(`shows ${rows} of ${count} rows in ${height} lines`, () => assert.equal(rowsIn(height, count), rows));
  }
});

describe("fit()", () => {
  for (
    const [text, width, fitted] of [
      ["web", 5, "web  "],
      ["web-0", 5, "web-0"],
      ["web-10", 5, "web-…"],
      ["web", 1, "…"],
      ["web", 0, ""],
      ["画像", 4, "画像"],
      ["画像取得", 5, "画像…"],
      ["画像取得", 4, "画… "], // half a character cannot be shown
      ["e\u0301te\u0301", 2, "e\u0301…"],
      ["👩‍🚀🙂", 2, "… "],
    ] as [string, number, string][]
  ) {
    it(`makes ${JSON.stringify(fitted)} of ${JSON.stringify(text)} in ${width} columns`, () => {
      assert.equal(fit(text, width), fitted);
      assert.equal(widthOf(fitted), width);
    });
  }

  it("aligns to the right", () => assert.equal(fit("12", 4, "right"), "  12"));
});

describe("fitMiddle()", () => {
  for (
    const [text, width, fitted] of [
      ["web-0", 7, "web-0  "],
      ["web-6b7f4-h2mdq", 11, "web-6…h2mdq"],
      ["web-6b7f4-h2mdq", 2, "w…"],
      ["web-6b7f4-h2mdq", 0, ""],
      ["画像取得画像", 7, "画像…像"],
      ["画像取得画像", 8, "画像… 像"],
    ] as [string, number, string][]
  ) {
    it(`makes ${JSON.stringify(fitted)} of ${JSON.stringify(text)} in ${width} columns`, () => {
      assert.equal(fitMiddle(text, width), fitted);
      assert.equal(widthOf(fitted), width);
    });
  }
});

describe("printable()", () => {
  for (
    const [text, shown] of [
      ["Running", "Running"],
      ["画像 é 🙂", "画像 é 🙂"],
      ["\x1b[2J", "\\u{1b}[2J"],
      ["a\r\n\tb", "a\\r\\n\\tb"],
      ["\x9b2J\x7f\0", "\\u{9b}2J\\u{7f}\\u{0}"],
      ["\u202egnp.exe", "\\u{202e}gnp.exe"], // turns the direction of what follows
      ["\ud800", "\\u{d800}"],
    ]
  ) {
    it(`shows ${JSON.stringify(text)} as ${JSON.stringify(shown)}`, () =>
      assert.equal(printable(text), shown));
  }
});
