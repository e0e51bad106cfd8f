import type { Labels } from "./meter.ts";
import { formatLabels } from "./prometheus_text.ts";

/** The series of one metric: a state of type `S` for each combination of labels. */
export class Series<S> {
  readonly #name: string;
  readonly #labels: readonly string[] | undefined;
  readonly #begin: () => S;
  /** By the labels as they were given: the same ones in another order are another key, and the same state. */
  readonly #byRecord = new Map<string, S>();
  /** By the labels as they are written. */
  readonly #byText = new Map<string, S>();

  /**
   * Begins without series.
   *
   * @param name The metric's, for errors.
   * @param labels The names that all labels have; `undefined` for any.
   * @param begin Makes the state of a new series.
   */
  constructor(name: string, labels: readonly string[] | undefined, begin: () => S) {
    this.#name = name;
    this.#labels = labels;
    this.#begin = begin;
  }

  /**
   * The state of the series with these labels, which begins here if it is new.
   *
   * @throws {TypeError} If the labels cannot be exported, or are not those that the metric has.
   */
  at(labels?: Labels): S {
    const record = labels === undefined ? "{}" : JSON.stringify(labels);
    return this.#byRecord.get(record) ?? this.#admit(record, labels ?? {});
  }

  /** The labels as they are written and the states, in the order of the former. */
  sorted(): [string, S][] {
    return [...this.#byText].sort(([a], [b]) => a < b ? -1 : 1);
  }

  #admit(record: string, labels: Labels): S {
    const names = Object.keys(labels).sort();
    const expected = this.#labels;
    const isExpected = expected === undefined ||
      names.length === expected.length && names.every((name) => expected.includes(name));
    if (!isExpected) {
      throw new TypeError(
        `Cannot record ${this.#name}: its labels are ${list(expected)}, not ${list(names)}`,
      );
    }
    const wrong = names.find((name) =>
      !/^[a-zA-Z_]\w*$/.test(name) || name.startsWith("__") || name === "le"
    );
    if (wrong !== undefined) {
      throw new TypeError(`Cannot record ${this.#name}: no label can be named ${JSON.stringify(wrong)}`);
    }
    const text = formatLabels(labels);
    const state = this.#byText.get(text) ?? this.#begin();
    this.#byText.set(text, state);
    this.#byRecord.set(record, state);
    return state;
  }
}

const list = (names: readonly string[]) => names.length === 0 ? "none" : names.join(", ");
