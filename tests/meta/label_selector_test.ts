import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { formatLabelSelector, matchesLabels, parseLabelSelector } from "@coxswain/kube/meta";

describe("parseLabelSelector()", () => {
  for (
    const { selector, formatted = selector, selects = [], leaves = [] } of [
      { selector: "", selects: [{}, { app: "web" }] },
      { selector: "app=web", selects: [{ app: "web" }], leaves: [{}, { app: "api" }, { App: "web" }] },
      { selector: "app == web", formatted: "app=web", selects: [{ app: "web" }], leaves: [{}] },
      { selector: "app=", selects: [{ app: "" }], leaves: [{}, { app: "web" }] },
      { selector: "app!=web", selects: [{}, { app: "api" }], leaves: [{ app: "web" }] },
      { selector: "app", selects: [{ app: "" }], leaves: [{}] },
      { selector: "!app", selects: [{}], leaves: [{ app: "" }] },
      {
        selector: "app in (web, api)",
        formatted: "app in (web,api)",
        selects: [{ app: "api" }],
        leaves: [{}, { app: "db" }],
      },
      { selector: "app notin (web,api)", selects: [{}, { app: "db" }], leaves: [{ app: "web" }] },
      { selector: "app in (web)", formatted: "app=web", selects: [{ app: "web" }], leaves: [{ app: "api" }] },
      { selector: "app in (,web)", selects: [{ app: "" }, { app: "web" }], leaves: [{}] },
      {
        selector: "rank>3",
        selects: [{ rank: "4" }, { rank: "10" }],
        leaves: [{}, { rank: "3" }, { rank: "high" }],
      },
      { selector: "rank < 1", formatted: "rank<1", selects: [{ rank: "0" }], leaves: [{ rank: "1" }] },
      {
        selector: "example.com/tier = front , !retired,app",
        formatted: "example.com/tier=front,!retired,app",
        selects: [{ "example.com/tier": "front", app: "x" }],
        leaves: [{ "example.com/tier": "front" }, { "example.com/tier": "front", app: "x", retired: "" }],
      },
      { selector: "in in (in)", formatted: "in=in", selects: [{ in: "in" }], leaves: [{}] },
      { selector: "constructor", leaves: [{}] },
    ] as {
      selector: string;
      formatted?: string;
      selects?: Record<string, string>[];
      leaves?: Record<string, string>[];
    }[]
  ) {
    it(`understands "${selector}"`, () => {
      const requirements = parseLabelSelector(selector);
      for (const labels of selects) assert.ok(matchesLabels(requirements, labels), JSON.stringify(labels));
      for (const labels of leaves) assert.ok(!matchesLabels(requirements, labels), JSON.stringify(labels));
      assert.equal(formatLabelSelector(requirements), formatted);
      assert.deepEqual(parseLabelSelector(formatted), requirements);
    });
  }

  for (
    const selector of [
      "app=web,",
      ",app",
      "=web",
      "app in web",
      "app in (web",
      "app in",
      "app web",
      "!app=web",
      "a/b/c=d",
      "-app=web",
      "app=we b",
      "app=$",
      "app>high",
      "app>-1",
      "UPPER.example.com/x",
      `${"a".repeat(64)}=b`,
      "(app)",
    ]
  ) {
    it(`refuses "${selector}"`, () => {
      assert.throws(() => parseLabelSelector(selector), SyntaxError);
    });
  }
});
