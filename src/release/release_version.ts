/**
 * Versions of releases, and which one is newer.
 *
 * @module
 */

/** Characters of a version at the most. */
const VERSION_LENGTH_MAX = 64;
const VERSION_REGEXP =
  /^(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})\.(0|[1-9]\d{0,8})(?:-([0-9A-Za-z.-]+))?$/;

/** Says whether a text is the version of a release, as `1.2.3` or `1.2.3-rc.1`. */
export function isReleaseVersion(text: string): boolean {
  return text.length <= VERSION_LENGTH_MAX && VERSION_REGEXP.test(text);
}

/**
 * Compares two versions by the rules of semantic versioning: below 0 when the
 * first is older, 0 when they are the same.
 */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [VERSION_REGEXP.exec(a), VERSION_REGEXP.exec(b)];
  if (left === null || right === null) {
    throw new Error(`Not two versions: "${a}", "${b}"`);
  }
  for (const part of [1, 2, 3]) {
    const difference = Number(left[part]) - Number(right[part]);
    if (difference !== 0) return difference;
  }
  return comparePrereleases(left[4], right[4]);
}

/** What comes before a release is older than it. */
function comparePrereleases(
  a: string | undefined,
  b: string | undefined,
): number {
  if (a === undefined || b === undefined) {
    return Number(a === undefined) - Number(b === undefined);
  }
  const [left, right] = [a.split("."), b.split(".")];
  const length = Math.max(left.length, right.length);
  for (let i = 0; i < length; i++) {
    const difference = compareIdentifiers(left[i], right[i]);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareIdentifiers(
  a: string | undefined,
  b: string | undefined,
): number {
  if (a === b) return 0;
  if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
  const [isNumber, isOtherNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOtherNumber) return Number(a) - Number(b);
  if (isNumber !== isOtherNumber) return isNumber ? -1 : 1;
  return a < b ? -1 : 1;
}
