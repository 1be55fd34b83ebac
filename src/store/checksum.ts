/**
 * A checksum of a text: tells two texts apart, and resists no attacker.
 *
 * It is synchronous and needs no import, as it runs at every start.
 *
 * @module
 */

/** Offset and prime of the two sums: those of FNV-1a, and others. */
const SUMS = [[0x811c9dc5, 0x01000193], [0x9e3779b9, 0x5bd1e995]] as const;

/**
 * Gives 16 hexadecimal digits: two 32-bit sums as of FNV-1a over UTF-16 units.
 *
 * Line ends count as `\n`, so that a checkout on Windows gives the same.
 */
export function checksum(text: string): string {
  const normal = text.replaceAll("\r\n", "\n");
  return SUMS.map(([offset, prime]) => sum(normal, offset, prime)).join("");
}

function sum(text: string, offset: number, prime: number): string {
  let value = offset;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), prime);
  }
  return (value >>> 0).toString(16).padStart(8, "0");
}
