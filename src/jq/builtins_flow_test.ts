import { check } from "../../tests/language/jq_cases.ts";

Deno.test("limit, first, last and nth choose among values", () => {
  check([
    ["[limit(3;range(10))]", null, [[0, 1, 2]]],
    ["[limit(0;1,2)]", null, [[]]],
    ["[limit(1;1,error)]", null, [[1]]],
    ["first, last, nth(1)", [1, 2, 3], [1, 3, 2]],
    ["first, last, nth(1)", [], [null, null, null]],
    ["[first(range(5)), last(range(5)), nth(2; range(5))]", null, [[0, 4, 2]]],
    ["first(empty)", null, []],
    ["[nth(0,2;range(5))]", null, [[0, 2]]],
    ["try nth(-1;1,2) catch .", null, ["nth doesn't support negative indices"]],
  ]);
});
