import { check } from "../../tests/language/jq_cases.ts";

Deno.test("reduce folds values into one", () => {
  check([
    ["reduce .[] as $x (0; . + $x)", [1, 2, 3], [6]],
    ["reduce .[] as $x (0; . + $x)", [], [0]],
    ["reduce .[] as $x (null; . + $x)", [[1], [2]], [[1, 2]]],
    ["reduce .[] as $x (null; . + $x)", ["a", "b"], ["ab"]],
    ["reduce .[] as $x (null; . + $x)", [{ "a": 1 }, { "b": 2 }], [{
      "a": 1,
      "b": 2,
    }]],
    ["reduce .[] as $x ([]; . + [$x * 2])", [1, 2, 3], [[2, 4, 6]]],
    ['reduce .[] as $x (""; . + $x + ",")', ["a", "b"], ["a,b,"]],
    ["reduce .[] as $x ({}; . + {($x): 1})", ["a", "b", "a"], [{
      "a": 1,
      "b": 1,
    }]],
    ["reduce .[] as $x ({}; .[$x] += 1)", ["a", "b", "a"], [{
      "a": 2,
      "b": 1,
    }]],
    ["reduce .[] as $x ([]; [$x] + .)", [1, 2, 3], [[3, 2, 1]]],
    ["reduce .[] as $x (0; empty)", [1, 2], [null]],
    ["reduce .[] as $x (0; 1, 2)", [1], [2]],
    ["reduce .[] as [$a,$b] (0; . + $a * $b)", [[1, 2], [3, 4]], [14]],
    ["reduce .[] as {a:$x} (0; . + $x)", [{ "a": 1 }, { "a": 2 }], [3]],
    ["reduce .[] as {$a,b:[$c]} (0; . + $a + $c)", [{ "a": 1, "b": [2] }], [3]],
    ["reduce range(5) as $i ([]; .[$i] = $i * $i)", null, [[0, 1, 4, 9, 16]]],
    ["reduce range(3) as $i (.; .[$i] |= . + 1)", [1, 2, 3], [[2, 3, 4]]],
    ["reduce (.[] | select(. > 1)) as $x (0; . + $x)", [1, 2, 3], [5]],
    ["reduce empty as $x (5; 6)", null, [5]],
    ["reduce 1 as $x (.; . + $x)", 5, [6]],
    ["reduce .[] as $x (0; if $x > . then $x else . end)", [3, 9, 2], [9]],
    ["reduce .[] as $x (.; length)", [1, 2], [2]],
    ["reduce .[] as $x ([]; . + [$x, length])", [1, 2], [[1, 0, 2, 2]]],
    ["try reduce .[] as $x (0; . + $x) catch .", [1, "a"], [
      'number (1) and string ("a") cannot be added',
    ]],
    ["try reduce .[] as $x (0; . + $x) catch .", 5, [
      "Cannot iterate over number (5)",
    ]],
    ["reduce (.[],.[]) as $x (1; . * $x)", [2, 3], [36]],
  ]);
});

Deno.test("foreach gives each state", () => {
  check([
    ["[foreach .[] as $x (0; . + $x)]", [1, 2, 3], [[1, 3, 6]]],
    ["[foreach .[] as $x (0; . + $x)]", [], [[]]],
    ["[foreach .[] as $x (0; . + $x; [$x,.])]", [1, 2], [[[1, 1], [2, 3]]]],
    ["[foreach .[] as $x (0; empty; .)]", [1, 2], [[]]],
    ["[foreach .[] as $x (0; (. + $x, . * 2))]", [1, 2], [[1, 0, 2, 0]]],
    ["[foreach .[] as [$a,$b] (0; . + $a; . * $b)]", [[1, 2], [3, 4]], [[
      2,
      16,
    ]]],
    ["[foreach range(5) as $i (null; $i; select(. % 2 == 0))]", null, [[
      0,
      2,
      4,
    ]]],
    ["[foreach (1,2) as $x (0,10; . + $x)]", null, [[1, 3, 11, 13]]],
    ["[limit(3; foreach range(100) as $i (0; . + $i))]", null, [[0, 1, 3]]],
    ['[foreach .[] as $x (0; . + $x; if . > 2 then ., "big" else . end)]', [
      1,
      2,
    ], [[1, 3, "big"]]],
    ["[foreach .[] as {a:$x} (0; . + $x)]", [{ "a": 1 }, { "a": 2 }], [[1, 3]]],
    ["try [foreach .[] as $x (0; . + $x)] catch .", ["a"], [
      'number (0) and string ("a") cannot be added',
    ]],
    ["try [foreach .[] as $x (0; . + $x)] catch .", 1, [
      "Cannot iterate over number (1)",
    ]],
  ]);
});
