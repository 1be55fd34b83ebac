/**
 * Sizes as people read them.
 *
 * @module
 */

const UNITS = ["KiB", "MiB", "GiB", "TiB"] as const;
const STEP = 1024;

/** Writes a number of bytes in the largest unit of which there is one. */
export function sizeText(bytes: number): string {
  if (bytes < STEP) return `${bytes} B`;
  let size = bytes / STEP;
  let at = 0;
  // What would be written as 1024.0 is one of the next.
  while (size >= STEP - 0.05 && at < UNITS.length - 1) {
    size /= STEP;
    at++;
  }
  return `${size.toFixed(1)} ${UNITS[at]}`;
}
