// A scanner for TypeScript that is good enough to tell code from comments, strings and regular expressions. The
// compiler's own is no longer a JavaScript library.

/** A piece of code. Comments and white space are none. */
export interface Token {
  kind: "word" | "number" | "string" | "regex" | "sign";
  /** As written; of a string what is between its quotes, of a template one of its constant parts. */
  text: string;
  /** Counted from 1. */
  line: number;
}

/** After these a slash begins a regular expression, as after most signs; after other words it divides. */
const BEFORE_REGEX = new Set([
  "return",
  "typeof",
  "case",
  "in",
  "of",
  "delete",
  "void",
  "throw",
  "new",
  "await",
  "else",
]);

const PATTERNS: readonly [Token["kind"] | "blank", RegExp][] = [
  ["blank", /\s+|\/\/[^\n]*|\/\*[^]*?\*\//y],
  ["word", /[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy],
  ["number", /(?:\d|\.\d)[\w.]*/y],
  ["string", /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'/y],
];
const REGEX = /\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y;
const TEMPLATE_PART = /(?:[^`\\$]|\\[^]|\$(?!\{))*/y;

/** Splits `source` into tokens. An ill-formed rest becomes signs: this is no parser and refuses nothing. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  /** For each `${` that is open, how many braces are open inside it. */
  const templates: number[] = [];
  let position = 0;
  let line = 1;

  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = position;
    const text = pattern.exec(source)?.[0];
    if (text === undefined || (text === "" && pattern !== TEMPLATE_PART)) return undefined;
    position += text.length;
    return text;
  };
  const add = (kind: Token["kind"], text: string, written = text): void => {
    tokens.push({ kind, text, line });
    line += written.split("\n").length - 1;
  };
  const takeTemplatePart = (): void => {
    add("string", take(TEMPLATE_PART) ?? "");
    if (source[position] === "`") position++;
    else if (source.startsWith("${", position)) {
      position += 2;
      templates.push(0);
    }
  };

  scan: while (position < source.length) {
    for (const [kind, pattern] of PATTERNS) {
      const text = take(pattern);
      if (text === undefined) continue;
      if (kind === "blank") line += text.split("\n").length - 1;
      else add(kind, kind === "string" ? text.slice(1, -1) : text, text);
      continue scan;
    }
    const sign = source[position];
    if (sign === "/" && mayBeginRegex(tokens.at(-1))) {
      const text = take(REGEX);
      if (text !== undefined) {
        add("regex", text);
        continue;
      }
    }
    position++;
    if (sign === "`") {
      takeTemplatePart();
    } else if (sign === "}" && templates.at(-1) === 0) {
      templates.pop();
      takeTemplatePart();
    } else {
      if (sign === "{" && templates.length > 0) templates[templates.length - 1]++;
      if (sign === "}" && templates.length > 0) templates[templates.length - 1]--;
      add("sign", sign);
    }
  }
  return tokens;
}

function mayBeginRegex(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === "word") return BEFORE_REGEX.has(before.text);
  return before.kind === "sign" && !/[)\]}]/.test(before.text);
}
