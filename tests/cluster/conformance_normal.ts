// What differs from one time to the next is given names, so that answers of two servers can be compared.

/** Makes texts comparable; what has appeared before keeps its name. */
export type Normalizer = (text: string) => unknown;

const UID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g;

/** Versions that stand in the text of messages. */
const TOLD_VERSIONS: readonly (readonly [RegExp, string])[] = [
  [/resource version: \d+( \(\d+\))?/g, "resource version: N"],
  [/current: \d+/g, "current: N"],
  [/(ResourceVersion in (?:the )?(?:precondition|record)) \(\d+\)/g, "$1 (N)"],
];

/** Of a longer `generateName` the server takes a part. */
const LONGEST_PREFIX = 58;

/**
 * Gives uids, versions, addresses and made-up names names in their order of appearance, and takes times away.
 *
 * @param prefixes What `generateName` the requests say.
 */
export function normalizer(prefixes: readonly string[]): Normalizer {
  const names = new Map<string, string>();
  const named = (kind: string, value: string): string => {
    const key = `${kind} ${value}`;
    if (!names.has(key)) names.set(key, `${kind}-${names.size}`);
    return names.get(key)!;
  };
  return (text) => {
    let plain = withoutListVersion(text)
      .replace(UID, (uid) => named("uid", uid))
      .replaceAll('"manager":"cluster"', '"manager":"kube-apiserver"') // the program of the test cluster
      .replace(TIME, "time")
      .replace(/"continue":"([\w-]+)"/g, (_, token: string) => `"continue":${continued(token)}`)
      .replace(
        /(\\*"resourceVersion\\*": ?\\*")(\d+)/g,
        (_, field: string, version: string) => field + named("version", version),
      )
      .replace(/\b10\.0\.0\.\d+\b/g, (address) => named("address", address))
      .replace(/"nodePort":(3\d{4})\b/g, (_, port: string) => `"nodePort":"${named("port", port)}"`)
      .replace(/"token":"ey[\w.-]+"/g, '"token":"token"');
    for (const [pattern, replacement] of TOLD_VERSIONS) plain = plain.replace(pattern, replacement);
    for (const prefix of prefixes) {
      const made = new RegExp(`${prefix.slice(0, LONGEST_PREFIX)}[bcdfghjklmnpqrstvwxz2456789]{5}`, "g");
      plain = plain.replace(made, (name) => named(prefix, name));
    }
    try {
      return inOrder(JSON.parse(plain, (key, value) => {
        if (!Array.isArray(value)) return value;
        if (key === "cells") return value.map((cell) => /^\d+s$/.test(cell) ? "age" : cell);
        return key === "managedFields" ? byManager(value) : key === "causes" ? byField(value) : value;
      }));
    } catch {
      return plain; // text/plain
    }
  };
}

/** A continue token without its version. */
function continued(token: string): string {
  try {
    const { v, rv, start } = JSON.parse(atob(token.replaceAll("-", "+").replaceAll("_", "/")));
    return JSON.stringify({ v, start: start.replace(/^\//, ""), isConsistent: rv > 0 }); // with a slash if from a cache
  } catch {
    return JSON.stringify(token);
  }
}

/** A list without its version, which on a real server grows with what others write. */
function withoutListVersion(text: string): string {
  if (!/"(items|rows)":/.test(text)) return text;
  try {
    const list = JSON.parse(text);
    delete list.metadata?.resourceVersion;
    return JSON.stringify(list);
  } catch {
    return text; // several lines
  }
}

/** Entries in an order that does not depend on when the second changes. */
function byManager(entries: Record<string, unknown>[]): unknown[] {
  const key = ({ operation, manager, apiVersion, subresource = "" }: Record<string, unknown>) =>
    [operation, manager, apiVersion, subresource].join(" ");
  return entries.sort((a, b) => key(a) < key(b) ? -1 : 1);
}

interface Cause {
  readonly reason?: string;
  readonly field?: string;
  readonly message?: string;
}

const causeKey = ({ field = "", message = "" }: Cause): string => `${field}: ${message}`;

/** Conflicts, which the real server tells in any order of managers. */
function byField(causes: Cause[]): unknown[] {
  const isConflict = causes.every(({ reason }) => reason === "FieldManagerConflict");
  return isConflict ? sorted(causes) : causes;
}

/** A refusal of a custom resource, whose problems the real server tells in any order. */
function inOrder(value: unknown): unknown {
  const { message, details } = withSortedObject((value ?? {}) as Told) as {
    message?: string;
    details?: { causes?: Cause[]; group?: string };
  };
  const { causes = [], group = "" } = details ?? {};
  if (typeof message === "string" && message.includes("errors:\n")) {
    return { ...value as object, message: inLines(message) };
  }
  if (typeof message !== "string" || !details) return value;
  if (causes.length < 2 || !group.endsWith(".example.com")) return { ...value as object, message, details };
  const list = `[${causes.map(causeKey).join(", ")}]`;
  const told = sorted(causes);
  return {
    ...value as object,
    message: message.replace(list, () => `[${told.map(causeKey).join(", ")}]`),
    details: { ...details, causes: told },
  };
}

/** Problems of what is applied, which the real server tells in any order. */
function inLines(message: string): string {
  const [first, ...lines] = message.split("\n");
  return [first, ...lines.sort()].join("\n");
}

interface Told {
  readonly message?: string;
  readonly details?: { readonly causes?: readonly Told[] };
}

/** A refusal that quotes an object, with the fields of that in the order of the alphabet. */
function withSortedObject(told: Told): Told {
  if (!told.message?.includes("patch: Invalid value") && told.details !== undefined) return told;
  const message = told.message?.replace(/(Invalid value: )("(?:[^"\\]|\\.)*")/s, (whole, before, quoted) => {
    try {
      return before + JSON.stringify(JSON.parse(JSON.parse(quoted), sortedObject));
    } catch {
      return whole; // no object
    }
  });
  const causes = told.details?.causes?.map(withSortedObject);
  return { ...told, ...(message && { message }), ...(causes && { details: { ...told.details, causes } }) };
}

function sortedObject(_: string, value: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
  const { managedFields: __, ...fields } = value as Record<string, unknown>;
  return Object.fromEntries(Object.entries(fields).sort(([a], [b]) => a < b ? -1 : 1));
}

function sorted(causes: readonly Cause[]): Cause[] {
  return [...causes].sort((a, b) => causeKey(a) < causeKey(b) ? -1 : 1);
}
