import type { Credentials, CredentialSource } from "../rest/mod.ts";

/**
 * One source out of several, each of which gives a part: a token from one, a certificate from another. Where two
 * give the same field, the later source wins. The object stays the same for as long as all parts do.
 */
export function combinedSource(sources: readonly CredentialSource[]): CredentialSource {
  if (sources.length === 1) return sources[0];
  let last: { parts: Credentials[]; whole: Credentials } | undefined;
  return async ({ signal, refused }) => {
    const refusedParts = refused !== undefined && refused === last?.whole ? last.parts : [];
    const parts = await Promise.all(
      sources.map((source, index) => source({ signal, refused: refusedParts[index] })),
    );
    if (last === undefined || parts.some((part, index) => part !== last?.parts[index])) {
      last = { parts, whole: Object.assign({}, ...parts) };
    }
    return last.whole;
  };
}
