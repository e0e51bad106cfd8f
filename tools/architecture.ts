// The rules of docs/architecture.md that a program can check, as data and as functions of source text.
// tests/architecture_test.ts holds the project to them, and shows of each rule that it can be broken.
import { type Token, tokenize } from "./tokens.ts";

/** The floor of each folder of the library. A folder imports from lower floors only. */
export const FLOORS: Readonly<Record<string, number>> = {
  async: 0,
  meta: 0,
  observe: 0,
  yaml: 0,
  types: 1,
  rest: 1,
  workqueue: 1,
  certificates: 2,
  config: 2,
  discovery: 2,
  client: 3,
  cache: 4,
  leader: 4,
  streams: 4,
  testing: 4,
  controller: 5,
  codegen: 6,
};

/** What `types/` may import, less than its floor allows: it is generated, and needs the shape of objects alone. */
const IMPORTED_BY_TYPES = ["meta"];

/** The modules at the root: the front door, and what it alone defines. */
const FRONT_DOOR = ["mod.ts", "connect.ts"];

/** Folders that are not published. */
const UNPUBLISHED = ["bench", "examples", "tests", "tools"];

/** Of those, the ones that show the package as a user has it: they import it by its name. */
const USERS = ["bench", "examples"];

/** An npm package that we depend on. A new one is a decision: it is written down here with its reason. */
export interface Dependency {
  name: string;
  version: string;
  /** As its package.json spells it. */
  license: string;
  /** The folders that may load it at run time, and only when needed. None: it serves development. */
  folders: readonly string[];
}

/** Every dependency, exactly. */
export const DEPENDENCIES: readonly Dependency[] = [
  // kubeconfig files, manifests and definitions of custom resources are YAML
  { name: "yaml", version: "2.9.1", license: "ISC", folders: ["yaml", "config"] },
  // WebSockets with certificates, proxies, and the answer that refuses one
  { name: "ws", version: "8.23.0", license: "MIT", folders: ["streams"] },
  // node:test and the node: modules for `deno check`
  { name: "@types/node", version: "24.19.2", license: "MIT", folders: [] },
  // the files of the npm package, and what programs weigh in a bundle
  { name: "rolldown", version: "1.2.0", license: "MIT", folders: [] },
  // the library compiled with the web's types alone, the packed package with a user's settings
  { name: "typescript", version: "7.0.2", license: "Apache-2.0", folders: [] },
  // rest's scanner in WebAssembly, made of its text
  { name: "wabt", version: "1.0.39", license: "Apache-2.0", folders: [] },
];

/** The only places that may know which runtime they are on. */
const KNOW_RUNTIMES: readonly { file: RegExp; why: string }[] = [
  { file: /^rest\/transport_[a-z]+\.ts$/, why: "a transport per runtime is what they are" },
  { file: /^rest\/open_transport\.ts$/, why: "it chooses the transport at the first request" },
];

/** The only place that reads the time and sets timers; all else takes a `clock`. */
const CLOCK = "async/clock.ts";

/** Names of one runtime or of Node alone. `use` tells the global from a name that means something else. */
const RUNTIME_GLOBALS: Readonly<Record<string, (next: Token | undefined) => boolean>> = {
  Deno: () => true,
  Bun: () => true,
  Buffer: () => true,
  process: (next) => [".", "?", "["].includes(next?.text ?? ""),
  require: (next) => [".", "("].includes(next?.text ?? ""),
};

const TIMERS = new Set(["setTimeout", "setInterval", "setImmediate", "clearTimeout", "clearInterval"]);

/** The places that wait for the sockets' next turn. That is no time: a clock moved by hand must not hold it up. */
const TAKE_TURNS: readonly { file: string; why: string }[] = [
  { file: "rest/transport_gate.ts", why: "a write comes after what can be read has been read" },
  { file: "streams/socket_node.ts", why: "the same for WebSockets" },
];

