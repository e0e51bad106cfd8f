import assert from "node:assert/strict";
import { inspect } from "node:util";
import { CANARY } from "./material.ts";

/** Looks for the canary in all that printing a value could show, also in base64 at any of its three offsets. */
export function showsNoSecret(value: unknown): void {
  const shown = inspect(value, { depth: Infinity, showHidden: true }) +
    (value instanceof Error ? `${value.message}${value.stack}` : "");
  const encoded = ["", "x", "xx"].map((before) => btoa(before + CANARY).slice(before.length + 1, -4));
  for (const canary of [CANARY, ...encoded]) assert.ok(!shown.includes(canary), `${canary} is in: ${shown}`);
}
