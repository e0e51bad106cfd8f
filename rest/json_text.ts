/**
 * `JSON.parse` with an error that is safe to show: engines quote the text around a mistake, and that may be
 * the data of a Secret.
 *
 * @throws {SyntaxError} If the text is not JSON.
 */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(
      text.trim() === "" ? "there is no JSON, the text is empty" : "the text is not JSON",
    );
  }
}

/** Position of the next character that is no white space; the length of the text if there is none. */
export function skipSpace(text: string, at: number): number {
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return at;
}

/**
 * Finds where the JSON value at `at` ends, without making anything of it.
 *
 * @returns The position after it; -1 if the text ends first. A number or word that reaches the end of the
 * text counts as unended, since more of it may come.
 */
export function endOfValue(text: string, at: number): number {
  let depth = 0;
  for (let i = at; i < text.length; i++) {
    switch (text.charCodeAt(i)) {
      case 34: // "
        i = endOfString(text, i) - 1;
        if (i < 0) return -1;
        if (depth === 0) return i + 1;
        break;
      case 123: // {
      case 91: // [
        depth++;
        break;
      case 125: // }
      case 93: // ]
        if (depth <= 1) return depth === 0 ? i : i + 1;
        depth--;
        break;
      case 44: // ,
        if (depth === 0) return i;
        break;
    }
  }
  return -1;
}

/** Position after the string that begins with the quote at `at`; -1 if the text ends first. */
export function endOfString(text: string, at: number): number {
  for (let end = text.indexOf('"', at + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === 92) backslashes++;
    if (backslashes % 2 === 0) return end + 1;
  }
  return -1;
}
