import { check } from "../../tests/language/jq_cases.ts";

Deno.test("try catches what its body raises, and no more", () => {
  check([
    ['try error("x") catch .', null, ["x"]],
    ["try error catch .", { "a": 1 }, [{ "a": 1 }]],
    ["try error catch .", "m", ["m"]],
    ["try error(null) catch .", null, [null]],
    [
      '[.[] | try (if . > 1 then error("big") else . end) catch "c"]',
      [1, 2, 3],
      [[1, "c", "c"]],
    ],
    ['try (1, error("x"), 2) catch .', null, [1, "x"]],
    ['[(1, error("x"), 2)?]', null, [[1]]],
    ["[.[] | (1 / .)?]", [1, 0, 2], [[1, 0.5]]],
    ['try (try error("a") catch error("b")) catch .', null, ["b"]],
    ["(try 1 catch 2) | error?", null, []],
    ['[try (1,2) | if . == 2 then error("out") else . end]?', null, []],
    ['try ((try 1 catch .) | error("out")) catch .', null, ["out"]],
    ["[.[]?]", 5, [[]]],
    ["error?", null, []],
    ['try error("\\(1+1)") catch .', null, ["2"]],
    ["try (.a | error) catch .", { "a": [1] }, [[1]]],
    ['try .a catch "no"', 1, ["no"]],
    ["[try range(3) catch .]", null, [[0, 1, 2]]],
    ["[limit(2; try (1,2,error) catch .)]", null, [[1, 2]]],
    ['first(try error("x") catch ., 2)', null, ["x"]],
    ["[.[] | tonumber?]", ["1", "x", "2"], [[1, 2]]],
    ['[.[] | try tonumber catch "NaN"]', ["1", "x"], [[1, "NaN"]]],
    ['(try error("x") catch .) as $e | $e', null, ["x"]],
    [
      'try (reduce range(3) as $i (0; if $i == 2 then error("at 2") else . end)) catch .',
      null,
      ["at 2"],
    ],
    ['def f: error("in f"); try f catch .', null, ["in f"]],
    ['try (def f: error("in f"); f) catch "c: " + .', null, ["c: "]],
    ['isempty(error)? // "err"', null, ["err"]],
    ['isempty(empty), isempty(1), isempty(1,error("x"))', null, [
      true,
      false,
      false,
    ]],
    ["error", "top", "top"],
    ['error("msg")', 1, "msg"],
    ['.a.b.c? // "d"', { "a": 1 }, 'Cannot index number with string "b"'],
  ]);
});
