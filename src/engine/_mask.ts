/**
 * Takes what was opened for an effect out of what comes of it.
 *
 * @module
 */

import type { ActivityOutcome, Secrets } from "../model/durable.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";

/** Shorter texts are in everything, and hide nothing when they are masked. */
export const MASKED_LENGTH_MIN = 4;
/** What stands for a secret. */
export const MASK = "***";

/** Hides some texts. */
export interface Mask {
  /** Hides one more text from now on. */
  readonly add: (text: string) => void;
  readonly text: (text: string) => string;
  readonly json: (value: Json) => Json;
  readonly outcome: (outcome: ActivityOutcome) => ActivityOutcome;
  /** Makes what masks a text that comes in pieces. */
  readonly pieces: () => MaskedPieces;
}

/** Masks a text that comes in pieces, of which secrets may be split. */
export interface MaskedPieces {
  /** Gives what can be shown so far. */
  readonly push: (piece: string) => string;
  /** Gives the rest. */
  readonly flush: () => string;
}

/** Makes what hides secrets, as they are and as they are commonly encoded. */
export function createMask(secrets: Secrets): Mask {
  let hidden: readonly string[] = [];
  const add = (text: string): void => {
    if (text.length < MASKED_LENGTH_MIN) return;
    // The longest first: one may be a part of another.
    hidden = [...new Set([...hidden, ...spellings(text)])].sort((a, b) =>
      b.length - a.length
    );
  };
  for (const text of textsIn({ ...secrets })) add(text);
  const text = (from: string): string =>
    hidden.reduce((masked, it) => masked.replaceAll(it, MASK), from);
  const json = (value: Json): Json => maskJson(value, text);
  return {
    add,
    text,
    json,
    outcome: (outcome) =>
      outcome.kind === "completed"
        ? { kind: "completed", output: json(outcome.output) }
        : {
          kind: "failed",
          failure: {
            ...outcome.failure,
            title: text(outcome.failure.title),
            detail: text(outcome.failure.detail),
          },
        },
    pieces: () => maskedPieces(text, () => hidden),
  };
}

/** A text as it is, and as headers, addresses and JSON have it. */
function spellings(text: string): readonly string[] {
  const bytes = new TextEncoder().encode(text);
  const base64 = [
    bytes.toBase64(),
    bytes.toBase64({ omitPadding: true }),
    ...base64Within(bytes),
  ];
  return [
    text,
    ...base64,
    ...base64.map((it) => it.replaceAll("+", "-").replaceAll("/", "_")),
    encodeURIComponent(text.toWellFormed()),
    encodeURI(text.toWellFormed()),
    new URLSearchParams([["", text]]).toString().slice("=".length),
    JSON.stringify(text).slice(1, -1),
  ].filter((it) => it.length >= MASKED_LENGTH_MIN);
}

/**
 * What is the same in the base64 of every text that has this one in it, as
 * that of `user:password`: three bytes make four characters, so that it can
 * begin at three places.
 */
function base64Within(bytes: Uint8Array): readonly string[] {
  return [0, 1, 2].map((before) => {
    const whole = new Uint8Array(before + bytes.length);
    whole.set(bytes, before);
    const start = Math.ceil(before * 8 / 6);
    return whole.toBase64().slice(start, Math.floor(whole.length * 8 / 6));
  });
}

function textsIn(value: Json): readonly string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "number") return [String(value)];
  if (isJsonArray(value)) return value.flatMap(textsIn);
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : [];
}

function maskJson(value: Json, text: (from: string) => string): Json {
  if (typeof value === "string") return text(value);
  if (typeof value === "number") {
    const masked = text(String(value));
    return masked === String(value) ? value : masked;
  }
  if (isJsonArray(value)) return value.map((item) => maskJson(item, text));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      text(key),
      maskJson(item, text),
    ]),
  );
}

/** Holds back what may be the beginning of something hidden. */
function maskedPieces(
  text: (from: string) => string,
  hidden: () => readonly string[],
): MaskedPieces {
  let held = "";
  return {
    push(piece) {
      const { shown, rest } = scan(held + piece, hidden());
      held = rest;
      return shown;
    },
    flush() {
      const shown = text(held);
      held = "";
      return shown;
    },
  };
}

/** Masks a text up to where something hidden may have begun. */
function scan(
  text: string,
  hidden: readonly string[],
): { readonly shown: string; readonly rest: string } {
  const sure = maskUpTo(text, hidden);
  let { shown } = sure;
  let at = sure.end;
  while (at < text.length) {
    const tail = text.slice(at);
    if (
      hidden.some((it) => it.length > tail.length && it.startsWith(tail))
    ) break;
    const found = hidden.find((it) => text.startsWith(it, at));
    shown += found === undefined ? text[at] ?? "" : MASK;
    at += found?.length ?? 1;
  }
  return { shown, rest: text.slice(at) };
}

/** Masks what begins before the end is so near that it may be cut off. */
function maskUpTo(
  text: string,
  hidden: readonly string[],
): { readonly shown: string; readonly end: number } {
  const bound = text.length - (hidden[0]?.length ?? 0) + 1;
  if (bound <= 0) return { shown: "", end: 0 };
  if (hidden.length === 0) return { shown: text, end: text.length };
  const any = new RegExp(hidden.map(RegExp.escape).join("|"), "g");
  let shown = "";
  let end = 0;
  for (const { 0: found, index } of text.matchAll(any)) {
    if (index >= bound) break;
    shown += text.slice(end, index) + MASK;
    end = index + found.length;
  }
  if (end >= bound) return { shown, end };
  return { shown: shown + text.slice(end, bound), end: bound };
}
