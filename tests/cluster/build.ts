// Builds the program of the test cluster, tests/cluster/server, when its sources changed.
//
// Run: deno run -A tests/cluster/build.ts     prints the path of the program
import { createHash } from "node:crypto";
import { files, ROOT, run } from "../../tools/project.ts";

const SOURCES = "tests/cluster/server";

/** Where the programs are kept, each in a folder named after what it was built from: in the checkout, ignored by git. */
const CACHE = ".cache/cluster";

/** Of `go build`. Symbols only serve a debugger; without paths the program is the same in every checkout. */
const FLAGS = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"];

/** A go.work of somewhere above would replace our versions of the modules. */
const ENVIRONMENT = { GOWORK: "off" };

/** How often a build says that it is alive, in milliseconds. */
const PROGRESS_INTERVAL = 10_000;

/** A program that nobody built or used for so long goes, as each takes 150 MB. In milliseconds. */
const UNUSED = 24 * 60 * 60_000;

/** A reason why there is no test cluster that its message explains in full. */
export class ClusterError extends Error {
  override readonly name = "ClusterError";
}

/**
 * The path of the program, built when it is not there yet. Several processes may ask at once.
 *
 * @throws {ClusterError} If Go is missing or too old, or the build fails.
 */
export async function buildCluster({ signal }: { signal?: AbortSignal } = {}): Promise<string> {
  const cache = ROOT + CACHE;
  const folder = `${cache}/${await hashOf(await goVersion())}`;
  const program = `${folder}/cluster`;
  if (!await touch(program)) {
    await Deno.mkdir(cache, { recursive: true });
    const unfinished = `${cache}/unfinished-${Deno.pid}`;
    try {
      await build(unfinished, signal);
      await Deno.mkdir(folder, { recursive: true });
      await Deno.rename(unfinished, program); // others see all of it or nothing
    } finally {
      await Deno.remove(unfinished).catch(() => {}); // it is gone when all went well
    }
    await removeUnused(cache);
  }
  return program;
}

async function goVersion(): Promise<string> {
  let answer;
  try {
    // In the folder of go.mod, as it may choose another version of Go than the one in PATH.
    answer = await run(["go", "version"], { cwd: ROOT + SOURCES, env: ENVIRONMENT, capture: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new ClusterError(
      "Cannot build the test cluster: there is no `go` in PATH. Install Go 1.26 or newer (https://go.dev/dl/)",
    );
  }
  if (answer.code !== 0) {
    throw new ClusterError(`Cannot build the test cluster: \`go version\` says: ${answer.output.trim()}`);
  }
  return answer.output.trim();
}

async function hashOf(goVersion: string): Promise<string> {
  const isSource = (path: string): boolean => /\/go\.(mod|sum)$|(?<!_test)\.go$/.test(path);
  const hash = createHash("sha256").update(JSON.stringify([goVersion, FLAGS]));
  for (const path of files(SOURCES, isSource)) {
    const content = await Deno.readFile(ROOT + path);
    hash.update(`${path}\0${content.length}\0`).update(content);
  }
  return hash.digest("hex").slice(0, 16);
}

async function build(output: string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const start = performance.now();
  const elapsed = (): string => `${((performance.now() - start) / 1000).toFixed(0)} s`;
  console.error(
    "Building the test cluster: new, or its sources changed. The first build on a machine downloads 0.8 GB of Go " +
      "modules and takes about 4 minutes on 2 cores; later ones take seconds.",
  );
  const child = new Deno.Command("go", {
    args: ["build", "-v", ...FLAGS, "-o", output, "."],
    cwd: ROOT + SOURCES,
    env: ENVIRONMENT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const interrupt = (): void => child.kill("SIGINT"); // Go ends its compilers then
  signal?.addEventListener("abort", interrupt);
  let modules = 0;
  let packages = 0;
  const progress = setInterval(
    () => console.error(`  ${elapsed()}: ${modules} modules downloaded, ${packages} packages compiled`),
    PROGRESS_INTERVAL,
  );
  try {
    const said: string[] = [];
    for await (const line of linesOf(child.stderr)) {
      if (line.startsWith("go: downloading ")) modules++;
      else if (/^[\w.~/-]+$/.test(line)) packages++; // -v names each package that it compiles
      else said.push(line);
    }
    const { success } = await child.status;
    signal?.throwIfAborted();
    if (!success) {
      throw new ClusterError(`Cannot build the test cluster: \`go build\` says:\n${said.join("\n")}`);
    }
  } finally {
    clearInterval(progress);
    signal?.removeEventListener("abort", interrupt);
  }
  console.error(`Built the test cluster in ${elapsed()}.`);
}

/** The lines of a stream of UTF-8, without their ends. */
export async function* linesOf(stream: ReadableStream<Uint8Array<ArrayBuffer>>): AsyncGenerator<string> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** Notes that a file is in use. False when there is no such file. */
async function touch(path: string): Promise<boolean> {
  try {
    await Deno.utime(path, new Date(), new Date());
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function removeUnused(cache: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(cache)) {
    if (!isDirectory) continue;
    const program = await Deno.stat(`${cache}/${name}/cluster`).catch(() => undefined); // another build is under way
    const used = program?.mtime?.getTime();
    if (used !== undefined && Date.now() - used > UNUSED) {
      await Deno.remove(`${cache}/${name}`, { recursive: true });
    }
  }
}

if (import.meta.main) {
  try {
    console.log(await buildCluster());
  } catch (error) {
    console.error(error instanceof ClusterError ? error.message : error);
    Deno.exit(1);
  }
}
