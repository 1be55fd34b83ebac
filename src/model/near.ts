/**
 * "Did you mean": the nearest of some known names.
 *
 * @module
 */

/** How far apart two names may be and still count as a slip. */
const DISTANCE_MAX = 3;

/**
 * Finds the known name that a mistyped one most likely stands for.
 *
 * @returns The nearest name at a distance of at most a third of its length,
 * rounded up, or `undefined` when none is near. One letter is no slip of any
 * other name.
 */
export function nearestName(
  name: string,
  known: Iterable<string>,
): string | undefined {
  let best: string | undefined;
  const distanceMax = name.length < 2 ? 0 : Math.ceil(name.length / 3);
  let bestDistance = Math.min(DISTANCE_MAX, distanceMax) + 1;
  for (const candidate of known) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Makes the hint for a mistyped name, or nothing when none is near. */
export function didYouMean(
  name: string,
  known: Iterable<string>,
): { readonly hint?: string } {
  const near = nearestName(name, known);
  return near === undefined ? {} : { hint: `Did you mean "${near}"?` };
}

/** Counts insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > DISTANCE_MAX) return DISTANCE_MAX + 1;
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      let value = Math.min(
        (last[j] ?? 0) + 1,
        (row[j - 1] ?? 0) + 1,
        (last[j - 1] ?? 0) + cost,
      );
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        value = Math.min(value, (before[j - 2] ?? 0) + 1);
      }
      row.push(value);
    }
    before = last;
    last = row;
  }
  return last[b.length] ?? DISTANCE_MAX + 1;
}
