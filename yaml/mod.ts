/**
 * YAML as Kubernetes' files have it, read safely: no piece of a text in an error, no bombs, no keys that are traps,
 * nothing read from the environment.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { parseYaml } from "@coxswain/kube/yaml";
 * assert.deepEqual(await parseYaml("kind: Pod\nmetadata: { name: web-0 }"), { kind: "Pod", metadata: { name: "web-0" } });
 * ```
 *
 * @module
 */
export { type ManifestValue, parseManifests } from "./parse_manifests.ts";
export { parseYaml } from "./parse_yaml.ts";
export { withYamlDocuments } from "./yaml_documents.ts";
export { YamlError } from "./yaml_error.ts";
export { YAML_SCHEMA } from "./yaml_schema.ts";
