import { deepStrictEqual } from "node:assert/strict";
import { sizeText } from "./size_text.ts";

Deno.test("sizeText() takes the largest unit of which there is one", () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, "0 B"],
    [1023, "1023 B"],
    [1024, "1.0 KiB"],
    [1536, "1.5 KiB"],
    [1024 ** 2 - 1, "1.0 MiB"],
    [1024 ** 2, "1.0 MiB"],
    [75.5 * 1024 ** 3, "75.5 GiB"],
    [3 * 1024 ** 4, "3.0 TiB"],
    [5000 * 1024 ** 4, "5000.0 TiB"],
  ];
  for (const [bytes, text] of cases) deepStrictEqual(sizeText(bytes), text);
});
