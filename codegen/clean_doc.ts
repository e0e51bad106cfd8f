/** A description, ready for a comment. */
export interface CleanDoc {
  /** Lines of text, not yet broken to a width; an empty one parts paragraphs. */
  lines: string[];
  /** What the description says after `Deprecated:`; absent if the thing is not deprecated. */
  deprecated?: string;
}

/** A line that keeps its beginning: a list item, or text that is indented. */
const OWN_LINE = /^(\s{2,}|\t|\s*([-*•]|\d+[.)])\s)/;

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
  const paragraphs: string[] = [];
  let open = false;
  let inFence = false;
  for (const raw of description.replaceAll("\r", "").split("\n")) {
    const line = raw.trimEnd();
    if (/^\s*```/.test(line)) {
      inFence = !inFence;
      paragraphs.push("~~~"); // an example for readers, not for the tools that run examples
      open = false;
    } else if (inFence) paragraphs.push(line.replaceAll("\t", "  "));
    else if (NOT_FOR_READERS.test(line)) continue;
    else if (line === "") {
      if (paragraphs.length > 0 && paragraphs.at(-1) !== "") paragraphs.push("");
      open = false;
    } else if (OWN_LINE.test(line) || !open) {
      paragraphs.push(OWN_LINE.test(line) ? line.replace(/^\s+/, "  ") : line.trim());
      open = true;
    } else paragraphs.push(`${paragraphs.pop()} ${line.trim()}`);
  }
  if (inFence) paragraphs.push("~~~");
  while (paragraphs.at(-1) === "") paragraphs.pop();

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
  inFence = false;
  const lines = kept.map((line, index) => {
    if (line === "~~~") inFence = !inFence;
    const text = index === 0 && name !== undefined ? quoteName(line, name) : line;
    return escapeComment(inFence || text.includes("`") ? text : quoteBrackets(text));
  });
  return { lines, ...deprecated !== undefined && { deprecated: escapeComment(quoteBrackets(deprecated)) } };
}

/** What would end the comment, or begin a tag in it, does neither. */
export function escapeComment(text: string): string {
  return text.replaceAll("*/", "*\\/").replaceAll("{@", "{ @").replace(/^(\s*)@/, "$1\\@");
}

function quoteName(line: string, name: string): string {
  const first = /^[\w$-]+/.exec(line)?.[0];
  if (first === undefined || first.toLowerCase() !== name.toLowerCase()) return line;
  return `\`${name}\`${line.slice(first.length)}`;
}

function quoteBrackets(line: string): string {
  return line.includes("`") ? line : line.replace(/<[a-zA-Z][^<>`]*>/g, (text) => `\`${text}\``);
}
