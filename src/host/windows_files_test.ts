import { strictEqual } from "node:assert/strict";
import { systemFiles } from "./system_files.ts";
import { decodeText, isNoName } from "./windows_files.ts";

/** A text in UTF-16 with its mark, the low or the high byte first. */
function utf16(text: string, littleEndian: boolean): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(2 + 2 * text.length);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, 0xfeff, littleEndian);
  for (let at = 0; at < text.length; at++) {
    view.setUint16(2 + 2 * at, text.charCodeAt(at), littleEndian);
  }
  return bytes;
}

Deno.test("decodeText() reads UTF-16 by its mark, and all else as UTF-8", () => {
  const text = "kind: Agent\r\nname: ü😀\r\n";
  strictEqual(decodeText(utf16(text, true)), text);
  strictEqual(decodeText(utf16(text, false)), text);
  const encoder = new TextEncoder();
  strictEqual(decodeText(encoder.encode(text)), text);
  // Who reads a text knows what its mark means there.
  strictEqual(decodeText(encoder.encode(`\ufeff${text}`)), `\ufeff${text}`);
  strictEqual(decodeText(new Uint8Array([0xff])), "\ufffd");
  strictEqual(decodeText(new Uint8Array()), "");
});

Deno.test("readText() reads what PowerShell wrote", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeFile(path, utf16("a: ü\r\n", true));
    strictEqual(await systemFiles().readText(path), "a: ü\r\n");
    await Deno.writeTextFile(path, "\ufeffa: ü\n");
    strictEqual(
      await systemFiles().readText(path),
      await Deno.readTextFile(path),
    );
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("isNoName() knows what Windows says of a word that is no name", () => {
  const said = "The filename, directory name, or volume label syntax is " +
    "incorrect. (os error 123): stat '*.yaml'";
  strictEqual(isNoName("windows", new Error(said)), true);
  strictEqual(isNoName("linux", new Error(said)), false);
  strictEqual(isNoName("windows", new Error("denied (os error 5)")), false);
  strictEqual(isNoName("windows", said), false);
});
