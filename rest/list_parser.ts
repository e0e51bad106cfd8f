import type { ListMeta } from "../meta/mod.ts";
import { endOfString, endOfValue, parseJson, skipSpace } from "./json_text.ts";

/** The most text before the items, in characters. API servers send a few hundred; more is no list. */
export const LONGEST_HEAD = 1024 * 1024;

/** What a list says beside its items. */
export interface ListHead {
  /** Group and version of the list. */
  apiVersion?: string;
  /** Kind of the list, such as `PodList`. */
  kind?: string;
  /** Version of the collection, and where the next page begins. */
  metadata?: ListMeta;
  /** Fields beside these, such as a `Status` has. */
  [field: string]: unknown;
}

/**
 * Takes a list apart while its text arrives: each item is parsed alone, as soon as it is complete, and its
 * text forgotten. The whole text never exists, and no single step is long.
 *
 * The end of an item is not looked for character by character, which would cost as much as parsing. API
 * servers write all items of a list alike, so `},{"metadata":` (with the first key of the first item) is
 * searched for natively. Such text cannot begin inside a string, whose quotes would be escaped; but it can
 * stand deeper in an item, and then what was cut off is no complete JSON and `JSON.parse` refuses it. Only
 * then, and for the last item, is the end found the slow way. Whatever parses is the item: no proper prefix of
 * an object is an object.
 */
export class ListParser<T> {
  /** Everything but the items, as far as it has been seen. */
  readonly head: ListHead = {};
  #at: "head" | "items" | "tail" = "head";
  #text = "";
  /** Where in the text the next item begins. */
  #from = 0;
  /** Where the search for the end of that item goes on. */
  #searched = 0;
  /**
   * How long the text must be before it is looked at again: twice as long as when it said too little, or something
   * large in small pieces would take for ever.
   */
  #enough = 0;
  /** What stands between two items; empty until an item was seen, or if items are not written alike. */
  #between = "";
  /** Put in front of items that lack them, as those of built-in kinds do: `"apiVersion":"v1","kind":"Pod",`. */
  #prefix = "";
  #kind: string | undefined;

