// The npm package: what `deno pack` makes, with few files of JavaScript for each entry, and marked as free of side
// effects, so that bundlers leave out what a program does not use.
//
// Run: deno run -A tools/pack.ts [file]     default coxswain-kube-VERSION.tgz in the checkout
import { bundleFolder } from "./bundle_folder.ts";
import { importDirectly } from "./import_directly.ts";
import { librarySources, ROOT, run } from "./project.ts";
import { readTarball, writeTarball } from "./tarball.ts";

/** Packs the checkout into `file`. Without source maps, which would hold this machine's paths. */
export async function pack(file: string): Promise<void> {
  const plain = await Deno.makeTempFile({ suffix: ".tgz" });
  try {
    const command = [
      Deno.execPath(),
      "pack",
      "--quiet",
      "--no-source-maps",
      "--allow-dirty",
      "--output",
      plain,
    ];
    const { code, output } = await run(command, { capture: true });
    if (code !== 0) throw new Error(`Cannot pack: ${output.trim()}`);
    await writeTarball(file, await bundled(await readTarball(plain)));
  } finally {
    await Deno.remove(plain);
  }
}

async function bundled(files: ReadonlyMap<string, string>): Promise<Map<string, string>> {
  const result = new Map(files);
  const manifest = JSON.parse(files.get("package.json")!);
  result.set("package.json", `${JSON.stringify({ ...manifest, sideEffects: false }, null, 2)}\n`);
  const sources = librarySources();
  for (const entry of sources.filter((path) => /(^|\/)mod\.ts$/.test(path))) {
    const folder = entry.slice(0, -"mod.ts".length);
    const paths = sources.filter((path) => path.startsWith(folder) && !path.includes("/", folder.length));
    const texts = paths.map(async (path) =>
      [path.slice(folder.length), await Deno.readTextFile(ROOT + path)] as const
    );
    for (const path of paths) result.delete(path.replace(/\.ts$/, ".js"));
    const bundles = await bundleFolder(folder.slice(0, -1), new Map(await Promise.all(texts)));
    for (const [name, text] of bundles) result.set(folder + name, text);
  }
  importDirectly(result);
  return result;
}

if (import.meta.main) {
  const { version } = JSON.parse(await Deno.readTextFile(`${ROOT}deno.json`));
  const file = Deno.args[0] ?? `${ROOT}coxswain-kube-${version}.tgz`;
  await pack(file);
  console.log(file);
}
