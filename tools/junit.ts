// Deno, Bun and Node each count their tests in their own way (a `describe` is a test to Deno, a subtest is one to Node
// alone), but all three write JUnit's XML, and there every test that has no tests inside can be counted alike.

/** How many tests ended how. */
export interface TestCount {
  passed: number;
  failed: number;
  /** Skipped or left to do. */
  skipped: number;
}

/** Counts the tests of a JUnit report, leaving out the groups that Deno reports as tests. */
export function countTests(report: string): TestCount {
  const cases = report.split(/<testcase\b/).slice(1).map((text) => text.split("</testcase>", 1)[0]);
  const names = cases.map((text) => / name="([^"]*)"/.exec(text)?.[1] ?? "");
  const groups = new Set<string>();
  for (const name of names) {
    for (let end = name.indexOf(" &gt; "); end >= 0; end = name.indexOf(" &gt; ", end + 1)) {
      groups.add(name.slice(0, end));
    }
  }
  const count = { passed: 0, failed: 0, skipped: 0 };
  for (const [index, text] of cases.entries()) {
    if (groups.has(names[index])) continue;
    if (/<(failure|error)\b/.test(text)) count.failed++;
    else if (/<skipped\b/.test(text)) count.skipped++;
    else count.passed++;
  }
  return count;
}

/** As the last line of a run: `deno: 12 passed, 0 failed`, and what was skipped if anything was. */
export function formatCount(runner: string, { passed, failed, skipped }: TestCount): string {
  return `${runner}: ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}
