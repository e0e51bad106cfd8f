/**
 * Makes TypeScript of what describes kinds: of CustomResourceDefinitions, for types of custom resources that are like
 * the built-in ones in `@coxswain/kube/types/…`, and of the OpenAPI v3 documents of a server, as those were made.
 *
 * It is a command too: `deno run -A jsr:@coxswain/kube/codegen --out types crds/` writes a module for each API group and
 * version; `--help` tells the rest.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { definitionModules, readDefinitions, writeModule } from "@coxswain/kube/codegen";
 * const definitions = await readDefinitions(`
 * apiVersion: apiextensions.k8s.io/v1
 * kind: CustomResourceDefinition
 * metadata: { name: webapps.example.com }
 * spec:
 *   group: example.com
 *   names: { kind: WebApp, plural: webapps }
 *   scope: Namespaced
 *   versions:
 *     - name: v1
 *       served: true
 *       storage: true
 *       schema: { openAPIV3Schema: { type: object, properties: { image: { type: string } } } }
 * `, "webapp.yaml");
 * const [module] = definitionModules(definitions);
 * const text = writeModule(module, { header: [], doc: ["@module"], specifierOf: () => "@coxswain/kube/meta" });
 * assert.equal(module.name, "example_com_v1");
 * assert.match(text, /export interface WebApp extends KubernetesObject/);
 * ```
 *
 * @module
 */
import { runCodegen } from "./command.ts";

export { type CommandOutput, runCodegen } from "./command.ts";
export type { Definition, DefinitionVersion } from "./definition.ts";
export {
  type DefinitionModule,
  definitionModules,
  type DefinitionModulesOptions,
  type Note,
} from "./definition_modules.ts";
export type {
  Declaration,
  FieldModel,
  InterfaceModel,
  ModuleModel,
  ResourceModel,
  TypeModel,
} from "./module_model.ts";
export { openApiModules, type OpenApiModulesOptions } from "./openapi_modules.ts";
export { DefinitionError, readDefinition, readDefinitions } from "./read_definitions.ts";
export { readOpenApi, type ReadOpenApiOptions, type ServedKinds } from "./read_openapi.ts";
export { writeModule, type WriteOptions } from "./write_module.ts";

// Only Deno types it: other runtimes have it, and the web does not.
if ((import.meta as { main?: boolean }).main) {
  const { default: process } = await import("node:process");
  process.exitCode = await runCodegen(process.argv.slice(2));
}
