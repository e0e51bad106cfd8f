/** Numbers from 0 up to 1. */
export interface SeededRandom {
  (): number;
  /** Where they stand: those that follow depend on nothing else. */
  state: number;
}

/** Chance that repeats itself: the same seed gives the same numbers (mulberry32). */
export function seededRandom(seed: number): SeededRandom {
  const random = Object.assign(() => {
    const state = random.state = (random.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }, { state: seed >>> 0 });
  return random;
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

/** A UID of RFC 4122's form, version 4. */
export function randomUid(random: () => number): string {
  const word = () => {
    const bits = Math.floor(random() * 2 ** 32);
    return HEX[bits >>> 24] + HEX[bits >>> 16 & 255] + HEX[bits >>> 8 & 255] + HEX[bits & 255];
  };
  const [a, b, c, d] = [word(), word(), word(), word()];
  const variant = "89ab"[parseInt(c[0], 16) & 3];
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-${variant}${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

/** What the server appends to `generateName`: five characters that spell no words. */
export function randomSuffix(random: () => number): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  return Array.from({ length: 5 }, () => letters[Math.floor(random() * letters.length)]).join("");
}
