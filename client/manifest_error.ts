/** One mistake in manifests. */
export interface ManifestMistake {
  /** Where it is, such as `document 2, line 14`, or `object 3` if objects were given in place of a text. */
  where: string;
  /** What is wrong. */
  problem: string;
}

/** Manifests that cannot be applied as they are. Nothing was sent. */
export class ManifestError extends Error {
  /** All mistakes, in the order of the manifests. */
  readonly mistakes: readonly ManifestMistake[];

  /** Tells of the mistakes. */
  constructor(mistakes: readonly ManifestMistake[], options?: ErrorOptions) {
    const told = mistakes.map(({ where, problem }) => `${where}: ${problem}`);
    super(`Cannot apply the manifests: ${told.join("; ")}`, options);
    this.name = "ManifestError";
    this.mistakes = mistakes;
  }
}
