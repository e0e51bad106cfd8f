import type { Document, Node, YAMLMap } from "yaml";
import { ConfigError } from "../rest/mod.ts";
import { parseYaml, withYamlDocuments, YAML_SCHEMA } from "../yaml/mod.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { applyEdits, type KubeconfigEdit, placeFor } from "./kubeconfig_edit.ts";
import { parseKubeconfig } from "./parse_kubeconfig.ts";
import { quotePath } from "./quote.ts";
import { isSameValue } from "./same_value.ts";
import { isMapping } from "./shape.ts";

/** A kubeconfig without anything in it, as kubectl writes it. */
const EMPTY = {
  apiVersion: "v1",
  clusters: null,
  contexts: null,
  "current-context": "",
  kind: "Config",
  users: null,
};

/** Line ends that Unicode has beside YAML's, and a byte order mark: npm `yaml` writes and reads them differently. */
const MISREAD = /[\u0085\u2028\u2029\ufeff]/;

type Yaml = typeof import("yaml");

/**
 * The text of a kubeconfig with changes made. What is not changed stays: comments, order, unknown fields, the kind of
 * quotes; indentation and blanks become even. JSON stays JSON.
 *
 * @param text What {@linkcode parseKubeconfig} has read; empty for a new file.
 * @param file The path, for errors.
 * @throws {ConfigError} If the result would not be what was asked for, as with anchors that other entries refer to.
 */
export async function editKubeconfigText(
  text: string,
  edits: readonly KubeconfigEdit[],
  file: string,
): Promise<string> {
  const isBlank = (await parseYaml(text) ?? null) === null;
  const before = await parseKubeconfig(isBlank ? JSON.stringify(EMPTY) : text, { file });
  const wanted = await parseKubeconfig(JSON.stringify(applyEdits(before, edits)));
  const result = await edited(text, before, edits).catch((error) => {
    if (error instanceof Error && error.name === "YamlError") return undefined; // an alias whose anchor is gone
    throw error;
  });
  const found = result === undefined ? undefined : await parseKubeconfig(result).catch(() => undefined);
  if (result !== undefined && isSameValue(found, wanted)) return result;
  throw new ConfigError(
    `kubeconfig ${quotePath(file)}`,
    "it cannot be changed in place, maybe because of its anchors and aliases",
    "Write it without them, or change it by hand",
  );
}

async function edited(text: string, before: Kubeconfig, edits: readonly KubeconfigEdit[]): Promise<string> {
  const yaml = await import("yaml");
  const source = text.startsWith("\ufeff") ? text.slice(1) : text;
  const json = jsonIn(source);
  if (json !== undefined) {
    const document = new yaml.Document(json.value);
    edit(yaml, document, before, edits);
    return JSON.stringify(document.toJS(), null, json.indent) + (source.endsWith("\n") ? "\n" : "");
  }
  return await withYamlDocuments(source, (found) => {
    const documents = found as readonly Document[];
    const document = documents.find(({ contents }) => !isEmpty(yaml, contents)) ?? documents[0] ??
      new yaml.Document();
    if (isEmpty(yaml, document.contents)) {
      const comment = document.contents?.commentBefore;
      document.contents = document.createNode(EMPTY);
      if (comment) document.commentBefore = [document.commentBefore, comment].filter(Boolean).join("\n");
    }
    // Go reads YAML 1.1, where more words and numbers are something else than text: those get quotes.
    document.setSchema("1.2", { ...YAML_SCHEMA, compat: "yaml-1.1" });
    edit(yaml, document, before, edits);
    const comments = documents.length === 0 && source.trim() !== "" ? `${source.trim()}\n` : "";
    const result = comments + document.toString({
      lineWidth: 0,
      indentSeq: !/^\S[^\n]*:[^\n]*\n(#[^\n]*\n)*- /m.test(source),
    });
    return source.includes("\r\n") ? result.replaceAll("\n", "\r\n") : result;
  });
}

function jsonIn(source: string): { value: unknown; indent: string } | undefined {
  if (!/^\s*\{/.test(source)) return undefined;
  try {
    return { value: JSON.parse(source), indent: /\n([ \t]+)"/.exec(source)?.[1] ?? "" };
  } catch {
    return undefined; // YAML in braces
  }
}

const isEmpty = ({ isScalar }: Yaml, node: unknown) =>
  node === null || isScalar(node) && (node.value === null || node.value === "");

/** Makes the changes in the nodes of a document, of which `before` is the content. */
function edit(yaml: Yaml, document: Document, before: Kubeconfig, edits: readonly KubeconfigEdit[]): void {
  const { isMap, isScalar, isSeq } = yaml;
  const root = document.contents as YAMLMap;
  let now = before;

  // Else npm `yaml` would write it without quotes.
  const quote = (node: unknown) => {
    if (isScalar(node) && typeof node.value === "string" && MISREAD.test(node.value)) {
      node.type = "QUOTE_DOUBLE";
    }
  };
  const create = (value: unknown): Node => {
    const node = document.createNode(value);
    yaml.visit(node, { Scalar: (_, scalar) => quote(scalar) });
    return node;
  };

  const put = (map: YAMLMap, key: string, old: unknown, value: unknown): void => {
    const node = map.get(key, true) as Node | undefined;
    if (isMap(node) && isMapping(old) && isMapping(value)) return patch(node, old, value);
    if (isSeq(node) && Array.isArray(old) && Array.isArray(value) && old.length === value.length) {
      for (const [index, item] of value.entries()) {
        const inner = node.items[index];
        if (isSameValue(old[index], item)) continue;
        if (isMap(inner) && isMapping(old[index]) && isMapping(item)) patch(inner, old[index], item);
        else node.items[index] = create(item);
      }
    } else if (isScalar(node) && (typeof value !== "object" || value === null)) {
      node.value = value;
      quote(node);
    } else if (map.has(key)) map.set(key, create(value));
    else map.add(new yaml.Pair(create(key), create(value)));
  };

  const patch = (map: YAMLMap, old: Record<string, unknown>, value: Record<string, unknown>): void => {
    for (const key of Object.keys(old)) if (!Object.hasOwn(value, key)) map.delete(key);
    for (const [key, item] of Object.entries(value)) {
      if (!isSameValue(old[key], item)) put(map, key, old[key], item);
    }
  };

  for (const change of edits) {
    const next = applyEdits(now, [change]);
    if ("field" in change) {
      if (change.value === undefined) root.delete(change.field);
      else put(root, change.field, (now as unknown as Record<string, unknown>)[change.field], change.value);
    } else {
      const { list, name, value } = change;
      const entries = now[list] ?? [];
      const index = entries.findIndex((entry) => entry.name === name);
      const node = root.get(list, true);
      const item = isSeq(node) ? node.items[index] : undefined;
      if (!isSeq(node) || node.items.length !== entries.length || (entries.length === 0 && value)) {
        root.set(list, create(next[list]));
      } else if (value === undefined) {
        if (index >= 0) node.items.splice(index, 1);
        if (node.items.length === 0 && list === "extensions") root.delete(list);
        else if (node.items.length === 0) root.set(list, create(null));
      } else if (index < 0) node.items.splice(placeFor(name, entries), 0, create(value));
      else if (isMap(item)) patch(item, entries[index] as unknown as Record<string, unknown>, value);
      else node.items[index] = create(value);
    }
    now = next;
  }
}
