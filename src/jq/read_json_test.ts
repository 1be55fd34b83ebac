import { check } from "../../tests/language/jq_cases.ts";

Deno.test("fromjson reads what JSON is, and numbers that are none", () => {
  check([
    ["fromjson", "[]", [[]]],
    ["fromjson", "{}", [{}]],
    ["fromjson", "[1,[2,[3]]]", [[1, [2, [3]]]]],
    ["fromjson", '{"a":{"b":null}}', [{ "a": { "b": null } }]],
    ["fromjson", '"\\u00e9"', ["é"]],
    ["fromjson", '"\\ud83d\\ude00"', ["😀"]],
    ["fromjson", "true", [true]],
    ["fromjson", "false", [false]],
    ["fromjson", "-1.5e2", [-150]],
    ["fromjson", "\t[ 1 ,\n2 ]\r\n", [[1, 2]]],
    ["fromjson", "NaN", [null]],
    ["fromjson", "[nan]", [[null]]],
    ["fromjson | isnan", "nan", [true]],
    ["fromjson | .a", '{"a":1,"a":2}', [2]],
    ["fromjson | keys", '{"b":1,"a":2}', [["a", "b"]]],
    ["fromjson | tojson", "[ ]", ["[]"]],
    ["[.[] | fromjson]", ["1", '"x"', "null"], [[1, "x", null]]],
    ["[.[] | fromjson?]", ["1", "x", "{"], [[1]]],
  ]);
});
