import assert from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { readPage, toPage } from "./page.ts";

const KEYS = ["e", "d", "c", "b", "a"];

/** Pages through KEYS as a table would. */
function pageOf(size: number, token: string, scope = "letters") {
  const start = readPage({ size, token, scope }, 1);
  const after = start.after?.[0];
  const rows = KEYS.filter((it) => after === undefined || it < after)
    .slice(0, start.size + 1);
  return toPage(rows, { start, scope, keyOf: (row) => [row] });
}

Deno.test("toPage() leads through a list without gap or double", () => {
  for (const size of [1, 2, 3, 4, 5, 6]) {
    const seen: string[] = [];
    let token = "";
    do {
      const page = pageOf(size, token);
      assert.ok(page.items.length <= size);
      seen.push(...page.items);
      token = page.nextToken;
    } while (token !== "");
    assert.deepEqual(seen, KEYS);
  }
});

Deno.test("readPage() takes sizes from 1 to 1000, and 50 for none", () => {
  assert.equal(readPage({ size: 0, token: "", scope: "" }, 1).size, 50);
  assert.equal(readPage({ size: 1000, token: "", scope: "" }, 1).size, 1000);
  for (const size of [1001, -1, 1.5]) refuses(() => pageOf(size, ""));
});

Deno.test("readPage() refuses tokens that the list did not give", () => {
  const { nextToken } = pageOf(2, "");
  const changed = nextToken.slice(0, -2) + "AA";
  const cases = ["x", "!!", "é", changed, nextToken.slice(1), "A".repeat(5000)];
  for (const token of cases) refuses(() => pageOf(2, token));
  refuses(() => pageOf(2, nextToken, "other"));
  refuses(() => readPage({ size: 2, token: nextToken, scope: "letters" }, 2));
});

function refuses(work: () => unknown): void {
  assert.throws(
    work,
    (error) =>
      error instanceof StigmerError && error.code === "INVALID_ARGUMENT",
  );
}
