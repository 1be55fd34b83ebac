import { check } from "../../tests/language/jq_cases.ts";

Deno.test("and, or and not ask what is needed", () => {
  check([
    ["[true,false,null,1] | map(. and true)", null, [[
      true,
      false,
      false,
      true,
    ]]],
    ["[true,false,null,1] | map(. or false)", null, [[
      true,
      false,
      false,
      true,
    ]]],
    ["(true,false) and (true,false)", null, [true, false, false]],
    ["(true,false) or (true,false)", null, [true, true, false]],
    ["false and error", null, [false]],
    ["true or error", null, [true]],
    ['true and "x"', null, [true]],
    ["null or null", null, [false]],
    ["[true, false | not]", null, [[false, true]]],
    ["empty and true", null, []],
    ["(true and empty), 1", null, [1]],
    ["1 and 2 or 3", null, [true]],
  ]);
});

Deno.test("// takes the other where there is nothing true", () => {
  check([
    ['.a // "x"', { "a": 1 }, [1]],
    ['.a // "x"', {}, ["x"]],
    ['.a // "x"', { "a": false }, ["x"]],
    ['.a // "x"', { "a": null }, ["x"]],
    ['.a // "x"', { "a": 0 }, [0]],
    ['.a // "x"', { "a": "" }, [""]],
    ["empty // 1", null, [1]],
    ["(null,false) // 1", null, [1]],
    ["(null,1,false,2) // 3", null, [1, 2]],
    ["1 // error", null, [1]],
    ['[.[] // "d"]', [1, null, 2], [[1, 2]]],
    ['[.[] // "d"]', [null, false], [["d"]]],
    ['[.[] // "d"]', [], [["d"]]],
    [".a // .b // .c", { "b": 1 }, [1]],
    [".a // .b // .c", { "c": 2 }, [2]],
    [".a // .b // .c", {}, [null]],
    ['first(empty) // "none"', null, ["none"]],
    ['[false, 1] | .[] // "z"', null, [1]],
    ["1 // 2 | . + 1", null, [2]],
    [".a // (.b, .c)", { "b": 1, "c": 2 }, [1, 2]],
    ['error("x") // 1', null, "x"],
    ['(error("x"), 1) // 2', null, "x"],
  ]);
});
