import type { ManifestResult } from "./apply_manifests.ts";

/** Not all manifests could be applied. What could, was: {@linkcode ApplyManifestsError.results} tells of each. */
export class ApplyManifestsError extends Error {
  /** What became of each object that was tried, in order. */
  readonly results: readonly ManifestResult[];

  /** Tells of the failures. The first is the `cause`. */
  constructor(results: readonly ManifestResult[]) {
    const failed = results.filter(({ outcome }) => outcome === "failed");
    const told = failed.map(({ error, ...result }) => `${describe(result)}: ${messageOf(error)}`);
    super(`Could not apply ${failed.length} of ${results.length} objects: ${told.join("; ")}`, {
      cause: failed[0]?.error,
    });
    this.name = "ApplyManifestsError";
    this.results = results;
  }
}

function describe({ kind, name, namespace, where }: ManifestResult): string {
  const there = namespace === undefined ? "" : ` in namespace ${JSON.stringify(namespace)}`;
  return `${kind} ${JSON.stringify(name)}${there}${where === undefined ? "" : ` (${where})`}`;
}

const messageOf = (error: unknown) => error instanceof Error ? error.message : String(error);
