import { deepEqual, equal } from "node:assert/strict";
import { lineAt, locateProblem, sourceText } from "./_lines.ts";
import { byteLength, byteWords } from "./_limits.ts";

function excerptAt(text: string, start: number, end: number): string {
  const { excerpt } = locateProblem(sourceText("f", text), {
    severity: "error",
    start,
    end,
    message: "x",
  });
  const letters = Array.from(excerpt?.text ?? "");
  const at = (excerpt?.column ?? 1) - 1;
  return letters.slice(at, at + (excerpt?.length ?? 0)).join("");
}

Deno.test("lineAt() counts lines from 1, at their borders", () => {
  const source = sourceText("f", "ab\n\nc\r\nd");
  const cases: readonly (readonly [number, number])[] = [
    [0, 1],
    [2, 1],
    [3, 2],
    [4, 3],
    [6, 3],
    [7, 4],
    [99, 4],
  ];
  for (const [offset, line] of cases) equal(lineAt(source, offset), line);
});

Deno.test("locateProblem() shows what is meant, also of very long lines", () => {
  const long = `${"日".repeat(5000)}WORD${"😀".repeat(5000)}`;
  equal(excerptAt(long, 5000, 5004), "WORD");
  equal(excerptAt("a: word\r\nb", 3, 7), "word");
  equal(excerptAt("a: one\ntwo", 3, 10), "one");
  equal(excerptAt("a: x", 3, 3), "x");
  for (let at = 5004; at < 5300; at += 2) {
    equal(excerptAt(long, at, at + 2), "😀", `${at}`);
  }
});

Deno.test("locateProblem() stays inside the text", () => {
  const found = locateProblem(sourceText("f", "ab\n"), {
    severity: "warning",
    start: 50,
    end: 60,
    message: "x",
  });
  deepEqual([found.line, found.column], [2, 1]);
  const empty = locateProblem(sourceText("f", ""), {
    severity: "error",
    start: 0,
    end: 1,
    message: "x",
  });
  equal(empty.excerpt, undefined);
});

Deno.test("byteLength() counts as UTF-8 does", () => {
  for (const text of ["", "abc", "é", "日本", "😀a"]) {
    equal(byteLength(text), new TextEncoder().encode(text).length, text);
  }
  equal(byteWords(1024 * 1024), "1 MiB");
  equal(byteWords(256 * 1024), "256 KiB");
});

Deno.test("locateProblem() says where a problem ends, over lines and pairs", () => {
  const source = sourceText("a.yaml", "a: 😀b\nc: d\n");
  const at = (start: number, end: number) =>
    locateProblem(source, { severity: "error", start, end, message: "m" }).end;
  deepEqual(at(3, 6), { line: 1, column: 6 });
  deepEqual(at(3, 9), { line: 2, column: 3 });
  deepEqual(at(8, 900), { line: 3, column: 1 });
  deepEqual(at(3, 3), undefined);
});
