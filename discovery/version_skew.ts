import type { ServerVersion } from "./server_version.ts";

/** The minor version of Kubernetes 1 whose API this package was made from and is tested with. */
const KNOWN_MINOR = 36;

/** How far a server is from what this package knows. */
export interface VersionSkew {
  /** The version that this package knows: `1.36`. */
  known: string;
  /** The server's version: `1.34`. */
  server: string;
  /** How many minor versions the server is newer; negative if it is older. */
  minors: number;
  /** Whether that is one at most, the skew that Kubernetes supports between a server and `kubectl`. */
  supported: boolean;
}

/**
 * Compares a server with what this package knows. Nothing stops working with a larger skew, but kinds may be missing on
 * one of the two sides, and fields unknown. A server that is being upgraded counts as what it behaves like.
 *
 * @returns `undefined` if the server does not say its version in numbers.
 * @see https://kubernetes.io/releases/version-skew-policy/#kubectl
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { versionSkew } from "@coxswain/kube/discovery";
 * const skew = versionSkew({ major: "1", minor: "34+", gitVersion: "v1.34.1-eks-b707fbb" });
 * assert.deepEqual(skew, { known: "1.36", server: "1.34", minors: -2, supported: false });
 * ```
 */
export function versionSkew(version: ServerVersion): VersionSkew | undefined {
  const [, gitMajor, gitMinor] = /^v(\d+)\.(\d+)/.exec(version.gitVersion) ?? [];
  const major = numberIn(version.emulationMajor) ?? numberIn(version.major) ?? numberIn(gitMajor);
  const minor = numberIn(version.emulationMinor) ?? numberIn(version.minor) ?? numberIn(gitMinor);
  if (major === undefined || minor === undefined) return undefined;
  const minors = minor - KNOWN_MINOR;
  return {
    known: `1.${KNOWN_MINOR}`,
    server: `${major}.${minor}`,
    minors,
    supported: major === 1 && Math.abs(minors) <= 1,
  };
}

function numberIn(text: string | undefined): number | undefined {
  const [digits] = /^\d+/.exec(text ?? "") ?? [];
  return digits === undefined ? undefined : Number(digits);
}
