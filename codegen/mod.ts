/**
 * Makes TypeScript from what describes kinds: OpenAPI v3 documents of a server.
 *
 * @module
 */
export type {
  Declaration,
  FieldModel,
  InterfaceModel,
  ModuleModel,
  ResourceModel,
  TypeModel,
} from "./module_model.ts";
export {
  type DiscoveredResource,
  type DiscoveryDocument,
  type OpenApiDocument,
  openApiModules,
} from "./openapi_modules.ts";
export { readOpenApi, type ReadOpenApiOptions, type ServedDocuments } from "./read_openapi.ts";
export type { Schema } from "./schema.ts";
export { writeModule, type WriteOptions } from "./write_module.ts";
