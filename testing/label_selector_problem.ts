import { labelKeyProblems, labelValueProblems } from "../meta/mod.ts";

const SYMBOLS = ["=", "==", "!=", "!", ">", "<", "(", ")", ","];
const OPERATORS = "in, notin, =, ==, !=, gt, lt";

/** Thrown where the server's own parser stops. */
class Stopped extends Error {}

/**
 * Why a label selector cannot be read, in the server's words.
 *
 * @param selector One that `parseLabelSelector()` refuses.
 */
export function labelSelectorProblem(selector: string): string {
  try {
    new Parser(tokensOf(selector)).parse();
  } catch (error) {
    if (error instanceof Stopped) return error.message;
    throw error;
  }
  return "unable to parse requirement: it is no selector"; // of what the server takes nothing is refused
}

/** Identifiers and symbols; the longest symbol that there is counts. */
function tokensOf(selector: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < selector.length;) {
    const [space] = /^\s*/.exec(selector.slice(at))!;
    at += space.length;
    if (at >= selector.length) break;
    const [identifier] = /^[^=!(),><\s]*/.exec(selector.slice(at))!;
    let token = identifier;
    if (token === "") {
      token = selector[at];
      const longer = selector.slice(at, at + 2);
      if (SYMBOLS.includes(longer)) token = longer;
    }
    tokens.push(token);
    at += token.length;
  }
  return tokens;
}

const isIdentifier = (token: string): boolean => token !== "" && !SYMBOLS.includes(token);

/** Reads as the server's parser does, only to find where that stops. The token after the last one is empty. */
class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(tokens: readonly string[]) {
    this.#tokens = tokens;
  }

  parse(): void {
    while (this.#next !== "") {
      if (!isIdentifier(this.#next) && this.#next !== "!") {
        throw stopped(this.#next, "!, identifier, or 'end of string'");
      }
      try {
        this.#requirement();
      } catch (error) {
        if (error instanceof Stopped) throw new Stopped(`unable to parse requirement: ${error.message}`);
        throw error;
      }
      const token = this.#take();
      if (token === "") return;
      if (token !== ",") throw stopped(token, "',' or 'end of string'");
      if (!isIdentifier(this.#next) && this.#next !== "!") throw stopped(this.#next, "identifier after ','");
    }
  }

  get #next(): string {
    return this.#tokens[this.#at] ?? "";
  }

  #take(): string {
    return this.#tokens[this.#at++] ?? "";
  }

  #requirement(): void {
    let key = this.#take();
    const isNegated = key === "!";
    if (isNegated) key = this.#take();
    if (!isIdentifier(key)) throw stopped(key, "identifier");
    const problems = labelKeyProblems(key);
    if (problems.length > 0) throw new Stopped(invalid("<nil>", key, problems.join("; ")));
    if (isNegated || this.#next === "" || this.#next === ",") return;
    const operator = this.#take();
    switch (operator) {
      case "in":
      case "notin":
        return this.#check(key, this.#values());
      case "=":
      case "==":
      case "!=":
        return this.#check(key, [this.#value()]);
      case ">":
      case "<": {
        const value = this.#value();
        if (!/^[+-]?\d+$/.test(value)) {
          throw new Stopped(
            invalid("values[0]", value, "for 'Gt', 'Lt' operators, the value must be an integer"),
          );
        }
        return this.#check(key, [value]);
      }
      default:
        throw stopped(operator, OPERATORS);
    }
  }

  #value(): string {
    if (this.#next === "" || this.#next === ",") return "";
    const value = this.#take();
    if (!isIdentifier(value)) throw stopped(value, "identifier");
    return value;
  }

  #values(): string[] {
    const open = this.#take();
    if (open !== "(") throw new Stopped(`found '${open}' expected: '('`);
    const values: string[] = [];
    if (this.#next === ")") {
      this.#take();
      return values;
    }
    if (!isIdentifier(this.#next) && this.#next !== ",") throw stopped(this.#next, "',', ')' or identifier");
    while (this.#next !== ")") {
      const token = this.#take();
      if (token === ",") continue;
      if (!isIdentifier(token)) throw stopped(token, "',', or identifier");
      values.push(token);
      if (this.#next !== "," && this.#next !== ")") throw stopped(this.#next, "',' or ')'");
    }
    this.#take();
    return values;
  }

  #check(key: string, values: readonly string[]): void {
    const problems = [...values].sort().flatMap((value, index) => {
      const rules = labelValueProblems(value);
      return rules.length === 0 ? [] : [invalid(`values[${index}][${key}]`, value, rules.join("; "))];
    });
    if (problems.length === 0) return;
    throw new Stopped(problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`);
  }
}

function stopped(token: string, expected: string): Stopped {
  return new Stopped(`found '${token}', expected: ${expected}`);
}

function invalid(field: string, value: string, rule: string): string {
  return `${field}: Invalid value: ${JSON.stringify(value)}: ${rule}`;
}
