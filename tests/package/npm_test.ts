import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pack } from "../../tools/pack.ts";
import { exportedFiles, librarySources, ROOT, run } from "../../tools/project.ts";
import { runtime } from "../../tools/runtimes.ts";
import { readTarball } from "../../tools/tarball.ts";

interface PackageJson {
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
const { dependencies, devDependencies: { "@types/node": types, typescript } }: PackageJson = JSON.parse(
  Deno.readTextFileSync(`${ROOT}package.json`),
);

const MAIN = `import { listPods } from "./list_pods.ts";
const names: string[] = await listPods();
console.log(names.join());
`;

/** How many files an entry of the package may load at once; it was 185 for the front door when each source was one. */
const MOST_FILES = 21;

/** How users compile: what a Node project has, and what a project for the web and a bundler has. */
const SETTINGS = {
  nodenext: { module: "nodenext", lib: ["es2024"], types: ["node"] },
  bundler: {
    module: "esnext",
    moduleResolution: "bundler",
    lib: ["es2024", "esnext.disposable", "dom", "dom.iterable", "dom.asynciterable"],
    types: [],
  },
};

describe("The packed package", () => {
  let folder: string;
  let packed: Map<string, string>;
  before(async () => {
    folder = await Deno.makeTempDir({ prefix: "coxswain-npm-" });
    await pack(`${folder}/package.tgz`);
    packed = await readTarball(`${folder}/package.tgz`);
  });
  after(() => Deno.remove(folder, { recursive: true }));

  it("holds every source: one that is missing cannot be reached from any export", () => {
    const reached = new Set<string>();
    const follow = (path: string): void => {
      if (reached.has(path)) return;
      reached.add(path);
      const imports = Deno.readTextFileSync(ROOT + path).matchAll(/(?:from |\bimport\()"(\.{1,2}\/[^"]+)"/g);
      for (const [, next] of imports) follow(new URL(next, `file:///${path}`).pathname.slice(1));
    };
    for (const file of exportedFiles()) follow(file.slice(2));
    assert.deepEqual(librarySources().filter((path) => !reached.has(path)), []);
  });

  it("needs few files to import an entry, for each costs time", () => {
    const imported = (path: string, seen = new Set<string>()): Set<string> => {
      if (seen.has(path)) return seen;
      seen.add(path);
      const imports = packed.get(path)!.matchAll(/^(?:import|export) (?:[^"]* from )?"(\.[^"]+)";$/gm);
      for (const [, next] of imports) imported(new URL(next, `file:///${path}`).pathname.slice(1), seen);
      return seen;
    };
    for (const file of exportedFiles()) {
      const count = imported(file.slice(2).replace(/\.ts$/, ".js")).size;
      assert.ok(count <= MOST_FILES, `${file} needs ${count} files`);
    }
  });

  it("holds nothing else but declarations, the licence and the README", () => {
    const others = [...packed.keys()].filter((path) => !path.endsWith(".js") && !path.endsWith(".d.ts"));
    assert.deepEqual(others.sort(), ["LICENSE", "README.md", "package.json"]);
    for (const file of exportedFiles()) assert.ok(packed.has(file.slice(2).replace(/\.ts$/, ".d.ts")), file);
  });

  it("has no path of this machine, and no import of a .ts file", () => {
    for (const [path, text] of packed) {
      assert.ok(!text.includes(ROOT), `${path} names ${ROOT}`);
      assert.doesNotMatch(text, /(from|import)\s*\(?\s*["']\.{1,2}\/[^"']*(?<!\.d)\.ts["']/, path);
    }
  });

  it("depends on what package.json lists, and on nothing for development", () => {
    const manifest = JSON.parse(packed.get("package.json")!) as PackageJson;
    const names = (dependencies: Record<string, string> = {}): string[] => Object.keys(dependencies).sort();
    assert.deepEqual(names(manifest.dependencies), names(dependencies));
    assert.deepEqual(names(manifest.devDependencies), []);
  });

  it("is the same, byte for byte, when packed again", async () => {
    await pack(`${folder}/again.tgz`);
    assert.deepEqual(
      await Deno.readFile(`${folder}/again.tgz`),
      await Deno.readFile(`${folder}/package.tgz`),
    );
  });

  describe("installed by npm in an empty folder", () => {
    let home: string;
    before(async () => {
      home = `${folder}/program`;
      await Deno.mkdir(home);
      const manifest = {
        private: true,
        type: "module",
        dependencies: { "@coxswain/kube": "file:../package.tgz" },
        devDependencies: { "@types/node": types, typescript },
      };
      await Deno.writeTextFile(`${home}/package.json`, JSON.stringify(manifest));
      await Deno.writeTextFile(`${home}/main.ts`, MAIN);
      await Deno.copyFile(new URL("list_pods.ts", import.meta.url), `${home}/list_pods.ts`);
      const npm = [await runtime("node"), await runtime("npm"), "install"];
      const { code, output } = await run(
        // Under npx, npm's settings in the environment name another folder; and nothing is left in the home folder.
        [
          ...npm,
          "--prefix",
          home,
          "--cache",
          `${ROOT}.cache/npm`,
          "--no-audit",
          "--no-fund",
          "--ignore-scripts",
        ],
        { cwd: home, capture: true },
      );
      assert.equal(code, 0, output);
    });

    for (const name of ["node", "bun"] as const) {
      it(`runs on ${name}`, async () => {
        const { code, output } = await run([await runtime(name), "main.ts"], {
          cwd: home,
          capture: true,
          limit: 60_000,
        });
        assert.deepEqual({ code, output }, { code: 0, output: "web-0,web-0: web\n" });
      });
    }

    it("runs on Deno", async () => {
      const command = [
        Deno.execPath(),
        "run",
        "--no-prompt",
        "--no-check",
        "--node-modules-dir=manual",
        "main.ts",
      ];
      const { code, output } = await run(command, { cwd: home, capture: true, limit: 60_000 });
      assert.deepEqual({ code, output }, { code: 0, output: "web-0,web-0: web\n" });
    });

    for (const [name, settings] of Object.entries(SETTINGS)) {
      it(`type-checks strictly with a ${name} project's settings`, async () => {
        const compilerOptions = {
          strict: true,
          exactOptionalPropertyTypes: true,
          skipLibCheck: false,
          target: "es2024",
          noEmit: true,
          allowImportingTsExtensions: true,
          ...settings,
        };
        await Deno.writeTextFile(
          `${home}/tsconfig.json`,
          JSON.stringify({ compilerOptions, files: ["main.ts"] }),
        );
        const tsc = [await runtime("node"), "node_modules/typescript/bin/tsc", "--pretty", "false"];
        const { code, output } = await run(tsc, { cwd: home, capture: true });
        assert.deepEqual({ code, output }, { code: 0, output: "" });
      });
    }
  });
});
