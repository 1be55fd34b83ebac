/**
 * Looks for secrets in bytes, however they are written there. It knows nothing
 * of what hides them in the program.
 *
 * @module
 */

import type { OddSecret } from "./odd_secrets.ts";

/** A secret that was found. */
export interface Hit {
  readonly secret: string;
  /** How it was written. */
  readonly encoding: string;
  /** Where, with a few of the characters around it. */
  readonly where: string;
}

/** Characters of a line of a secret that are looked for by themselves. */
const LINE_LENGTH_MIN = 16;
/** Bytes shown around a hit. */
const AROUND = 60;

/** Finds secrets in bytes. */
export type Search = (where: string, bytes: Uint8Array) => readonly Hit[];

/** Makes the search for some secrets. */
export function searchFor(secrets: readonly OddSecret[]): Search {
  const needles = secrets.flatMap(({ name, value }) =>
    [...spellings(value)].map(([text, encoding]) => ({ name, encoding, text }))
  );
  return (where, bytes) => {
    // One character a byte: every needle is looked for as its bytes.
    const text = latin1(bytes);
    return needles.flatMap(({ name, encoding, text: needle }) => {
      const at = text.indexOf(needle);
      return at < 0 ? [] : [{
        secret: name,
        encoding,
        where: `${where} at ${at}: ${
          JSON.stringify(text.slice(Math.max(0, at - AROUND), at + AROUND))
        }`,
      }];
    });
  };
}

/** Says what was found where, each place and secret once. */
export function report(hits: readonly Hit[]): readonly string[] {
  const lines = new Map<string, string>();
  for (const { secret, encoding, where } of hits) {
    const key = `${secret} in ${where.replace(/ at \d+: .*/s, "")}`;
    if (!lines.has(key)) lines.set(key, `${secret} as ${encoding}: ${where}`);
  }
  return [...lines.values()];
}

/** Searches a folder with all that is in it, but for some paths. */
export async function searchFolder(
  search: Search,
  folder: string,
  besides: readonly string[] = [],
): Promise<readonly Hit[]> {
  const hits: Hit[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    if (besides.includes(path)) continue;
    hits.push(...search(`the name of ${path}`, bytesOf(entry.name)));
    if (entry.isDirectory) {
      hits.push(...await searchFolder(search, path, besides));
    }
    if (entry.isFile) hits.push(...search(path, await Deno.readFile(path)));
  }
  return hits;
}

/** Each way to write a secret, with the first of its names. */
function spellings(value: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  const add = (encoding: string, text: string): void => {
    const needle = latin1(bytesOf(text));
    if (text.length >= 4 && !found.has(needle)) found.set(needle, encoding);
  };
  for (const [part, text] of parts(value)) {
    add(`${part}raw`, text);
    add(`${part}json`, inJson(text));
    add(`${part}json twice`, inJson(inJson(text)));
    add(`${part}url`, encodeURIComponent(text));
    add(`${part}form`, new URLSearchParams({ "": text }).toString().slice(1));
    add(`${part}url lower`, lowerPercent(encodeURIComponent(text)));
    for (
      const [coded, form] of [["", text], ["json ", inJson(text)]] as const
    ) {
      addBytes(`${part}${coded}`, bytesOf(form), add);
    }
  }
  return found;
}

/** What says bytes rather than characters. */
function addBytes(
  of: string,
  bytes: Uint8Array<ArrayBuffer>,
  add: (encoding: string, text: string) => void,
): void {
  if (bytes.length < 8) return;
  add(`${of}hex`, bytes.toHex());
  add(`${of}hex upper`, bytes.toHex().toUpperCase());
  for (const shift of [0, 1, 2]) {
    const base64 = base64At(bytes, shift);
    add(`${of}base64 +${shift}`, base64);
    add(
      `${of}base64url +${shift}`,
      base64.replaceAll("+", "-").replaceAll("/", "_"),
    );
  }
}

/** The secret, what a shell leaves of it, and its lines where it has several. */
function parts(value: string): readonly (readonly [string, string])[] {
  const lines = value.split("\n").map((it) => it.trim())
    .filter((it) => it.length >= LINE_LENGTH_MIN);
  const own = [["", value], ["trimmed ", value.trim()]] as const;
  if (lines.length < 2) return own;
  return [...own, ...lines.map((line, i) => [`line ${i + 1} `, line] as const)];
}

/** The part of base64 that is the same whatever stands before and after. */
function base64At(bytes: Uint8Array, shift: number): string {
  const padded = new Uint8Array(shift + bytes.length);
  padded.set(bytes, shift);
  const text = padded.toBase64().replace(/=+$/, "");
  const start = shift === 0 ? 0 : shift + 1;
  const tail = padded.length % 3 === 0 ? 0 : 1;
  return text.slice(start, text.length - tail);
}

function lowerPercent(text: string): string {
  return text.replace(/%[0-9A-F]{2}/g, (it) => it.toLowerCase());
}

function inJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(text);
}

function latin1(bytes: Uint8Array): string {
  const parts: string[] = [];
  for (let at = 0; at < bytes.length; at += 8192) {
    parts.push(String.fromCharCode(...bytes.subarray(at, at + 8192)));
  }
  return parts.join("");
}
