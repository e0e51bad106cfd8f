import { formatLabelSelector, labelRequirements, type LabelSelector } from "../meta/mod.ts";
import { isJsonObject, type JsonObject } from "./api_object.ts";
import { humanDuration } from "./human_duration.ts";

/** Reads from an object, by paths such as `spec.replicas`, what the cells of its row say. */
export class CellReader {
  readonly #value: unknown;
  readonly #now: number;

  /** @param now Milliseconds since 1970. */
  constructor(value: unknown, now: number) {
    this.#value = value;
    this.#now = now;
  }

  /** The name of the object. */
  get name(): string {
    return this.text("metadata.name");
  }

  /** How old the object is. */
  get age(): string {
    return this.since("metadata.creationTimestamp");
  }

  /** The value as it is. Keys must not have dots in them. */
  value(path: string): unknown {
    return path.split(".").reduce<unknown>(
      (value, key) => isJsonObject(value) ? value[key] : undefined,
      this.#value,
    );
  }

  /** Whether there is a value. */
  has(path: string): boolean {
    return (this.value(path) ?? undefined) !== undefined;
  }

  /** A text, or what stands for none. Quantities may be numbers. */
  text(path: string, fallback: string = ""): string {
    const value = this.value(path) ?? "";
    return value === "" ? fallback : String(value);
  }

  /** A number, or 0. */
  number(path: string, fallback: number = 0): number {
    return Number(this.value(path) ?? fallback);
  }

  /** A boolean, or what stands for none. */
  boolean(path: string, fallback: boolean = false): boolean {
    return Boolean(this.value(path) ?? fallback);
  }

  /** A map, which may be empty. Its keys may be anything. */
  map(path: string): JsonObject {
    const value = this.value(path);
    return isJsonObject(value) ? value : {};
  }

  /** What a path leads to, to read on from there. */
  below(path: string): CellReader {
    return new CellReader(this.value(path), this.#now);
  }

  /** The items of a list, which may be empty. */
  list(path: string): CellReader[] {
    const value = this.value(path);
    return Array.isArray(value) ? value.map((item) => new CellReader(item, this.#now)) : [];
  }

  /** The texts of a list. */
  texts(path: string): string[] {
    const value = this.value(path);
    return Array.isArray(value) ? value.map(String) : [];
  }

  /** How long ago a time was. */
  since(path: string): string {
    return this.has(path) ? humanDuration(this.#now - Date.parse(this.text(path))) : "<unknown>";
  }

  /** Labels, as `app=web,tier=front`. */
  labels(path: string): string {
    const labels = Object.entries(this.map(path)).map(([key, value]) => `${key}=${value}`).sort();
    return labels.join(",") || "<none>";
  }

  /** A label selector, as kubectl writes it. */
  selector(path: string, none: string = "<none>"): string {
    if (!this.has(path)) return none;
    try {
      const requirements = labelRequirements(this.map(path) as LabelSelector)
        .map((one) => ({ ...one, values: [...one.values].sort() })).sort((a, b) => a.key < b.key ? -1 : 1);
      return formatLabelSelector(requirements) || none;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return "<error>"; // one that a real server would not have stored
    }
  }

  /** Whether a condition is there and true. Undefined if it is not there. */
  condition(type: string): boolean | undefined {
    const found = this.list("status.conditions").find((one) => one.text("type") === type);
    return found && found.text("status") === "True";
  }

  /** Names and images of containers, as wide Tables have them. */
  containers(path: string): [names: string, images: string] {
    const containers = this.list(path);
    return [
      containers.map((one) => one.text("name")).join(","),
      containers.map((one) => one.text("image")).join(","),
    ];
  }
}