  /**
   * Whether what was read is a list. `"items": null` is how Go writes none, and a list of another make may leave them
   * out; anything else without items must not pass for an empty list, or a cache would be emptied.
   */
  get isList(): boolean {
    const { kind, items } = this.head;
    if (this.#at !== "head") return items === undefined; // else they are there twice
    return items === null || (items === undefined && typeof kind === "string" && /.List$/.test(kind));
  }

  /**
   * Takes more text.
   *
   * @returns The items that it completes.
   * @throws {SyntaxError} If the text is not JSON.
   */
  push(text: string): T[] {
    this.#text = this.#text.slice(this.#from) + text;
    this.#searched -= this.#from;
    this.#from = 0;
    if (this.#text.length < this.#enough) return [];
    this.#enough = 0;
    if (this.#at === "head") {
      this.#readHead();
      if (this.#at === "head") {
        if (this.#text.length > LONGEST_HEAD) throw new SyntaxError("there are no items in it");
        this.#enough = 2 * this.#text.length;
      }
    }
    return this.#at === "items" ? this.#readItems(false) : [];
  }

  /**
   * Takes the end of the text.
   *
   * @returns The last items.
   * @throws {SyntaxError} If the text ends too early or is not JSON.
   */
  finish(): T[] {
    if (this.#at === "head") this.#readHead();
    if (this.#at === "head") {
      this.#addToHead(this.#text);
      return [];
    }
    const items = this.#at === "items" ? this.#readItems(true) : [];
    if (this.#at === "items") throw new SyntaxError("the text ends within the items");
    const rest = this.#text.slice(this.#from).trim();
    this.#addToHead(rest.startsWith(",") ? `{${rest.slice(1)}` : `{${rest}`);
    return items;
  }

  /** Looks for the `[` of the items; leaves everything as it is when it has not come yet. */
  #readHead(): void {
    const text = this.#text;
    let at = skipSpace(text, 0);
    if (at < text.length && text[at] !== "{") throw new SyntaxError("the text is not an object");
    let end = at + 1;
    for (
      at = skipSpace(text, end);
      text[at] === '"';
      at = skipSpace(text, text[end] === "," ? end + 1 : text.length)
    ) {
      const keyEnd = endOfString(text, at);
      if (keyEnd === -1) return;
      const value = skipSpace(text, skipSpace(text, keyEnd) + 1);
      if (text.slice(at, keyEnd) === '"items"' && text[value] === "[") {
        this.#addToHead(`${text.slice(0, at).trimEnd().replace(/,$/, "")}}`);
        this.#learnKind();
        this.#at = "items";
        this.#from = this.#searched = value + 1;
        return;
      }
      end = endOfValue(text, value);
      if (end === -1) return;
      end = skipSpace(text, end);
    }
  }

  #addToHead(text: string): void {
    const head = parseJson(text);
    if (typeof head !== "object" || head === null) throw new SyntaxError("the text is not an object");
    // Not Object.assign: "__proto__" is a key like any other here.
    for (const [key, value] of Object.entries(head)) {
      Object.defineProperty(this.head, key, { value, ...PLAIN });
    }
  }

  #learnKind(): void {
    const { apiVersion, kind } = this.head;
    if (typeof apiVersion !== "string" || typeof kind !== "string" || !/.List$/.test(kind)) return;
    this.#kind = kind.slice(0, -"List".length);
    this.#prefix = `"apiVersion":${JSON.stringify(apiVersion)},"kind":${JSON.stringify(this.#kind)},`;
  }

  #readItems(last: boolean): T[] {
    const text = this.#text;
    const items: T[] = [];
    for (;;) {
      let from = skipSpace(text, this.#from);
      if (text[from] === ",") from = skipSpace(text, from + 1);
      if (text[from] === "]") {
        this.#at = "tail";
        this.#from = from + 1;
        return items;
      }
      if (from >= text.length) return items;
      if (text[from] !== "{") throw new SyntaxError("an item is not an object");
      if (this.#between === "" && !this.#learnBetween(from)) return items;

      let end = -1;
      let item: T | undefined;
      if (this.#between !== DIFFERENT) {
        const found = text.indexOf(this.#between, Math.max(from, this.#searched));
        if (found === -1 && !last) {
          this.#searched = Math.max(from, text.length - this.#between.length + 1);
          return items;
        }
        if (found !== -1) item = this.#tryParse(from, end = found + 1);
      }
      if (item === undefined) {
        end = endOfValue(text, from);
        if (end === -1) {
          // The search found a place inside this item: it begins anew with more text.
          this.#searched = from;
          this.#enough = 2 * (text.length - from);
          return items;
        }
        item = this.#parse(from, end);
      }
      items.push(item);
      this.#from = this.#searched = end;
    }
  }

  /** Reads the first key of the first item. @returns Whether enough of it is there. */
  #learnBetween(from: number): boolean {
    const start = /^\{"[^"\\]*":/.exec(this.#text.slice(from, from + 260));
    if (start !== null) this.#between = `},${start[0]}`;
    else if (this.#text.length - from < 260 && endOfValue(this.#text, from) === -1) return false;
    else this.#between = DIFFERENT;
    // Items that say themselves what they are need no prefix.
    if (/^\{"(apiVersion|kind)":/.test(start?.[0] ?? "")) this.#prefix = "";
    return true;
  }

  #tryParse(from: number, end: number): T | undefined {
    try {
      return this.#parse(from, end);
    } catch {
      return undefined; // no complete JSON: the end was another one's
    }
  }

  #parse(from: number, end: number): T {
    const text = this.#text;
    if (this.#prefix !== "" && text[from + 1] === '"') {
      return parseJson(`{${this.#prefix}${text.slice(from + 1, end)}`) as T;
    }
    const item = parseJson(text.slice(from, end)) as T & { apiVersion?: string; kind?: string };
    if (this.#kind !== undefined) {
      item.apiVersion ??= this.head.apiVersion;
      item.kind ??= this.#kind;
    }
    return item;
  }
}

/** In place of the text between items: they are not written alike, or with spaces. Is in no JSON text. */
const DIFFERENT = "\0";

const PLAIN = { enumerable: true, configurable: true, writable: true };
