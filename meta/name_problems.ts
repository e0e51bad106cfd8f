import { patternProblem } from "./pattern_problem.ts";

/** Longest DNS label and label of an object, in characters. */
const LABEL_LENGTH = 63;
/** Longest DNS subdomain, in characters. */
const SUBDOMAIN_LENGTH = 253;

const LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
const SUBDOMAIN = `${LABEL}(\\.${LABEL})*`;
const LABEL_1035 = "[a-z]([-a-z0-9]*[a-z0-9])?";
const KEY_NAME = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";
const VALUE = `(${KEY_NAME})?`;

const patterns = {
  label: new RegExp(`^${LABEL}$`),
  subdomain: new RegExp(`^${SUBDOMAIN}$`),
  label1035: new RegExp(`^${LABEL_1035}$`),
  keyName: new RegExp(`^${KEY_NAME}$`),
  value: new RegExp(`^${VALUE}$`),
};

/**
 * What is wrong with a name as a DNS label (RFC 1123), such as the name of a namespace, in the server's words; empty if
 * nothing is.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { dnsLabelProblems } from "@coxswain/kube/meta";
 * assert.deepEqual(dnsLabelProblems("web-0"), []);
 * assert.deepEqual(dnsLabelProblems("web.example.com"), ["must not contain dots"]);
 * ```
 */
export function dnsLabelProblems(name: string): string[] {
  const problems = tooLong(name, LABEL_LENGTH, "characters");
  if (patterns.label.test(name)) return problems;
  if (patterns.subdomain.test(name)) return [...problems, "must not contain dots"];
  const rule =
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character";
  return [...problems, patternProblem(rule, LABEL, "my-name", "123-abc")];
}

/**
 * What is wrong with a name as a DNS subdomain (RFC 1123), as most objects have one, in the server's words; empty if
 * nothing is.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names
 */
export function dnsSubdomainProblems(name: string): string[] {
  return subdomainProblems(name, "characters");
}

/**
 * What is wrong with a name as a DNS label (RFC 1035), which begins with a letter, in the server's words; empty if
 * nothing is.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#rfc-1035-label-names
 */
export function dns1035LabelProblems(name: string): string[] {
  const problems = tooLong(name, LABEL_LENGTH, "characters");
  if (patterns.label1035.test(name)) return problems;
  const rule =
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character";
  return [...problems, patternProblem(rule, LABEL_1035, "my-name", "abc-123")];
}

/**
 * What is wrong with the key of a label, an annotation or a condition, `name` or `example.com/name`, in the server's
 * words; empty if nothing is. Elsewhere called a qualified name.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { labelKeyProblems } from "@coxswain/kube/meta";
 * assert.deepEqual(labelKeyProblems("app.kubernetes.io/name"), []);
 * assert.equal(labelKeyProblems("/name")[0], "prefix part must be non-empty");
 * ```
 */
export function labelKeyProblems(key: string): string[] {
  const rule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  const parts = key.split("/");
  if (parts.length > 2) {
    const problem = patternProblem(rule, KEY_NAME, "MyName", "my.name", "123-abc");
    return [
      `a valid label key ${problem} with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')`,
    ];
  }
  const name = parts[parts.length - 1];
  const problems: string[] = [];
  if (parts.length === 2) {
    const ofPrefix = parts[0] === "" ? ["must be non-empty"] : subdomainProblems(parts[0], "bytes");
    problems.push(...ofPrefix.map((problem) => `prefix part ${problem}`));
  }
  if (name === "") problems.push("name part must be non-empty");
  problems.push(...tooLong(name, LABEL_LENGTH, "bytes").map((problem) => `name part ${problem}`));
  if (!patterns.keyName.test(name)) {
    problems.push(`name part ${patternProblem(rule, KEY_NAME, "MyName", "my.name", "123-abc")}`);
  }
  return problems;
}

/**
 * What is wrong with the value of a label, in the server's words; empty if nothing is.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set
 */
export function labelValueProblems(value: string): string[] {
  const problems = tooLong(value, LABEL_LENGTH, "bytes");
  if (patterns.value.test(value)) return problems;
  const rule =
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character";
  return [...problems, patternProblem(rule, VALUE, "MyValue", "my_value", "12345")];
}

function subdomainProblems(name: string, unit: "bytes" | "characters"): string[] {
  const problems = tooLong(name, SUBDOMAIN_LENGTH, unit);
  if (patterns.subdomain.test(name)) return problems;
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character";
  return [...problems, patternProblem(rule, SUBDOMAIN, "example.com")];
}

/** Of a UTF-16 unit in UTF-8. */
const MOST_BYTES = 3;

/** The server counts bytes in any case; it calls them characters in names of objects. */
function tooLong(text: string, most: number, unit: "bytes" | "characters"): string[] {
  if (text.length * MOST_BYTES <= most) return []; // as nearly always
  return new TextEncoder().encode(text).length > most ? [`must be no more than ${most} ${unit}`] : [];
}
