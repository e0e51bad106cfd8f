import { cleanDoc, CODE_INDENT, escapeComment } from "./clean_doc.ts";
import type { Declaration, FieldModel, InterfaceModel, ModuleModel, TypeModel } from "./module_model.ts";
import { isIdentifier, pascalCase } from "./names.ts";
import { union, word } from "./type_of.ts";

/** Options of {@linkcode writeModule}. */
export interface WriteOptions {
  /** First lines of the file, each a comment's text: where it comes from. */
  header: readonly string[];
  /** The doc comment of the module, in lines. */
  doc: readonly string[];
  /** The module specifier of a module that is not this one, such as `../meta/mod.ts` for `meta`. */
  specifierOf: (module: string) => string;
  /** Where lines of comments and types are broken. Default 110. */
  width?: number;
}

/** What the eight usual verbs are; a kind that has them all does not name them in its type. */
const USUAL_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

/** Writes a module as TypeScript. The same model gives the same text. */
export function writeModule(module: ModuleModel, options: WriteOptions): string {
  return new Writer(module, options).write();
}

class Writer {
  readonly #module: ModuleModel;
  readonly #options: WriteOptions;
  readonly #width: number;
  readonly #declared: Set<string>;
  /** Local name by module and name, of what is imported. */
  readonly #imports: Map<string, Map<string, string>> = new Map();

  constructor(module: ModuleModel, options: WriteOptions) {
    this.#module = module;
    this.#options = options;
    this.#width = options.width ?? 110;
    this.#declared = new Set(module.declarations.map(({ name }) => name));
  }

