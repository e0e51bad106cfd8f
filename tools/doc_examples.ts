// Type-checks every example in the doc comments, README.md and docs/, and runs those in the doc comments. An example
// that begins with ```ts no-run is only checked (it needs a cluster), one with ```ts ignore is left alone.
//
// Run: deno run -A tools/doc_examples.ts
import { countTests, formatCount } from "./junit.ts";
import { files, librarySources, ROOT, run } from "./project.ts";

const deno = Deno.execPath();
const sources = librarySources();
const pages = ["README.md", ...files("docs", (path) => path.endsWith(".md"))];

const checks = [[deno, "check", "--doc", ...sources], [deno, "check", "--doc-only", ...pages]];
for (const command of checks) {
  const { code } = await run(command);
  if (code !== 0) Deno.exit(code);
}

// `deno test --doc` knows no examples that are not to be run. It names each by its file's URL and lines, so it can be
// given the names of the others; the end of a name may be the end of another file's, too.
const names = sources.flatMap((path) => {
  const lines = Deno.readTextFileSync(ROOT + path).split("\n");
  return lines.flatMap((line, index) =>
    /^\s*\* ```ts$/.test(line) ? [`${encodeURI(ROOT + path)}#${index + 1}-`] : []
  );
});
const filter = `/(${names.map((name) => name.replaceAll(/[^\w/#-]/g, "\\$&")).join("|")})/`;
const report = await Deno.makeTempFile({ prefix: "coxswain-", suffix: ".xml" });
try {
  const { code } = await run([
    ...[deno, "test", "-A", "--doc", "--no-check", "--filter", filter, `--junit-path=${report}`],
    ...sources,
  ]);
  const count = countTests(await Deno.readTextFile(report));
  console.log(formatCount("examples", count));
  const ran = count.passed + count.failed;
  if (ran !== names.length) console.log(`There are ${names.length} examples to run, and ${ran} ran.`);
  Deno.exit(ran === names.length ? code : 1);
} finally {
  await Deno.remove(report);
}
