import { check } from "../../tests/language/jq_cases.ts";

Deno.test("if chooses by what is true", () => {
  check([
    ['if . then "yes" else "no" end', true, ["yes"]],
    ['if . then "yes" else "no" end', false, ["no"]],
    ['if . then "yes" else "no" end', null, ["no"]],
    ['if . then "yes" else "no" end', 0, ["yes"]],
    ['if . then "yes" else "no" end', "", ["yes"]],
    ['if . then "yes" else "no" end', [], ["yes"]],
    ['if . then "yes" else "no" end', {}, ["yes"]],
    ['if . == 0 then "zero" elif . == 1 then "one" else "many" end', 0, [
      "zero",
    ]],
    ['if . == 0 then "zero" elif . == 1 then "one" else "many" end', 1, [
      "one",
    ]],
    ['if . == 0 then "zero" elif . == 1 then "one" else "many" end', 2, [
      "many",
    ]],
    ['if . then "yes" end', true, ["yes"]],
    ['if . then "yes" end', false, [false]],
    ['if . then "yes" end', null, [null]],
    ["if (true,false) then 1 else 2 end", null, [1, 2]],
    ["[if empty then 1 else 2 end]", null, [[]]],
    ["if .a then .b else .c end", { "a": 1, "b": 2 }, [2]],
    ["if .a then .b else .c end", { "c": 3 }, [3]],
    ["[if . > 1 then ., . else empty end]", 1, [[]]],
    ["[if . > 1 then ., . else empty end]", 2, [[2, 2]]],
    ["if true then (1,2) else 3 end", null, [1, 2]],
    ['if . > 5 then "a" elif . > 3 then "b" elif . > 1 then "c" end', 6, ["a"]],
    ['if . > 5 then "a" elif . > 3 then "b" elif . > 1 then "c" end', 4, ["b"]],
    ['if . > 5 then "a" elif . > 3 then "b" elif . > 1 then "c" end', 2, ["c"]],
    ['if . > 5 then "a" elif . > 3 then "b" elif . > 1 then "c" end', 0, [0]],
    ["[.[] | if . then 1 else 0 end]", [true, false, null, 0], [[1, 0, 0, 1]]],
  ]);
});

Deno.test("label and break leave from inside", () => {
  check([
    ["[label $out | 1, 2, break $out, 3]", null, [[1, 2]]],
    ["[label $a | label $b | 1, break $a, 2]", null, [[1]]],
    ["[label $a | (label $b | 1, break $b, 2), 3]", null, [[1, 3]]],
    [
      '[range(3) | label $f | ., (if . == 1 then break $f else empty end), "x"]',
      null,
      [[0, "x", 1, 2, "x"]],
    ],
    ["first(label $f | break $f)", null, []],
    ["[label $f | range(10) | ., (select(. == 3) | break $f)]", null, [[
      0,
      1,
      2,
      3,
    ]]],
    ["def f: label $x | 1, break $x, 2; [f, f]", null, [[1, 1]]],
    ["def g(f): label $x | f; [g(1, 2)]", null, [[1, 2]]],
    [
      "label $f | reduce range(10) as $i (0; if $i > 3 then break $f else . + $i end)",
      null,
      [],
    ],
  ]);
});
