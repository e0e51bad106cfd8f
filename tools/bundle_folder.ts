// Few files for each entry of the npm package: what makes an import slow is not the code but the number of files.
// Nothing is minified, names and comments stay as they are.
import { rolldown } from "rolldown";
import { withPureConstants } from "./pure_constants.ts";

/** The sources of one folder of the package, by file name. */
export type Folder = ReadonlyMap<string, string>;

/** `import` and `export … from` of another file of the same folder, types left out; and `import()` of one. */
const STATIC = /^(?:import|export) (?!type\b)[^;]*?\bfrom "\.\/([\w.-]+)";/gm;
const DYNAMIC = /\bimport\("\.\/([\w.-]+)"\)/g;

const OWN = /^\.\/[\w.-]+$/;

const matches = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].map(([, name]) => name);

/** What `from` and all that it imports are, at once. */
function closure(folder: Folder, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const follow = (file: string) => {
    if (found.has(file)) return;
    found.add(file);
    matches(folder.get(file)!, STATIC).forEach(follow);
  };
  from.forEach(follow);
  return found;
}

/**
 * Makes JavaScript of a folder that is imported as `mod.ts`: one file, and those that are loaded on demand. What only
 * those need stays in files of its own, one for each set that is loaded together, though `mod.ts` may export it too, and
 * what loads nothing on demand is in one called `plain.js`: so a bundler can still tell what a program needs at once.
 *
 * @param name The folder's, after which the file with the code is named where it cannot be `mod.js`.
 */
export async function bundleFolder(name: string, folder: Folder): Promise<Map<string, string>> {
  const named = [...folder.values()].flatMap((text) => matches(text, DYNAMIC));
  const onDemand = new Set(named.filter((file) => folder.has(file))); // the others are named in comments
  const late = closure(folder, [...onDemand]);
  const exported = matches(folder.get("mod.ts")!, STATIC);
  const early = closure(folder, exported.filter((file) => !late.has(file)));
  /** What `mod.ts` exports, and no program needs at once. */
  const own = new Set([...closure(folder, exported)].filter((file) => !early.has(file)));
  const roots = [...onDemand].map((file) => [file, closure(folder, [file])] as const);
  /** Of all that is loaded by the same files on demand, the first: they come together, so that one file holds them. */
  const companyOf = (file: string) => {
    const loadedBy = (one: string) => roots.filter(([, all]) => all.has(one)).map(([root]) => root).join();
    return [...own].sort().find((one) => loadedBy(one) === loadedBy(file))!;
  };
  const loadsNothing = (file: string) =>
    [...closure(folder, [file])].every((one) => matches(folder.get(one)!, DYNAMIC).length === 0);
  const plain = new Set([...early].filter(loadsNothing));
  const bundle = await rolldown({
    cwd: "/",
    input: { mod: "/mod.ts" },
    platform: "neutral",
    preserveEntrySignatures: "allow-extension",
    makeAbsoluteExternalsRelative: false,
    treeshake: { moduleSideEffects: false },
    plugins: [{
      name: "folder",
      resolveId(id) {
        if (id === "/mod.ts") return id;
        if (OWN.test(id) && name !== "" || folder.has(id.slice(2))) return id.slice(1);
        return { id: id.replace(/^(\.{1,2}\/.*)\.ts$/, "$1.js"), external: true };
      },
      load: (id) => folder.get(id.slice(1)),
    }],
  });
  const { output } = await bundle.generate({
    format: "esm",
    comments: true,
    minifyInternalExports: false,
    chunkFileNames: "[name].js",
    ...onDemand.size > 0 && {
      codeSplitting: {
        includeDependenciesRecursively: false,
        groups: [
          { name: "plain", test: (id: string) => plain.has(id.slice(1)) },
          { name, test: (id: string) => early.has(id.slice(1)) },
          {
            name: (id: string) => companyOf(id.slice(1)).slice(0, -".ts".length),
            test: (id: string) => own.has(id.slice(1)),
          },
        ],
      },
    },
  });
  await bundle.close();
  const chunks = output.filter((one) => one.type === "chunk");
  return new Map(chunks.map(({ fileName, code }) => [fileName, withPureConstants(code)]));
}
