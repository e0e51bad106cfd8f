// What the server in memory answers otherwise than a real one, and is let to: docs/testing-differences.md is made of it.
//
// Run: deno run --allow-read --allow-write tests/cluster/conformance_accepted.ts     writes that file
import { corpus } from "./conformance_corpus.ts";

/** Names of sequences, each with the reason why its answers may differ. */
export const ACCEPTED: Readonly<Record<string, string>> = {
  "a claim that gets bigger":
    "A real server ends its refusal with the difference of the two, in Go's notation of its own fields.",
};

/** The text of docs/testing-differences.md. */
export function differencesTable(): string {
  const rows = Object.entries(ACCEPTED).map(([name, reason]) => `| ${name} | ${reason} |`);
  return `<!-- Made by tests/cluster/conformance_accepted.ts. Do not edit. -->

# Where the server in memory differs

\`tests/cluster/conformance_test.ts\` sends ${corpus().length} sequences of requests to a real API server and to the one of
\`@coxswain/kube/testing\`: written ones, and ones generated from a seed. It compares status codes, bodies with all
\`managedFields\`, and warnings, after giving uids, versions and times other names. Where the two differ, the test
fails, unless the sequence is in this table; it fails too when one in the table no longer differs.

| sequence | reason |
| --- | --- |
${rows.join("\n")}

What no sequence asks for is in the list of the module's own documentation, "What it does not do".
`;
}

if (import.meta.main) Deno.writeTextFileSync("docs/testing-differences.md", differencesTable());
