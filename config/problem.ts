import { ConfigError } from "../rest/mod.ts";

/** One thing that is wrong; several of them make one {@linkcode ConfigError}. No secret in any of the texts. */
export interface Problem {
  /** The setting as its file spells it. */
  setting: string;
  /** What is the case. */
  problem: string;
  /** What to do, as a sentence without its full stop. */
  remedy: string;
}

/** Takes note of something that is wrong with a field of what the caller looks at. */
export type Report = (field: string, problem: string, remedy: string) => void;

/** The most problems that an error spells out. */
const MOST_SHOWN = 20;

/**
 * One error for all `problems`, of which there is at least one.
 *
 * @param subject What the problems are problems of; the error's `setting` when there are several.
 */
export function configErrorOf(subject: string, problems: readonly Problem[]): ConfigError {
  if (problems.length === 1) {
    const [{ setting, problem, remedy }] = problems;
    return new ConfigError(setting, problem, remedy);
  }
  const shown = problems.slice(0, MOST_SHOWN).map(({ setting, problem, remedy }, index) =>
    `(${index + 1}) ${setting}: ${problem}. ${remedy}`
  );
  const more = problems.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  return new ConfigError(
    subject,
    `${problems.length} settings are wrong: ${shown.join("; ")}`,
    "Correct all of them",
  );
}
