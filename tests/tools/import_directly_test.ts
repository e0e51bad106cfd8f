import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { importDirectly } from "../../tools/import_directly.ts";

/** What importing directly makes of files. */
function direct(files: Record<string, string>): Record<string, string> {
  const changed = new Map(Object.entries(files));
  importDirectly(changed);
  return Object.fromEntries(changed);
}

const ENTRY = `import { one, other } from "./first.js";\nimport { third } from "./second.js";\n` +
  `export { one, other, third };\n`;

describe("importDirectly()", () => {
  it("names the files that have what an entry only hands on", () => {
    const before = `import { one, third as it } from "../rest/mod.js";\nconsole.log(one, it);\n`;
    assert.equal(
      direct({ "rest/mod.js": ENTRY, "cache/mod.js": before })["cache/mod.js"],
      `import { one } from "../rest/first.js";\nimport { third as it } from "../rest/second.js";\nconsole.log(one, it);\n`,
    );
  });

  it("does so for the entry of all", () => {
    const before = `import { other } from "./rest/mod.js";\nexport { other };\n`;
    assert.equal(
      direct({ "rest/mod.js": ENTRY, "mod.js": before })["mod.js"],
      `import { other } from "./rest/first.js";\nexport { other };\n`,
    );
  });

  it("does so for what is taken of an entry that is loaded on demand, if one file has it", () => {
    const before = `const { one, other } = await import("./rest/mod.js");\n` +
      `const { one, third } = await import("./rest/mod.js");\n`;
    assert.equal(
      direct({ "rest/mod.js": ENTRY, "connect.js": before })["connect.js"],
      `const { one, other } = await import("./rest/first.js");\n` +
        `const { one, third } = await import("./rest/mod.js");\n`,
    );
  });

  it("leaves entries with code of their own, types and entries that are loaded as a whole", () => {
    const files = {
      "rest/mod.js": `${ENTRY}\nconst more = 1;\n`,
      "cache/mod.js": `import { one } from "../rest/mod.js";\n`,
      "cache/mod.d.ts": `import { One } from "../rest/mod.js";\n`,
      "mod.js": `const load = () => import("./rest/mod.js");\n`,
    };
    assert.deepEqual(direct(files), files);
  });
});