/** Members of globals that read the time, set a timer or roll dice. The last counts when it is called. */
const TIME_AND_CHANCE = new Set(["Date.now", "performance.now", "AbortSignal.timeout", "Math.random"]);

interface Import {
  specifier: string | undefined;
  how: "static" | "type" | "dynamic";
  line: number;
}

/**
 * What is wrong with one file, as lines `path:line: sentence`; empty when nothing is.
 *
 * @param path Relative to the checkout, with `/`.
 */
export function checkSource(path: string, source: string): string[] {
  const problems: string[] = [];
  const report = (line: number, problem: string) => problems.push(`${path}:${line}: ${problem}`);
  const tokens = tokenize(source);
  const parts = path.split("/");
  const folder = parts.length === 1 ? "" : parts[0];

  if (USERS.includes(folder)) {
    for (const { specifier, line } of importsOf(tokens)) {
      if (specifier?.startsWith(".") && folderOf(resolve(path, specifier)) in FLOORS) {
        report(
          line,
          `${folder}/ uses the package as its users do: import "@coxswain/kube", not "${specifier}"`,
        );
      }
    }
    return problems;
  }
  if (UNPUBLISHED.includes(folder)) return problems;

  if (folder === "" && !FRONT_DOOR.includes(path)) {
    report(1, `at the root are ${FRONT_DOOR.join(" and ")} alone`);
  }
  if (folder !== "" && !(folder in FLOORS)) report(1, `${folder}/ has no floor in tools/architecture.ts`);
  if (parts.length > 2) report(1, "a folder of code has no subfolders");
  if (folder === "types" && !/^types\/[a-z0-9]+_v[a-z0-9]+\.ts$/.test(path)) {
    report(1, "a file of types/ is one API group and version, such as core_v1.ts");
  }

  for (const found of importsOf(tokens)) {
    const problem = problemOfImport(path, folder, found);
    if (problem !== undefined) report(found.line, problem);
  }
  const knowsRuntimes = KNOW_RUNTIMES.some(({ file }) => file.test(path));
  const ownNames = declaredNames(tokens);
  for (const [index, { kind, text, line }] of tokens.entries()) {
    if (kind !== "word") continue;
    const [before, next, afterNext] = [tokens[index - 1], tokens[index + 1], tokens[index + 2]];
    const isMember = before?.text === "." && tokens[index - 2]?.text !== "globalThis";
    const isKey = next?.text === ":" && ["{", ",", ";"].includes(before?.text ?? "");
    if (text === "export" && !isMember && next?.text === "*") {
      report(line, "export * hides what is public: list the names");
    }
    if (text === "export" && !isMember && next?.text === "default") {
      report(line, "a default export has no name to search for");
    }
    if (isMember || isKey) continue;
    if (
      Object.hasOwn(RUNTIME_GLOBALS, text) && RUNTIME_GLOBALS[text](next) && !knowsRuntimes &&
      !ownNames.has(text)
    ) {
      report(line, `${text} is a runtime's global: it belongs in rest/transport_*.ts`);
    }
    if (path === CLOCK) continue;
    const isTurn = text === "setImmediate" && TAKE_TURNS.some(({ file }) => file === path);
    if (TIMERS.has(text) && !isTurn) report(line, `${text} is the clock's to call: take a clock`);
    const member = next?.text === "." ? `${text}.${afterNext?.text}` : "";
    const isCalled = member !== "Math.random" || tokens[index + 3]?.text === "(";
    if (TIME_AND_CHANCE.has(member) && isCalled) {
      report(line, `${member} cannot be replaced in a test: take it as an option`);
    }
    const isDateOfNow = text === "Date" && before?.text === "new" &&
      (next?.text !== "(" || afterNext?.text === ")");
    if (isDateOfNow) report(line, "new Date() reads the time: take a clock and ask its date()");
  }
  return problems;
}

