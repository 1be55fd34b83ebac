/**
 * The difference of two texts by lines: the longest common subsequence,
 * within a bound.
 *
 * @module
 */

/** One line of the difference. */
export interface DiffLine {
  readonly sign: " " | "-" | "+";
  readonly text: string;
}

/**
 * Cells of the table at the most; past that, the differing middle is shown as
 * replaced in whole.
 */
const CELLS_MAX = 4_000_000;

/** Compares two lists of lines. */
export function diffLines(
  before: readonly string[],
  after: readonly string[],
): DiffLine[] {
  let head = 0;
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && before[head] === after[head]) head++;
  let tail = 0;
  while (
    tail < shorter - head &&
    before[before.length - 1 - tail] === after[after.length - 1 - tail]
  ) tail++;
  const old = before.slice(head, before.length - tail);
  const next = after.slice(head, after.length - tail);
  return [
    ...signed(" ", before.slice(0, head)),
    ...(old.length * next.length > CELLS_MAX
      ? [...signed("-", old), ...signed("+", next)]
      : diffMiddle(old, next)),
    ...signed(" ", before.slice(before.length - tail)),
  ];
}

function signed(sign: DiffLine["sign"], lines: readonly string[]): DiffLine[] {
  return lines.map((text) => ({ sign, text }));
}

function diffMiddle(
  old: readonly string[],
  next: readonly string[],
): DiffLine[] {
  const width = next.length + 1;
  const table = commonLengths(old, next);
  const found: DiffLine[] = [];
  let i = 0;
  let j = 0;
  while (i < old.length || j < next.length) {
    const left = old[i];
    const right = next[j];
    if (left !== undefined && left === right) {
      found.push({ sign: " ", text: left });
      i++;
      j++;
      continue;
    }
    const without = table[(i + 1) * width + j] ?? -1;
    const withRight = table[i * width + j + 1] ?? -1;
    if (left !== undefined && (right === undefined || without >= withRight)) {
      found.push({ sign: "-", text: left });
      i++;
    } else {
      found.push({ sign: "+", text: right ?? "" });
      j++;
    }
  }
  return found;
}

/** Lengths of what the rests of both have in common, by row and column. */
function commonLengths(
  old: readonly string[],
  next: readonly string[],
): Uint32Array {
  const width = next.length + 1;
  const table = new Uint32Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = next.length - 1; j >= 0; j--) {
      const at = i * width + j;
      table[at] = old[i] === next[j]
        ? (table[at + width + 1] ?? 0) + 1
        : Math.max(table[at + width] ?? 0, table[at + 1] ?? 0);
    }
  }
  return table;
}
