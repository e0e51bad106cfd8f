/**
 * A text that is no YAML, or more of it than a file for Kubernetes can be. What such files hold may be secret, so its
 * message has no piece of the text.
 */
export class YamlError extends Error {
  /** What to do, as a sentence without its full stop. */
  readonly remedy: string;

  /** Says what is wrong and what helps. */
  constructor(problem: string, remedy: string) {
    super(problem);
    this.name = "YamlError";
    this.remedy = remedy;
  }
}
