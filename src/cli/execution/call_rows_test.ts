import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { cutToRows } from "./call_rows.ts";

const LINES = Array.from({ length: 30 }, (_, i) => `line ${i}`).join("\n");

Deno.test("cutToRows() leaves what fits as it is, in its order", () => {
  const texts = ["b", "a\nc", ""];
  deepStrictEqual(
    cutToRows(texts, { columns: 10, rows: 4 }),
    texts.map((shown) => ({ shown, missing: 0 })),
  );
});

Deno.test("cutToRows() cuts the long ones, and gives them what the short ones leave", () => {
  const [long, short, wide] = cutToRows(
    [LINES, "short", "x".repeat(100)],
    { columns: 10, rows: 9 },
  );
  strictEqual(short?.missing, 0);
  deepStrictEqual(long?.shown.split("\n"), [
    "line 0",
    "line 1",
    "line 2",
    "line 3",
  ]);
  strictEqual(LINES.length - long.shown.length, long.missing);
  deepStrictEqual(wide, { shown: `${"x".repeat(39)}…`, missing: 61 });
});

Deno.test("cutToRows() gives each text a row, though there are too few", () => {
  const cuts = cutToRows([LINES, LINES, "a"], { columns: 10, rows: 1 });
  deepStrictEqual(cuts.map(({ shown }) => shown), ["line 0", "line 0", "a"]);
});

Deno.test("cutToRows() counts columns, not characters", () => {
  const [cut] = cutToRows(["界".repeat(20)], { columns: 10, rows: 2 });
  deepStrictEqual(cut, { shown: `${"界".repeat(9)}…`, missing: 11 });
});
