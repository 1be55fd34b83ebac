/**
 * Chance from a seed, so that what failed can be run again.
 *
 * @module
 */

/** Draws numbers, characters and JSON. */
export interface Random {
  /** The seed, for the message of a failed test. */
  readonly seed: number;
  /** A whole number from 0 up to, and without, `limit`. */
  below(limit: number): number;
  /** One of some things. */
  pick<T>(from: readonly T[]): T;
}

/** Makes chance from a seed (mulberry32). */
export function randomFrom(seed: number): Random {
  let state = seed >>> 0;
  function below(limit: number): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit;
  }
  return {
    seed,
    below,
    pick: (from) => {
      const found = from[below(from.length)];
      if (found === undefined) throw new Error("Nothing to pick from");
      return found;
    },
  };
}

const PIECES: readonly string[] = [
  ..."abz AZ09 \t\n\n  ::#-?&*!|>'\"%@`{}[],\\/~_.$é日本😀\u0301",
  ": ",
  " #",
  "- ",
  "\n  ",
  "${ .a }",
  "\u0007",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\ufffd",
  "null",
  "true",
  "yes",
  "0x1F",
  "1.10",
  "<<",
  "---",
  "...",
  "\r\n",
  "\r",
];

/** Draws a text of what is hard to write. */
export function randomText(random: Random, pieces = 12): string {
  let text = "";
  for (let i = random.below(pieces); i > 0; i--) text += random.pick(PIECES);
  return text;
}

/** Any JSON value. */
export type AnyJson =
  | null
  | boolean
  | number
  | string
  | AnyJson[]
  | { [key: string]: AnyJson };

/** Draws a JSON value, nested at most `depth` deep. */
export function randomJson(random: Random, depth: number): AnyJson {
  const kind = random.below(depth > 0 ? 8 : 5);
  switch (kind) {
    case 0:
      return null;
    case 1:
      return random.below(2) === 1;
    case 2:
      return random.pick([0, -1, 1.5, 1e21, 1e-7, 2 ** 53 - 1, 100]);
    case 3:
    case 4:
      return randomText(random);
    case 5:
      return Array.from(
        { length: random.below(4) },
        () => randomJson(random, depth - 1),
      );
    default:
      return randomObject(random, depth - 1);
  }
}

/** Draws a JSON object. */
export function randomObject(
  random: Random,
  depth: number,
): { [key: string]: AnyJson } {
  const entries = Array.from(
    { length: random.below(4) },
    (): [string, AnyJson] => [
      randomText(random, 6),
      randomJson(random, depth),
    ],
  );
  return Object.fromEntries(entries);
}
