import assert from "node:assert/strict";
import { looksBinary, readTextFile, writeTextFile } from "./text_file.ts";

const encoder = new TextEncoder();

Deno.test("what is read and written again is the same, byte by byte", () => {
  const cases: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
    ["plain", encoder.encode("a\nb\n")],
    ["empty", new Uint8Array()],
    ["a mark", encoder.encode("\ufeffa\n")],
    ["line ends of Windows", encoder.encode("a\r\nb\r\n")],
    ["mixed line ends", encoder.encode("a\r\nb\nc\r\n")],
    ["old line ends", encoder.encode("a\rb\r")],
    ["UTF-16 of Windows", Uint8Array.of(0xff, 0xfe, 0x61, 0, 0x0d, 0, 0x0a, 0)],
    [
      "the other UTF-16",
      Uint8Array.of(0xfe, 0xff, 0, 0x61, 0xd8, 0x3d, 0xde, 0),
    ],
  ];
  for (const [name, bytes] of cases) {
    const file = readTextFile(bytes);
    assert.ok(file !== undefined, name);
    assert.deepEqual(writeTextFile(file.text, file), bytes, name);
  }
});

Deno.test("lines end in one way for who reads them", () => {
  const { text = "", lineEnd } = readTextFile(encoder.encode("a\r\nb\r\n")) ??
    {};
  assert.deepEqual([text, lineEnd], ["a\nb\n", "\r\n"]);
  assert.equal(readTextFile(encoder.encode("a\r\nb\n"))?.lineEnd, "mixed");
});

Deno.test("what is no text is told from what is", () => {
  assert.equal(readTextFile(Uint8Array.of(0x61, 0, 0x62)), undefined);
  assert.equal(readTextFile(Uint8Array.of(0xc3, 0x28)), undefined);
  assert.ok(looksBinary(Uint8Array.of(0x7f, 0x45, 0x4c, 0x46, 0)));
  assert.ok(!looksBinary(encoder.encode("ü")));
});
