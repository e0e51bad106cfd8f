import type { KindQuery, ResourceQuery } from "./queries.ts";

/**
 * What a person can mean by the name of a resource, in the order in which kubectl tries it: `name.version.group`, then
 * `name.group`; then the same as kinds, since `kubectl get Deployment.v1.apps` works too.
 */
export function parseResource(text: string): (ResourceQuery | KindQuery)[] {
  const [name, second, ...rest] = text.split(".");
  const group = text.slice(name.length + 1);
  const readings: (ResourceQuery | KindQuery)[] = [];
  if (rest.length > 0) readings.push({ resource: name, version: second, group: rest.join(".") });
  readings.push({ resource: name, ...(group && { group }) });
  if (rest.length > 0) readings.push({ kind: name, versions: [second], group: rest.join(".") });
  readings.push({ kind: name, ...(group && { group }) });
  return readings;
}

/** Which of the readings a person had in mind, to speak of it in an error. */
export function mostLikely(text: string): ResourceQuery {
  const [versioned, plain = versioned] = parseResource(text).filter((reading) => "resource" in reading);
  return /^v[0-9]/.test(versioned.version ?? "") ? versioned : plain;
}
