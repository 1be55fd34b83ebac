import { equal } from "node:assert/strict";
import { FIELD_WORDS } from "./_schema_words.ts";

Deno.test("the schema's descriptions are the contract's own comments", () => {
  const found: Record<string, string> = {};
  const folder = new URL("../../proto/stigmer/backend/v1/", import.meta.url);
  for (const { name } of Deno.readDirSync(folder)) {
    const text = Deno.readTextFileSync(new URL(name, folder));
    for (const [, message, body = ""] of text.matchAll(MESSAGE)) {
      for (const [, comment = "", field] of body.matchAll(FIELD)) {
        found[`${message}.${field}`] = comment.trim().split("\n")
          .map((line) => line.trim().slice(2).trim()).join(" ");
      }
    }
  }
  for (const [name, words] of Object.entries(FIELD_WORDS)) {
    equal(found[name], words, `${name}: ${words}`);
  }
});

const MESSAGE = /^message (\w+) \{\n(.*?)^\}/gms;
const FIELD =
  /((?:^ +\/\/.*\n)+) +(?:repeated |optional )?(?:map<[^>]+>|[\w.]+) (\w+) = \d+;/gm;
