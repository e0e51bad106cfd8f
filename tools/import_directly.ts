// Imports of the npm package that name the file with the code, where an entry only hands on what other files have. So a
// program loads what it uses of an entry's folder, and not all that the entry has to offer.

/** The files of a package, by path. */
type Files = Map<string, string>;

const IMPORT = /^import \{ ([^}]+) \} from "(\.[^"]+)";\n/gm;
const ON_DEMAND = /const \{ ([\w, ]+) \} = await import\("(\.[^"]+)"\);/g;
const EXPORT = /^export \{ [^}]+ \};\n?$/gm;

/** A folder, with the slash at its end. */
const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
const resolved = (path: string, from: string): string =>
  new URL(path, `file:///${folderOf(from)}`).pathname.slice(1);

/** The file of each name that an entry hands on; `undefined` if it has code of its own. */
function homes(entry: string, text: string): Map<string, string> | undefined {
  if (text.replaceAll(IMPORT, "").replaceAll(EXPORT, "").trim() !== "") return undefined;
  const found = new Map<string, string>();
  for (const [, names, file] of text.matchAll(IMPORT)) {
    for (const name of names.split(", ")) found.set(name, resolved(file, entry));
  }
  return found;
}

/** Changes the imports of all files. What users import stays as it is. */
export function importDirectly(files: Files): void {
  const entries = new Map([...files].flatMap(([path, text]) => {
    const handedOn = /(^|\/)mod\.js$/.test(path) ? homes(path, text) : undefined;
    return handedOn === undefined ? [] : [[path, handedOn] as const];
  }));
  for (const [path, text] of files) {
    if (!path.endsWith(".js")) continue;
    const direct = text.replace(IMPORT, (statement, names: string, file: string) => {
      const handedOn = entries.get(resolved(file, path));
      if (handedOn === undefined) return statement;
      const byFile = Map.groupBy(names.split(", "), (name) => handedOn.get(name.split(" as ")[0])!);
      const up = file.slice(0, -"mod.js".length);
      return [...byFile].map(([home, some]) =>
        `import { ${some.join(", ")} } from "${up}${home.slice(folderOf(home).length)}";\n`
      ).join("");
    });
    // What is taken of an entry as it is loaded on demand, if it is all in one file.
    files.set(
      path,
      direct.replace(ON_DEMAND, (statement, names: string, file: string) => {
        const handedOn = entries.get(resolved(file, path));
        const [home, ...others] = new Set(names.split(", ").map((name) => handedOn?.get(name)));
        if (home === undefined || others.length > 0) return statement;
        return statement.replace(file, file.slice(0, -"mod.js".length) + home.slice(folderOf(home).length));
      }),
    );
  }
}
