// What the package weighs and what it takes to begin: programs in a bundle, imports, and a program that lists one pod
// from its start to its end. The package is the one for npm, packed from this checkout; Deno has the sources, as from JSR.
//
// Run: deno task bench:sizes [--runs N]     medians of N fresh processes, in turns; default 9. Times are of the processor
import { gzipSync } from "node:zlib";
import { parseArgs } from "node:util";
import { bundleProgram } from "../tools/bundle_program.ts";
import { pack } from "../tools/pack.ts";
import { ROOT, run } from "../tools/project.ts";
import { runtime } from "../tools/runtimes.ts";
import { openDataServer } from "./data_server.ts";
import { median } from "./measure.ts";

/** Within the checkout, where the sources have the package's name; ignored by git. */
const FOLDER = `${ROOT}.cache/sizes`;

const LIST = `for await (const pod of client.resource(Pod).items()) console.log(pod.metadata.name);`;
const POD = `import { Pod } from "@coxswain/kube/types/core/v1";`;
const PROGRAMS: Readonly<Record<string, string>> = {
  "`connect()` and a list":
    `import { connect } from "@coxswain/kube"; ${POD} const client = await connect(); ${LIST}`,
  "`new Client({ … })` and a list":
    `import { Client } from "@coxswain/kube"; ${POD} const client = new Client({ server: "https://k8s" }); ${LIST}`,
  "an informer": `import { InformerFactory } from "@coxswain/kube"; console.log(InformerFactory);`,
  "a controller": `import { runController } from "@coxswain/kube"; console.log(runController);`,
};
const IMPORTS = ["@coxswain/kube", "@coxswain/kube/client", "@coxswain/kube/types/core/v1"];

const { values } = parseArgs({ args: Deno.args, options: { runs: { type: "string", default: "9" } } });
const runs = Number(values.runs);
const kilobytes = (bytes: number) => (bytes / 1000).toFixed(1);
const tableOf = (head: string[], rows: string[][]) =>
  [head, head.map((_, index) => index === 0 ? "---" : "---:"), ...rows]
    .map((cells) => `| ${cells.join(" | ")} |`).join("\n");

const installed = `${FOLDER}/user/node_modules/@coxswain/kube`;
await Deno.mkdir(installed, { recursive: true });
await pack(`${FOLDER}/package.tgz`);
await run(["tar", "-xzf", `${FOLDER}/package.tgz`, "-C", installed, "--strip-components=1"]);
await Deno.writeTextFile(`${FOLDER}/user/package.json`, `{ "type": "module" }`);

const sizes: string[][] = [];
for (const [what, source] of Object.entries(PROGRAMS)) {
  const { first, atOnce, later, until } = await bundleProgram(source, `${FOLDER}/user`);
  const zipped = first.reduce((sum, chunk) => sum + gzipSync(chunk).length, 0);
  /** What a program has loaded when it has been answered. */
  const answered = ["deno", "bun", "node"].map((runtime) => {
    if (!source.includes(LIST)) return "";
    const settings = source.includes("connect(") ? ["/config/config.js"] : [];
    return kilobytes(until(...settings, "/rest/request_carrier.js", `/rest/transport_${runtime}.js`));
  });
  sizes.push([what, kilobytes(atOnce), kilobytes(zipped), ...answered, kilobytes(later)]);
}
const sizesHead = [
  "program",
  "at once, kB",
  "gzip, kB",
  "until answered: Deno",
  "Bun",
  "Node",
  "when needed, kB",
];
console.log(tableOf(sizesHead, sizes));

const [bun, node] = [await runtime("bun"), await runtime("node")];
/** How each runtime runs a program, and from where, so that the package is found as its users have it. */
const RUNTIMES: Readonly<Record<string, { command: string[]; folder: string }>> = {
  Deno: { command: [Deno.execPath(), "run", "-A", "--no-check", "--quiet"], folder: FOLDER },
  Bun: { command: [bun], folder: `${FOLDER}/user` },
  Node: { command: [node], folder: `${FOLDER}/user` },
};

async function output(command: string[], env: Record<string, string> = {}): Promise<string> {
  const { code, output } = await run(command, { env, capture: true, limit: 60_000 });
  if (code !== 0) throw new Error(`${command.join(" ")}: ${output}`);
  return output;
}

const imports: string[][] = [];
for (const what of IMPORTS) {
  const row = [`\`${what}\``];
  for (const { command, folder } of Object.values(RUNTIMES)) {
    const file = `${folder}/import.mjs`;
    await Deno.writeTextFile(
      file,
      // Deno loads what it sees that will be imported before it begins.
      `const { process } = globalThis; const what = ["${what}"].join("");
const before = process.cpuUsage(); await import(what);
const { user, system } = process.cpuUsage(before); console.log((user + system) / 1000);`,
    );
    const times: number[] = [];
    for (let time = 0; time < runs; time++) times.push(Number(await output([...command, file])));
    row.push(median(times).toFixed(0));
  }
  imports.push(row);
}
console.log(`\n${tableOf(["import", ...Object.keys(RUNTIMES).map((name) => `${name}, ms`)], imports)}`);

/** Prints the processor time since the start of the process. */
const AT_END = `
globalThis.process.on("exit", () => {
  const { user, system } = globalThis.process.cpuUsage();
  console.log((user + system) / 1000);
});`;

/** From start to end: nothing, the runtime's own transport, and the package. */
const STARTS: Readonly<Record<string, string>> = {
  "nothing": "",
  "bare": `
const { Deno, Bun, process } = globalThis;
const url = process.env.SERVER + "/api/v1/pods?limit=500";
const ca = process.env.CA;
if (Deno || Bun) {
  const client = Deno?.createHttpClient({ caCerts: [ca] });
  for (const pod of (await (await fetch(url, { client, tls: { ca } })).json()).items) console.log(pod.metadata.name);
  client?.close();
} else {
  const { get } = await import("node:https");
  get(url, { ca }, async (answer) => {
    let text = "";
    for await (const chunk of answer.setEncoding("utf8")) text += chunk;
    for (const pod of JSON.parse(text).items) console.log(pod.metadata.name);
  });
}`,
  "coxswain": `
import { Client } from "@coxswain/kube";
import { Pod } from "@coxswain/kube/types/core/v1";
const { process } = globalThis;
const client = new Client({ server: process.env.SERVER, tls: { ca: process.env.CA } });
for await (const pod of client.resource(Pod).items()) console.log(pod.metadata.name);
await client[Symbol.asyncDispose]();`,
};
const server = await openDataServer({ pods: 1, events: 0, tls: true, gzip: false });
const starts: string[][] = [];
try {
  for (const [name, { command, folder }] of Object.entries(RUNTIMES)) {
    const times = Object.keys(STARTS).map((): number[] => []);
    for (let round = 0; round < runs; round++) {
      for (const [index, source] of Object.values(STARTS).entries()) {
        const file = `${folder}/start.mjs`;
        await Deno.writeTextFile(file, source + AT_END);
        const printed = await output([...command, file], { SERVER: server.url, CA: server.ca! });
        times[index].push(Number(printed.trim().split("\n").at(-1)));
      }
    }
    const [nothing, bare, ours] = times.map(median);
    starts.push([name, ...[nothing, bare, ours, ours - bare].map((time) => time.toFixed(0))]);
  }
} finally {
  await server[Symbol.asyncDispose]();
}
const head = ["list one pod over TLS", "nothing, ms", "bare, ms", "coxswain, ms", "over bare, ms"];
console.log(`\n${tableOf(head, starts)}`);