function problemOfImport(path: string, folder: string, { specifier, how }: Import): string | undefined {
  if (specifier === undefined) {
    return "import() of something that is not a constant string: bundlers cannot follow it";
  }
  if (specifier.startsWith(".")) return problemOfRelativeImport(path, folder, specifier);
  if (specifier.startsWith("node:")) {
    return how === "static"
      ? `"${specifier}" is not there on the edge: use import() inside a function`
      : undefined;
  }
  const dependency = DEPENDENCIES.find(({ name }) => specifier === name || specifier.startsWith(`${name}/`));
  if (!dependency?.folders.includes(folder)) return `${folder || "the root"} may not import "${specifier}"`;
  return how === "static"
    ? `"${specifier}" is loaded when it is needed: use import() inside a function`
    : undefined;
}

function problemOfRelativeImport(path: string, folder: string, specifier: string): string | undefined {
  if (!specifier.endsWith(".ts")) {
    return `"${specifier}" does not end in .ts: Node and Deno need the full name`;
  }
  const target = resolve(path, specifier);
  const other = folderOf(target);
  if (other === folder) {
    const itself = target === `${folder}/mod.ts` ? "inside a folder import the file, not mod.ts" : undefined;
    return folder === "" ? undefined : itself;
  }
  if (!(other in FLOORS)) return `"${specifier}" is not a part of the library`;
  if (folder !== "" && FLOORS[other] >= FLOORS[folder]) {
    return `${folder}/ (floor ${FLOORS[folder]}) may not import ${other}/ (floor ${
      FLOORS[other]
    }): only lower floors`;
  }
  if (folder === "types" && !IMPORTED_BY_TYPES.includes(other)) {
    return `types/ imports meta/ alone, not ${other}/`;
  }
  const isFace = other === "types" || target === `${other}/mod.ts`;
  return isFace ? undefined : `"${specifier}" goes around ${other}/mod.ts`;
}

/** Names that the file gives to something of its own, such as `const { default: process } = await import(…)`. */
function declaredNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>();
  for (let index = 0; index < tokens.length; index++) {
    if (tokens[index].kind !== "word" || !/^(const|let|var|function|class)$/.test(tokens[index].text)) {
      continue;
    }
    const end = tokens[index + 1]?.text === "{"
      ? tokens.findIndex(({ text }, at) => at > index && text === "}")
      : index + 1;
    const isGlobal = tokens[end + 1]?.text === "=" && tokens[end + 2]?.text === "globalThis";
    for (let at = index + 1; at <= end && !isGlobal; at++) {
      if (tokens[at].kind === "word" && tokens[at + 1]?.text !== ":") names.add(tokens[at].text);
    }
  }
  return names;
}

