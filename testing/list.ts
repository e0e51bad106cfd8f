import { cachedVersion } from "./cached_reads.ts";
import { type ListOptions, parseResourceVersion } from "./list_options.ts";
import { badRequest, expired, Refusal, tooLargeResourceVersion } from "./refusal.ts";
import type { ServedResource } from "./served_resource.ts";
import { type Collection, encodeJson, type Revision } from "./store.ts";

const encoder = new TextEncoder();

/** One page of a list: which objects, at which version, and what comes after. */
export interface Page {
  readonly resourceVersion: number;
  readonly revisions: readonly Revision[];
  /** Where the next page starts; empty after the last one. */
  readonly continueToken: string;
  /** How many objects come after this page; undefined when selectors make that unknown. */
  readonly remainingItemCount: number | undefined;
}

/**
 * Finds the objects that a list asks for.
 *
 * @param prefix With which keys start: `namespace/`, or nothing.
 * @param current The version of the newest write.
 * @throws {Refusal} 410 for a version that is forgotten, 504 for one that has not come yet, 400 for nonsense.
 */
export function findPage(
  collection: Collection,
  prefix: string,
  options: ListOptions,
  current: number,
): Page {
  const { matches } = options;
  const limit = options.isOneName ? 0 : options.limit; // there is no page of one object
  const { version, from } = start(collection, prefix, options, current);
  const revisions: Revision[] = [];
  let last = "";
  let more = 0;
  for (const revision of collection.at(version, prefix, from)) {
    if (limit > 0 && options.resourceVersion !== "0" && revisions.length === limit) {
      more++;
      if (matches !== undefined) break; // there is more to look at, perhaps to select
      continue;
    }
    if (matches === undefined || matches(revision.object)) {
      revisions.push(revision);
      last = revision.key;
    }
  }
  return {
    resourceVersion: version,
    revisions,
    continueToken: more === 0 ? "" : formatContinue(version, last.slice(prefix.length)),
    remainingItemCount: more === 0 || matches !== undefined ? undefined : more,
  };
}

/** The list as JSON, in pieces: objects are encoded once, and never together. */
export function* encodeList(resource: ServedResource, page: Page): Generator<Uint8Array> {
  const { builtIn, kind, apiVersion } = resource;
  const { resourceVersion, continueToken, remainingItemCount, revisions } = page;
  const comma = encoder.encode(",");
  if (!builtIn) { // written from a map: alphabetically, with items in full
    const metadata = {
      continue: continueToken,
      remainingItemCount,
      resourceVersion: String(resourceVersion),
    };
    yield encoder.encode(`{"apiVersion":${JSON.stringify(apiVersion)},"items":[`);
    for (const [index, revision] of revisions.entries()) {
      if (index > 0) yield comma;
      yield revision.json(apiVersion);
    }
    yield encoder.encode(`],"kind":"${kind}List","metadata":${JSON.stringify(metadata)}}\n`);
    return;
  }
  const metadata = {
    resourceVersion: String(resourceVersion),
    ...(continueToken === "" ? {} : { continue: continueToken }),
    remainingItemCount,
  };
  const head = { kind: `${kind}List`, apiVersion, metadata };
  yield encoder.encode(`${JSON.stringify(head).slice(0, -1)},"items":[`);
  // Items of built-in kinds do not say what they are: cut off what each one starts with.
  const intro = encodeJson({ kind, apiVersion }).length;
  const brace = encoder.encode("{");
  const commaBrace = encoder.encode(",{");
  for (const [index, revision] of revisions.entries()) {
    yield index > 0 ? commaBrace : brace;
    yield revision.json(apiVersion).subarray(intro);
  }
  yield encoder.encode("]}\n");
}

/** At which version to look, and from which key on. */
function start(
  collection: Collection,
  prefix: string,
  options: ListOptions,
  current: number,
): { version: number; from: string } {
  const { continueToken, resourceVersion, resourceVersionMatch, limit } = options;
  if (continueToken !== "") {
    if (resourceVersion !== "" && resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    const token = parseContinue(continueToken);
    const from = prefix + token.start;
    if (token.version < 0) return { version: current, from }; // the reader has agreed to an inconsistent list
    checkReached(token.version, current);
    if (token.version < collection.compacted) {
      throw new Refusal({
        ...expired(CONTINUE_EXPIRED),
        metadata: { continue: formatContinue(-1, token.start.replace(/\0$/, "")) },
      });
    }
    return { version: token.version, from };
  }
  const version = parseResourceVersion(
    resourceVersion,
    (problem) => badRequest(`invalid resource version: ${problem}`),
  );
  checkReached(version, current);
  const exact = resourceVersionMatch === "Exact" || (resourceVersionMatch === "" && limit > 0 && version > 0);
  if (!exact) {
    return { version: resourceVersion === "" ? current : cachedVersion(collection, current), from: prefix };
  }
  if (version < collection.compacted) {
    throw new Refusal(expired("The resourceVersion for the provided list is too old."));
  }
  return { version, from: prefix };
}

/** @throws {Refusal} 504, if `version` has not come yet. */
export function checkReached(version: number, current: number): void {
  if (version > current) throw new Refusal(tooLargeResourceVersion(version, current));
}

const CONTINUE_EXPIRED = "The provided continue parameter is too old to display a consistent list result. " +
  "You can start a new list without the continue parameter, or use the continue token in this response to " +
  "retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - " +
  "objects that were created, modified, or deleted between the time the first chunk was returned and now may " +
  "show up in the list.";

/** A token that goes on after the key `last`, in the form that the server uses too. */
function formatContinue(version: number, last: string): string {
  const token = { v: "meta.k8s.io/v1", rv: version, start: `/${last}\0` };
  return btoa(JSON.stringify(token)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Where a decoder of base64 without padding stops. */
function badBase64(text: string): number {
  const odd = text.search(/[^\w-]/);
  return odd < 0 ? Math.max(0, text.length - text.length % 4) : odd;
}

function parseContinue(text: string): { version: number; start: string } {
  const refuse = (problem: string) =>
    badRequest(`invalid continue token: continue key is not valid${problem}`);
  let token: { v?: unknown; rv?: unknown; start?: unknown } | null;
  try {
    token = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
  } catch (error) {
    const problem = `: illegal base64 data at input byte ${badBase64(text)}`;
    throw Object.assign(refuse(problem), { cause: error });
  }
  if (token?.v !== "meta.k8s.io/v1") {
    throw refuse(`: server does not recognize this encoded version ${token?.v ?? ""}`);
  }
  if (typeof token.rv !== "number" || token.rv === 0) {
    throw refuse(": incorrect encoded start resourceVersion (version meta.k8s.io/v1)");
  }
  if (typeof token.start !== "string" || token.start === "") {
    throw refuse(": encoded start key empty (version meta.k8s.io/v1)");
  }
  if (/(^|\/)\.\.?(\/|$)/.test(token.start)) throw refuse(`: ${token.start}`);
  return { version: token.rv, start: token.start.replace(/^\//, "") };
}
