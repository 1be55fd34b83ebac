import { deepStrictEqual, throws } from "node:assert/strict";
import { entryRules } from "./unpack_rules.ts";

const WANTED = { name: "stigmer", sizeBytesMax: 10 };
const FILE = { name: "stigmer", sizeBytes: 10, isPlain: true };

Deno.test("entryRules() finds the wanted one among plain files", () => {
  const rules = entryRules(WANTED);
  deepStrictEqual(rules.take({ ...FILE, name: "LICENSE" }), false);
  deepStrictEqual(rules.take(FILE), true);
  rules.end();
});

Deno.test("entryRules() refuses what no release holds", () => {
  const refused: readonly (readonly [Partial<typeof FILE>, RegExp])[] = [
    [{ sizeBytes: 11 }, /has "stigmer", which is too large$/],
    [{ isPlain: false }, /which is no plain file at its top$/],
    [{ name: "../stigmer" }, /"\.\.\/stigmer", which is no plain file/],
    [{ name: "a/stigmer" }, /which is no plain file/],
    [{ name: ".hidden" }, /which is no plain file/],
  ];
  for (const [entry, says] of refused) {
    throws(() => entryRules(WANTED).take({ ...FILE, ...entry }), says);
  }
});

Deno.test("entryRules() wants it once, and not too many others", () => {
  const twice = entryRules(WANTED);
  twice.take(FILE);
  throws(() => twice.take(FILE), /has "stigmer" twice$/);
  throws(() => entryRules(WANTED).end(), /has no "stigmer"$/);
  const many = entryRules(WANTED);
  for (let i = 0; i < 16; i++) many.take({ ...FILE, name: `file-${i}` });
  throws(() => many.take({ ...FILE, name: "one-more" }), /more than 16 files$/);
});
