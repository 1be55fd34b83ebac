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

Deno.test("errors pass through what is around them", () => {
  check([
    [
      '[.[] | try (if . == 1 then error("one") else . end) catch "caught \\(.)"]',
      [0, 1, 2],
      [[0, "caught one", 2]],
    ],
    ['try (try error("in") catch error("out: " + .)) catch .', null, [
      "out: in",
    ]],
    ["try ([1,2] | .a) catch .", null, ['Cannot index array with string "a"']],
    ["try ({} | .[0]) catch .", null, ["Cannot index object with number"]],
    ['try ("a" | .[0]) catch .', null, ["Cannot index string with number"]],
    ["try ({a:1} | .a.b) catch .", null, [
      'Cannot index number with string "b"',
    ]],
    ["try (1 | .[]) catch .", null, ["Cannot iterate over number (1)"]],
    ['try ([] | has("a")) catch .', null, [
      "Cannot check whether array has a string key",
    ]],
    ["try ({} | has(0)) catch .", null, [
      "Cannot check whether object has a number key",
    ]],
    ["try (null | implode) catch .", null, ["implode input must be an array"]],
    ['try ("a" - "b") catch .', null, [
      'string ("a") and string ("b") cannot be subtracted',
    ]],
    ["try ({} - {}) catch .", null, [
      "object ({}) and object ({}) cannot be subtracted",
    ]],
    ["try ([] * 2) catch .", null, [
      "array ([]) and number (2) cannot be multiplied",
    ]],
    ["try ({} / {}) catch .", null, [
      "object ({}) and object ({}) cannot be divided",
    ]],
    ['try ("abc" | test(null)) catch .', null, ["null not a string or array"]],
    ['try ([1,"a"] | add) catch .', null, [
      'number (1) and string ("a") cannot be added',
    ]],
    ['try (["a",1] | add) catch .', null, [
      'string ("a") and number (1) cannot be added',
    ]],
    ['try ([1,[2]] | join(",")) catch .', null, [
      'string ("1,") and array ([2]) cannot be added',
    ]],
    ['try ({a:1} | keys | .[0] | tonumber) catch "no number"', null, [
      "no number",
    ]],
    ["try ([3,{}] | sort | .[0] + 1) catch .", null, [4]],
    ["try (null | tojson | fromjson | .a.b.c) catch .", null, [null]],
    ['try ("x" | ascii_downcase | explode | implode | .[0]) catch .', null, [
      "Cannot index string with number",
    ]],
    ['try ([1] | .["a"]) catch .', null, [
      'Cannot index array with string "a"',
    ]],
    ["try ([1] | .[{}]) catch .", null, [
      "Array/string slice indices must be integers",
    ]],
    ["try ({} | .[[]]) catch .", null, ["Cannot index object with array"]],
    ["try (true | length) catch .", null, ["boolean (true) has no length"]],
    ["try (null | keys) catch .", null, ["null (null) has no keys"]],
    ["try (1 | utf8bytelength) catch .", null, [
      "number (1) only strings have UTF-8 byte length",
    ]],
    ["try ({} | sort) catch .", null, [
      "object ({}) cannot be sorted, as it is not an array",
    ]],
    ["try ([{}] | from_entries) catch .", null, [
      "Cannot use null (null) as object key",
    ]],
    ['try ("a" | ltrimstr(1)) catch .', null, ["a"]],
    ['try ("abc" | .[1:] = "x") catch .', null, [
      "Cannot update string slices",
    ]],
    ["try ([1,2] | .[0:1] = 5) catch .", null, [
      "A slice of an array can only be assigned another array",
    ]],
    ['try (range(1; "a")) catch .', null, ["Range bounds must be numeric"]],
    ["try (5 | tostring | .a) catch .", null, [
      'Cannot index string with string "a"',
    ]],
    ["try ({} | error) catch .", null, [{}]],
    ["try error([1,2]) catch .[0]", null, [1]],
    ["try error({code: 5}) catch .code", null, [5]],
    ['(try error("a") catch .), (try error("b") catch .)', null, ["a", "b"]],
    ["[(1,2,3) | try (if . == 2 then error else . end) catch . * 100]", null, [[
      100,
      200,
      300,
    ]]],
    ['try (1, 2, error("stop"), 4) catch .', null, [1, 2, "stop"]],
    [".a? , .b?", [1], []],
    ['(.a | .b)? // "none"', { "a": 1 }, ["none"]],
    ["[.[] | (.a)? // 0]", [{ "a": 1 }, 5, {}], [[1, 0, 0]]],
    ["[.[] | .a? // 0]", [{ "a": 1 }, 5, {}], [[1, 0, 0]]],
    ['try (def f: error("deep"); def g: f; def h: g; h) catch .', null, [
      "deep",
    ]],
    [
      'try ([limit(5; range(10) | if . == 3 then error("at three") else . end)]) catch .',
      null,
      ["at three"],
    ],
    [
      '[limit(3; range(10) | if . == 3 then error("at three") else . end)]',
      null,
      [[0, 1, 2]],
    ],
    ['first(range(10) | if . == 3 then error("at three") else . end)', null, [
      0,
    ]],
    ['isempty(1, error("x"))', null, [false]],
    ['any(1, error("x"); . == 1)', null, [true]],
    ['all(0, error("x"); . == 1)', null, [false]],
    [
      '[foreach (1, 2) as $x (0; . + $x; if . == 3 then error("three") else . end)]?',
      null,
      [],
    ],
    ['try (reduce (1, "a") as $x (0; . + $x)) catch .', null, [
      'number (1) and string ("a") cannot be added',
    ]],
    ['try (label $f | error("x")) catch .', null, ["x"]],
  ]);
});
