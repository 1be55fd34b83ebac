import { strictEqual } from "node:assert/strict";
import { schemaWords } from "./schema_words.ts";

Deno.test("schemaWords() leaves what it does not know as it is", () => {
  strictEqual(schemaWords("Odd"), "Odd");
});
