// What a program that uses the package weighs once it is bundled.
import { rolldown } from "rolldown";

/** A bundled program, minified. Sizes are in bytes. */
export interface Bundled {
  /** What is loaded when the program starts, chunk by chunk. */
  first: string[];
  /** The size of that. */
  atOnce: number;
  /** The size of what is loaded when it is needed, or never. */
  later: number;
  /** The size of what is loaded when the program starts and once it needs these files, by the end of their paths. */
  until(...files: string[]): number;
}

/**
 * Bundles a program as users do: each `import()` begins a file of its own. The two dependencies are left out.
 *
 * @param source Its text.
 * @param folder Where it lies: its imports are found from there.
 */
export async function bundleProgram(source: string, folder: string): Promise<Bundled> {
  const program = `${folder}/bundled_program.js`;
  const bundle = await rolldown({
    input: program,
    platform: "neutral",
    external: [/^node:/, "ws", "yaml"],
    plugins: [{
      name: "program",
      load: (id) => id === program ? source : undefined,
      resolveId: (id) => id === program ? id : undefined,
    }],
  });
  const { output } = await bundle.generate({ format: "esm", minify: true });
  await bundle.close();
  const chunks = new Map(output.flatMap((one) => one.type === "chunk" ? [[one.fileName, one] as const] : []));
  /** Chunks, and what they import at once. */
  const closure = (...names: string[]): Set<string> => {
    const found = new Set<string>();
    const follow = (name: string) => {
      const chunk = chunks.get(name);
      if (chunk === undefined || found.has(name)) return;
      found.add(name);
      chunk.imports.forEach(follow);
    };
    names.forEach(follow);
    return found;
  };
  const size = (names: Iterable<string>) =>
    [...names].reduce((sum, name) => sum + new TextEncoder().encode(chunks.get(name)!.code).length, 0);
  const main = output[0].fileName;
  const first = closure(main);
  const atOnce = size(first);
  return {
    first: [...first].map((name) => chunks.get(name)!.code),
    atOnce,
    later: size(chunks.keys()) - atOnce,
    until(...files) {
      const needed = [...chunks].filter(([, { moduleIds }]) =>
        moduleIds.some((id) => files.some((file) => id.endsWith(file)))
      );
      return size(closure(main, ...needed.map(([name]) => name)));
    },
  };
}
