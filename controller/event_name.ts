import { dnsSubdomainProblems } from "../meta/mod.ts";

/** Nanoseconds in a millisecond: as many names as one has. */
const PER_MILLISECOND = 1_000_000;

/**
 * Makes names of events: that of the object and the time in hexadecimal, or a UUID where that is no name. Clocks here
 * know no nanoseconds; instead of them there is a number that begins at random, as others make names as well.
 */
export function eventNames(random: () => number): (subject: string, date: Date) => string {
  let made = Math.floor(random() * PER_MILLISECOND);
  return (subject, date) => {
    const nanoseconds = BigInt(date.getTime()) * BigInt(PER_MILLISECOND) + BigInt(made++ % PER_MILLISECOND);
    const name = `${subject}.${nanoseconds.toString(16)}`;
    return dnsSubdomainProblems(name).length === 0 ? name : crypto.randomUUID();
  };
}
