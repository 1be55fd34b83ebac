/**
 * What may stand where a secret is written: its value, `***`, the sealed text
 * of one, or in an export its text under a passphrase.
 *
 * @module
 */

import { MASK } from "./mask.ts";

/** Characters of a secret at the least, unless shorter ones are allowed. */
export const SECRET_LENGTH_MIN = 4;
/** Bytes of a secret at the most. */
export const SECRET_SIZE_BYTES_MAX: number = 64 * 1024;
/** What the sealed text of a secret begins with. */
export const SEALED_TEXT_PREFIX = "stigmer-sealed:v1:";
/** What the text of a secret under a passphrase begins with. */
export const PASSPHRASE_TEXT_PREFIX = "stigmer-passphrase:v1:";

/** What a written secret is. */
export type SecretForm = "kept" | "sealed" | "passphrase" | "plain";

/** Says what a written secret is: `***` keeps what is there. */
export function secretForm(text: string): SecretForm {
  if (text === MASK) return "kept";
  if (text.startsWith(SEALED_TEXT_PREFIX)) return "sealed";
  return text.startsWith(PASSPHRASE_TEXT_PREFIX) ? "passphrase" : "plain";
}

/** Writes `***` for every value. */
export function maskedValues(
  values: Readonly<Record<string, unknown>>,
): Record<string, string> {
  return Object.fromEntries(Object.keys(values).map((name) => [name, MASK]));
}

/** Writes `***` for every plain value; what is encrypted stays as it is. */
export function withoutPlain(
  values: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([name, it]) => [
      name,
      secretForm(it) === "plain" ? MASK : it,
    ]),
  );
}
