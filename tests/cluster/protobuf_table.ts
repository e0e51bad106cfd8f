// Makes testing/built_in_protobuf.ts: how built-in kinds are written in Protobuf. `deno task generate` writes it.
import { BUILT_IN_SCHEMAS } from "../../testing/built_in_schemas.ts";
import { ROOT } from "../../tools/project.ts";

/** The module's text. It asks Go, whose types alone know the numbers of the fields. */
export async function protobufTable(header: string, signal?: AbortSignal): Promise<string> {
  const { success, stdout } = await new Deno.Command("go", {
    args: ["run", "../protobuf_table.go"],
    cwd: `${ROOT}tests/cluster/server`,
    stdout: "piped",
    stderr: "inherit",
    signal,
  }).output();
  if (!success) throw new Error("Cannot describe Protobuf: `go run protobuf_table.go` failed");
  const lines = new TextDecoder().decode(stdout).trim().split("\n");
  const served = lines.filter((line) => line.split(".")[0] in BUILT_IN_SCHEMAS);
  return `// ${header}

/**
 * How the types of built-in kinds are written in Protobuf, a line each: the name and the fields. What stands for a type is
 * told in \`protobuf.ts\`.
 */
export const BUILT_IN_PROTOBUF: string = \`
${served.join("\n")}\`;
`;
}
