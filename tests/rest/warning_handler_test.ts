import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { noLogger } from "@coxswain/kube/observe";
import { ignoreWarnings, type Warning, warningLogger, warningWriter } from "@coxswain/kube/rest";

const WARNINGS: readonly Warning[] = [
  { code: 299, agent: "-", text: "a" },
  { code: 199, agent: "-", text: "not about the request" },
  { code: 299, agent: "-", text: "" },
  { code: 299, agent: "-", text: "b" },
  { code: 299, agent: "other", text: "a" },
];

describe("warningWriter() [rest 5]", () => {
  for (
    const { name, options, written } of [
      {
        name: "writes texts of code 299 as lines",
        options: undefined,
        written: ["Warning: a\n", "Warning: b\n", "Warning: a\n"],
      },
      {
        name: "writes a text once if told so, whoever says it",
        options: { deduplicate: true },
        written: ["Warning: a\n", "Warning: b\n"],
      },
      {
        name: "writes in colour if told so",
        options: { color: true, deduplicate: true },
        written: ["\x1b[33;1mWarning:\x1b[0m a\n", "\x1b[33;1mWarning:\x1b[0m b\n"],
      },
    ]
  ) {
    it(`${name}, and counts what it has written`, () => {
      const lines: string[] = [];
      const handler = warningWriter((line) => lines.push(line), options);
      assert.equal(handler.count, 0);
      for (const warning of WARNINGS) handler(warning);
      assert.deepEqual(lines, written);
      assert.equal(handler.count, written.length);
    });
  }
});

describe("warningLogger() [rest 5]", () => {
  it("logs texts of code 299 as warnings", () => {
    const lines: string[] = [];
    const handler = warningLogger({ ...noLogger, warn: (message) => lines.push(message) });
    for (const warning of WARNINGS) handler(warning);
    assert.deepEqual(lines, ["Warning: a", "Warning: b", "Warning: a"]);
  });
});

describe("ignoreWarnings() [rest 5]", () => {
  it("does nothing with any warning", () => {
    for (const warning of WARNINGS) assert.equal(ignoreWarnings(warning), undefined);
  });
});
