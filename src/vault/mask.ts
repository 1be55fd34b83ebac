/**
 * Takes what was opened for an effect out of what comes of it.
 *
 * @module
 */

import type { Secrets } from "../model/durable.ts";
import { isJsonArray, isJsonObject, type Json } from "../model/json.ts";
import { MASK, type Mask, type MaskedPieces } from "../model/mask.ts";
import {
  findAt,
  type Hidden,
  HIDDEN_LENGTH_MIN,
  hiddenForms,
} from "./_spellings.ts";

/** Makes what hides secrets, as they are and as they are commonly encoded. */
export function createMask(secrets: Secrets): Mask {
  let finder = finderOf([]);
  const known = new Set<string>();
  const add = (text: string): void => {
    if (text.length < HIDDEN_LENGTH_MIN || known.has(text)) return;
    known.add(text);
    finder = finderOf([...finder.hidden, ...hiddenForms(text)]);
  };
  for (const text of textsIn({ ...secrets })) add(text);
  const text = (from: string): string =>
    scan(finder, from, { isWhole: true }).shown;
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
    pieces: () => maskedPieces(() => finder),
  };
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

/** Finds what is hidden. */
interface Finder {
  readonly hidden: readonly Hidden[];
  /** Matches where something may begin. */
  readonly beginnings: RegExp;
  /** Characters of a beginning at the most. */
  readonly beginningMax: number;
}

function finderOf(hidden: readonly Hidden[]): Finder {
  return {
    hidden,
    beginnings: new RegExp(
      // Looked ahead for, so that the next one may begin within this one.
      `(?=${hidden.map((it) => it.beginning).join("|")})`,
      "g",
    ),
    beginningMax: Math.max(0, ...hidden.map((it) => it.beginningMax)),
  };
}

/** Holds back what may be the beginning of something hidden. */
function maskedPieces(finder: () => Finder): MaskedPieces {
  let held = "";
  return {
    push(piece) {
      const { shown, rest } = scan(finder(), held + piece, { isWhole: false });
      held = rest;
      return shown;
    },
    flush() {
      const { shown } = scan(finder(), held, { isWhole: true });
      held = "";
      return shown;
    },
  };
}

/**
 * Masks a text, up to where something hidden may have begun when more of the
 * text comes. What overlaps is hidden as one.
 */
function scan(
  finder: Finder,
  text: string,
  options: { readonly isWhole: boolean },
): { readonly shown: string; readonly rest: string } {
  if (finder.hidden.length === 0) return { shown: text, rest: "" };
  let shown = "";
  let shownTo = 0;
  let start = 0;
  let end = 0;
  const show = (): void => {
    if (end === 0) return;
    shown += text.slice(shownTo, start) + MASK;
    shownTo = end;
  };
  for (const at of placesIn(finder, text, options)) {
    const found = findAt(finder.hidden, text, at);
    if (found.isCut && !options.isWhole) {
      // What it may be a part of is not known before more has come.
      if (at >= end) show();
      const cut = at >= end ? at : start;
      return { shown: shown + text.slice(shownTo, cut), rest: text.slice(cut) };
    }
    if (found.end === undefined) continue;
    if (at >= end) {
      show();
      start = at;
    }
    end = Math.max(end, found.end);
  }
  show();
  return { shown: shown + text.slice(shownTo), rest: "" };
}

/** The places of a text where something hidden may begin, in order. */
function* placesIn(
  { beginnings, beginningMax }: Finder,
  text: string,
  { isWhole }: { readonly isWhole: boolean },
): Generator<number, void, void> {
  // A beginning may be cut off by the end.
  const tailFrom = isWhole ? text.length : Math.max(
    0,
    text.length - beginningMax,
  );
  for (const { index } of text.matchAll(beginnings)) {
    if (index >= tailFrom) break;
    yield index;
  }
  for (let at = tailFrom; at < text.length; at++) yield at;
}
