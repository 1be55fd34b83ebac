import { check } from "../../tests/language/jq_cases.ts";

Deno.test("as binds what it takes apart", () => {
  check([
    [". as $x | [$x, $x]", 1, [[1, 1]]],
    ["1 as $x | 2 as $y | [$x, $y, $x]", null, [[1, 2, 1]]],
    ["(1,2) as $x | $x * 10", null, [10, 20]],
    [". as [$a, $b] | $a + $b", [1, 2], [3]],
    [". as [$a, $b] | $a + $b", [1], [1]],
    [". as [$a, $b] | $a + $b", [], [null]],
    [". as [$a, [$b]] | [$a, $b]", [1, [2]], [[1, 2]]],
    [". as [$a, [$b]] | [$a, $b]", [1], [[1, null]]],
    [". as {a: $x} | $x", { "a": 1 }, [1]],
    [". as {a: $x} | $x", {}, [null]],
    [". as {a: $x} | $x", null, [null]],
    [". as {$a, $b} | [$a, $b]", { "a": 1, "b": 2 }, [[1, 2]]],
    [". as {a: {b: $x}} | $x", { "a": { "b": 1 } }, [1]],
    [". as {a: {b: $x}} | $x", { "a": null }, [null]],
    [". as {a: [$x, $y]} | [$x, $y]", { "a": [1, 2] }, [[1, 2]]],
    [". as {$a: [$x]} | [$a, $x]", { "a": [1] }, [[[1], 1]]],
    ['. as {"a": $x} | $x', { "a": 1 }, [1]],
    ['. as {("a","b"): $x} | $x', { "a": 1, "b": 2 }, [1, 2]],
    ['"k" as $k | . as {$k: $v} | $v?', { "k": 1 }, [1]],
    ['. as {("a" + "b"): $x} | $x', { "ab": 1 }, [1]],
    [".[] as [$a] ?// $a | [$a]", [[1], 2], [[1], [2]]],
    ["[.[] as [$a] ?// {a: $a} ?// $a | $a]", [[1], { "a": 2 }, 3], [[
      1,
      2,
      3,
    ]]],
    [
      '[[3]] | .[] as [$a] ?// [$b] | if $a != null then error("err: \\($a)") else {$a,$b} end',
      null,
      [{ "a": null, "b": 3 }],
    ],
    [".[] as {$a, b: [$c]} ?// [$a, $c] | {$a, $c}", [{ "a": 1, "b": [2] }, [
      3,
      4,
    ]], [{ "a": 1, "c": 2 }, { "a": 3, "c": 4 }]],
    [". as [$a, $a] | $a", [1, 2], [2]],
    ["try (. as [$a] | $a) catch .", { "a": 1 }, [
      "Cannot index object with number",
    ]],
    ["try (. as [$a] | $a) catch .", 1, ["Cannot index number with number"]],
    ["try (. as [$a] | $a) catch .", "x", ["Cannot index string with number"]],
    ["try (. as {a: $x} | $x) catch .", [1], [
      'Cannot index array with string "a"',
    ]],
    ["try (. as {a: $x} | $x) catch .", 1, [
      'Cannot index number with string "a"',
    ]],
    [". as $x | .a as $y | {$x, $y}", { "a": 1 }, [{
      "x": { "a": 1 },
      "y": 1,
    }]],
    [". as $dot | .a | . + $dot.b", { "a": 1, "b": 2 }, [3]],
    ["[.[] as $x | .[] as $y | $x * $y]", [1, 2], [[1, 2, 2, 4]]],
    [". as $x | [.[] | . + $x[0]]", [1, 2], [[2, 3]]],
    ["1 as $x | [$x, (2 as $x | $x), $x]", null, [[1, 2, 1]]],
    ["[. as [$a, {b: $c}] | $a, $c]", [1, { "b": 2 }], [[1, 2]]],
  ]);
});
