import type { KubernetesObject, Stored } from "../meta/mod.ts";
import type { RestConfig, RestRequest } from "../rest/mod.ts";
import { PAGE_SIZE } from "./list_pages.ts";
import {
  checkTable,
  type Table,
  type TableColumn,
  type TableEvent,
  type TableWatchOptions,
} from "./table.ts";
import { watchCollection } from "./watch_collection.ts";

/**
 * A watch of rows that goes on. Servers tell the columns with the first event of a connection alone; here each event
 * has them.
 *
 * @param request What to list and watch, as a table.
 */
export async function* watchTable(
  request: RestRequest,
  config: RestConfig,
  { resourceVersion: from = "", includeObject, ...options }: TableWatchOptions,
): AsyncGenerator<TableEvent, void, undefined> {
  const { signal, onInterrupted: _, ...selectors } = options;
  let columnDefinitions: TableColumn[] = [];
  let resourceVersion = from;
  if (from === "" || from === "0") {
    let page: string | undefined;
    do {
      const query = page === undefined ? { resourceVersion: from || undefined } : { continue: page };
      const asked = request.query({ ...selectors, includeObject, limit: PAGE_SIZE, ...query });
      const table = checkTable(await (await asked.send({ signal })).json<{ kind?: string }>());
      if (page === undefined) {
        columnDefinitions = table.columnDefinitions;
        resourceVersion = table.metadata.resourceVersion ?? "";
      }
      for (const row of table.rows) yield { type: "ADDED", row, columnDefinitions };
      page = table.metadata.continue || undefined;
    } while (page !== undefined);
  }
  const rows = request.query({ includeObject });
  const source = { list: rows, watch: rows, shape: (table: KubernetesObject) => table as Stored<Row> };
  for await (const event of watchCollection<Row>(source, config, { ...options, resourceVersion })) {
    if (event.type === "BOOKMARK") continue;
    const table = checkTable(event.object as { kind?: string });
    columnDefinitions = table.columnDefinitions ?? columnDefinitions;
    yield { type: event.type, row: table.rows[0], columnDefinitions };
  }
}

/** A table as the object of a watch event: it has a version, and one row. */
type Row = KubernetesObject & Partial<Pick<Table, "rows">>;
