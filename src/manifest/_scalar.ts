/**
 * What a plain YAML scalar stands for, by the core schema of YAML 1.2.
 *
 * @module
 */

/** An integer as YAML writes it. */
const INTEGER_REGEXP: RegExp = /^(?:[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)$/;
const FLOAT_REGEXP =
  /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;
const INFINITY_REGEXP = /^[-+]?\.(?:inf|Inf|INF)$/;
const NAN_REGEXP = /^\.(?:nan|NaN|NAN)$/;
const NULL_REGEXP = /^(?:|~|null|Null|NULL)$/;
const BOOLEAN_REGEXP = /^(?:true|True|TRUE|false|False|FALSE)$/;

/** Resolves a plain scalar; what is nothing else is text. */
export function resolvePlain(text: string): string | number | boolean | null {
  if (NULL_REGEXP.test(text)) return null;
  if (BOOLEAN_REGEXP.test(text)) return text.toLowerCase() === "true";
  if (INTEGER_REGEXP.test(text) || FLOAT_REGEXP.test(text)) return Number(text);
  if (INFINITY_REGEXP.test(text)) {
    return text.startsWith("-") ? -Infinity : Infinity;
  }
  return NAN_REGEXP.test(text) ? NaN : text;
}

/** Says whether a number as written is kept exactly when it is an integer. */
export function isExact(text: string): boolean {
  if (!INTEGER_REGEXP.test(text)) return true;
  return Number.isSafeInteger(Number(text));
}
