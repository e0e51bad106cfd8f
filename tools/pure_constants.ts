// Constants that bundlers may leave out. Importing a module of this project does no work that shows, but a bundler cannot
// know that of a constant that is made by a call, or of parts of others.
import { parseAst } from "rolldown/parseAst";

/** A part of a program, as ESTree describes it. */
interface Node {
  type: string;
  start: number;
  end: number;
}

/** What may do something. */
const WORK = /^(Call|New|TaggedTemplate)Expression$|^SpreadElement$/;
/** What does nothing before it is called. */
const CODE = /Function|^Class/;

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && "type" in value;
const partsOf = (node: Node): Node[] => Object.values(node).flat().filter(isNode);

function doesWork(node: Node): boolean {
  if (WORK.test(node.type)) return true;
  return !CODE.test(node.type) && partsOf(node).some(doesWork);
}

/** A module whose constants are marked as free of side effects, where that does not show. */
export function withPureConstants(code: string): string {
  const values = parseAst(code).body
    .flatMap((statement) => statement.type === "VariableDeclaration" ? statement.declarations : [])
    .flatMap(({ init }) => init !== null && doesWork(init) ? [init as Node] : []);
  let result = "";
  let done = 0;
  for (const value of values) {
    const { type, start, end } = value;
    const text = code.slice(start, end);
    const isCall = /^(Call|New)Expression$/.test(type) && !partsOf(value).some(doesWork);
    result += `${code.slice(done, start)}/* @__PURE__ */ ${isCall ? text : `(() => (${text}))()`}`;
    done = end;
  }
  return result + code.slice(done);
}
