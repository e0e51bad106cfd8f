/** Freezes a JSON value, all of it: who writes to it gets a `TypeError` whose stack says who that is. */
export function deepFreeze(value: unknown): void {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return;
  Object.freeze(value);
  for (const one of Object.values(value)) deepFreeze(one);
}
