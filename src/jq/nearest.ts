/**
 * "Did you mean": the nearest of some known names.
 *
 * The program around has a finer one for the names of people's resources, of
 * which there are thousands. This one is for some hundred functions, and stays
 * here as the language imports nothing outside of its room.
 *
 * @module
 */

/** How far apart two names may be and still count as a slip. */
const DISTANCE_MAX = 3;
const LENGTH_MIN = 3;

/** Finds the known name that a mistyped one most likely stands for. */
export function nearestName(
  name: string,
  known: Iterable<string>,
): string | undefined {
  const given = name.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.min(DISTANCE_MAX, Math.ceil(given.length / 3)) + 1;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    if (other === given) return candidate;
    if (Math.min(given.length, other.length) < LENGTH_MIN) continue;
    if (Math.abs(given.length - other.length) >= bestDistance) continue;
    const distance = editDistance(given, other);
    if (distance >= bestDistance) continue;
    best = candidate;
    bestDistance = distance;
  }
  return best;
}

/** Counts insertions, deletions, replacements and swaps of neighbours. */
function editDistance(a: string, b: string): number {
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
