import { type ReadText, readText, type ReadTextOptions } from "./read_text.ts";

/** Reads a file that holds a token, without white space around it. A file that holds nothing has failed. */
export async function readToken(path: string, options: ReadTextOptions): Promise<ReadText> {
  const result = await readText(path, options);
  if (result.outcome !== "read") return result;
  const token = result.text.trim();
  if (token !== "") return { outcome: "read", text: token };
  return { outcome: "failed", problem: "the file is empty", remedy: "Check what writes the token to it" };
}
