/**
 * Resources as values: `client.resource(Pod).namespace("shop")` reads, watches and changes pods, and one
 * client serves every kind, built-in or custom.
 *
 * @example Following a namespace
 * ```ts
 * import { Client } from "@coxswain/kube/client";
 * import { ApiServer } from "@coxswain/kube/testing";
 * import { Pod } from "@coxswain/kube/types/core/v1";
 * const server = new ApiServer();
 * const client = new Client(server.restConfig());
 * const pods = client.resource(Pod).namespace("default");
 * await pods.create({ metadata: { name: "web-0" }, spec: { containers: [{ name: "main", image: "nginx" }] } });
 * for await (const event of pods.watch()) {
 *   if (event.type !== "BOOKMARK") console.log(event.type, event.object.metadata.name);
 *   break;
 * }
 * await client[Symbol.asyncDispose]();
 * ```
 *
 * @module
 */
export { Client } from "./client.ts";
export type {
  ApplyOptions,
  CallOptions,
  DeleteOptions,
  GetOptions,
  ItemsOptions,
  ListOptions,
  PatchOptions,
  SelectorOptions,
  WatchOptions,
  WriteOptions,
} from "./options.ts";
export type { JsonPatchOperation, MergePatch, Partially, Patch } from "./patch.ts";
export type {
  AllNamespaces,
  CollectionClient,
  Named,
  ResourceAt,
  ResourceClient,
} from "./resource_client.ts";
