/**
 * JSON that is made from other JSON and knows where each part came from, so
 * that what is said of the new can be shown in the old.
 *
 * @module
 */

import { atPointer, type Diagnostic, pointerTo } from "../model/diagnostic.ts";
import type { Json } from "../model/json.ts";

/** A value with the pointer of what it was made from. */
export type Traced =
  /** Taken over with all inside it, each part in its own place. */
  | { readonly kind: "copy"; readonly from: string; readonly json: Json }
  | {
    readonly kind: "object";
    readonly from: string;
    readonly entries: readonly TracedEntry[];
  }
  | {
    readonly kind: "array";
    readonly from: string;
    readonly items: readonly Traced[];
  };

/** A key with its value. */
export type TracedEntry = readonly [key: string, value: Traced];

/** What was made, and how to find what it was made from. */
export interface Converted {
  readonly json: Json;
  /** Gives the place in the old of a pointer into the new. */
  readonly placeOf: (pointer: string) => string;
}

/** Takes a value over as it is. */
export function copied(json: Json, from: string): Traced {
  return { kind: "copy", from, json };
}

/** Makes an object out of something. */
export function made(
  from: string,
  entries: readonly (TracedEntry | undefined)[],
): Traced {
  return {
    kind: "object",
    from,
    entries: entries.filter((entry) => entry !== undefined),
  };
}

/** Makes an array out of something. */
export function madeList(from: string, items: readonly Traced[]): Traced {
  return { kind: "array", from, items };
}

/** Gives the plain JSON, and the way back. */
export function untrace(traced: Traced): Converted {
  const places = new Map<string, Traced>();
  const walk = (node: Traced, pointer: string): Json => {
    places.set(pointer, node);
    switch (node.kind) {
      case "copy":
        return node.json;
      case "array":
        return node.items.map((item, i) => walk(item, pointerTo(pointer, i)));
      case "object":
        return Object.fromEntries(
          node.entries.map(([key, value]) => [
            key,
            walk(value, pointerTo(pointer, key)),
          ]),
        );
    }
  };
  const json = walk(traced, "");
  return { json, placeOf: (pointer) => sourceOf(places, pointer) };
}

/** Finds the deepest part of the new that is known, and its place in the old. */
function sourceOf(
  places: ReadonlyMap<string, Traced>,
  pointer: string,
): string {
  for (
    let end = pointer.length;
    end >= 0;
    end = pointer.lastIndexOf("/", end - 1)
  ) {
    const node = places.get(pointer.slice(0, end));
    if (node !== undefined) {
      return node.kind === "copy" ? node.from + pointer.slice(end) : node.from;
    }
    if (end === 0) break;
  }
  return "";
}

/**
 * Moves a diagnostic of the new to its place in the old; an offset into a text
 * holds only where the text is the same.
 */
export function movedBack(
  diagnostic: Diagnostic,
  { from, to, placeOf }: {
    readonly from: Json;
    readonly to: Json;
    readonly placeOf: (pointer: string) => string;
  },
): Diagnostic {
  const { offset, ...rest } = diagnostic;
  const pointer = placeOf(diagnostic.pointer);
  const isSame = offset !== undefined &&
    atPointer(from, diagnostic.pointer) === atPointer(to, pointer);
  return { ...rest, pointer, ...(isSame ? { offset } : {}) };
}
