/**
 * "Did you mean": the nearest of some known names.
 *
 * @module
 */

/** How far apart two names may be and still count as a slip. */
const DISTANCE_MAX = 3;
/** Letters of a name that another may be a slip of. */
const LENGTH_MIN = 3;
/** How many code units there are in strings. */
const CODE_UNITS = 0x10000;

/**
 * Finds the known name that a mistyped one most likely stands for.
 *
 * @returns The nearest name at a distance of at most a third of its length,
 * rounded up, that has more than half of its letters; one slip less where
 * another letter takes the place of the first one, which few get wrong. Of two as near, the one
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
  let sharedWith: ReturnType<typeof letterCounter> | undefined;
  for (const candidate of known) {
    const other = candidate.toLowerCase();
    if (other === given) return candidate;
    if (Math.min(given.length, other.length) < LENGTH_MIN) continue;
    // Where nothing is known, nothing is counted.
    sharedWith ??= letterCounter(given);
    const shared = sharedWith(other);
    const length = Math.max(given.length, other.length);
    // Each letter that is not shared is a slip of its own: this is counted
    // fast, where there are thousands of names.
    if (shared * 2 <= length || length - shared > bestDistance) continue;
    const distance = editDistance(given, other);
    if (
      distance > 1 && distance === distanceMax && isOtherStart(given, other)
    ) {
      continue;
    }
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

/** Says whether a letter stands for another one where names begin. */
function isOtherStart(a: string, b: string): boolean {
  const isSwapped = a[0] === b[1] && a[1] === b[0];
  return a.length === b.length && a[0] !== b[0] && !isSwapped;
}

/** Counts the letters that others share with a name, wherever they stand. */
function letterCounter(name: string): (other: string) => number {
  const counts = new Int16Array(CODE_UNITS);
  const add = (text: string, count: 1 | -1): number => {
    let shared = 0;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      const left = counts[code] ?? 0;
      if (left > 0) shared += 1;
      counts[code] = left + count;
    }
    return shared;
  };
  add(name, 1);
  return (other) => {
    const shared = add(other, -1);
    add(other, 1);
    return shared;
  };
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
