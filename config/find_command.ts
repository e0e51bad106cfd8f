import { ConfigError } from "../rest/mod.ts";
import { type Environment, isNotPermitted } from "./environment.ts";
import { requireNodePath } from "./node_path.ts";

/**
 * The path of the program that a command means, as a shell finds it: a bare name is looked up on `PATH`, where
 * folders that are not absolute do not count. `undefined` if there is none that this process may run.
 *
 * @throws {ConfigError} If Deno may not look.
 */
export async function findCommand(command: string, env: Environment): Promise<string | undefined> {
  const { isAbsolute, join, delimiter, sep } = await requireNodePath();
  const variable = (name: string) =>
    Object.entries(env).find(([key]) => key === name || (sep === "\\" && key.toUpperCase() === name))?.[1];
  const folders = (variable("PATH") ?? "").split(delimiter).filter(isAbsolute);
  const paths = hasFolder(command, sep) ? [command] : folders.map((folder) => join(folder, command));
  const endings = sep === "\\" ? ["", ...(variable("PATHEXT") ?? ".COM;.EXE;.BAT;.CMD").split(";")] : [""];
  for (const path of paths) {
    for (const ending of endings) if (await isProgram(path + ending)) return path + ending;
  }
}

/** Whether a command says where it is, instead of being a name to look up. */
export function hasFolder(command: string, sep: string): boolean {
  return command.includes("/") || command.includes(sep);
}

async function isProgram(path: string): Promise<boolean> {
  const { access, constants, stat } = await import("node:fs/promises");
  try {
    if (!(await stat(path)).isFile()) return false;
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (!isNotPermitted(error)) return false; // why it is none does not matter
    throw new ConfigError(
      "exec plugin",
      "Deno may not look for it in the folders of PATH",
      "Run with --allow-read for these folders",
    );
  }
}
