import assert from "node:assert/strict";
import { toJournal } from "./journalled.ts";

class Point {
  constructor(readonly x: number, readonly y?: number) {}
}

const KEPT: readonly (readonly [given: unknown, kept: unknown])[] = [
  [undefined, null],
  [null, null],
  ["a", "a"],
  [1.5, 1.5],
  [[1, undefined, [true]], [1, null, [true]]],
  [{ a: 1, b: undefined }, { a: 1 }],
  [new Date(0), "1970-01-01T00:00:00.000Z"],
  [new Point(1), { x: 1 }],
  [{ toJSON: () => ({ n: 1 }) }, { n: 1 }],
];

Deno.test("toJournal() gives what JSON makes of a value", () => {
  for (const [given, kept] of KEPT) assert.deepEqual(toJournal(given), kept);
});

const REFUSED: readonly (readonly [given: unknown, reason: RegExp])[] = [
  [NaN, /^NaN is not JSON$/],
  [{ a: [Infinity] }, /^Infinity is not JSON at \/a\/0$/],
  [{ n: 1n }, /^a bigint is not JSON at \/n$/],
  [() => 1, /^a function is not JSON$/],
  [{ m: new Map() }, /^a Map is not JSON at \/m$/],
  [new Set([1]), /^a Set is not JSON$/],
  [new Uint8Array(1), /^a Uint8Array is not JSON$/],
  [[new Error("x")], /^a Error is not JSON at \/0$/],
  [Promise.resolve(1), /^a Promise is not JSON$/],
];

Deno.test("toJournal() refuses what JSON would silently change, by its place", () => {
  for (const [given, reason] of REFUSED) {
    assert.throws(
      () => toJournal(given),
      (error: Error) =>
        error instanceof TypeError && reason.test(error.message),
      `${reason}`,
    );
  }
});

Deno.test("toJournal() refuses what has no end", () => {
  const endless: Record<string, unknown> = {};
  endless["self"] = endless;
  assert.throws(() => toJournal(endless), /stand in each other/);
});
