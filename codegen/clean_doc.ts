/** A description, ready for a comment. */
export interface CleanDoc {
  /** Lines of text, not yet broken to a width; an empty one parts paragraphs. */
  lines: string[];
  /** What the description says after `Deprecated:`; absent if the thing is not deprecated. */
  deprecated?: string;
}

/** The beginning of a list item. */
const ITEM = /^\s*([-*•]|\d+[.)])\s+/;

/** The beginning of a line of code, as comments in Go mark it. */
const CODE = /^(\t| {4})/;

/** How lines of code begin in what is returned: as Markdown has it. */
export const CODE_INDENT = "    ";

/** Markers for generators of Go code, and what its authors tell each other. */
const NOT_FOR_READERS = /^\s*(\+[a-zA-Z][\w:]*(=.*)?$|TODO\b|---\s*$)/;

/**
 * Turns a description from Go source into lines for a doc comment: joins lines that were only broken for width,
 * drops markers for generators, and writes as code what is code: the field's own name at the beginning, and text in
 * angle brackets, which would be taken for markup.
 *
 * @param name The field as it is spelled on the wire; Go's name of it differs in case.
 */
export function cleanDoc(description: string, name?: string): CleanDoc {
  const paragraphs = paragraphsOf(description);
  let deprecated: string | undefined;
  const kept: string[] = [];
  for (const line of paragraphs) {
    const match = /(?:^|\s)(?:Deprecated|DEPRECATED):\s*(.*)$/.exec(line);
    if (match === null) kept.push(line);
    else {
      deprecated ??= match[1];
      const before = line.slice(0, match.index).trimEnd();
      if (before !== "") kept.push(before);
    }
  }
  while (kept.at(-1) === "") kept.pop();
  if (kept.length === 0 && deprecated) kept.push(deprecated);
  const lines = kept.map((line, index) => {
    const text = index === 0 && name !== undefined ? quoteName(line, name) : line;
    return escapeComment(text.startsWith(CODE_INDENT) ? text : quoteBrackets(text));
  });
  return { lines, ...deprecated !== undefined && { deprecated: escapeComment(quoteBrackets(deprecated)) } };
}

function paragraphsOf(description: string): string[] {
  const paragraphs: string[] = [];
  /** What the last line is, which decides whether the next goes on with it. */
  let last: "nothing" | "text" | "code" = "nothing";
  const part = (): void => {
    if (paragraphs.length > 0 && paragraphs.at(-1) !== "") paragraphs.push("");
  };
  let inFence = false;
  for (const raw of description.replaceAll("\r", "").split("\n")) {
    const line = raw.trimEnd();
    if (/^\s*```/.test(line)) {
      inFence = !inFence;
      part(); // an example for readers, not for the tools that run examples
      last = "nothing";
    } else if (line === "") {
      part();
      last = "nothing";
    } else if (inFence || (CODE.test(line) && last !== "text")) {
      if (last === "text") part();
      const code = inFence ? line : line.replace(CODE, "");
      paragraphs.push(CODE_INDENT + code.replaceAll("\t", "  "));
      last = "code";
    } else if (NOT_FOR_READERS.test(line)) continue;
    else {
      if (last === "code") part();
      const text = line.trim().replaceAll(/\s+/g, " ");
      if (ITEM.test(line)) paragraphs.push(/^\s/.test(line) ? `  ${text}` : text);
      else paragraphs.push(last === "text" ? `${paragraphs.pop()} ${text}` : text);
      last = "text";
    }
  }
  while (paragraphs.at(-1) === "") paragraphs.pop();
  return paragraphs;
}

/** Spaces and ends of lines that do not look like any, which linters refuse. */
const ODD_SPACES = /[\v\f\u0085\u00a0\u1680\u180e\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff]+/g;

/** What would end the comment, or begin a tag in it, does neither. */
export function escapeComment(text: string): string {
  return text.replace(ODD_SPACES, " ").replaceAll("*/", "*\\/").replaceAll("{@", "{ @").replace(
    /^(\s*)@/,
    "$1\\@",
  );
}

function quoteName(line: string, name: string): string {
  const first = /^[\w$-]+/.exec(line)?.[0];
  if (first === undefined || first.toLowerCase() !== name.toLowerCase()) return line;
  return `\`${name}\`${line.slice(first.length)}`;
}

function quoteBrackets(line: string): string {
  const parts = line.split("`"); // every other one is code already
  if (parts.length % 2 === 0) return line;
  return parts.map((part, index) => index % 2 === 1 ? part : part.replace(/<[a-zA-Z][^<>]*>/g, "`$&`")).join(
    "`",
  );
}
