/** Thrown for a pattern that Go does not take, in the words of its parser. */
export class PatternError extends Error {
  constructor(problem: string, where: string) {
    super(`error parsing regexp: ${problem}: \`${where}\``);
    this.name = "PatternError";
  }
}

/**
 * A regular expression of Go, such as the patterns of schemas, as one of JavaScript: to ask whether a text matches, not
 * what in it does, so that there are no groups to refer to. Cases are folded in single letters, and in ASCII in classes.
 *
 * @throws {PatternError} If Go does not take the pattern.
 * @see https://pkg.go.dev/regexp/syntax
 */
export function goRegExp(pattern: string): RegExp {
  return new RegExp(new Reader(pattern).read(), "u");
}

type Range = readonly [from: number, to: number];

const LAST = 0x10ffff;
/** The most that something may be repeated. */
const MOST_REPEATS = 1_000;

/** What classes have that go by a name: pairs of the first and the last character. */
const CLASSES: Readonly<Record<string, string>> = {
  alnum: "09AZaz",
  alpha: "AZaz",
  ascii: "\0\x7f",
  blank: "\t\t  ",
  cntrl: "\0\x1f\x7f\x7f",
  digit: "09",
  graph: "!~",
  lower: "az",
  print: " ~",
  punct: "!/:@[`{~",
  space: "\t\r  ",
  upper: "AZ",
  word: "09AZ__az",
  xdigit: "09AFaf",
};
/** Those of Perl, by their letters. */
const PERL: Readonly<Record<string, string>> = { d: "09", s: "\t\n\f\r  ", w: CLASSES.word };
const CONTROLS: Readonly<Record<string, string>> = {
  a: "\x07",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
};

interface Flags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
}

class Reader {
  readonly #pattern: string;
  #at = 0;
  #flags: Flags = { i: false, m: false, s: false };

  constructor(pattern: string) {
    this.#pattern = pattern;
  }

