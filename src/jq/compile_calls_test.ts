import { check } from "../../tests/language/jq_cases.ts";

Deno.test("functions take functions and values", () => {
  check([
    ["def f: . + 1; f", 1, [2]],
    ["def f(g): g | g; f(. * 2)", 3, [12]],
    ["def f($a): $a + 1; f(5)", null, [6]],
    ["def f($a; $b): $a + $b; f(1; 2)", null, [3]],
    ["def f($a; $b): [$a, $b]; [f(1,2; 3,4)]", null, [[[1, 3], [1, 4], [2, 3], [
      2,
      4,
    ]]]],
    ["def f(a; b): a + b; f(.x; .y)", { "x": 1, "y": 2 }, [3]],
    ["def f: def g: 3; g * 2; f", null, [6]],
    ["def f: 1; def g: f + 1; g", null, [2]],
    ["def f: 1; def f: 2; f", null, [2]],
    ["def f: 1; def g: f; def f: 2; [f, g]", null, [[2, 1]]],
    ["def f(x): x; def f: 5; [f, f(6)]", null, [[5, 6]]],
    ["def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", 5, [120]],
    ["def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", 10, [
      3628800,
    ]],
    [
      "def fib: if . < 2 then . else (. - 1 | fib) + (. - 2 | fib) end; [range(10) | fib]",
      null,
      [[0, 1, 1, 2, 3, 5, 8, 13, 21, 34]],
    ],
    ["def f: ., (if . < 3 then . + 1 | f else empty end); [f]", 0, [[
      0,
      1,
      2,
      3,
    ]]],
    ["def f(g): [g, g]; f(1, 2)", null, [[1, 2, 1, 2]]],
    ["def f($x): $x, x; [f(1, 2)]", null, [[1, 1, 2, 2, 1, 2]]],
    ["def f(x): x as $y | $y * 2; [f(1, 2)]", null, [[2, 4]]],
    ["def f: reduce .[] as $x (0; . + $x); f", [1, 2, 3], [6]],
    ["def f(g): def h: g; h | h; f(. + 1)", 1, [3]],
    ["def f(g): .x |= g; f(. * 2)", { "x": 5 }, [{ "x": 10 }]],
    ["def f: .a; f = 3", {}, [{ "a": 3 }]],
    ["def f(p): p |= . + 1; f(.a)", { "a": 1 }, [{ "a": 2 }]],
    ["def f(p): path(p); f(.a.b)", null, [["a", "b"]]],
    ["def addvalue($f): map(. + [$f]); addvalue(.[0])", [[1, 2], [10, 20]], [[[
      1,
      2,
      [1, 2],
    ], [10, 20, [1, 2]]]]],
    ['def f: error("x"); try f catch .', null, ["x"]],
    ["def f(x): x | x | x; 1 | f(. + 1)", null, [4]],
    ["def f(a; b; c): [a, b, c]; f(1; 2; 3)", null, [[1, 2, 3]]],
    ["[.[] | def f: . + 1; f]", [1, 2], [[2, 3]]],
    ["def f: 1; [1, 2] | map(. + f)", null, [[2, 3]]],
    ["def f: label $x | (1, break $x, 2); [f]", null, [[1]]],
    ["def zip(f; g): [f, g]; [zip(.[]; .[])]", [1, 2], [[[1, 2, 1, 2]]]],
    ["def f($a): def g($b): $a + $b; g(10); f(1)", null, [11]],
    ["def f: if . > 1000 then . else . + 1 | f end; f", 0, [1001]],
    ["def r(n): if n > 0 then n, r(n - 1) else empty end; [r(3)]", null, [[
      3,
      2,
      1,
    ]]],
    ["def r($n): if $n > 0 then $n, r($n - 1) else empty end; [r(3)]", null, [[
      3,
      2,
      1,
    ]]],
  ]);
});
