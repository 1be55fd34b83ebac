/**
 * Bounds of this room alone.
 *
 * @module
 */

/** Bytes of one source, with all its documents, at the most. */
export const SOURCE_SIZE_BYTES_MAX: number = 32 * 1024 * 1024;
/** Documents of one source, the empty ones included, at the most. */
export const SOURCE_DOCUMENTS_MAX = 10_000;
/**
 * Objects and lists inside each other at the most. The contract's binary form
 * allows 100 messages inside each other, and free-form JSON takes two a level.
 */
export const DEPTH_MAX = 40;
/** Diagnostics of one source at the most; the rest is counted in a last one. */
export const DIAGNOSTICS_MAX = 1000;

/** Counts the bytes of a text in UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += 1;
    if (unit >= 0x800 && (unit < 0xd800 || unit > 0xdfff)) bytes += 1;
  }
  return bytes;
}

/** Writes a number of bytes in a limit's words: `1 MiB`, `256 KiB`. */
export function byteWords(bytes: number): string {
  const mebibytes = bytes / (1024 * 1024);
  return mebibytes >= 1 ? `${mebibytes} MiB` : `${bytes / 1024} KiB`;
}