  /** The pattern in JavaScript. */
  read(): string {
    const outside: Flags[] = []; // of the groups that are open
    let written = "";
    let canRepeat = false;
    let repeated: number | undefined; // where a repetition begins that has just been read
    while (this.#at < this.#pattern.length) {
      const start = this.#at;
      const repetition = this.#repetition();
      if (repetition !== undefined) {
        const isLazy = this.#take("?"); // which makes no difference to whether there is a match
        if (repeated !== undefined) throw this.#error("invalid nested repetition operator", repeated);
        if (!canRepeat) throw this.#error("missing argument to repetition operator", start);
        written += repetition + (isLazy ? "?" : "");
        repeated = start;
        continue;
      }
      repeated = undefined;
      const before = this.#flags;
      if (this.#take("(")) {
        const isGroup = this.#groupOpens(start);
        if (!isGroup) continue;
        outside.push(before);
        written += "(?:";
        canRepeat = false;
      } else if (this.#take(")")) {
        const flags = outside.pop();
        if (flags === undefined) throw new PatternError("unexpected )", this.#pattern);
        this.#flags = flags;
        written += ")";
        canRepeat = true;
      } else if (this.#take("|")) {
        written += "|";
        canRepeat = false;
      } else {
        const atom = this.#atom(start);
        written += atom;
        canRepeat ||= atom !== "";
      }
    }
    if (outside.length > 0) throw new PatternError("missing closing )", this.#pattern);
    return written;
  }

  /** `*`, `+`, `?`, or `{1,2}` and the like, with no question mark behind it; nothing if it is something else. */
  #repetition(): string | undefined {
    const start = this.#at;
    const [text, least, comma, most] =
      /^(?:[*+?]|\{(0|[1-9]\d*)(?:(,)(0|[1-9]\d*)?)?\})/.exec(this.#pattern.slice(start)) ?? [];
    if (text === undefined) return undefined;
    this.#at += text.length;
    const [from, to] = [
      Number(least ?? 0),
      Number(most ?? (comma === undefined ? least ?? 0 : MOST_REPEATS)),
    ];
    if (from > MOST_REPEATS || to > MOST_REPEATS || from > to) {
      throw this.#error("invalid repeat count", start);
    }
    return text;
  }

  /** What follows a parenthesis. @returns Whether a group begins, and not only flags change. */
  #groupOpens(start: number): boolean {
    if (this.#pattern[this.#at] !== "?") return true;
    const rest = this.#pattern.slice(start);
    if (/^\(\?P?</.test(rest)) {
      const [capture = rest] = /^[^>]*>/.exec(rest) ?? [];
      if (!/<\w+>$/.test(capture)) throw new PatternError("invalid named capture", capture);
      this.#at = start + capture.length;
      return true;
    }
    const [known, on, off, end] = /^\(\?([imsU]*)(?:-([imsU]*))?([:)])?/.exec(rest)!;
    this.#at = start + known.length;
    if (end === undefined) this.#character();
    if (end === undefined || off === "") throw this.#error("invalid or unsupported Perl syntax", start);
    const flags = Object.entries(this.#flags).map(([flag, is]) => [
      flag,
      (is || on.includes(flag)) && !off?.includes(flag),
    ]);
    this.#flags = Object.fromEntries(flags);
    return end === ":";
  }

  /** One thing that can be repeated; several letters if they are quoted. */
  #atom(start: number): string {
    const { m, s } = this.#flags;
    if (this.#take("^")) return m ? "(?:^|(?<=\\n))" : "(?:^)";
    if (this.#take("$")) return m ? "(?:$|(?=\\n))" : "(?:$)";
    if (this.#take(".")) return s ? classOf([[0, LAST]]) : classOf(others([[10, 10]]));
    if (this.#take("[")) return this.#class(start);
    if (this.#take("\\A")) return "(?:^)";
    if (this.#take("\\z")) return "(?:$)";
    if (this.#take("\\b")) return "(?:\\b)";
    if (this.#take("\\B")) return "(?:\\B)";
    if (this.#take("\\Q")) {
      const end = this.#pattern.indexOf("\\E", this.#at);
      const text = this.#pattern.slice(this.#at, end === -1 ? undefined : end);
      this.#at = end === -1 ? this.#pattern.length : end + 2;
      return [...text].map((letter) => this.#letter(letter.codePointAt(0)!)).join("");
    }
    const named = this.#unicodeClass() ?? this.#perlClass();
    if (typeof named === "string") return `[${named}]`;
    if (named !== undefined) return this.#classOf(named);
    return this.#letter(this.#take("\\") ? this.#escaped(start) : this.#character());
  }

  #class(start: number): string {
    const isNegated = this.#take("^");
    const ranges: Range[] = [];
    let unicode = "";
    for (let isFirst = true; isFirst || this.#pattern[this.#at] !== "]"; isFirst = false) {
      const named = this.#posixClass() ?? this.#unicodeClass() ?? this.#perlClass();
      if (typeof named === "string") unicode += named;
      else if (named !== undefined) ranges.push(...named);
      else ranges.push(this.#range(start));
    }
    this.#at++;
    return this.#classOf(ranges, isNegated, unicode);
  }

  /** One character of a class, or those from one to another. */
  #range(ofClass: number): Range {
    const start = this.#at;
    const member = () => {
      if (this.#at >= this.#pattern.length) throw this.#error("missing closing ]", ofClass);
      const at = this.#at;
      return this.#take("\\") ? this.#escaped(at) : this.#character();
    };
    const from = member();
    const [dash, next] = this.#pattern.slice(this.#at, this.#at + 2);
    if (dash !== "-" || next === undefined || next === "]") return [from, from];
    this.#at++;
    const to = member();
    if (to < from) throw this.#error("invalid character class range", start);
    return [from, to];
  }

  #posixClass(): readonly Range[] | undefined {
    const [text, not, name] = /^\[:(\^?)([^]*?):\]/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (text === undefined) return undefined;
    if (!Object.hasOwn(CLASSES, name)) throw new PatternError("invalid character class range", text);
    this.#at += text.length;
    const ranges = rangesOf(CLASSES[name]);
    return not === "" ? ranges : others(ranges);
  }

  #perlClass(): readonly Range[] | undefined {
    const [text, letter] = /^\\([dswDSW])/.exec(this.#pattern.slice(this.#at)) ?? [];
    if (text === undefined) return undefined;
    this.#at += text.length;
    const ranges = rangesOf(PERL[letter.toLowerCase()]);
    return letter in PERL ? ranges : others(ranges);
  }

  /** A category or a script, as JavaScript writes it. */
  #unicodeClass(): string | undefined {
    const start = this.#at;
    const rest = this.#pattern.slice(start);
    if (!/^\\p/i.test(rest)) return undefined;
    const [text, sign, not, long, short] = /^\\([pP])(?:\{(\^?)([^}]*)\}|([^{]))/u.exec(rest) ?? [];
    if (text === undefined) throw new PatternError("invalid character class range", rest);
    this.#at += text.length;
    const name = long ?? short;
    const isNegated = (sign === "P") !== (not === "^");
    for (const written of name === "Any" ? [name] : [`gc=${name}`, `sc=${name}`]) {
      const found = `\\${isNegated ? "P" : "p"}{${written}}`;
      if (isRegExp(found)) return found;
    }
    throw this.#error("invalid character class range", start);
  }

  /** What stands behind a backslash that has been read. */
  #escaped(start: number): number {
    const rest = this.#pattern.slice(this.#at);
    if (rest === "") throw new PatternError("trailing backslash at end of expression", "");
    const [octal] = /^(?:0[0-7]{0,2}|[1-7][0-7]{1,2})/.exec(rest) ?? [];
    const [hex, digits, braced] = /^x(?:([\da-fA-F]{2})|\{([\da-fA-F]+)\})/.exec(rest) ?? [];
    const value = octal !== undefined ? parseInt(octal, 8) : parseInt(digits ?? braced, 16);
    if ((octal ?? hex) !== undefined && value <= LAST) {
      this.#at += (octal ?? hex)!.length;
      return value;
    }
    const character = this.#character();
    const letter = String.fromCodePoint(character);
    if (Object.hasOwn(CONTROLS, letter)) return CONTROLS[letter].charCodeAt(0);
    if (character >= 0x80 || /[\da-zA-Z]/.test(letter)) throw this.#error("invalid escape sequence", start);
    return character;
  }

  #character(): number {
    const character = this.#pattern.codePointAt(this.#at);
    if (character === undefined) return 0;
    this.#at += character > 0xffff ? 2 : 1;
    return character;
  }

  #letter(character: number): string {
    if (!this.#flags.i) return escape(character);
    const letter = String.fromCodePoint(character);
    const forms = [letter, letter.toLowerCase(), letter.toUpperCase()].filter((form) =>
      [...form].length === 1
    );
    return classOf(forms.map((form) => [form.codePointAt(0)!, form.codePointAt(0)!]));
  }

  #classOf(ranges: readonly Range[], isNegated = false, unicode = ""): string {
    return classOf(this.#flags.i ? ranges.flatMap(inBothCases) : ranges, isNegated, unicode);
  }

  #take(text: string): boolean {
    if (!this.#pattern.startsWith(text, this.#at)) return false;
    this.#at += text.length;
    return true;
  }

  #error(problem: string, start: number): PatternError {
    return new PatternError(problem, this.#pattern.slice(start, this.#at));
  }
}

function rangesOf(pairs: string): Range[] {
  return pairs.match(/[^]{2}/g)!.map((pair) => [pair.charCodeAt(0), pair.charCodeAt(1)]);
}

/** All characters but those; they come in order. */
function others(ranges: readonly Range[]): Range[] {
  const starts = [0, ...ranges.map(([, to]) => to + 1)];
  const ends = [...ranges.map(([from]) => from - 1), LAST];
  return starts.map((start, index): Range => [start, ends[index]]).filter(([from, to]) => from <= to);
}

/** A range, and the letters of ASCII that are in it in their other case. */
function inBothCases([from, to]: Range): Range[] {
  const shifted = ([first, last]: Range, by: number): Range => [
    Math.max(from, first) + by,
    Math.min(to, last) + by,
  ];
  const both: Range[] = [[from, to], shifted([65, 90], 32), shifted([97, 122], -32)];
  return both.filter(([first, last]) => first <= last);
}

function classOf(ranges: readonly Range[], isNegated = false, unicode = ""): string {
  const written = ranges.map(([from, to]) => from === to ? escape(from) : `${escape(from)}-${escape(to)}`);
  return `[${isNegated ? "^" : ""}${written.join("")}${unicode}]`;
}

/** A character that means itself, within a class and outside of one. */
function escape(character: number): string {
  return `\\u{${character.toString(16)}}`;
}

function isRegExp(pattern: string): boolean {
  try {
    return new RegExp(pattern, "u") !== undefined;
  } catch {
    return false; // that is what was asked
  }
}
