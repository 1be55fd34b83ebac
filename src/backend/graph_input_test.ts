import { deepStrictEqual, strictEqual } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import type { GraphInput } from "../workflow/tree.ts";
import { checkGraphInput } from "./graph_input.ts";

const DECLARED: Readonly<Record<string, GraphInput>> = {
  url: { type: "string", required: true },
  depth: { type: "integer", required: false, default: 2 },
  tags: { type: "array", required: false },
  extra: { type: "any", required: false },
};

function problemsOf(input: Json): readonly string[] {
  try {
    checkGraphInput(DECLARED, { input, subject: 'workflow "w"' });
    return [];
  } catch (error) {
    if (!(error instanceof StigmerError)) throw error;
    strictEqual(error.code, "INVALID_ARGUMENT");
    const first = error.message.replace('Cannot execute workflow "w": ', "");
    return [first, ...error.hints];
  }
}

Deno.test("checkGraphInput() takes what fits and names all that does not", () => {
  const cases: readonly [Json, readonly string[]][] = [
    [{ url: "x" }, []],
    [{ url: "x", depth: 3, tags: [], extra: null }, []],
    [{}, ['it needs input "url", give it with --input url=VALUE']],
    [{ url: 1 }, [
      'input "url" is number, not string',
      "A text that looks like a number needs double quotes: " +
      `--input 'url="1"'`,
    ]],
    [{ url: "x", depth: 1.5 }, ['input "depth" is number, not integer']],
    [{ url: "x", detph: 3 }, [
      'it has no input "detph". Did you mean "depth"?',
    ]],
    [[], ["its input is an object of named values, not array"]],
    [{ url: null, tags: {} }, [
      'input "url" is null, not string',
      'input "tags" is object, not array',
    ]],
  ];
  for (const [input, expected] of cases) {
    deepStrictEqual(problemsOf(input), expected, JSON.stringify(input));
  }
});
