import type { OpenApiSchema } from "../discovery/mod.ts";
import { pascalCase, pathOf } from "./names.ts";

/** Objects of one form that have one name in several places of a kind, such as a template that many fields take. */
export interface SharedPart {
  /** Name for their type: after the kind, what their places have in common at the end. */
  name: string;
  /** The places, such as `spec.template`, in order. */
  paths: string[];
}

/** What a place in a schema is: its path, and the words that a type there would be named after. */
interface Place {
  path: string;
  words: readonly string[];
}

/**
 * Finds the objects with fields of their own that have the same form in several places of a kind.
 *
 * @param kind The name of the kind's type.
 * @returns What is shared, by path. A place that shares nothing with others is not in it.
 */
export function sharedParts(kind: string, schema: OpenApiSchema): Map<string, SharedPart> {
  const forms = new Forms();
  const groups = new Map<string, Place[]>();
  const visit = (part: OpenApiSchema, place: Place): void => {
    const { properties = {}, items, additionalProperties } = part;
    if (Object.keys(properties).length > 0 && place.path !== "") {
      const end = place.words.slice(place.words.findLastIndex((word) => word !== ITEM && word !== VALUE));
      const key = `${forms.of(part, end.length > 1)} ${end.join(" ")}`;
      groups.set(key, [...groups.get(key) ?? [], place]);
    }
    for (const [name, field] of Object.entries(properties).sort(([a], [b]) => a < b ? -1 : 1)) {
      visit(field, { path: pathOf(place.path, name), words: [...place.words, pascalCase(name)] });
    }
    if (items !== undefined) visit(items, { path: `${place.path}[]`, words: [...place.words, ITEM] });
    if (typeof additionalProperties === "object") {
      visit(additionalProperties, { path: `${place.path}.*`, words: [...place.words, VALUE] });
    }
  };
  visit(schema, { path: "", words: [] });

  const shared = [...groups.values()].filter((places) => places.length > 1).map((places) => ({
    name: kind + commonEnd(places.map(({ words }) => words)).join(""),
    paths: places.map(({ path }) => path),
  }));
  const byPath = new Map<string, SharedPart>();
  for (const part of shared) for (const path of part.paths) byPath.set(path, part);
  return byPath;
}

/** What items of a list and values of a map are called. */
const ITEM = "Item";
const VALUE = "Value";

function commonEnd(lists: readonly (readonly string[])[]): readonly string[] {
  const [first] = lists;
  let length = 0;
  while (length < first.length && lists.every((words) => words.at(-1 - length) === first.at(-1 - length))) {
    length++;
  }
  return first.slice(first.length - length);
}

/** Tells schemas apart by what a type and its comments say of them. */
class Forms {
  readonly #numbers = new Map<string, number>();

  /**
   * A number that two objects share if their types would be the same.
   *
   * @param isItem Whether the type of the object also tells what holds for it as a whole. For a field, its comment does.
   */
  of(schema: OpenApiSchema, isItem: boolean): number {
    const { properties, required = [], description, default: _, nullable: __, ...others } = schema;
    const whole = isItem ? { description, ...others } : {
      open: others["x-kubernetes-preserve-unknown-fields"],
      embedded: others["x-kubernetes-embedded-resource"],
      additionalProperties: others.additionalProperties,
    };
    return this.#number({ properties, required: [...required].sort(), whole });
  }

  #number(value: unknown): number {
    let text: string;
    if (Array.isArray(value)) text = `[${value.map((item) => this.#number(item))}]`;
    else if (typeof value === "object" && value !== null) {
      const fields = Object.entries(value).filter(([, field]) => field !== undefined);
      text = `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${this.#number(field)}`).sort()}}`;
    } else text = JSON.stringify(value) ?? "undefined";
    let number = this.#numbers.get(text);
    if (number === undefined) this.#numbers.set(text, number = this.#numbers.size);
    return number;
  }
}
