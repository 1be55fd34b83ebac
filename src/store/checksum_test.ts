import assert from "node:assert/strict";
import { checksum } from "./checksum.ts";

Deno.test("checksum() tells texts apart, but not their line ends", () => {
  assert.match(checksum(""), /^[0-9a-f]{16}$/);
  assert.equal(checksum("a\r\nb"), checksum("a\nb"));
  const texts = Array.from({ length: 2000 }, (_, i) => `text ${i}`);
  assert.equal(new Set(texts.map(checksum)).size, texts.length);
});
