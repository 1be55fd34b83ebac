/**
 * What the measurements share: medians, a throw-away home, and the program as
 * a process.
 *
 * @module
 */

import { ROOT } from "../command.ts";

/** The middle one of some figures. */
export function median(figures: readonly number[]): number {
  const sorted = figures.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor(sorted.length / 2)];
  if (middle === undefined) throw new Error("No figures to take a median of");
  return middle;
}

/** Writes a time with a fitting number of digits. */
export function milliseconds(ms: number): string {
  return `${ms < 10 ? ms.toFixed(2) : ms.toFixed(1)} ms`;
}

/** Runs with a home that is removed at the end. */
export async function withHome<T>(
  use: (home: string) => Promise<T>,
): Promise<T> {
  const folder = await Deno.makeTempDir({ prefix: "stigmer-bench-" });
  try {
    return await use(`${folder}/home`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Flags that start the program from source. */
export const PROGRAM: readonly string[] = ["run", "-A", `${ROOT}src/mod.ts`];
