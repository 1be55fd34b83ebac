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
  [-0, 0],
  [Object.assign(Object.create(null), { x: 1 }), { x: 1 }],
  [new URL("https://x.example/a"), "https://x.example/a"],
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
  [{ m: new Map() }, /^an instance of Map is not JSON at \/m$/],
  [new Set([1]), /^an instance of Set is not JSON$/],
  [new Uint8Array(1), /^an instance of Uint8Array is not JSON$/],
  [[new Error("x")], /^an instance of Error is not JSON at \/0$/],
  [Promise.resolve(1), /^an instance of Promise is not JSON$/],
  [{ p: new Point(1) }, /^an instance of Point is not JSON at \/p$/],
  [new Response("x"), /^an instance of Response is not JSON$/],
  [new Headers(), /^an instance of Headers is not JSON$/],
  [new Blob([]), /^an instance of Blob is not JSON$/],
  [new URLSearchParams(), /^an instance of URLSearchParams is not JSON$/],
  [Object(1), /^an instance of Number is not JSON$/],
  [new Date(NaN), /^an invalid Date is not JSON$/],
  [{ f: () => 1 }, /^a function is not JSON at \/f$/],
];

Deno.test("toJournal() writes holes as what they are read as", () => {
  const holes = toJournal(Array(2));
  assert.deepEqual(holes, [null, null]);
  assert.ok(Object.is(toJournal(-0), 0));
});

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
  assert.throws(
    () => toJournal({ a: endless }),
    /^TypeError: what holds itself is not JSON at \/a\/self$/,
  );
  const list: unknown[] = [];
  list.push({ list });
  assert.throws(
    () => toJournal(list),
    /holds itself is not JSON at \/0\/list$/,
  );
  const same = { n: 1 };
  assert.deepEqual(toJournal([same, same]), [{ n: 1 }, { n: 1 }]);
  let deep: unknown = 1;
  for (let i = 0; i < 300; i++) deep = { deep };
  assert.throws(
    () => toJournal(deep),
    /stands in over 256 others is not JSON at/,
  );
  const again = { toJSON: (): unknown => again };
  assert.throws(() => toJournal(again), /holds itself/);
});
