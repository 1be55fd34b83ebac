import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { makeSlots } from "./slots.ts";

Deno.test("slots run each in line once, in order, thousands that are over at once too", () => {
  const slots = makeSlots(2);
  const ran: number[] = [];
  const frees: (() => void)[] = [];
  for (let i = 0; i < 50_000; i++) {
    slots.take((free) => {
      ran.push(i);
      if (i < 2) frees.push(free);
      else free();
    });
  }
  deepStrictEqual(ran, [0, 1]);
  for (const free of frees) free();
  for (const free of frees) free();
  strictEqual(ran.length, 50_000);
  deepStrictEqual(ran.slice(-2), [49_998, 49_999]);
});
