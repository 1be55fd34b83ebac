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

/** Searches a folder with all that is in it. */
export async function searchFolder(
  search: Search,
  folder: string,
): Promise<readonly Hit[]> {
  const hits: Hit[] = [];
  for await (const entry of Deno.readDir(folder)) {
    const path = `${folder}/${entry.name}`;
    hits.push(...search(`the name of ${path}`, bytesOf(entry.name)));
    if (entry.isDirectory) hits.push(...await searchFolder(search, path));
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
    const bytes = bytesOf(text);
    if (bytes.length < 8) continue;
    add(`${part}hex`, bytes.toHex());
    add(`${part}hex upper`, bytes.toHex().toUpperCase());
    for (const shift of [0, 1, 2]) {
      const base64 = base64At(bytes, shift);
      add(`${part}base64 +${shift}`, base64);
      add(
        `${part}base64url +${shift}`,
        base64.replaceAll("+", "-").replaceAll("/", "_"),
      );
    }
  }
  return found;
}

/** The secret, and its lines where it has several. */
function parts(value: string): readonly (readonly [string, string])[] {
  const lines = value.split("\n").map((it) => it.trim())
    .filter((it) => it.length >= LINE_LENGTH_MIN);
  const own: readonly [string, string] = ["", value];
  if (lines.length < 2) return [own];
  return [own, ...lines.map((line, i) => [`line ${i + 1} `, line] as const)];
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
