import { deepStrictEqual, match, rejects } from "node:assert/strict";
import { fakeHost } from "../../host/fake.ts";
import { StigmerError } from "../../model/error.ts";
import { readInput } from "./input.ts";

async function inputOf(
  words: readonly string[],
  file?: string,
): Promise<unknown> {
  const host = fakeHost(file === undefined ? {} : { stdin: file });
  return await readInput(host, {
    input: words,
    inputFile: file === undefined ? undefined : "-",
  });
}

Deno.test("readInput() takes JSON where it parses and text elsewhere", async () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["a=1", 1],
    ["a=-0.5", -0.5],
    ["a=[1,{}]", [1, {}]],
    ["a=NaN", "NaN"],
    ["a=1e20", 1e20],
    ['a="12345678901234567890"', "12345678901234567890"],
    ["a=9007199254740991", 9007199254740991],
    ["a=12345678901234567890x", "12345678901234567890x"],
  ];
  for (const [word, value] of cases) {
    deepStrictEqual(await inputOf([word]), { a: value }, word);
  }
});

Deno.test("readInput() refuses a name that is given twice", async () => {
  await rejects(inputOf(["name=a", "other=b", "name=c"]), {
    message: 'Option "--input" gives "name" twice, give it once',
  });
  deepStrictEqual(await inputOf(["name=a"], '{"name": "b"}'), { name: "a" });
});

Deno.test("readInput() refuses numbers that would be rounded or lost", async () => {
  const cases:
    readonly (readonly [readonly string[], string | undefined, RegExp])[] = [
      [["a=1e999"], undefined, /cannot be "a=1e999": the number is too large/],
      [['a={"b":-1e999}'], undefined, /too large/],
      [["a=9007199254740993"], undefined, /would be rounded/],
      [["a=[12345678901234567890]"], undefined, /would be rounded/],
      [[], '{"a": 12345678901234567890}', /holds 12345678901234567890/],
      [[], "a: [12345678901234567890]", /holds 12345678901234567890/],
      [[], "a: .inf", /too large/],
      [[], "a: 1e999", /too large/],
    ];
  for (const [words, file, message] of cases) {
    await rejects(inputOf(words, file), (error) => {
      if (!(error instanceof StigmerError)) return false;
      match(error.message, message);
      return error.code === "INVALID_ARGUMENT";
    });
  }
});

Deno.test("readInput() lays options over a file, and takes an empty file for none", async () => {
  deepStrictEqual(await inputOf(["a=1"], "a: 2\nb: {c: null}\n"), {
    a: 1,
    b: { c: null },
  });
  deepStrictEqual(await inputOf([], " \n"), undefined);
  deepStrictEqual(await inputOf(["a=1"], ""), { a: 1 });
  await rejects(inputOf(["a=1"], "[1]"), /it holds no object/);
});
