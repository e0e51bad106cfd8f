import { isGroupDiscoveryError } from "../discovery/mod.ts";
import { isConfigError, isNetworkError, type RestClient, statusErrorOf } from "../rest/mod.ts";
import type { Definition } from "./definition.ts";
import { definitionModuleName, definitionModules, type Note } from "./definition_modules.ts";
import type { ModuleModel } from "./module_model.ts";
import { openApiModules } from "./openapi_modules.ts";
import { DefinitionError } from "./read_definitions.ts";
import { readOpenApi } from "./read_openapi.ts";
import { readClusterDefinitions, readSources, withCluster } from "./read_sources.ts";
import { writeModule } from "./write_module.ts";

const USAGE =
  `Makes TypeScript types of custom resources: one module for each API group and version, in which each kind is an
interface and a descriptor for the client under one name.

Usage: codegen [options] SOURCE…
       codegen [options] --cluster

SOURCE is a file of YAML or JSON, a folder of such files, an https: address, or - for the standard input. What is no
CustomResourceDefinition in them is left out.

  --out FOLDER             where the modules are written; - for the standard output. Default .
  --check                  write nothing; exit with 1 if a module in FOLDER is not what it would be
  --group GROUP            only this API group. May be repeated, as may the next two
  --kind KIND              only this kind
  --include-version NAME   this version, served or not. Default all that are served
  --closed-enums           enums take the listed values only, and not those that a later version may add
  --import MODULE          what the modules import. Default @coxswain/kube/meta
  --cluster                the definitions of a cluster; a GROUP without any, such as metrics.k8s.io, is read from
                           the cluster's OpenAPI documents
  --kubeconfig FILE        the kubeconfig, if not that of kubectl
  --context NAME           the context in it, if not the current one
  --quiet                  say nothing but errors
  --help                   say this
`;

/** Where a command writes. */
export interface CommandOutput {
  /** What was asked for. */
  out: (text: string) => void;
  /** What happened, and what went wrong. */
  error: (text: string) => void;
}

interface Options {
  sources: readonly string[];
  out: string;
  check: boolean;
  groups: readonly string[] | undefined;
  kinds: readonly string[] | undefined;
  versions: readonly string[] | undefined;
  openEnums: boolean;
  specifier: string;
  cluster: boolean;
  kubeconfig: string | undefined;
  context: string | undefined;
  quiet: boolean;
}

/** A command line that makes no sense. */
class UsageError extends Error {}

/**
 * The command `codegen`.
 *
 * @param args The arguments, without the program's own.
 * @param output Where it writes. Default the streams of the process.
 * @returns The exit code: 0 if all went well, 1 if something could not be read or `--check` found a difference, 2 for a
 * command line that makes no sense.
 */
export async function runCodegen(args: readonly string[], output?: CommandOutput): Promise<number> {
  const { out, error } = output ?? await processOutput();
  try {
    const options = await parseOptions(args);
    if (options === "help") {
      out(USAGE);
      return 0;
    }
    return await generate(options, { out, error });
  } catch (problem) {
    if (problem instanceof UsageError) {
      error(`${problem.message}\nTry --help\n`);
      return 2;
    }
    if (!(problem instanceof Error) || !isExpected(problem)) throw problem;
    error(`${problem.message}\n`);
    return 1;
  }
}

function isExpected(problem: Error): boolean {
  const isOurs = problem instanceof DefinitionError || isConfigError(problem) || isNetworkError(problem) ||
    isGroupDiscoveryError(problem);
  const isOfFiles = "syscall" in problem || problem.name === "NotCapable"; // the latter is Deno's, without permission
  return isOurs || isOfFiles || statusErrorOf(problem) !== undefined;
}

async function processOutput(): Promise<CommandOutput> {
  const { default: process } = await import("node:process");
  return {
    out: (text) => void process.stdout.write(text),
    error: (text) => void process.stderr.write(text),
  };
}

async function parseOptions(args: readonly string[]): Promise<Options | "help"> {
  const { parseArgs } = await import("node:util");
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        "out": { type: "string" },
        "check": { type: "boolean" },
        "group": { type: "string", multiple: true },
        "kind": { type: "string", multiple: true },
        "include-version": { type: "string", multiple: true },
        "closed-enums": { type: "boolean" },
        "import": { type: "string" },
        "cluster": { type: "boolean" },
        "kubeconfig": { type: "string" },
        "context": { type: "string" },
        "quiet": { type: "boolean" },
        "help": { type: "boolean" },
      },
    });
  } catch (cause) {
    throw new UsageError(cause instanceof Error ? cause.message.split(". ")[0] : String(cause));
  }
  const { values, positionals } = parsed;
  if (values.help) return "help";
  const cluster = values.cluster ?? false;
  if (cluster === positionals.length > 0) {
    throw new UsageError(
      cluster
        ? "Either --cluster or a SOURCE, not both"
        : "No definitions to read: give a SOURCE or --cluster",
    );
  }
  if (!cluster && (values.kubeconfig ?? values.context) !== undefined) {
    throw new UsageError("--kubeconfig and --context go with --cluster");
  }
  if (values.check && values.out === "-") throw new UsageError("--check needs a folder to look into");
  return {
    sources: positionals,
    out: values.out ?? ".",
    check: values.check ?? false,
    groups: values.group,
    kinds: values.kind,
    versions: values["include-version"],
    openEnums: !values["closed-enums"],
    specifier: values.import ?? "@coxswain/kube/meta",
    cluster,
    kubeconfig: values.kubeconfig,
    context: values.context,
    quiet: values.quiet ?? false,
  };
}

