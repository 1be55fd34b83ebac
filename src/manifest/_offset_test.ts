import { equal, ok } from "node:assert/strict";
import { Document, Scalar } from "yaml";
import { randomFrom, randomText } from "../../tests/manifest/random.ts";
import { sourceText } from "./_lines.ts";
import { type SourceScalar, valueOf } from "./_node.ts";
import { offsetInFile } from "./_offset.ts";
import { parseYaml } from "./_yaml.ts";

async function scalarIn(text: string): Promise<SourceScalar> {
  const [document] = await parseYaml(sourceText("x", text));
  const node = valueOf(document?.root, "a");
  ok(node?.kind === "scalar", JSON.stringify(document));
  return node;
}

async function check(
  text: string,
  find: string,
  marked: string,
): Promise<void> {
  const scalar = await scalarIn(text);
  const at = scalar.text.indexOf(find);
  ok(at >= 0, `${JSON.stringify(scalar.text)} lacks ${find}`);
  const place = offsetInFile(text, scalar, at);
  equal(text.slice(place, place + marked.length), marked, text);
}

Deno.test("offsetInFile() finds a place through every style", async () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ["a: one two", "two", "two"],
    ["a: one\n   two\n\n  three", "three", "three"],
    ["a: 'it''s here'", "here", "here"],
    ["a: 'one\n  two'", "two", "two"],
    ['a: "x\\n\\u00e9\\U0001F600 y"', "y", "y"],
    ['a: "x\\n\\u00e9\\U0001F600 y"', "é", "\\u00e9"],
    ['a: "one \\\n    two"', "two", "two"],
    ['a: "one\n\n  two"', "two", "two"],
    ["a: |\n    one\n      two\n    three\n", "three", "three"],
    ["a: |\n\n    one\n\n      two\n", "two", "two"],
    ["a: |2-\n    one\n   two\n", "two", "two"],
    ["a: >\n  one\n  two\n\n  three\n", "three", "three"],
    ["a: >\n  one\n\n    more\n    than\n\n  end\n", "end", "end"],
    ["a: >-\n  one\n  two\n", "two", "two"],
    ["a: |\r\n  one\r\n  two\r\n", "two", "two"],
    ["a: |+ # note\n  one\n  two\n\n", "two", "two"],
  ];
  for (const [text, find, marked] of cases) await check(text, find, marked);
});

Deno.test("offsetInFile() is exact for every visible character", async () => {
  const styles: readonly Scalar.Type[] = [
    "PLAIN",
    "QUOTE_SINGLE",
    "QUOTE_DOUBLE",
    "BLOCK_LITERAL",
    "BLOCK_FOLDED",
  ];
  let checked = 0;
  for (let seed = 1; seed <= 1500; seed++) {
    const random = randomFrom(seed);
    const value = randomText(random, 30).replaceAll(/[\ufffd\ufeff\r]/g, "");
    const document = new Document({});
    const node = new Scalar(value);
    node.type = random.pick(styles);
    document.set("a", node);
    const text = document.toString({ lineWidth: random.pick([0, 20, 40]) });
    const [parsed] = await parseYaml(sourceText("x", text));
    const scalar = valueOf(parsed?.root, "a");
    if (scalar?.kind !== "scalar" || scalar.text !== value) continue;
    for (const [i, letter] of [...value].entries()) {
      if (!/[a-zA-Z0-9日:#]/.test(letter)) continue;
      const offset = [...value].slice(0, i).join("").length;
      const place = offsetInFile(text, scalar, offset);
      equal(text[place], letter, `seed ${seed}, ${offset} of\n${text}`);
      checked++;
    }
  }
  ok(checked > 5000, `${checked}`);
});
