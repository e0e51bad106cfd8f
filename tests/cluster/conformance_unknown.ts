// Sequences of requests: fields that a kind does not have.
import type { Sequence } from "./conformance.ts";
import {
  A,
  deployment,
  DEPLOYMENTS,
  get,
  map,
  MAPS,
  MERGE,
  patch,
  post,
  put,
  STRATEGIC,
} from "./conformance_steps.ts";

export const UNKNOWN: readonly Sequence[] = ["", "Warn", "Strict", "Ignore", "Nonsense"].flatMap(
  (validation) => {
    const query = validation === "" ? "" : `?fieldValidation=${validation}`;
    const name = validation === "" ? "by default" : validation;
    return [
      {
        name: `unknown fields of a create, ${name}`,
        steps: [post(MAPS + query, { ...map({ a: "1" }), foo: 1, bar: { a: 1 } }), get(A)],
      },
      {
        name: `unknown fields deep inside, ${name}`,
        steps: [
          post(
            DEPLOYMENTS + query,
            deployment({ foo: 1 }, { containers: [{ name: "a", image: "x", imagee: "y" }] }),
          ),
        ],
      },
      {
        name: `unknown fields of patches, ${name}`,
        steps: [
          post(MAPS, map()),
          patch(A + query, MERGE, { foo: 1 }),
          patch(A + query, STRATEGIC, { foo: 1 }),
          put(A + query, { ...map({ a: "1" }), foo: 1 }),
        ],
      },
    ];
  },
);
