// What the package weighs: programs that list pods, bundled and minified for each runtime, and what importing its
// parts takes over an empty program.
//
// Run: deno run -A bench/sizes.ts [--runs N]     medians of N imports in fresh processes; default 9
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { ROOT } from "../tools/project.ts";
import { runtime } from "../tools/runtimes.ts";

/** Within the checkout, where the package has its name; ignored by git. */
const FOLDER = `${ROOT}.cache/sizes`;

const LIST = `for await (const pod of client.resource(Pod).items()) console.log(pod.metadata.name);`;
const POD = `import { Pod } from "@coxswain/kube/types/core/v1";`;
const PROGRAMS: Readonly<Record<string, string>> = {
  "connect()": `import { connect } from "@coxswain/kube"; ${POD} const client = await connect(); ${LIST}`,
  "new Client({ … })":
    `import { Client } from "@coxswain/kube"; ${POD} const client = new Client({ server: "https://k8s" }); ${LIST}`,
};
const TARGETS: Readonly<Record<string, string>> = { Bun: "bun", Node: "node", "Deno, edge": "browser" };
const IMPORTS = ["@coxswain/kube", "@coxswain/kube/client", "@coxswain/kube/types/core/v1"];

/** The chunks of a bundle: what is loaded at once, and what only when it is needed. */
interface Bundle {
  first: Uint8Array[];
  later: number;
}

const bun = await runtime("bun");
const node = await runtime("node");

async function bundle(name: string, source: string, target: string): Promise<Bundle> {
  const folder = `${FOLDER}/out`;
  await Deno.remove(folder, { recursive: true }).catch(() => {}); // of an earlier run, if there was one
  await Deno.writeTextFile(`${FOLDER}/${name}.ts`, source);
  const args = ["build", "--minify", "--splitting", `--target=${target}`, `--outdir=${folder}`];
  // The two dependencies are loaded when they are needed; and what is Node's is there, or asked for in vain.
  const externals = ["ws", "yaml", "node:*"].map((one) => `--external=${one}`);
  const metafile = `${FOLDER}/meta.json`;
  await output(bun, [...args, ...externals, `--metafile=${metafile}`, `${FOLDER}/${name}.ts`]);
  const { outputs } = JSON.parse(await Deno.readTextFile(metafile)) as {
    outputs: Record<string, { bytes: number; imports: { path: string; kind: string }[] }>;
  };
  const first = new Set<string>();
  const follow = (path: string) => {
    if (first.has(path) || outputs[path] === undefined) return;
    first.add(path);
    for (const { path: next, kind } of outputs[path].imports) if (kind === "import-statement") follow(next);
  };
  follow(`./${name}.js`);
  const all = Object.values(outputs).reduce((sum, { bytes }) => sum + bytes, 0);
  const chunks = await Promise.all([...first].map((path) => Deno.readFile(`${folder}/${path}`)));
  return { first: chunks, later: all - sum(chunks) };
}

async function output(program: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, { args, cwd: ROOT }).output();
  if (!success) throw new Error(`${program} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

const sum = (chunks: readonly { length: number }[]) => chunks.reduce((all, { length }) => all + length, 0);
const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);

/** A Markdown table. */
const tableOf = (head: string[], rows: string[][]) =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");

/** The package as npm has it, plain JavaScript, for a program in the folder that this returns. */
async function install(): Promise<string> {
  const folder = `${FOLDER}/user`;
  const installed = `${folder}/node_modules/@coxswain/kube`;
  await Deno.mkdir(installed, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, `{ "type": "module" }`);
  const file = `${FOLDER}/package.tgz`;
  const pack = ["pack", "--quiet", "--no-source-maps", "--allow-dirty", "--output", file];
  await output(Deno.execPath(), pack);
  await output("tar", ["-xzf", file, "-C", installed, "--strip-components=1"]);
  return folder;
}

/** Milliseconds that an import takes in a fresh process: the median of so many, so that its files are in memory. */
async function importTime(program: string[], folder: string, what: string, runs: number): Promise<number> {
  const file = `${folder}/import.mjs`;
  await Deno.writeTextFile(
    file,
    `const start = performance.now(); await import("${what}"); console.log(performance.now() - start);`,
  );
  const [command, ...options] = program;
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(Number(await output(command, [...options, file])));
  return times.toSorted((a, b) => a - b)[Math.floor(runs / 2)];
}

const { values } = parseArgs({ args: Deno.args, options: { runs: { type: "string", default: "9" } } });
const runs = Number(values.runs);
await Deno.mkdir(FOLDER, { recursive: true });
const sizes: string[][] = [];
for (const [what, source] of Object.entries(PROGRAMS)) {
  for (const [name, target] of Object.entries(TARGETS)) {
    const { first, later } = await bundle(target, source, target);
    const packed = first.map((chunk) => gzipSync(chunk));
    sizes.push([what, name, kilobytes(sum(first)), kilobytes(sum(packed)), kilobytes(later)]);
  }
}
console.log(tableOf(["program", "for", "at once, kB", "gzip, kB", "when needed, kB"], sizes));
const user = await install();
const times: string[][] = [];
for (const what of IMPORTS) {
  const row = [
    await importTime([Deno.execPath(), "run", "-A", "--no-check"], FOLDER, what, runs), // from the sources, as JSR has it
    await importTime([bun], user, what, runs),
    await importTime([node], user, what, runs),
  ];
  times.push([what, ...row.map((time) => time.toFixed(0))]);
}
console.log(`\n${tableOf(["import", "Deno, ms", "Bun, ms", "Node, ms"], times)}`);