  write(): string {
    const body = this.#module.declarations.map((declaration) => this.#declaration(declaration)).join("\n");
    return [
      ...this.#options.header.map((line) => `// ${line}`),
      ...comment(this.#options.doc, "", this.#width, "block"),
      ...this.#importLines(),
      "",
      body,
    ].join("\n");
  }

  #declaration(declaration: Declaration): string {
    const { name, type, resource } = declaration;
    const lines = comment(docLines(declaration, undefined, `The type \`${name}\`.`), "", this.#width);
    if (type.is === "interface") lines.push(...this.#interface(name, type));
    else lines.push(...this.#broken(`export type ${name} =`, type, ""));
    lines.push("");
    if (resource !== undefined) lines.push(...this.#descriptor(declaration), "");
    return lines.join("\n");
  }

  #interface(name: string, { extends: parents, fields, open }: InterfaceModel): string[] {
    const lines = this.#head(name, parents);
    for (const field of fields) lines.push(...this.#field(field));
    if (open) {
      lines.push("  /** Further fields, of which nothing is known here. */", "  [field: string]: unknown;");
    }
    return [...lines, "}"];
  }

  #head(name: string, parents: readonly TypeModel[]): string[] {
    const inherited = parents.map((parent) => this.#type(parent));
    const clause = inherited.length === 0 ? "" : `extends ${inherited.join(", ")} `;
    if (`export interface ${name} ${clause}{`.length <= this.#width) {
      return [`export interface ${name} ${clause}{`];
    }
    if (`  ${clause}{`.length <= this.#width) return [`export interface ${name}`, `  ${clause}{`];
    return [
      `export interface ${name}`,
      "  extends",
      ...inherited.map((parent, index) => `    ${parent}${index === inherited.length - 1 ? " {" : ","}`),
    ];
  }

  #field(field: FieldModel): string[] {
    const { name, type, optional } = field;
    const key = isIdentifier(name) ? name : JSON.stringify(name);
    return [
      ...comment(docLines(field, name, `The field \`${escapeComment(name)}\`.`), "  ", this.#width),
      ...this.#broken(`  ${key}${optional ? "?" : ""}:`, type, "  "),
    ];
  }

  /** `name: type;`, over several lines if it is too long for one, as `deno fmt` breaks them. */
  #broken(head: string, type: TypeModel, indent: string): string[] {
    const text = this.#pretty(type, indent, head.length + 1);
    return `${head}${text.startsWith("\n") ? "" : " "}${text};`.split("\n");
  }

  #pretty(type: TypeModel, indent: string, used: number): string {
    const flat = this.#type(type);
    if (used + flat.length + 1 <= this.#width) return flat;
    const inner = `${indent}  `;
    switch (type.is) {
      case "named": {
        if (type.of.length === 0) return flat;
        const name = this.#name(type.module, type.name);
        return `${name}<${this.#parameters(type.of, indent)}>`;
      }
      case "map": {
        if (this.#declared.has("Record")) return flat;
        return `Record<${this.#parameters([word("string"), type.value], indent)}>`;
      }
      case "list": {
        const item = this.#pretty(type.item, indent, used);
        return type.item.is === "union" ? `(${item}\n${indent})[]` : `${item}[]`;
      }
      case "union":
        return type.members.map((member) => `\n${inner}| ${this.#pretty(member, inner, inner.length + 2)}`)
          .join("");
      case "word":
        return flat;
    }
  }

  #parameters(types: readonly TypeModel[], indent: string): string {
    const inner = `${indent}  `;
    const lines = types.map((type) =>
      type.is === "union"
        ? type.members.map((member) => `\n${inner}| ${this.#type(member)}`).join("")
        : `\n${inner}${this.#pretty(type, inner, inner.length)}`
    );
    return `${lines.join(",")}\n${indent}`;
  }

  #descriptor({ name, resource }: Declaration): string[] {
    if (resource === undefined) return [];
    const { group, version } = this.#module;
    const { kind, plural, singular, scope, shortNames, categories, verbs, subresources } = resource;
    const isUsual = verbs.length === USUAL_VERBS.length && USUAL_VERBS.every((verb) => verbs.includes(verb));
    const names = (list: readonly string[]): TypeModel =>
      list.length === 0 ? word("never") : union(list.map((one) => word(JSON.stringify(one))));
    const type: TypeModel = {
      is: "named",
      module: "meta",
      name: "ResourceType",
      of: [
        { is: "named", module: this.#module.name, name, of: [] },
        word(JSON.stringify(scope)),
        names(subresources),
        ...isUsual ? [] : [names(verbs)],
      ],
    };
    const define = this.#name("meta", "defineResource");
    const used = `export const ${name}: `.length + ` = /* @__PURE__ */ ${define}({`.length;
    const head = `export const ${name}: ${this.#pretty(type, "", used)} = /* @__PURE__ */ ${define}({`;
    const list = (key: string, values: readonly string[]): string[] => {
      const line = `  ${key}: [${values.map((one) => JSON.stringify(one)).join(", ")}],`;
      if (line.length <= this.#width) return [line];
      return [`  ${key}: [`, ...values.map((one) => `    ${JSON.stringify(one)},`), "  ],"];
    };
    return [
      `/** Descriptor of {@linkcode ${name}}. */`,
      ...head.split("\n"),
      `  group: ${JSON.stringify(group)},`,
      `  version: ${JSON.stringify(version)},`,
      `  kind: ${JSON.stringify(kind)},`,
      `  plural: ${JSON.stringify(plural)},`,
      ...(singular === "" ? [] : [`  singular: ${JSON.stringify(singular)},`]),
      `  scope: ${JSON.stringify(scope)},`,
      ...(shortNames.length === 0 ? [] : list("shortNames", shortNames)),
      ...(categories.length === 0 ? [] : list("categories", categories)),
      ...list("verbs", verbs),
      ...list("subresources", subresources),
      "});",
    ];
  }

  #type(type: TypeModel): string {
    switch (type.is) {
      case "word":
        return type.word;
      case "named": {
        const name = this.#name(type.module, type.name);
        return type.of.length === 0 ? name : `${name}<${type.of.map((one) => this.#type(one)).join(", ")}>`;
      }
      case "list": {
        const item = this.#type(type.item);
        return type.item.is === "union" ? `(${item})[]` : `${item}[]`;
      }
      case "map": {
        const value = this.#type(type.value);
        // A kind of this name hides the global type.
        return this.#declared.has("Record") ? `{ [key: string]: ${value} }` : `Record<string, ${value}>`;
      }
      case "union":
        return type.members.map((member) => this.#type(member)).join(" | ");
    }
  }

  /** The name of something here, imported if need be; under another name if its own is taken. */
  #name(module: string, name: string): string {
    if (module === this.#module.name) return name;
    let names = this.#imports.get(module);
    if (names === undefined) this.#imports.set(module, names = new Map());
    let local = names.get(name);
    if (local === undefined) {
      const taken = (candidate: string): boolean =>
        this.#declared.has(candidate) ||
        [...this.#imports.values()].some((others) => [...others.values()].includes(candidate));
      local = name;
      for (let tries = 0; taken(local); tries++) {
        local = `${pascalCase(module)}${name}${tries === 0 ? "" : tries + 1}`;
      }
      names.set(name, local);
    }
    return local;
  }

  #importLines(): string[] {
    const modules = [...this.#imports].map(([module, names]) => ({
      specifier: this.#options.specifierOf(module),
      names: [...names].sort(([a], [b]) => compareNames(a, b)),
    }));
    modules.sort((a, b) => a.specifier < b.specifier ? -1 : 1);
    return modules.flatMap(({ specifier, names }) => {
      const hasValue = names.some(([name]) => name === "defineResource");
      const items = names.map(([name, local]) => {
        const type = hasValue && name !== "defineResource" ? "type " : "";
        return `${type}${local === name ? name : `${name} as ${local}`}`;
      });
      const keyword = hasValue ? "import" : "import type";
      const line = `${keyword} { ${items.join(", ")} } from "${specifier}";`;
      if (line.length <= this.#width) return [line];
      return [`${keyword} {`, ...items.map((item) => `  ${item},`), `} from "${specifier}";`];
    });
  }
}

/** As `deno fmt` sorts what is imported. */
function compareNames(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : a < b ? -1 : 1;
}

function docLines(
  { doc, facts }: { doc: string; facts: readonly string[] },
  name: string | undefined,
  fallback: string,
): string[] {
  const { lines, deprecated } = cleanDoc(doc, name);
  const said = lines.length === 0 ? [fallback] : lines;
  const text = facts.length === 0 ? said : [...said, "", ...facts.map(escapeComment)];
  if (deprecated === undefined) return text;
  return [...text, "", deprecated === "" ? "@deprecated" : `@deprecated ${deprecated}`];
}

/** A doc comment, on one line if it fits. */
function comment(
  paragraphs: readonly string[],
  indent: string,
  width: number,
  form: "short" | "block" = "short",
): string[] {
  let inFence = false;
  const lines = paragraphs.flatMap((line) => {
    const isFence = line.startsWith("```");
    if (isFence) inFence = !inFence;
    const isCode = isFence || inFence || line.startsWith(CODE_INDENT);
    return isCode ? [line] : wrap(line, width - indent.length - 3);
  });
  if (lines.length === 1 && form === "short" && indent.length + lines[0].length + 7 <= width) {
    return [`${indent}/** ${lines[0]} */`];
  }
  return [`${indent}/**`, ...lines.map((line) => `${indent} *${line && ` ${line}`}`), `${indent} */`];
}

/** Breaks a line between words; what goes on is indented as the text of a list item is. */
function wrap(line: string, width: number): string[] {
  if (line.length <= width) return [line];
  const hang = /^\s*([-*•]\s+|\d+[.)]\s+)?/.exec(line)?.[0].replace(/\S/g, " ") ?? "";
  const lines: string[] = [];
  let current = "";
  for (const word of line.trimStart().split(/\s+/)) {
    const start = lines.length === 0 ? /^\s*/.exec(line)?.[0] ?? "" : hang;
    const longer = current === "" ? start + word : `${current} ${word}`;
    // A word with @ at the beginning of a line would be a tag; one with - or # a list item or a heading.
    if (current === "" || longer.length <= width || /^([@#+*-]|\d+[.)]$)/.test(word)) current = longer;
    else {
      lines.push(current);
      current = hang + word;
    }
  }
  return [...lines, current];
}
