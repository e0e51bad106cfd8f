// Applies a file of manifests, and deletes what an earlier one had and this one has not. Run: deno run --allow-net --allow-read --allow-env examples/apply_file.ts shop.yaml   (or: bun …, node …)
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import process from "node:process";
import { connect } from "@coxswain/kube";
import { ApplyManifestsError, ManifestError } from "@coxswain/kube/client";

const [file] = process.argv.slice(2);
await using client = await connect();
try {
  await client.applyManifests(await readFile(file, "utf8"), {
    fieldManager: "apply-file",
    prune: { applySet: basename(file) },
    onResult: ({ outcome, kind, name }) => console.log(outcome, kind, name),
  });
} catch (error) {
  if (!(error instanceof ManifestError) && !(error instanceof ApplyManifestsError)) throw error;
  console.error(error.message); // names each object, with its document and line
  process.exitCode = 1;
}