async function generate(options: Options, { out, error }: CommandOutput): Promise<number> {
  const tell = options.quiet ? () => {} : error;
  const modules = options.cluster
    ? await withCluster(options, (rest) => readCluster(rest, options))
    : chosenModules(await readSources(options.sources), options);
  if (modules.length === 0) {
    error(
      `There is no ${wanted(options)} in ${options.cluster ? "the cluster" : options.sources.join(", ")}\n`,
    );
    return 1;
  }
  const { join } = await import("node:path");
  const { mkdir, readFile, writeFile } = await import("node:fs/promises");
  let different = 0;
  for (const module of modules) {
    const text = textOf(module, options);
    if (options.out === "-") {
      out(text);
      continue;
    }
    const path = join(options.out, `${module.name}.ts`);
    const present = await readFile(path, "utf8").catch((cause) => {
      if (cause.code !== "ENOENT") throw cause;
      return undefined;
    });
    if (present === text) {
      tell(`${path} is up to date\n`);
      continue;
    }
    different++;
    if (options.check) {
      error(`${path} is ${present === undefined ? "not there" : "not what the definitions say"}\n`);
      continue;
    }
    await mkdir(options.out, { recursive: true });
    await writeFile(path, text);
    tell(`Wrote ${path}: ${kindsOf(module).join(", ")}\n`);
    for (const line of summaryOf(module)) tell(`  ${line}\n`);
  }
  return options.check && different > 0 ? 1 : 0;
}

type NotedModule = ModuleModel & { notes?: readonly Note[] };

function chosenModules(definitions: readonly Definition[], options: Options): NotedModule[] {
  const { groups, kinds, versions, openEnums } = options;
  const chosen = definitions.filter(({ group, names }) =>
    (groups?.includes(group) ?? true) && (kinds?.includes(names.kind) ?? true)
  );
  return definitionModules(chosen, { openEnums, ...versions && { versions } });
}

async function readCluster(rest: RestClient, options: Options): Promise<NotedModule[]> {
  const definitions = await readClusterDefinitions(rest);
  const others = options.groups?.filter((group) => !definitions.some((one) => one.group === group)) ?? [];
  const modules = chosenModules(definitions, options);
  if (others.length === 0) return modules;
  const { documents, resources } = await readOpenApi(rest, { groups: others });
  const served = openApiModules(documents, resources, { nameOf: definitionModuleName });
  const isChosen = ({ version }: ModuleModel): boolean => options.versions?.includes(version) ?? true;
  return [...modules, ...served.filter(isChosen)];
}

function wanted({ groups, kinds, versions }: Options): string {
  const parts = [
    ...kinds === undefined ? [] : [`kind ${kinds.join(" or ")}`],
    ...groups === undefined ? [] : [`group ${groups.join(" or ")}`],
    ...versions === undefined ? ["a served version"] : [`version ${versions.join(" or ")}`],
  ];
  return `CustomResourceDefinition with ${parts.join(" and ")}`;
}

function textOf(module: NotedModule, { specifier }: Options): string {
  const { group, version } = module;
  const [kind = "Kind"] = kindsOf(module);
  return writeModule(module, {
    header: [
      "Generated by @coxswain/kube/codegen. Do not edit: make it again from the definitions.",
      "deno-fmt-ignore-file",
    ],
    doc: [
      `Kinds of ${
        group === "" ? "the core group" : `the group \`${group}\``
      }, version \`${version}\`. Each name of a kind is ` +
      "both the interface of its objects and the descriptor to pass to a client, " +
      `\`client.resource(${kind})\`, or to an informer factory, \`informers.informer(${kind})\`.`,
      ...summaryOf(module).flatMap((line) => ["", line]),
      "",
      "@module",
    ],
    specifierOf: () => specifier,
  });
}

function kindsOf({ declarations }: ModuleModel): string[] {
  return declarations.filter(({ resource }) => resource !== undefined).map(({ name }) => name);
}

/** What the types leave to comments, by kind: how much of it, and where, if it is about the shape of an object. */
function summaryOf({ notes = [] }: NotedModule): string[] {
  return unique(notes.map(({ kind }) => kind)).map((kind) => {
    const own = notes.filter((note) => note.kind === kind);
    const told = unique(own.map(({ what }) => what)).sort().map((what) => {
      const paths = own.filter((note) => note.what === what).map(({ path }) => path || "the object");
      const places = OF_VALUES.has(what) ? "" : `: ${unique(paths).slice(0, SHOWN).join(", ")}`;
      return `${what} (${paths.length}${places}${
        places !== "" && unique(paths).length > SHOWN ? ", …" : ""
      })`;
    });
    return `In comments only, of ${kind}: ${told.join(", ")}.`;
  });
}

function unique(list: readonly string[]): string[] {
  return [...new Set(list)];
}

/** What restricts single values, and is no business of types. */
const OF_VALUES: ReadonlySet<string> = new Set([
  "format",
  "length",
  "pattern",
  "range",
  "rule",
  "uniqueness",
]);

/** How many places a summary names at most. */
const SHOWN = 5;
