import { ConfigError } from "../rest/mod.ts";
import { isNotPermitted } from "./environment.ts";
import { quotePath } from "./quote.ts";

/** What an attempt to write a file was about. */
export interface FileAttempt {
  /** The kubeconfig. */
  file: string;
  /** What did not work, such as `writing it`. */
  doing: string;
  /** What holds in spite of the failure, after a semicolon. */
  also?: string;
}

/** The error for a kubeconfig that could not be written. The runtime's own may repeat more than it should. */
export function fileFailure(error: unknown, { file, doing, also = "" }: FileAttempt): ConfigError {
  const setting = `kubeconfig ${quotePath(file)}`;
  const after = also && `; ${also}`;
  if (isNotPermitted(error)) {
    return new ConfigError(
      setting,
      `Deno did not permit ${doing}${after}`,
      "Run with --allow-read and --allow-write for its folder",
    );
  }
  const { code, name } = error as { code?: unknown; name?: unknown };
  const problem = `${doing} failed with ${String(code ?? name)}${after}`;
  return new ConfigError(setting, problem, "Check the owner and mode of its folder, and the space left");
}
