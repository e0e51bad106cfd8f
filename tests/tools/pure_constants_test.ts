import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withPureConstants } from "../../tools/pure_constants.ts";

describe("withPureConstants()", () => {
  for (
    const { name, before, after } of [
      { name: "a call", before: "const a = f(1);", after: "const a = /* @__PURE__ */ f(1);" },
      { name: "an instance", before: "var a = new A();", after: "var a = /* @__PURE__ */ new A();" },
      {
        name: "a call with another within",
        before: "const a = f(g());",
        after: "const a = /* @__PURE__ */ (() => (f(g())))();",
      },
      {
        name: "parts of others",
        before: "const a = { ...b }, c = [...d];",
        after: "const a = /* @__PURE__ */ (() => ({ ...b }))(), c = /* @__PURE__ */ (() => ([...d]))();",
      },
      {
        name: "calls one after the other",
        before: 'const a = " x y".trim().split(" ");',
        after: 'const a = /* @__PURE__ */ (() => (" x y".trim().split(" ")))();',
      },
    ]
  ) {
    it(`marks ${name}`, () => assert.equal(withPureConstants(before), after));
  }

  for (
    const code of [
      "const a = 1, b = { c: [2] };",
      "const a = () => f(), b = class { c = f(); };",
      "f();",
      "let a;",
      "function f() { const a = g(); return a; }",
    ]
  ) {
    it(`leaves ${code}`, () => assert.equal(withPureConstants(code), code));
  }
});
