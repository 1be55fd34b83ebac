import { check } from "../../tests/language/jq_cases.ts";

Deno.test("length counts code points", () => {
  check([
    ["length", "", [0]],
    ["length", "abc", [3]],
    ["length", "é", [1]],
    ["length", "😀", [1]],
    ["length", "a😀b", [3]],
    ["length", "日本", [2]],
    ["length", "é", [2]],
    ["[.[]|length]", ["a", "ab", "😀"], [[1, 2, 1]]],
  ]);
});

Deno.test("slices take code points", () => {
  check([
    [".[1:3]", "abcdef", ["bc"]],
    [".[1:3]", "a😀bc", ["😀b"]],
    [".[1:3]", "a", [""]],
    [".[1:3]", "", [""]],
    [".[:2]", "abc", ["ab"]],
    [".[:2]", "😀😀😀", ["😀😀"]],
    [".[:2]", "a", ["a"]],
    [".[-2:]", "abc", ["bc"]],
    [".[-2:]", "a😀b", ["😀b"]],
    [".[-2:]", "a", ["a"]],
    [".[:-1]", "abc", ["ab"]],
    [".[:-1]", "a😀", ["a"]],
    [".[:-1]", "", [""]],
    [".[2:1]", "abc", [""]],
    [".[1.2:3.5]", "abcdef", ["bcd"]],
    [".[null:2]", "abc", ["ab"]],
    [".[1:null]", "abc", ["bc"]],
    [".[10:]", "abc", [""]],
    [".[:10]", "abc", ["abc"]],
    [".[-10:2]", "abc", ["ab"]],
  ]);
});

Deno.test("indices finds all places, also those that overlap", () => {
  check([
    ['indices("a")', "banana", [[1, 3, 5]]],
    ['indices("a")', "bcd", [[]]],
    ['indices("a")', "", [[]]],
    ['indices("a")', "aaa", [[0, 1, 2]]],
    ['indices("an")', "banana", [[1, 3]]],
    ['indices("aa")', "aaaa", [[0, 1, 2]]],
    ['indices(", ")', "a, b, cd, efg", [[1, 4, 8]]],
    ['index("a"), rindex("a")', "banana", [1, 5]],
    ['index("a"), rindex("a")', "xyz", [null, null]],
    ['index("a"), rindex("a")', "", [null, null]],
    ['index(",")', "a,b, cd,e", [1]],
    ['index(",")', "", [null]],
    ['rindex(",")', "a,b, cd,e", [7]],
    ['indices("")', "abc", [[]]],
    ["indices(1)", [0, 1, 2, 1, 3], [[1, 3]]],
    ["indices(1)", [], [[]]],
    ["indices([1,2])", [0, 1, 2, 3, 1, 4, 2, 5, 1, 2, 6, 7], [[1, 8]]],
    ["indices([1,2])", [1], [[]]],
    ["index(1), rindex(1)", [1, 2, 1], [0, 2]],
    ["index(1), rindex(1)", [2], [null, null]],
    ["indices([])", [1, 2], [[]]],
    ["try indices(1) catch .", "a", ["Cannot index string with number"]],
    ["try indices(1) catch .", { "a": 1 }, ["Cannot index object with number"]],
    ['indices("a")', null, [null]],
    ['_strindices("a")', "banana", [[1, 3, 5]]],
  ]);
});

Deno.test("a text times a number repeats it", () => {
  check([
    [". * 3", "ab", ["ababab"]],
    [". * 3", "", [""]],
    [". * 3", 2, [6]],
    [". * 1", "ab", ["ab"]],
    [". * 1.7", "ab", ["ab"]],
    [". * 0.5", "ab", [""]],
    [". * -1", "ab", [null]],
    ["3 * .", 2, [6]],
    [". * .", 3, [9]],
    ["[.[] * 2]", ["a", "bc"], [["aa", "bcbc"]]],
  ]);
});
