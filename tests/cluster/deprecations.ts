// What a server warns of who asks for a resource that will go.
import type { ServedApis } from "../../discovery/mod.ts";
import type { RestClient } from "../../rest/mod.ts";

/** The warnings of a server by version and plural, without the version and the kind with which they begin. */
export async function deprecations(
  rest: RestClient,
  { resources }: ServedApis,
): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const { groupVersion, resources: list } of resources) {
    for (const { name, kind, verbs } of list.filter(({ verbs }) => verbs.includes("list"))) {
      if (name.includes("/") || verbs.length === 0) continue;
      const path = `${groupVersion.includes("/") ? "/apis" : "/api"}/${groupVersion}/${name}`;
      const answer = await rest.get().absolutePath(path).query({ limit: 1 }).send();
      await answer.json();
      const start = `299 - "${groupVersion} ${kind} `;
      const warning = answer.headers.get("warning") ?? "";
      if (warning.startsWith(start)) found.set(`${groupVersion} ${name}`, warning.slice(start.length, -1));
    }
  }
  return found;
}