/** Everything that the code imports or exports again. */
function importsOf(tokens: readonly Token[]): Import[] {
  const found: Import[] = [];
  for (const [index, { kind, text, line }] of tokens.entries()) {
    if (kind !== "word" || (text !== "import" && text !== "export") || tokens[index - 1]?.text === ".") {
      continue;
    }
    const next = tokens[index + 1];
    const isType = next?.text === "type" && /^[{*]$|^(?!from$)\w/.test(tokens[index + 2]?.text ?? "");
    if (text === "import" && next?.text === "(") {
      const [argument, end] = [tokens[index + 2], tokens[index + 3]];
      const isConstant = argument?.kind === "string" && (end?.text === ")" || end?.text === ",");
      found.push({ specifier: isConstant ? argument.text : undefined, how: "dynamic", line });
    } else if (text === "import" && next?.kind === "string") {
      found.push({ specifier: next.text, how: "static", line });
    } else if (text === "import" && next?.text !== "." && next?.text !== ":") {
      const specifier = specifierAfter(tokens, index + 1);
      if (specifier !== undefined) found.push({ specifier, how: isType ? "type" : "static", line });
    } else if (text === "export" && /^[{*]$/.test(tokens[index + (isType ? 2 : 1)]?.text ?? "")) {
      const specifier = specifierAfter(tokens, index + 1);
      if (specifier !== undefined) found.push({ specifier, how: isType ? "type" : "static", line });
    }
  }
  return found;
}

/** The string of the `from "…"` that ends the clause at `start`, if it ends so. */
function specifierAfter(tokens: readonly Token[], start: number): string | undefined {
  for (let index = start; index < tokens.length; index++) {
    const { kind, text } = tokens[index];
    if (kind === "word" && text === "from" && tokens[index + 1]?.kind === "string") {
      return tokens[index + 1].text;
    }
    if (kind !== "word" && !/^[{},*]$/.test(text)) return undefined;
    if (text === "}" && tokens[index + 1]?.text !== "from") return undefined;
  }
  return undefined;
}

function resolve(path: string, specifier: string): string {
  return new URL(specifier, `file:///${path}`).pathname.slice(1);
}

function folderOf(path: string): string {
  return path.includes("/") ? path.slice(0, path.indexOf("/")) : "";
}

/** The parts of deno.json and package.json that the rules look at. */
export interface Manifest {
  name: string;
  version: string;
  license: string;
  exports: Record<string, string>;
  imports?: Record<string, string>;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/**
 * What is wrong with the two manifests, given each other and the library's files.
 *
 * @param sources The paths of all files of the library.
 */
export function checkManifests(deno: Manifest, npm: Manifest, sources: readonly string[]): string[] {
  const problems: string[] = [];
  for (const key of ["name", "version", "license"] as const) {
    if (deno[key] !== npm[key]) problems.push(`${key}: deno.json has ${deno[key]}, package.json ${npm[key]}`);
  }
  if (deno.imports !== undefined) {
    problems.push("deno.json has imports: Node does not read them, use package.json");
  }
  for (const path of new Set([...Object.keys(deno.exports), ...Object.keys(npm.exports)])) {
    const [file, other] = [deno.exports[path], npm.exports[path]];
    if (file !== other) problems.push(`exports["${path}"]: deno.json has ${file}, package.json ${other}`);
    const expected = faceOf(path);
    if (file !== undefined && file !== expected) {
      problems.push(`exports["${path}"] is ${file}, not ${expected}`);
    }
    if (file === expected && !sources.includes(expected.slice(2))) {
      problems.push(`exports["${path}"]: no ${expected}`);
    }
  }
  const faces = Object.values(deno.exports);
  for (const source of sources) {
    const isFace = source === "mod.ts" || source.endsWith("/mod.ts") || source.startsWith("types/");
    if (isFace && !faces.includes(`./${source}`)) problems.push(`${source} is not in the exports`);
  }
  const runtime = Object.fromEntries(
    DEPENDENCIES.filter(({ folders }) => folders.length > 0).map(({ name, version }) => [name, version]),
  );
  const development = Object.fromEntries(
    DEPENDENCIES.filter(({ folders }) => folders.length === 0).map(({ name, version }) => [name, version]),
  );
  problems.push(...differences("dependencies", npm.dependencies ?? {}, runtime));
  problems.push(...differences("devDependencies", npm.devDependencies ?? {}, development));
  return problems;
}

/** `"./rest"` → `"./rest/mod.ts"`, `"./types/core/v1"` → `"./types/core_v1.ts"`. */
function faceOf(path: string): string {
  if (path === ".") return "./mod.ts";
  const [, group, version] = /^\.\/types\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  return group === undefined ? `${path}/mod.ts` : `./types/${group}_${version}.ts`;
}

function differences(key: string, has: Record<string, string>, listed: Record<string, string>): string[] {
  const problems: string[] = [];
  for (const name of new Set([...Object.keys(has), ...Object.keys(listed)])) {
    if (has[name] === listed[name]) continue;
    problems.push(
      `${key}: package.json has ${name} ${has[name]}, tools/architecture.ts lists ${listed[name]}`,
    );
  }
  return problems;
}
