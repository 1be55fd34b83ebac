import { deepStrictEqual, throws } from "node:assert/strict";
import { StigmerError } from "../model/error.ts";
import { namesByKind, splitKindName } from "./kind_name.ts";

Deno.test("splitKindName() takes a kind and a name apart, and nothing else", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["agent/reviewer", "agent reviewer"],
    ["mcp-server/files", "mcp-server files"],
    // What stands behind the first slash is the name, whatever it has.
    ["agent/a/b", "agent a/b"],
    ["agent", undefined],
    ["agent/", undefined],
    ["/agent", undefined],
    ["", undefined],
  ];
  for (const [word, expected] of cases) {
    const pair = splitKindName(word);
    const given = pair === undefined ? undefined : `${pair.kind} ${pair.name}`;
    deepStrictEqual(given, expected, word);
  }
});

Deno.test("namesByKind() gathers the names of each kind in the order of the words", () => {
  deepStrictEqual(
    [...namesByKind(["agent/a", "workflow/b", "agent/c"], "delete") ?? []],
    [["agent", ["a", "c"]], ["workflow", ["b"]]],
  );
  deepStrictEqual(namesByKind(["agent", "a/b"], "delete"), undefined);
  deepStrictEqual(namesByKind([], "delete"), undefined);
});

Deno.test("namesByKind() refuses a word without a kind among pairs", () => {
  throws(
    () => namesByKind(["agent/a", "b"], "delete"),
    (error) =>
      error instanceof StigmerError &&
      error.message === 'Cannot delete "b": it names no kind' &&
      error.hints[0]?.startsWith("Write KIND/NAME for each") === true,
  );
});
