import { check } from "../../tests/language/jq_cases.ts";

Deno.test("range, while, until and recurse go on by themselves", () => {
  check([
    ["range(3)", null, [0, 1, 2]],
    ["[range(2;5)]", null, [[2, 3, 4]]],
    ["[range(0;10;3)]", null, [[0, 3, 6, 9]]],
    ["[range(5;0;-2)]", null, [[5, 3, 1]]],
    ["[range(0;1;0.25)]", null, [[0, 0.25, 0.5, 0.75]]],
    ["[range(0)]", null, [[]]],
    ["[range(-1)]", null, [[]]],
    ["[range(2.5)]", null, [[0, 1, 2]]],
    ["[range(0,1;3,4)]", null, [[0, 1, 2, 0, 1, 2, 3, 1, 2, 1, 2, 3]]],
    ["[range(0;1;0)] | length", null, [0]],
    ['try range("a") catch .', null, ["Range bounds must be numeric"]],
    ['try [range(0;"a")] catch .', null, ["Range bounds must be numeric"]],
  ]);
});

Deno.test("while, until and recurse go on up to a condition", () => {
  check([
    ["until(. > 100; . * 2)", 1, [128]],
    ["[while(. < 100; . * 2)]", 1, [[1, 2, 4, 8, 16, 32, 64]]],
    ["[limit(5; repeat(. * 2))]", 1, [[2, 2, 2, 2, 2]]],
    ["[recurse(if . < 3 then . + 1 else empty end)]", 0, [[0, 1, 2, 3]]],
    ["[recurse]", [[1], 2], [[[[1], 2], [1], 1, 2]]],
    ["[recurse(.[]?)]", [1, [2]], [[[1, [2]], 1, [2], 2]]],
    ["[recurse(. * .; . < 100)]", 2, [[2, 4, 16]]],
    ['splits("a")', "bac", ["b", "c"]],
  ]);
});
