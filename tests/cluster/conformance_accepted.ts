// What the server in memory answers otherwise than a real one, and is let to: docs/testing-differences.md is made of it.
//
// Run: deno run --allow-read --allow-write tests/cluster/conformance_accepted.ts     writes that file
import { corpus } from "./conformance_corpus.ts";

/** Names of sequences, each with the reason why its answers may differ. */
export const ACCEPTED: Readonly<Record<string, string>> = {
  "a claim that gets bigger":
    "A real server ends its refusal with the difference of the two, in Go's notation of its own fields.",
  "YAML":
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too. The parser's words differ.",
  'a create of type "application/vnd.kubernetes.protobuf"':
    "What is said to be Protobuf and is none is read as what it is.",
  "an apply of what is no YAML": "A parser of YAML complains in words of its own.",
  "an apply with two objects": "A real server's parser of YAML takes some texts that ours does not.",
  "an apply with what follows the end": "A real server's parser of YAML takes some texts that ours does not.",
  "a merge patch with another kind":
    "A real server reads the data as those of the other kind before it refuses that.",
  'who takes "application/xml"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "text/html"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "application/*"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "application/json;q=0"': "A type that is not wanted at all is not sent; a real server sends it.",
  'who takes "nope"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "application/json;as=Nope;g=meta.k8s.io;v=v1"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "application/json;as=Table;g=meta.k8s.io;v=v2"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  'who takes "application/json;as=Table"':
    "Answers are JSON alone, and a refusal names that; a real server has YAML and Protobuf too.",
  "methods that are not there": "Some paths outside the API take other methods than on a real server.",
  "paths that are not there": "An empty part in the middle of a path leads to the plain 404.",
  "HEAD": "`/version` answers HEAD.",
  "a definition has rules that hold": "Rules in CEL are not looked at, and a warning says so.",
  "a definition has rules that are none": "Rules in CEL are not looked at, and a warning says so.",
  "rules of a schema": "Rules in CEL are not looked at, and a warning says so.",
  "a scale of a custom resource":
    "Replicas that there were not before are managed by who scales; on a real server by nobody.",
  "bodies of custom resources": "Of a body in another version, unknown fields are not told besides.",
  "a watch sees a definition go":
    "A definition goes at once; on a real server with one state more in between.",
  "fields of /api/v1/nodes": "A real server taints a new node.",
  "fields of /api/v1/pods":
    "The old field `serviceAccount` of pods, and `podIPs`, are not kept beside the new ones.",
  "versions that are too old":
    "The history is told of in the words of the watch cache, which secrets of the test cluster do not have.",
};

/** The text of docs/testing-differences.md. */
export function differencesTable(): string {
  const rows = Object.entries(ACCEPTED).map(([name, reason]) => `| ${name} | ${reason} |`);
  return `<!-- Made by tests/cluster/conformance_accepted.ts. Do not edit. -->

# Where the server in memory differs

\`tests/cluster/conformance_test.ts\` sends ${corpus().length} sequences of requests to a real API server and to the one of
\`@coxswain/kube/testing\`: written ones, and ones generated from a seed. It compares status codes, headers and
warnings, bodies with all \`managedFields\`, and the events of watches, after giving uids, versions and times other names. Where the two differ, the test
fails, unless the sequence is in this table; it fails too when one in the table no longer differs.

| sequence | reason |
| --- | --- |
${rows.join("\n")}

What no sequence asks for is in the list of the module's own documentation, "What it does not do".
`;
}

if (import.meta.main) Deno.writeTextFileSync("docs/testing-differences.md", differencesTable());
