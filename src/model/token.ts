/**
 * Access tokens: how their texts are made and read.
 *
 * `stg_`, 256 bits of chance as 43 letters and digits, and six more that check
 * them: a typo is told from a wrong token without asking the database, and
 * what looks for secrets in files can be sure.
 *
 * @module
 */

import { sha256Hex } from "./sha256.ts";

/** What every token begins with. */
export const TOKEN_PREFIX = "stg_";
/** Bytes of chance in a token. */
export const TOKEN_RANDOM_BYTES = 32;
/** Characters that are kept of a token, to recognise it by. */
export const TOKEN_SHOWN_LENGTH = 8;
/** How long a token may be good at the least. */
export const TOKEN_EXPIRY_MS_MIN = 60_000;
/** How long a token may be good at the most: ten years. */
export const TOKEN_EXPIRY_MS_MAX: number = 3653 * 86_400_000;

const DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Digits that 256 bits need at the most. */
const BODY_LENGTH = 43;
/** Digits that 32 bits need at the most. */
const CHECK_LENGTH = 6;
const TOKEN_REGEXP = /^stg_[0-9A-Za-z]{49}$/;
/**
 * Most of a token gives it away: of one that was cut short, the digits that
 * check the others follow from them. Fewer than these leave 119 bits.
 */
const ANY_TOKEN_REGEXP = /stg_[0-9A-Za-z]{24,}/g;

/** The text of a token that is well-formed. */
export type TokenText = string & { readonly __brand: "TokenText" };

/**
 * Makes the text of a token.
 *
 * @param random That many bytes as {@linkcode TOKEN_RANDOM_BYTES} says.
 */
export function newTokenText(random: Uint8Array): TokenText {
  let number = 0n;
  for (const byte of random) number = number * 256n + BigInt(byte);
  const body = digitsOf(number, BODY_LENGTH);
  return `${TOKEN_PREFIX}${body}${checkOf(body)}` as TokenText;
}

/** Reads the text of a token, or `undefined` when it can be none. */
export function parseTokenText(text: string): TokenText | undefined {
  if (!TOKEN_REGEXP.test(text)) return undefined;
  const body = text.slice(TOKEN_PREFIX.length, -CHECK_LENGTH);
  return text.endsWith(checkOf(body)) ? text as TokenText : undefined;
}

/** The hash by which a token is known; its text is kept nowhere. */
export function tokenHash(text: TokenText): Uint8Array<ArrayBuffer> {
  return Uint8Array.fromHex(sha256Hex(new TextEncoder().encode(text)));
}

/** Hides every token that stands in a text, also one that is not whole. */
export function hideTokens(text: string): string {
  return text.replaceAll(ANY_TOKEN_REGEXP, `${TOKEN_PREFIX}***`);
}

/** Says whether two hashes are one, in a time that does not tell where they differ. */
export function isSameHash(a: Uint8Array, b: Uint8Array): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) {
    difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  }
  return difference === 0;
}

/** The digits that check the others: 32 bits of their hash. */
function checkOf(body: string): string {
  const hash = sha256Hex(new TextEncoder().encode(TOKEN_PREFIX + body));
  return digitsOf(BigInt(`0x${hash.slice(0, 8)}`), CHECK_LENGTH);
}

function digitsOf(number: bigint, length: number): string {
  const base = BigInt(DIGITS.length);
  let rest = number;
  let text = "";
  for (let i = 0; i < length; i++) {
    text = (DIGITS[Number(rest % base)] ?? "") + text;
    rest /= base;
  }
  return text;
}
