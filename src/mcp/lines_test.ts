import assert from "node:assert/strict";
import { readLines } from "./lines.ts";

async function linesOf(
  chunks: readonly string[],
  lineSizeBytesMax = 1000,
): Promise<string[]> {
  const stream = ReadableStream.from(
    chunks.map((chunk) => new TextEncoder().encode(chunk)),
  );
  return await Array.fromAsync(readLines(stream, { lineSizeBytesMax }));
}

Deno.test("readLines() joins pieces and splits at line ends", async () => {
  const cases: readonly (readonly [readonly string[], readonly string[]])[] = [
    [[], []],
    [["a\nb\n"], ["a", "b"]],
    [["a", "b", "c\nd", "\n"], ["abc", "d"]],
    [["\n\n"], ["", ""]],
    [["a\r\nb\r\n"], ["a", "b"]],
    [["whole\nnot ended"], ["whole"]],
  ];
  for (const [chunks, lines] of cases) {
    assert.deepEqual(await linesOf(chunks), lines);
  }
});

Deno.test("readLines() joins a character that was cut in two", async () => {
  const bytes = new TextEncoder().encode("grün\n");
  const stream = ReadableStream.from([bytes.slice(0, 3), bytes.slice(3)]);
  const lines = readLines(stream, { lineSizeBytesMax: 100 });
  assert.deepEqual(await Array.fromAsync(lines), ["grün"]);
});

Deno.test("readLines() refuses a line that is too long, ended or not", async () => {
  await assert.rejects(linesOf(["12345678901\n"], 10), /more than 10 bytes/);
  await assert.rejects(linesOf(["123456", "78901"], 10), /more than 10 bytes/);
  assert.deepEqual(await linesOf(["1234567890\n"], 10), ["1234567890"]);
});

Deno.test("readLines() reads a long line of many pieces in linear time", async () => {
  // Joining at each piece would copy 40 GB here and never end.
  const piece = "x".repeat(1000);
  const pieces = Array.from({ length: 9000 }, () => piece);
  const [line] = await linesOf([...pieces, "\n"], 10_000_000);
  assert.equal(line?.length, 9_000_000);
});
