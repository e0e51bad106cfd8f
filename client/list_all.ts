import type { KubernetesObject, List, Stored } from "../meta/mod.ts";
import { isExpired } from "../rest/mod.ts";
import { PAGE_SIZE, type ReadPage } from "./list_pages.ts";
import type { ListAllOptions } from "./options.ts";

/**
 * All pages of a collection as one list, of the first one's version. If one comes too late, one answer with everything.
 *
 * @see client-go `tools/pager`, spec rest 11
 */
export async function listAll<T extends KubernetesObject>(
  read: ReadPage<T>,
  { signal, limit, onExpired = "relist", resourceVersion, resourceVersionMatch, ...options }: ListAllOptions,
): Promise<List<Stored<T>>> {
  const { continue: from, ...selectors } = options;
  const version = { resourceVersion, resourceVersionMatch };
  const asked = { ...selectors, limit: limit || PAGE_SIZE, signal };
  let first: List<Stored<T>> | undefined;
  try {
    // The token says which state it belongs to: a version beside it would be refused.
    first = await read(from ? { ...asked, continue: from } : { ...asked, ...version });
    if (!first.metadata.continue) return first;
    const items = [...first.items];
    for (let token: string | undefined = first.metadata.continue; token;) {
      const page: List<Stored<T>> = await read({ ...asked, continue: token });
      for (const item of page.items) items.push(item);
      token = page.metadata.continue;
    }
    const { apiVersion, kind, metadata } = first;
    return { apiVersion, kind, metadata: { resourceVersion: metadata.resourceVersion }, items };
  } catch (error) {
    const isLate = isExpired(error) && (first !== undefined || from);
    if (!isLate || onExpired === "throw") throw error;
    return await read({ ...selectors, ...version, signal });
  }
}
