/** JSON is almost YAML: the indentation may be tabs. And then nothing has to be loaded. */
export function parseJson(source: string): unknown {
  if (!/^\s*\{/.test(source)) return undefined;
  try {
    return JSON.parse(source);
  } catch {
    return undefined; // it may still be YAML in braces
  }
}
