/**
 * "Did you mean": the nearest of some known names.
 *
 * @module
 */

/** How far apart two names may be and still count as a slip. */
const DISTANCE_MAX = 3;
/** Letters of a name that another may be a slip of. */
const LENGTH_MIN = 3;

/**
 * Finds the known name that a mistyped one most likely stands for.
 *
 * @returns The nearest name at a distance of at most a third of its length,
 * rounded up, that has more than half of its letters; of two as near, the one
 * with more of them, as swapped letters have. `undefined` when none is near.
 * One or two letters are a slip of nothing but their other case.
 */
export function nearestName(
  name: string,
  known: Iterable<string>,
): string | undefined {
  const given = name.toLowerCase();
  const distanceMax = Math.min(DISTANCE_MAX, Math.ceil(given.length / 3));
  let best: string | undefined;
  let bestDistance = distanceMax + 1;
  let bestShared = 0;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    if (other === given) return candidate;
    if (Math.min(given.length, other.length) < LENGTH_MIN) continue;
    const shared = sharedLetters(given, other);
    if (shared * 2 <= Math.max(given.length, other.length)) continue;
    const distance = editDistance(given, other);
    if (
      distance < bestDistance ||
      (distance === bestDistance && best !== undefined && shared > bestShared)
    ) {
      best = candidate;
      bestDistance = distance;
      bestShared = shared;
    }
  }
  return best;
}

/** Counts the letters that two names have in common, wherever they stand. */
function sharedLetters(a: string, b: string): number {
  let left = b;
  for (const letter of a) left = left.replace(letter, "");
  return b.length - left.length;
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
