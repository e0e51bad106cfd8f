import { healthPaths } from "./health.ts";
import type { ServedResource } from "./served_resource.ts";

/** The paths that the root of a server tells. */
export function servedPaths(resources: readonly ServedResource[]): string[] {
  const paths = new Set([
    "/api",
    "/apis",
    "/apis/",
    "/openapi/v2",
    "/openapi/v3",
    "/openapi/v3/",
    "/version",
  ]);
  for (const path of healthPaths()) paths.add(path);
  for (const { group, apiVersion } of resources) {
    if (group !== "") paths.add(`/apis/${group}`);
    paths.add(group === "" ? `/api/${apiVersion}` : `/apis/${apiVersion}`);
  }
  return [...paths].sort();
}
