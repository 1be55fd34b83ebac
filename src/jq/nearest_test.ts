import { strictEqual } from "node:assert/strict";
import { nearestName } from "./nearest.ts";

const KNOWN = [
  "map",
  "select",
  "length",
  "tostring",
  "tonumber",
  "to_entries",
  "from_entries",
  "ascii_downcase",
  "ltrimstr",
  "rtrimstr",
  "in",
  "IN",
];

const CASES: readonly (readonly [string, string | undefined])[] = [
  ["maps", "map"],
  ["mpa", "map"],
  ["MAP", "map"],
  ["lenght", "length"],
  ["lengt", "length"],
  ["slect", "select"],
  ["selct", "select"],
  ["tostrng", "tostring"],
  ["toString", "tostring"],
  ["toNumber", "tonumber"],
  ["toentries", "to_entries"],
  ["fromentries", "from_entries"],
  ["ascii_downcse", "ascii_downcase"],
  ["ltrimst", "ltrimstr"],
  ["In", "in"],
  ["a", undefined],
  ["", undefined],
  ["xyz", undefined],
  ["nosuchfunction", undefined],
  ["iin", undefined],
];

Deno.test("nearestName() finds what a slip most likely stands for", () => {
  for (const [name, near] of CASES) {
    strictEqual(nearestName(name, KNOWN), near, name);
  }
});

Deno.test("nearestName() finds nothing where nothing is known", () => {
  strictEqual(nearestName("map", []), undefined);
});

Deno.test("nearestName() takes the first of two as near", () => {
  strictEqual(nearestName("trimstr", ["ltrimstr", "rtrimstr"]), "ltrimstr");
});
