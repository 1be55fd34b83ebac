/**
 * How a value is written that is of another shape than it must be.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import { shapeHint } from "../workflow/shapes.ts";
import type { Place } from "./_decode_scalar.ts";
import type { SourceNode } from "./_node.ts";

/**
 * Says how a value is written, where that is known.
 *
 * @param wanted What it must be; a `map` is an object of names that the author
 * chooses.
 */
export function shapeOf(
  node: SourceNode,
  { pointer }: Place,
  wanted: "object" | "list" | "map",
): string | undefined {
  const known = shapeHint(pointer, sketchOf(node));
  if (known !== undefined) return known;
  switch (wanted) {
    case "list":
      return node.kind === "map"
        ? 'Begin each item with "- "'
        : 'Write a list, as ["…"]';
    case "map":
      return node.kind === "list"
        ? 'Write "NAME: VALUE" on each line, without "- "'
        : 'Write "NAME: VALUE" on a line each, below it';
    case "object":
      return node.kind === "scalar" && node.value === true
        ? "Write {} to have it as it is by default"
        : undefined;
  }
}

/** As much of a value as its shape needs: its keys, and scalars. */
function sketchOf(node: SourceNode): Json {
  switch (node.kind) {
    case "list":
      return [];
    case "map":
      return Object.fromEntries(node.entries.map(({ key }) => [key, null]));
    case "scalar":
      return node.value;
  }
}
