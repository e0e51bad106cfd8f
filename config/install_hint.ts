import type { Clock } from "../async/mod.ts";

/** How often help is given in {@linkcode PERIOD}; client-go's `installHintVerboseHelp` is as rare. */
const MOST = 10;
/** One hour in milliseconds. */
const PERIOD = 3_600_000;

const HELP = `

It looks like you are trying to use a client-go credential plugin that is not installed.

To learn more about this feature, consult the documentation available at:
      https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins`;

/**
 * What to say to a person whose plugin is missing, at most ten times an hour: a controller that tries again and
 * again would fill its log with it.
 *
 * @param installHint What the kubeconfig says about it.
 * @returns Gives the text, or an empty one if it has been given often enough.
 */
export function installHelp(installHint: string, clock: Clock): () => string {
  const text = HELP + (installHint && `\n\n${sanitizeHint(installHint)}`);
  let since = clock.now();
  let given = 0;
  return () => {
    if (clock.now() - since >= PERIOD) {
      since = clock.now();
      given = 0;
    }
    return given++ < MOST ? text : "";
  };
}

/**
 * Makes visible what a terminal would obey, such as ESC: letters, marks, numbers, punctuation, symbols, spaces and
 * line breaks stay, anything else reads like `U+001B` (spec rest 8.5).
 */
function sanitizeHint(text: string): string {
  return text.replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S}\p{Z}\t\n\v\f\r]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
  });
}
