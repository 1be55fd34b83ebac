import { check } from "../../tests/language/jq_cases.ts";

Deno.test("+ adds numbers, joins texts and arrays, merges objects", () => {
  check([
    [".[0] + .[1]", [1, 2], [3]],
    [".[0] + .[1]", ["a", "b"], ["ab"]],
    [".[0] + .[1]", [[1], [2]], [[1, 2]]],
    [".[0] + .[1]", [{ "a": 1 }, { "b": 2 }], [{ "a": 1, "b": 2 }]],
    [".[0] + .[1]", [{ "a": 1 }, { "a": 2 }], [{ "a": 2 }]],
    [".[0] + .[1]", [null, 1], [1]],
    [".[0] + .[1]", [1, null], [1]],
    [".[0] + .[1]", [null, null], [null]],
    [".[0] + .[1]", [[], []], [[]]],
    [".[0] + .[1]", [{}, {}], [{}]],
    [".[0] + .[1]", ["", ""], [""]],
    [".[0] + .[1]", [1.5, -2.5], [-1]],
    [".[0] + .[1]", [{ "a": { "x": 1 } }, { "a": { "y": 2 } }], [{
      "a": { "y": 2 },
    }]],
    [".[0] + .[1]", [1, "a"], 'number (1) and string ("a") cannot be added'],
    [".[0] + .[1]", ["a", 1], 'string ("a") and number (1) cannot be added'],
    [".[0] + .[1]", [[1], 1], "array ([1]) and number (1) cannot be added"],
    [
      ".[0] + .[1]",
      [{ "a": 1 }, [1]],
      'object ({"a":1}) and array ([1]) cannot be added',
    ],
    [
      ".[0] + .[1]",
      [true, false],
      "boolean (true) and boolean (false) cannot be added",
    ],
    [".[0] + .[1]", [true, 1], "boolean (true) and number (1) cannot be added"],
    [
      ".[0] + .[1]",
      ["a", ["b"]],
      'string ("a") and array (["b"]) cannot be added',
    ],
    [".[0] + .[1]", [{}, "a"], 'object ({}) and string ("a") cannot be added'],
  ]);
});

Deno.test("- takes numbers and items away", () => {
  check([
    [".[0] - .[1]", [3, 1], [2]],
    [".[0] - .[1]", [[1, 2, 3], [2]], [[1, 3]]],
    [".[0] - .[1]", [[1, 2, 1, 3], [1]], [[2, 3]]],
    [".[0] - .[1]", [[], [1]], [[]]],
    [".[0] - .[1]", [["a", "b"], ["b"]], [["a"]]],
    [".[0] - .[1]", [[[1], [2]], [[1]]], [[[2]]]],
    [".[0] - .[1]", [[{ "a": 1 }, { "b": 2 }], [{ "a": 1 }]], [[{ "b": 2 }]]],
    [".[0] - .[1]", [[null, false, 0], [false]], [[null, 0]]],
    [".[0] - .[1]", [[1, "1"], ["1"]], [[1]]],
    [".[0] - .[1]", [[1, [1], { "a": 1 }], [1, { "a": 1 }]], [[[1]]]],
    ["[nan] - [nan] | length", null, [1]],
    ["[1,nan,2] - [2] | length", null, [2]],
    ["[0,-0.0] - [0]", null, [[]]],
    [
      ".[0] - .[1]",
      [1, "a"],
      'number (1) and string ("a") cannot be subtracted',
    ],
    [
      ".[0] - .[1]",
      ["a", "b"],
      'string ("a") and string ("b") cannot be subtracted',
    ],
    [
      ".[0] - .[1]",
      [null, 1],
      "null (null) and number (1) cannot be subtracted",
    ],
    [
      ".[0] - .[1]",
      [{}, {}],
      "object ({}) and object ({}) cannot be subtracted",
    ],
    [
      ".[0] - .[1]",
      [[1], 1],
      "array ([1]) and number (1) cannot be subtracted",
    ],
    [
      ".[0] - .[1]",
      [true, true],
      "boolean (true) and boolean (true) cannot be subtracted",
    ],
  ]);
});

Deno.test("* multiplies, repeats and merges deeply", () => {
  check([
    [".[0] * .[1]", [3, 4], [12]],
    [".[0] * .[1]", ["ab", 2], ["abab"]],
    [".[0] * .[1]", [{ "a": 1 }, { "b": 2 }], [{ "a": 1, "b": 2 }]],
    [".[0] * .[1]", [{ "a": { "b": 1 } }, { "a": { "c": 2 } }], [{
      "a": { "b": 1, "c": 2 },
    }]],
    [".[0] * .[1]", [{ "a": { "b": 1 } }, { "a": 5 }], [{ "a": 5 }]],
    [".[0] * .[1]", [{ "a": 5 }, { "a": { "b": 1 } }], [{ "a": { "b": 1 } }]],
    [
      ".[0] * .[1]",
      [{ "k": { "a": 1, "b": 2 } }, { "k": { "a": 0, "c": 3 } }],
      [{ "k": { "a": 0, "b": 2, "c": 3 } }],
    ],
    [".[0] * .[1]", [{}, {}], [{}]],
    [".[0] * .[1]", [-1, 0.5], [-0.5]],
    [
      ".[0] * .[1]",
      [[1], 2],
      "array ([1]) and number (2) cannot be multiplied",
    ],
    [
      ".[0] * .[1]",
      [null, 1],
      "null (null) and number (1) cannot be multiplied",
    ],
    [
      ".[0] * .[1]",
      [true, 2],
      "boolean (true) and number (2) cannot be multiplied",
    ],
    [".[0] * .[1]", [{}, 1], "object ({}) and number (1) cannot be multiplied"],
    [
      ".[0] * .[1]",
      ["a", "b"],
      'string ("a") and string ("b") cannot be multiplied',
    ],
    [
      ".[0] * .[1]",
      [[1], [1]],
      "array ([1]) and array ([1]) cannot be multiplied",
    ],
    [
      ".[0] * .[1]",
      [null, null],
      "null (null) and null (null) cannot be multiplied",
    ],
  ]);
});

