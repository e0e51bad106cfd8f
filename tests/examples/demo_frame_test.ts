import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type FrameOptions, renderFrame } from "../../examples/demo/frame.ts";
import { widthOf } from "../../examples/demo/text.ts";
import type { Stage } from "../../examples/demo/view.ts";

const STAGE: Stage = {
  place: "An operator at work on an API server in memory",
  steps: [
    { name: "create", what: "two WebApps", state: "done", outcome: "both are ready" },
    { name: "scale", what: "web to 4", state: "going on" },
    { name: "kill", what: "the leader", state: "to come" },
  ],
  operators: [{ name: "operator-a", state: "leads" }, { name: "operator-b", state: "killed" }],
  apps: [
    { name: "cart", image: "nginx", replicas: "1/1", ready: "True", service: "yes", isDeleting: false },
    { name: "web", image: "nginx", replicas: "1/4", ready: "False", service: "yes", isDeleting: false },
    { name: "old", image: "nginx", replicas: "-", ready: "True", service: "no", isDeleting: true },
  ],
  news: ["first", "second", "third"],
};

const draw = (options: Partial<FrameOptions> = {}, stage: Partial<Stage> = {}) =>
  renderFrame({ ...STAGE, ...stage }, {
    ...{ width: 80, height: 24, colour: false, facts: "3 s", footer: "q leaves" },
    ...options,
  });

describe("renderFrame()", () => {
  it("shows the steps, who leads, the objects and the news, and how to leave at the bottom", () => {
    const lines = draw().map((line) => line.trimEnd());
    assert.equal(lines.length, 24);
    assert.equal(lines[0], "An operator at work on an API server in memory · 3 s");
    assert.deepEqual(lines.slice(2, 5), [
      " ✓ create  both are ready",
      " ▸ scale   web to 4",
      "   kill    the leader",
    ]);
    assert.match(lines[6], /operator-a +leads/);
    assert.match(lines[10], /web +nginx +1\/4 +False +yes/);
    assert.match(lines[11], /old +nginx +- +going +no/);
    assert.deepEqual(lines.slice(13, 16), ["   first", "   second", "   third"]);
    assert.equal(lines[23], "q leaves");
  });

  for (const [width, height] of [[80, 24], [40, 10], [20, 5], [7, 3], [1, 1], [200, 60]]) {
    it(`fits into ${width} by ${height}`, () => {
      const lines = draw({ width, height });
      assert.equal(lines.length, height);
      for (const line of lines) assert.ok(widthOf(line) <= width, JSON.stringify(line));
    });
  }

  it("shows the newest of the news when there is little room", () => {
    const lines = draw({ height: 15 }).map((line) => line.trimEnd());
    assert.equal(lines[13], "   third");
  });

  it("lets nothing of what a server says steer the terminal", () => {
    const news = ["\x1b[2Jgone\n\u202ereversed"];
    const text = draw({}, { news }).join("\n");
    for (const character of ["\x1b", "\u202e"]) assert.ok(!text.includes(character));
    assert.match(text, /\\u\{1b\}\[2Jgone\\n/);
  });

  it("uses colours when it may, which take no room", () => {
    const plain = draw();
    const coloured = draw({ colour: true });
    // deno-lint-ignore no-control-regex -- that is what is looked for
    assert.deepEqual(coloured.map((line) => line.replace(/\x1b\[\d+m/g, "")), plain);
    assert.ok(coloured[2].startsWith("\x1b[32m ✓"));
  });
});
