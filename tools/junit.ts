// Deno, Bun and Node each count their tests in their own way (a `describe` is a test to Deno, a subtest is one to Node
// alone), but all three write JUnit's XML, and there every test that has no tests inside can be counted alike.

/** How many tests ended how. */
export interface TestCount {
  passed: number;
  failed: number;
  /** Skipped or left to do. */
  skipped: number;
}

/** The `testcase` elements of a JUnit report, leaving out the groups that Deno reports as tests. */
function casesOf(report: string): string[] {
  const cases = report.split(/<testcase\b/).slice(1).map((text) => text.split("</testcase>", 1)[0]);
  const names = cases.map((text) => attribute(text, "name"));
  const groups = new Set<string>();
  for (const name of names) {
    for (let end = name.indexOf(" &gt; "); end >= 0; end = name.indexOf(" &gt; ", end + 1)) {
      groups.add(name.slice(0, end));
    }
  }
  return cases.filter((_, index) => !groups.has(names[index]));
}

/** Escaped as it is. */
const attribute = (element: string, name: string) =>
  new RegExp(` ${name}="([^"]*)"`).exec(element)?.[1] ?? "";

const hasFailed = (element: string) => /<(failure|error)\b/.test(element);

/** Counts the tests of a JUnit report. */
export function countTests(report: string): TestCount {
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const element of casesOf(report)) {
    if (hasFailed(element)) count.failed++;
    else if (/<skipped\b/.test(element)) count.skipped++;
    else count.passed++;
  }
  return count;
}

/** The failed tests of a JUnit report, each in a line: where it is, as far as the runner tells, and what it said. */
export function failedTests(report: string): string[] {
  return casesOf(report).filter(hasFailed).map((element) => {
    const group = attribute(element, "classname");
    const where = [
      attribute(element, "file"),
      /^(ext:|test$)/.test(group) ? "" : group,
      attribute(element, "name"),
    ];
    const said = attribute(element.slice(element.search(/<(failure|error)\b/)), "message");
    return oneLine(`${where.filter((part) => part !== "").join(": ")}: ${said}`);
  });
}

const ENTITIES: Record<string, string> = { amp: "&", apos: "'", gt: ">", lt: "<", quot: '"' };

/** Without escapes, each piece of white space a blank, and cut where nobody reads on. */
function oneLine(text: string): string {
  const plain = text.replace(
    /&(?:#(\d+)|(amp|apos|gt|lt|quot));/g,
    (_, code, name) => name === undefined ? String.fromCodePoint(Number(code)) : ENTITIES[name],
  );
  return plain.replace(/\s+/g, " ").trim().slice(0, 500);
}

/** As the last line of a run: `deno: 12 passed, 0 failed`, and what was skipped if anything was. */
export function formatCount(runner: string, { passed, failed, skipped }: TestCount): string {
  return `${runner}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
