import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { checkManifests, checkSource, DEPENDENCIES, type Manifest } from "../tools/architecture.ts";

const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** Licences that a program may be shipped with without asking anybody. */
const ALLOWED_LICENSES = ["Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "MIT"];

const read = (path: string): string => readFileSync(ROOT + path, "utf8");
const manifest = (path: string): Manifest => JSON.parse(read(path));

function sources(): string[] {
  return readdirSync(ROOT, { withFileTypes: true }).flatMap((entry) => {
    if (!entry.isDirectory()) return entry.name.endsWith(".ts") ? [entry.name] : [];
    if (entry.name.startsWith(".") || entry.name === "node_modules") return [];
    return (readdirSync(ROOT + entry.name, { recursive: true }) as string[])
      .map((path) => `${entry.name}/${path.replaceAll("\\", "/")}`)
      .filter((path) => path.endsWith(".ts"));
  });
}

describe("The project", () => {
  it("keeps to its floors, faces and globals in every source", () => {
    assert.deepEqual(sources().flatMap((path) => checkSource(path, read(path))), []);
  });

  it("has the same exports and dependencies in both manifests, as listed", () => {
    const library = sources().filter((path) => !/^(bench|examples|tests|tools)\//.test(path));
    assert.deepEqual(checkManifests(manifest("deno.json"), manifest("package.json"), library), []);
  });

  for (const { name, version, license } of DEPENDENCIES) {
    it(`depends on ${name} ${version} under ${license}`, () => {
      const installed = manifest(`node_modules/${name}/package.json`);
      assert.deepEqual([installed.version, installed.license], [version, license]);
      assert.ok(ALLOWED_LICENSES.includes(license));
    });
  }
});

describe("checkSource()", () => {
  for (
    const { name, path = "client/resource.ts", source } of [
      { name: "a lower floor's mod.ts", source: `import { Status } from "../meta/mod.ts";` },
      { name: "a file of its own folder", source: `import type { Page } from "./page.ts";` },
      { name: "an API group's types", source: `import type { Scale } from "../types/autoscaling_v1.ts";` },
      { name: "a node: module inside a function", source: `const read = () => import("node:fs/promises");` },
      { name: "the type of a node: module", source: `import type { Agent } from "node:https";` },
      {
        name: "a dependency inside a function",
        path: "yaml/a.ts",
        source: `const parse = async () => (await import("yaml")).parse;`,
      },
      {
        name: "every face at the front door",
        path: "mod.ts",
        source: `export { Client } from "./client/mod.ts";`,
      },
      { name: "a runtime's global in its transport", path: "rest/transport_bun.ts", source: `Bun.version;` },
      {
        name: "timers in the clock",
        path: "async/clock.ts",
        source: `setTimeout(() => performance.now(), 1);`,
      },
      { name: "the default dice, uncalled", source: `const { random = Math.random } = options;` },
      { name: "a date that was given", source: `const date = new Date(text);` },
      {
        name: "names in comments",
        source: `// Deno.cwd() export * from "node:fs"\n/* Buffer\n * process.env */`,
      },
      {
        name: "names in strings",
        source: `const text = "setTimeout(" + 'Deno.env' + \`Buffer \${1} process.env\`;`,
      },
      {
        name: "names in a regular expression",
        source: `const pattern = /Deno|["'\`]Bun\\/[/]Buffer/.test(text);`,
      },
      {
        name: "names of members",
        source: `socket.setTimeout(1); queue.process.length; type A = { process: B };`,
      },
      {
        name: "a member called import or export",
        source: `bundle.import(x); bundle.export * 2; const a = { default: 1 };`,
      },
      {
        name: "a module under a global's name",
        source: `const { default: process } = await import("node:process"); process.env;`,
      },
      {
        name: "an export of its own",
        source: `export type { Page };\nexport { a };\nconst b = { from: "node:fs" };`,
      },
      {
        name: "the package's name in an example",
        path: "examples/demo.ts",
        source: `import "@coxswain/kube"; Deno.exit();`,
      },
      {
        name: "anything in a test",
        path: "tests/rest/lines_test.ts",
        source: `import "../../rest/lines.ts"; Date.now();`,
      },
    ]
  ) {
    it(`accepts ${name}`, () => assert.deepEqual(checkSource(path, source), []));
  }

  for (
    const { name, path = "client/resource.ts", source, says } of [
      {
        name: "a higher floor",
        source: `import { Reflector } from "../cache/mod.ts";`,
        says: /only lower floors/,
      },
      {
        name: "its own floor",
        path: "config/load.ts",
        source: `export { serverVersion } from "../discovery/mod.ts";`,
        says: /only lower floors/,
      },
      {
        name: "another folder's file",
        source: `import { lines } from "../rest/lines.ts";`,
        says: /goes around rest\/mod\.ts/,
      },
      {
        name: "a type of another folder's file",
        source: `import type { A } from "../rest/a.ts";`,
        says: /goes around/,
      },
      {
        name: "a dynamic import that goes up",
        source: `await import("../testing/mod.ts");`,
        says: /only lower floors/,
      },
      { name: "its own mod.ts", source: `import { Client } from "./mod.ts";`, says: /import the file/ },
      {
        name: "tools",
        source: `import { run } from "../tools/project.ts";`,
        says: /not a part of the library/,
      },
      { name: "a name without .ts", source: `import { a } from "./page";`, says: /does not end in \.ts/ },
      {
        name: "a node: module at the top",
        source: `import process from "node:process";`,
        says: /not there on the edge/,
      },
      { name: "a module for its effect", source: `import "node:fs";`, says: /not there on the edge/ },
      {
        name: "a dependency at the top",
        path: "yaml/a.ts",
        source: `import { parse } from "yaml";`,
        says: /loaded when it is needed/,
      },
      {
        name: "a dependency that is not listed",
        source: `await import("lodash");`,
        says: /may not import "lodash"/,
      },
      {
        name: "a dependency elsewhere",
        path: "rest/a.ts",
        source: `await import("yaml");`,
        says: /rest may not import/,
      },
      { name: "the package by its name", source: `import "@coxswain/kube";`, says: /may not import/ },
      {
        name: "a module that is named at run time",
        source: "await import(`./${name}.ts`);",
        says: /constant string/,
      },
      { name: "export *", source: `export * from "./page.ts";`, says: /export \*/ },
      { name: "export * as", source: `export * as pages from "./page.ts";`, says: /export \*/ },
      { name: "a default export", source: `export default function () {}`, says: /default export/ },
      { name: "Deno", source: `const home = Deno.env.get("HOME");`, says: /Deno is a runtime's global/ },
      { name: "process", source: `const home = process.env.HOME;`, says: /process is a runtime's global/ },
      { name: "Buffer", source: `new Uint8Array(Buffer.from(text));`, says: /Buffer is a runtime's global/ },
      { name: "require", source: `const fs = require("fs");`, says: /require is a runtime's global/ },
      {
        name: "a global by way of globalThis",
        source: `globalThis.process.env;`,
        says: /process is a runtime's/,
      },
      {
        name: "a global taken out of globalThis",
        source: `const { Deno } = globalThis;`,
        says: /Deno is a runtime's/,
      },
      {
        name: "a global inside a template",
        source: "const text = `in ${Deno.cwd()} {}`;",
        says: /Deno is a runtime's/,
      },
      {
        name: "a global after a division",
        source: `const half = (a) / 2; Bun.gc(); const third = b / 3;`,
        says: /Bun is/,
      },
      { name: "a timer", source: `setTimeout(retry, 1_000);`, says: /the clock's to call/ },
      {
        name: "a timer's type",
        source: `let timer: ReturnType<typeof setTimeout>;`,
        says: /the clock's to call/,
      },
      { name: "Date.now()", source: `const now = Date.now();`, says: /Date\.now cannot be replaced/ },
      {
        name: "performance.now",
        source: `const { now = performance.now } = {};`,
        says: /performance\.now cannot/,
      },
      {
        name: "AbortSignal.timeout()",
        source: `AbortSignal.timeout(5);`,
        says: /AbortSignal\.timeout cannot/,
      },
      { name: "Math.random()", source: `delay * Math.random();`, says: /Math\.random cannot/ },
      {
        name: "new Date()",
        source: `const at = new Date().toISOString();`,
        says: /new Date\(\) reads the time/,
      },
      {
        name: "types of anything but meta",
        path: "types/core_v1.ts",
        source: `import "../async/mod.ts";`,
        says: /meta\/ alone/,
      },
      { name: "a second module at the root", path: "index.ts", source: "", says: /at the root are/ },
      { name: "a folder without a floor", path: "utils/mod.ts", source: "", says: /has no floor/ },
      { name: "a folder in a folder", path: "rest/node/tls.ts", source: "", says: /no subfolders/ },
      {
        name: "types that are no API group",
        path: "types/helpers.ts",
        source: "",
        says: /one API group and version/,
      },
      {
        name: "an example that looks inside",
        path: "examples/demo.ts",
        source: `import "../client/mod.ts";`,
        says: /as its users do/,
      },
    ]
  ) {
    it(`refuses ${name}`, () => {
      const problems = checkSource(path, source);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0], says);
    });
  }

  it("says where", () => {
    const source = "/* two\n lines */ const text = `three\n${four}`;\n\nBun.gc();";
    assert.match(checkSource("meta/keys.ts", source)[0], /^meta\/keys\.ts:5: Bun is/);
  });
});

describe("checkManifests()", () => {
  const dependencies = Object.fromEntries(
    DEPENDENCIES.filter(({ folders }) => folders.length > 0).map(({ name, version }) => [name, version]),
  );
  const devDependencies = Object.fromEntries(
    DEPENDENCIES.filter(({ folders }) => folders.length === 0).map(({ name, version }) => [name, version]),
  );
  const exports = { ".": "./mod.ts", "./rest": "./rest/mod.ts", "./types/core/v1": "./types/core_v1.ts" };
  const deno: Manifest = { name: "kube", version: "1.0.0", license: "ISC", exports };
  const npm: Manifest = { ...deno, dependencies, devDependencies };
  const files = ["mod.ts", "rest/mod.ts", "rest/lines.ts", "types/core_v1.ts"];

  it("accepts two that agree", () => assert.deepEqual(checkManifests(deno, npm, files), []));

  for (
    const { name, changedDeno = deno, changedNpm = npm, paths = files, says } of [
      {
        name: "another version",
        changedNpm: { ...npm, version: "1.0.1" },
        says: /version: deno\.json has 1\.0\.0/,
      },
      {
        name: "an export that one lacks",
        changedNpm: { ...npm, exports: { ...exports, "./rest": "" } },
        says: /"\.\/rest"/,
      },
      {
        name: "an export without a file",
        paths: files.filter((path) => path !== "rest/mod.ts"),
        says: /no \.\/rest\/mod\.ts/,
      },
      {
        name: "a folder without an export",
        paths: [...files, "meta/mod.ts"],
        says: /meta\/mod\.ts is not in the exports/,
      },
      {
        name: "an API group without an export",
        paths: [...files, "types/apps_v1.ts"],
        says: /apps_v1\.ts is not/,
      },
      {
        name: "imports of Deno alone",
        changedDeno: { ...deno, imports: {} },
        says: /Node does not read them/,
      },
      {
        name: "a dependency that is not listed",
        changedNpm: { ...npm, dependencies: { ...dependencies, lodash: "4.17.21" } },
        says: /package\.json has lodash 4\.17\.21/,
      },
      {
        name: "a dependency that is gone",
        changedNpm: { ...npm, dependencies: { ws: dependencies.ws } },
        says: /lists 2\.9\.1/,
      },
    ]
  ) {
    it(`refuses ${name}`, () => {
      const problems = checkManifests(changedDeno, changedNpm, paths);
      assert.equal(problems.length, 1, problems.join("\n"));
      assert.match(problems[0], says);
    });
  }

  it("refuses an export that is no mod.ts", () => {
    const changed = { ...exports, "./rest": "./rest/lines.ts" };
    const problems = checkManifests({ ...deno, exports: changed }, { ...npm, exports: changed }, files);
    assert.match(problems[0], /"\.\/rest"\] is \.\/rest\/lines\.ts, not \.\/rest\/mod\.ts/);
  });
});
