import { isStatus, type Status, type StatusCause, type StatusDetails } from "../meta/mod.ts";

/**
 * The `Status` that a decoded body is, if it is one. Fields that are not of their type, which no API server sends, are
 * left out: who handles an error must not have to expect another.
 */
export function statusOf(value: unknown): Status | undefined {
  if (!isStatus(value)) return undefined;
  const details = wellTyped<StatusDetails>(value.details, DETAILS);
  return {
    ...wellTyped<Status>(value, STATUS)!,
    ...(details !== undefined && {
      details: {
        ...details,
        ...(details.causes !== undefined && {
          causes: details.causes.flatMap((cause) => wellTyped<StatusCause>(cause, CAUSE) ?? []),
        }),
      },
    }),
  };
}

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
/** In the API, these numbers have 32 bits. */
export const isInteger: Check = (value) => Number.isInteger(value) && Math.abs(value as number) < 2 ** 31;
const isMapping: Check = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

const STATUS = { status: isText, message: isText, reason: isText, code: isInteger, details: isMapping };
const DETAILS = {
  ...{ name: isText, group: isText, kind: isText, uid: isText },
  ...{ causes: Array.isArray, retryAfterSeconds: isInteger },
};
const CAUSE = { reason: isText, message: isText, field: isText };

/** A copy without the fields that fail their check; `undefined` of what is no mapping. */
function wellTyped<T extends object>(value: unknown, checks: Record<string, Check>): T | undefined {
  if (!isMapping(value)) return undefined;
  const fields = Object.entries(value as T);
  return Object.fromEntries(
    fields.filter(([name, field]) => !Object.hasOwn(checks, name) || checks[name](field)),
  ) as T;
}
