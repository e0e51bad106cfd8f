import type { Time } from "./wire_types.ts";

const SHAPE = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|([+-])(\d\d):(\d\d))$/;

/**
 * Writes a moment as objects have it: in UTC, to the second. What is left of a second is cut off, as the server does.
 *
 * @throws {RangeError} If the date is none, or not of the years 0 to 9999.
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { formatTime, parseTime } from "@coxswain/kube/meta";
 * assert.equal(formatTime(new Date("2026-01-01T00:00:00.999Z")), "2026-01-01T00:00:00Z");
 * assert.equal(parseTime("2026-01-01T01:00:00+01:00").getTime(), Date.UTC(2026, 0, 1));
 * ```
 */
export function formatTime(date: Date): Time {
  const seconds = Math.floor(date.getTime() / 1000);
  const text = Number.isNaN(seconds) ? "" : new Date(seconds * 1000).toISOString();
  if (!/^\d{4}-/.test(text)) {
    throw new RangeError(`Cannot write the time ${String(date)}: RFC 3339 has no such date`);
  }
  return text.replace(".000Z", "Z");
}

/**
 * Reads a moment, with or without parts of a second: the inverse of {@linkcode formatTime}. Stricter than `Date.parse`,
 * and the same on all runtimes: RFC 3339 alone, of days that exist.
 *
 * @throws {SyntaxError} If the text is no RFC 3339.
 */
export function parseTime(time: Time): Date {
  const match = SHAPE.exec(time);
  const [year, month, day, hour, minute, second] = match === null ? [] : match.slice(1, 7).map(Number);
  if (match !== null && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)) {
    const [, , , , , , , fraction = "", sign, zoneHour = "0", zoneMinute = "0"] = match;
    const isReal = hour < 24 && minute < 60 && second < 60 && Number(zoneHour) < 24 &&
      Number(zoneMinute) < 60;
    const offset = (Number(zoneHour) * 60 + Number(zoneMinute)) * (sign === "-" ? -1 : 1);
    const date = new Date(0);
    date.setUTCFullYear(year, month - 1, day); // Date.UTC would take the year 26 for 1926
    date.setUTCHours(hour, minute - offset, second, Number(fraction.padEnd(3, "0").slice(0, 3)));
    if (isReal) return date;
  }
  throw new SyntaxError(
    `Cannot read the time ${JSON.stringify(time)}: expected RFC 3339, such as 2026-01-01T00:00:00Z`,
  );
}

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}
