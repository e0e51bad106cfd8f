import { isJsonObject, type JsonObject, own, sameJson, sortedKeys } from "./api_object.ts";
import { type FieldProblem, printed, quoted } from "./refusal.ts";

/** What is wrong with a text, in the server's words. */
export type TextRule = (text: string) => readonly string[];

/** A value of an object, with its path, and a list for what is wrong with it. Rules about kinds are written with these. */
export class Field {
  readonly value: unknown;
  readonly path: string;
  readonly problems: FieldProblem[];

  constructor(value: unknown, path: string, problems: FieldProblem[]) {
    this.value = value;
    this.path = path;
    this.problems = problems;
  }

  /** The field below, `at("template", "spec")` the one below that. It need not exist. */
  at(...keys: readonly string[]): Field {
    const value = keys.reduce<unknown>(
      (map, key) => isJsonObject(map) ? own(map, key) : undefined,
      this.value,
    );
    return new Field(value, [this.path, ...keys].filter((part) => part !== "").join("."), this.problems);
  }

  /** The same place with another value: rules tell some fields by the wrong path. */
  as(value: unknown): Field {
    return new Field(value, this.path, this.problems);
  }

  /** What is under a key of a map: `data[key]`. */
  key(key: string): Field {
    const value = isJsonObject(this.value) ? own(this.value, key) : undefined;
    return new Field(value, `${this.path}[${key}]`, this.problems);
  }

  /** The items of a list. */
  get items(): Field[] {
    return this.list.map((value, index) => new Field(value, `${this.path}[${index}]`, this.problems));
  }

  /** The values of a map, in the order of the alphabet, as lists of them are told. */
  get entries(): [string, Field][] {
    return Object.keys(this.map).sort().map((key) => [key, this.key(key)]);
  }

  /** Whether it is there, and neither empty nor zero. */
  get isSet(): boolean {
    const { value } = this;
    if (Array.isArray(value)) return value.length > 0;
    return value !== undefined && value !== null && value !== "" && value !== 0 && value !== false;
  }

  /** Whether it is there. */
  get exists(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get text(): string {
    return typeof this.value === "string" ? this.value : "";
  }

  get number(): number {
    return typeof this.value === "number" ? this.value : 0;
  }

  get list(): readonly unknown[] {
    return Array.isArray(this.value) ? this.value : [];
  }

  get map(): JsonObject {
    return isJsonObject(this.value) ? this.value : {};
  }

  /** It must be there. */
  demand(detail = ""): void {
    this.#add("FieldValueRequired", `Required value${detail === "" ? "" : `: ${detail}`}`);
  }

  /** It must be something else. @param value What the server shows, with fields in its order, if that is another. */
  reject(rule: string, value: unknown = sortedKeys(this.value)): void {
    this.#add("FieldValueInvalid", `Invalid value: ${printed(value)}${rule === "" ? "" : `: ${rule}`}`);
  }

  /** It must be one of those. */
  refuse(supported: readonly string[], value: unknown = sortedKeys(this.value)): void {
    const list = supported.map(quoted).join(", ");
    this.#add(
      "FieldValueNotSupported",
      `Unsupported value: ${printed(value ?? "")}: supported values: ${list}`,
    );
  }

  forbid(detail: string): void {
    this.#add("FieldValueForbidden", `Forbidden: ${detail}`);
  }

  duplicate(value: unknown = this.value, detail = ""): void {
    this.#add("FieldValueDuplicate", `Duplicate value: ${printed(value)}${detail}`);
  }

  missing(value: unknown = this.value): void {
    this.#add("FieldValueNotFound", `Not found: ${printed(value)}`);
  }

  tooLong(most: number): void {
    this.#add("FieldValueTooLong", `Too long: may not be more than ${most} bytes`);
  }

  tooMany(most: number): void {
    this.#add("FieldValueTooMany", `Too many: ${this.list.length}: must have at most ${most} items`);
  }

  /** Must be set. @returns Whether it is. */
  needed(detail = ""): boolean {
    if (!this.isSet) this.demand(detail);
    return this.isSet;
  }

  /** If there is a text, it keeps the rule. */
  keeps(rule: TextRule): void {
    if (this.text !== "") { for (const problem of rule(this.text)) this.reject(problem); }
  }

  /** Must be set, and keep the rule. */
  needs(rule: TextRule): void {
    if (this.needed()) this.keeps(rule);
  }

  /** Must be set, to one of those. */
  oneOf(...supported: readonly string[]): void {
    if (this.needed() && !supported.includes(this.text)) this.refuse(supported);
  }

  /** If it is set, then to one of those. */
  maybeOneOf(...supported: readonly string[]): void {
    if (this.exists && !supported.includes(this.text)) this.refuse(supported);
  }

  /** If there is a number, it is not negative. */
  notNegative(): void {
    if (this.number < 0) this.reject("must be greater than or equal to 0");
  }

  /** If there is a number, it is in that range. */
  between(low: number, high: number): void {
    if (!this.exists || (this.number >= low && this.number <= high)) return;
    this.reject(`must be between ${low} and ${high}, inclusive`);
  }

  /** Must say what it said before. */
  immutable(old: Field, detail = "field is immutable"): void {
    if (!sameJson(this.value ?? null, old.value ?? null)) this.reject(detail);
  }

  #add(reason: FieldProblem["reason"], message: string): void {
    this.problems.push({ reason, field: this.path || "[]", message });
  }
}
