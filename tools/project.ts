// What every tool needs: where the project lies, which files it has, and running a program.
import { fileURLToPath } from "node:url";

/** The checkout, with a separator at its end. */
export const ROOT: string = fileURLToPath(new URL("../", import.meta.url));

/** Folders that hold no source of ours. */
const SKIPPED = new Set(["node_modules", ".git", ".cache"]);

/** Files below `folder` whose path matches, relative to the checkout with `/` between, in order of their names. */
export function files(folder: string, matches: (path: string) => boolean): string[] {
  const found: string[] = [];
  const walk = (path: string): void => {
    for (const { name, isDirectory } of Deno.readDirSync(ROOT + path)) {
      const below = path === "" ? name : `${path}/${name}`;
      if (isDirectory && !SKIPPED.has(name)) walk(below);
      else if (!isDirectory && matches(below)) found.push(below);
    }
  };
  walk(folder.replace(/\/+$/, "").replace(/^\.(\/|$)/, ""));
  return found.sort();
}

interface Manifest {
  exports: Record<string, string>;
  publish: { include: string[] };
}
const readManifest = (): Manifest => JSON.parse(Deno.readTextFileSync(`${ROOT}deno.json`));

/** The files behind the package's exports, in the order of deno.json. */
export function exportedFiles(): string[] {
  return Object.values(readManifest().exports);
}

/** The library's own sources: what is published. */
export function librarySources(): string[] {
  const isSource = (path: string): boolean => path.endsWith(".ts");
  const isFolder = (path: string): boolean => !path.includes(".") && Deno.statSync(ROOT + path).isDirectory;
  const { include } = readManifest().publish;
  return [
    ...include.filter(isSource),
    ...include.filter(isFolder).flatMap((folder) => files(folder, isSource)),
  ];
}

/** Between being asked to end and being killed, in milliseconds. */
const GRACE = 5_000;

/** How a program ended. */
export interface Ended {
  /** Its exit code; 124 when it took too long, as `timeout` has it. */
  code: number;
  /** Both of its streams as they came, or nothing when they went to the terminal. */
  output: string;
}

/** Options of {@linkcode run}. */
export interface RunOptions {
  /** Where it runs. Default: the checkout. */
  cwd?: string;
  /** Added to the environment. */
  env?: Record<string, string>;
  /** Keep the output instead of letting it through to the terminal. Default false. */
  capture?: boolean;
  /** Milliseconds until it is asked to end, and killed if it does not. Default: none. */
  limit?: number;
}

/** Runs a program to its end. A failure is an exit code, not an exception. */
export async function run([program, ...args]: readonly string[], options: RunOptions = {}): Promise<Ended> {
  const { cwd = ROOT, env, capture = false, limit } = options;
  const stdio = capture ? "piped" : "inherit";
  const child = new Deno.Command(program, { args, cwd, env, stdin: "null", stdout: stdio, stderr: stdio })
    .spawn();
  let output = "";
  const streams = capture ? [child.stdout, child.stderr] : [];
  const readers = streams.map((stream) => stream.pipeThrough(new TextDecoderStream()).getReader());
  const collected = readers.map(async (reader) => {
    for (let part = await reader.read(); !part.done; part = await reader.read()) output += part.value;
  });

  let late = false;
  let timer = limit === undefined ? undefined : setTimeout(() => {
    late = true;
    child.kill("SIGTERM"); // test runners end their own children then
    timer = setTimeout(() => {
      child.kill("SIGKILL");
      for (const reader of readers) reader.cancel(); // a grandchild that lives on would keep them open
    }, GRACE);
  }, limit);
  await Promise.all(collected);
  const { code } = await child.status;
  clearTimeout(timer);
  return late
    ? { code: 124, output: `${output}\nKilled, as it took more than ${limit} ms.\n` }
    : { code, output };
}

/** `text` without the colours that runners put in even when nobody looks. */
export function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex -- the escape character is what colours begin with
  return text.replace(/\x1b\[[0-9;]*m/g, "");
}
