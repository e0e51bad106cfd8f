// Makes testing/built_in_columns.ts: the columns of Tables of built-in kinds. `deno task generate` writes it.
import type { TableColumn } from "../../client/mod.ts";
import type { ServedApis } from "../../discovery/mod.ts";
import type { RestClient } from "../../rest/mod.ts";

const TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io";

/** The module's text, as the server tells it of each resource that can be listed. */
export async function columnTable(
  rest: RestClient,
  { resources }: ServedApis,
  header: string,
): Promise<string> {
  const tables = new Map<string, readonly TableColumn[]>(); // by plural and group
  for (const { groupVersion, resources: list } of resources) {
    const [group] = groupVersion.includes("/") ? groupVersion.split("/") : [""];
    for (const { name, verbs } of list) {
      if (name.includes("/") || !verbs.includes("list")) continue;
      const path = `${group === "" ? "/api" : "/apis"}/${groupVersion}/${name}`;
      const answer = await rest.get().absolutePath(path).header("accept", TABLE).send();
      const { columnDefinitions } = await answer.json() as { columnDefinitions: TableColumn[] };
      const title = group === "" ? name : `${name}.${group}`;
      const known = tables.get(title);
      if (known !== undefined && JSON.stringify(known) !== JSON.stringify(columnDefinitions)) {
        throw new Error(`The versions of ${title} have different columns`);
      }
      tables.set(title, columnDefinitions);
    }
  }
  const common = new Map(
    tables.get("configmaps")!.filter(({ name }) => name !== "Data").map((one) => [one.description, one.name]),
  );
  const texts = [...tables].sort(([a], [b]) => a < b ? -1 : 1).map(([title, columns]) =>
    `  "${title}": \`\n${columns.map((column) => row(column, common)).join("\n")}\`,\n`
  );
  const [name, created] = common.keys();
  return `// ${header}

/** What columns say of themselves that most Tables have. */
export const COMMON_COLUMNS: Readonly<Record<string, string>> = {
  Name:
    ${JSON.stringify(name)},
  Age:
    ${JSON.stringify(created)},
};

/**
 * The columns of Tables by resource, a line each: name, type, format, priority and description, with \`|\` between them. A
 * description \`=Name\` is the common one of that name; line breaks are \`\\\\n\`.
 */
export const BUILT_IN_COLUMNS: Readonly<Record<string, string>> = {
${texts.join("")}};
`;
}

function row(
  { name, type, format, priority, description }: TableColumn,
  common: ReadonlyMap<string, string>,
): string {
  const known = common.get(description);
  const text = known === undefined ? description.replaceAll("\n", "\\n") : `=${known}`;
  if (`${name}${type}${format}`.includes("|")) throw new Error(`The column ${name} cannot be written`);
  return [name, type, format, priority, text].join("|").replaceAll("\\", "\\\\").replaceAll("`", "\\`")
    .replaceAll("${", "\\${");
}
