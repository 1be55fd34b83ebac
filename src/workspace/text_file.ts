/**
 * Files as text: how they are encoded, and how their lines end, so that what
 * is changed in one keeps both.
 *
 * @module
 */

/** Bytes of a file that tools take as text at the most. */
export const TEXT_SIZE_BYTES_MAX: number = 16 * 1024 * 1024;
/** Bytes that are looked at for what no text has. */
const SNIFFED_BYTES = 8192;

/** A file as text. */
export interface TextFile {
  /** With `\n` at the ends of lines, unless its lines end in several ways. */
  readonly text: string;
  readonly encoding: TextEncoding;
  /** What its lines end in; `mixed` ones stand in the text as they are. */
  readonly lineEnd: "\n" | "\r\n" | "mixed";
}

/** How a text is written as bytes. */
export type TextEncoding = "utf-8" | "utf-8-bom" | "utf-16le" | "utf-16be";

/** Reads bytes as text; `undefined` where they are none. */
export function readTextFile(
  bytes: Uint8Array<ArrayBuffer>,
): TextFile | undefined {
  const encoding = encodingOf(bytes);
  const raw = decode(bytes, encoding);
  if (raw === undefined) return undefined;
  const lineEnd = lineEndOf(raw);
  const text = lineEnd === "\r\n" ? raw.replaceAll("\r\n", "\n") : raw;
  return { text, encoding, lineEnd };
}

/** Writes a text the way that another one was written. */
export function writeTextFile(
  text: string,
  { encoding, lineEnd }: Pick<TextFile, "encoding" | "lineEnd">,
): Uint8Array<ArrayBuffer> {
  const raw = lineEnd === "\r\n"
    ? text.replaceAll("\r\n", "\n").replaceAll("\n", "\r\n")
    : text;
  switch (encoding) {
    case "utf-8":
      return new TextEncoder().encode(raw);
    case "utf-8-bom":
      return new TextEncoder().encode(`\ufeff${raw}`);
    case "utf-16le":
    case "utf-16be":
      return utf16(`\ufeff${raw}`, { littleEndian: encoding === "utf-16le" });
  }
}

/** Says whether bytes are no text, by their beginning. */
export function looksBinary(bytes: Uint8Array): boolean {
  if (isUtf16(bytes)) return false;
  return bytes.subarray(0, SNIFFED_BYTES).includes(0);
}

function encodingOf(bytes: Uint8Array): TextEncoding {
  const [first, second, third] = bytes;
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8-bom";
  if (!isUtf16(bytes)) return "utf-8";
  return first === 0xff ? "utf-16le" : "utf-16be";
}

function isUtf16([first, second]: Uint8Array): boolean {
  return (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff);
}

function decode(
  bytes: Uint8Array<ArrayBuffer>,
  encoding: TextEncoding,
): string | undefined {
  if (looksBinary(bytes)) return undefined;
  const label = encoding === "utf-8-bom" ? "utf-8" : encoding;
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function lineEndOf(text: string): TextFile["lineEnd"] {
  const all = text.match(/\n/g)?.length ?? 0;
  const windows = text.match(/\r\n/g)?.length ?? 0;
  if (windows === 0) return "\n";
  return windows === all ? "\r\n" : "mixed";
}

function utf16(
  text: string,
  { littleEndian }: { readonly littleEndian: boolean },
): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 * text.length);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < text.length; i++) {
    view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
  }
  return bytes;
}
