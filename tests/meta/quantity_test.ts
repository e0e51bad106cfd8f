import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  addQuantities,
  compareQuantities,
  formatQuantity,
  multiplyQuantity,
  parseQuantity,
  quantityIn,
  quantityToNumber,
  type QuantityUnit,
  subtractQuantities,
} from "@coxswain/kube/meta";
import { ARITHMETIC, WRITTEN } from "./quantities.ts";

describe("parseQuantity() and formatQuantity()", () => {
  for (const [text, written] of WRITTEN) {
    it(`${written === null ? "refuses" : `writes as ${written}:`} ${JSON.stringify(text)}`, () => {
      if (written === null) assert.throws(() => parseQuantity(text), SyntaxError);
      else assert.equal(formatQuantity(parseQuantity(text)), written);
    });
  }

  // https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
  for (
    const [text, written] of [
      ["1.5", "1500m"],
      ["1.5Gi", "1536Mi"],
      ["0.1m", "100u"],
      ["0.0000000001", "1n"],
      ["-0.0000000001", "-1n"],
      ["9223372036854775808Ki", "9223372036854775807"],
      [" 1 ", "1"],
      ["1000E", "1000E"],
    ] as const
  ) {
    it(`writes ${text} as ${written}`, () => assert.equal(formatQuantity(parseQuantity(text)), written));
  }

  it("takes numbers as JSON has them", () => {
    assert.equal(formatQuantity(parseQuantity(0.5)), "500m");
    assert.equal(formatQuantity(parseQuantity(1e21)), "1e+21");
    assert.equal(formatQuantity(parseQuantity(-3)), "-3");
    for (const number of [NaN, Infinity]) assert.throws(() => parseQuantity(number), SyntaxError);
  });

  it("counts exactly beyond 2^53", () => {
    assert.equal(parseQuantity("9007199254740993").nanos, 9007199254740993n * 1_000_000_000n);
    assert.equal(addQuantities("9007199254740993", "9007199254740993"), "18014398509481986");
  });

  it("does not work for ever on exponents that nothing has", () => {
    assert.throws(() => parseQuantity("1e999999999"), RangeError);
    assert.equal(formatQuantity(parseQuantity("1e-999999999")), "1e-9");
    assert.equal(formatQuantity(parseQuantity("0e-999999999")), "0");
  });

  it("reads long text in no time", () => {
    assert.throws(() => parseQuantity(`${"0".repeat(100_000)}x`), SyntaxError);
    assert.throws(() => parseQuantity(`1${"e".repeat(100_000)}x`), SyntaxError);
  });
});

describe("quantity arithmetic", () => {
  for (const [a, b, factor, sum, difference, product, order] of ARITHMETIC) {
    it(`is that of Kubernetes for ${a}, ${b} and ${factor}`, () => {
      assert.deepEqual(
        [addQuantities(a, b), subtractQuantities(a, b), multiplyQuantity(a, factor), compareQuantities(a, b)],
        [sum, difference, product, order],
      );
    });
  }

  it("adds any number, and writes the sum as the first that is not zero", () => {
    assert.equal(addQuantities(), "0");
    assert.equal(addQuantities("0", "1Gi", "1G"), "2073741824");
    assert.equal(addQuantities("100m", "200m", "700m"), "1");
    assert.equal(addQuantities("1G", "24M"), "1024M");
    assert.equal(addQuantities("1Ki", "1023Ki"), "1Mi");
  });

  it("writes with decimal suffixes what has become of a fraction with a binary one, as Kubernetes does", () => {
    assert.equal(multiplyQuantity("0.00048828125Ki", 2048), "1024");
    assert.equal(multiplyQuantity("0.5Ki", 2), "1Ki");
  });

  it("multiplies by whole numbers alone", () => {
    assert.equal(multiplyQuantity("250m", 4n), "1");
    assert.throws(() => multiplyQuantity("1", 0.5), RangeError);
    assert.throws(() => multiplyQuantity("1", NaN), RangeError);
  });

  for (
    const [quantity, unit, count] of [
      ["1.5", "m", 1500n],
      ["1500m", "", 2n],
      ["-1500m", "", -2n],
      ["1n", "E", 1n],
      ["-1n", "Ki", -1n],
      ["0", "m", 0n],
      ["1Gi", "Mi", 1024n],
      ["1Ti", "G", 1100n],
    ] as [string, QuantityUnit, bigint][]
  ) {
    it(`counts ${quantity} as ${count} in units of "${unit}"`, () =>
      assert.equal(quantityIn(quantity, unit), count));
  }

  it("has numbers for charts", () => {
    assert.deepEqual(["250m", "-1", "1Gi", "1e3", "1n", "0"].map(quantityToNumber), [
      0.25,
      -1,
      1073741824,
      1000,
      1e-9,
      0,
    ]);
  });
});