Deno.test("/ divides and splits", () => {
  check([
    [".[0] / .[1]", [6, 3], [2]],
    [".[0] / .[1]", [1, 4], [0.25]],
    [".[0] / .[1]", ["a,b", ","], [["a", "b"]]],
    [".[0] / .[1]", ["abc", ""], [["a", "b", "c"]]],
    [".[0] / .[1]", ["a", "b"], [["a"]]],
    [".[0] / .[1]", [-1, 2], [-0.5]],
    [".[0] / .[1]", [0, 5], [0]],
    [
      ".[0] / .[1]",
      [1, 0],
      "number (1) and number (0) cannot be divided because the divisor is zero",
    ],
    [".[0] / .[1]", ["a", 1], 'string ("a") and number (1) cannot be divided'],
    [".[0] / .[1]", [null, 1], "null (null) and number (1) cannot be divided"],
    [".[0] / .[1]", [[], []], "array ([]) and array ([]) cannot be divided"],
    [".[0] / .[1]", [{}, 1], "object ({}) and number (1) cannot be divided"],
    [
      ".[0] / .[1]",
      [0, 0],
      "number (0) and number (0) cannot be divided because the divisor is zero",
    ],
  ]);
});

Deno.test("% is the rest of whole numbers", () => {
  check([
    [".[0] % .[1]", [5, 3], [2]],
    [".[0] % .[1]", [-5, 3], [-2]],
    [".[0] % .[1]", [5, -3], [2]],
    [".[0] % .[1]", [-5, -3], [-2]],
    [".[0] % .[1]", [5.9, 3.9], [2]],
    [".[0] % .[1]", [5, 1], [0]],
    [".[0] % .[1]", [0, 7], [0]],
    [".[0] % .[1]", [10000000000, 7], [4]],
    ["[(1,2) % (3,4)]", null, [[1, 2, 1, 2]]],
    ["nan % 5 | isnan", null, [true]],
    ["5 % nan | isnan", null, [true]],
    [
      ".[0] % .[1]",
      [5, 0],
      "number (5) and number (0) cannot be divided (remainder) because the divisor is zero",
    ],
    [
      ".[0] % .[1]",
      [5, 0.5],
      "number (5) and number (0.5) cannot be divided (remainder) because the divisor is zero",
    ],
    [
      ".[0] % .[1]",
      ["a", 1],
      'string ("a") and number (1) cannot be divided (remainder)',
    ],
    [
      ".[0] % .[1]",
      [null, 1],
      "null (null) and number (1) cannot be divided (remainder)",
    ],
    [
      ".[0] % .[1]",
      [[], 1],
      "array ([]) and number (1) cannot be divided (remainder)",
    ],
  ]);
});

Deno.test("operators take all combinations, the right side first", () => {
  check([
    ["[(1,2)+(10,20)]", null, [[11, 12, 21, 22]]],
    ["[(1,2)*(3,4)]", null, [[3, 6, 4, 8]]],
    ["[(1,2)-(3,4)]", null, [[-2, -1, -3, -2]]],
    ["[(10,20)/(2,5)]", null, [[5, 10, 2, 4]]],
    ["[(1,2)==(1,2)]", null, [[true, false, false, true]]],
    ["[(1,2)<(1,2)]", null, [[false, false, true, false]]],
    ["[empty + 1]", null, [[]]],
    ["[1 + empty]", null, [[]]],
    ["1 + 2 * 3 - 4 / 2", null, [5]],
    ["(1 + 2) * 3", null, [9]],
    ["1 - 1 - 1", null, [-1]],
    ["8 / 4 / 2", null, [1]],
    ["-1 + -2", null, [-3]],
    ["-(1,2)", null, [-1, -2]],
    ["-.", 1, [-1]],
    ["-.", -1.5, [1.5]],
    ["-.a", { "a": 3 }, [-3]],
    ["1 + 1 == 2 and 2 + 2 == 4", null, [true]],
    ["-.", "a", 'string ("a") cannot be negated'],
    ["-.", null, "null (null) cannot be negated"],
    ["-.", [], "array ([]) cannot be negated"],
    ["-.", {}, "object ({}) cannot be negated"],
    ["-.", true, "boolean (true) cannot be negated"],
    ["-.a", {}, "null (null) cannot be negated"],
  ]);
});
