import { check } from "../../tests/language/jq_cases.ts";

Deno.test("explode gives code points, implode takes them back", () => {
  check([
    ["explode", "", [[]]],
    ["explode", "a", [[97]]],
    ["explode", "aé", [[97, 233]]],
    ["explode", "😀b", [[128512, 98]]],
    ["explode", "\u0000", [[0]]],
    ["implode", [], [""]],
    ["implode", [97], ["a"]],
    ["implode", [97, 233], ["aé"]],
    ["implode", [128512, 98], ["😀b"]],
    ["implode", [0], ["\u0000"]],
    ["implode", [1114111], ["􏿿"]],
    ["explode | implode", "", [""]],
    ["explode | implode", "héllo 😀", ["héllo 😀"]],
    ["explode | implode", "日本語", ["日本語"]],
    ["explode | reverse | implode", "abc", ["cba"]],
    ["explode | reverse | implode", "a😀", ["😀a"]],
    ["explode | map(. + 1) | implode", "HAL", ["IBM"]],
    ["explode", null, "explode input must be a string"],
    ["explode", 1, "explode input must be a string"],
    ["explode", [], "explode input must be a string"],
    ["explode", {}, "explode input must be a string"],
    ["explode", true, "explode input must be a string"],
  ]);
});

Deno.test("startswith and endswith compare texts", () => {
  check([
    ['startswith("ab")', "abc", [true]],
    ['startswith("ab")', "ab", [true]],
    ['startswith("ab")', "a", [false]],
    ['startswith("ab")', "", [false]],
    ['endswith("bc")', "abc", [true]],
    ['endswith("bc")', "bc", [true]],
    ['endswith("bc")', "c", [false]],
    ['endswith("bc")', "", [false]],
    ['startswith("")', "abc", [true]],
    ['startswith("")', "", [true]],
    ['endswith("")', "abc", [true]],
    ['endswith("")', "", [true]],
    ['startswith("a","b")', "abc", [true, false]],
    ['[.[]|startswith("foo")]', ["fo", "foo", "barfoo", "foobar", "barfoob"], [[
      false,
      true,
      false,
      true,
      false,
    ]]],
    ['[.[]|endswith("foo")]', ["foobar", "barfoo"], [[false, true]]],
    ["try startswith(1) catch .", "abc", [
      "startswith() requires string inputs",
    ]],
    ["try endswith(null) catch .", "abc", [
      "endswith() requires string inputs",
    ]],
    ['startswith("ab")', null, "startswith() requires string inputs"],
    ['startswith("ab")', 1, "startswith() requires string inputs"],
    ['startswith("ab")', [], "startswith() requires string inputs"],
    ['startswith("ab")', {}, "startswith() requires string inputs"],
    ['endswith("bc")', null, "endswith() requires string inputs"],
    ['endswith("bc")', 1, "endswith() requires string inputs"],
    ['endswith("bc")', [], "endswith() requires string inputs"],
  ]);
});

Deno.test("ltrimstr and rtrimstr take a part away where it is", () => {
  check([
    ['ltrimstr("foo")', "foobar", ["bar"]],
    ['ltrimstr("foo")', "barfoo", ["barfoo"]],
    ['ltrimstr("foo")', "foo", [""]],
    ['ltrimstr("foo")', "foofoo", ["foo"]],
    ['ltrimstr("foo")', "", [""]],
    ['ltrimstr("foo")', null, [null]],
    ['ltrimstr("foo")', 1, [1]],
    ['ltrimstr("foo")', ["foo"], [["foo"]]],
    ['ltrimstr("foo")', { "a": "foo" }, [{ "a": "foo" }]],
    ['rtrimstr("foo")', "foobar", ["foobar"]],
    ['rtrimstr("foo")', "barfoo", ["bar"]],
    ['rtrimstr("foo")', "foo", [""]],
    ['rtrimstr("foo")', "foofoo", ["foo"]],
    ['rtrimstr("foo")', "", [""]],
    ['rtrimstr("foo")', null, [null]],
    ['rtrimstr("foo")', 1, [1]],
    ['rtrimstr("foo")', ["foo"], [["foo"]]],
    ['ltrimstr("")', "abc", ["abc"]],
    ['ltrimstr("")', "", [""]],
    ['rtrimstr("")', "abc", ["abc"]],
    ['rtrimstr("")', "", [""]],
    ["ltrimstr(1)", "abc", ["abc"]],
    ["ltrimstr(1)", 1, [1]],
    ["rtrimstr(null)", "abc", ["abc"]],
    ["rtrimstr(null)", null, [null]],
    ['[.[]|ltrimstr("a")]', ["a", "ba", "aa", 1, null], [[
      "",
      "ba",
      "a",
      1,
      null,
    ]]],
    ['ltrimstr("a","b")', "abc", ["bc", "abc"]],
    ['ltrimstr("a","b")', "bac", ["bac", "ac"]],
    ['rtrimstr("😀")', "a😀", ["a"]],
    ['rtrimstr("😀")', "😀a", ["😀a"]],
  ]);
});

Deno.test("ascii_downcase and ascii_upcase change letters of ASCII alone", () => {
  check([
    ["ascii_downcase", "ABC", ["abc"]],
    ["ascii_downcase", "aBc1", ["abc1"]],
    ["ascii_downcase", "ÀÉ", ["ÀÉ"]],
    ["ascii_downcase", "", [""]],
    ["ascii_downcase", "Z[@", ["z[@"]],
    ["ascii_upcase", "abc", ["ABC"]],
    ["ascii_upcase", "aBc1", ["ABC1"]],
    ["ascii_upcase", "àé", ["àé"]],
    ["ascii_upcase", "", [""]],
    ["ascii_upcase", "z{`", ["Z{`"]],
    ["ascii_downcase | ascii_upcase", "MiXed ß", ["MIXED ß"]],
  ]);
});

Deno.test("utf8bytelength counts bytes", () => {
  check([
    ["utf8bytelength", "", [0]],
    ["utf8bytelength", "a", [1]],
    ["utf8bytelength", "é", [2]],
    ["utf8bytelength", "€", [3]],
    ["utf8bytelength", "😀", [4]],
    ["utf8bytelength", "aé€😀", [10]],
    ["utf8bytelength", null, "null (null) only strings have UTF-8 byte length"],
    ["utf8bytelength", 1, "number (1) only strings have UTF-8 byte length"],
    ["utf8bytelength", [], "array ([]) only strings have UTF-8 byte length"],
    ["utf8bytelength", {}, "object ({}) only strings have UTF-8 byte length"],
  ]);
});

Deno.test("split and join are each other's way back", () => {
  check([
    ['split(",")', "a,b,c", [["a", "b", "c"]]],
    ['split(",")', "", [[]]],
    ['split(",")', ",", [["", ""]]],
    ['split(",")', "a", [["a"]]],
    ['split(",")', ",a,", [["", "a", ""]]],
    ['split(",")', "a, b", [["a", " b"]]],
    ['split("")', "abc", [["a", "b", "c"]]],
    ['split("")', "", [[]]],
    ['split("")', "é😀", [["é", "😀"]]],
    ['split(", ")', "a, b,c, d", [["a", "b,c", "d"]]],
    ['split(", ")', "a,b", [["a,b"]]],
    ['split("a","b")', "xaybz", [["x", "ybz"], ["xay", "z"]]],
    ["split(null)?", "a", []],
    ["try split(1) catch .", "a,b", [
      "split input and separator must be strings",
    ]],
    ['split("b";null)', "abcb", [["a", "c", ""]]],
    ['split("b";null)', "", [[""]]],
    ['split(", *";null)', "ab,cd,   ef, gh", [["ab", "cd", "ef", "gh"]]],
    ['split("B";"i")', "abcbd", [["a", "c", "d"]]],
    ['split("a+";"g")', "baaab", [["b", "b"]]],
    ['. / ","', "a,b,c", [["a", "b", "c"]]],
    ['. / ","', "abc", [["abc"]]],
    ['. / ","', "", [[]]],
    ['. / ""', "abc", [["a", "b", "c"]]],
    ['join(",")', [], [""]],
    ['join(",")', ["a"], ["a"]],
    ['join(",")', ["a", "b"], ["a,b"]],
    ['join(",")', ["a", null, "b"], ["a,,b"]],
    ['join(",")', [1, 2, 3], ["1,2,3"]],
    ['join(",")', [true, false], ["true,false"]],
    ['join(",")', ["a", 1, true, null], ["a,1,true,"]],
    ['join(",")', [""], [""]],
    ['join(",")', ["", ""], [","]],
    ['join(",")', { "a": "x", "b": "y" }, ["x,y"]],
    ['join("")', ["a", "b"], ["ab"]],
    ['join("")', [], [""]],
    ['join(", ","/")', ["a", "b", "c"], ["a, b, c", "a/b/c"]],
    ["try join(1) catch .", ["a", "b"], [
      'string ("a") and number (1) cannot be added',
    ]],
    ["try join(1) catch .", ["a"], ["a"]],
    ["try join(1) catch .", [], [""]],
    ['try join(",") catch .', ["a", [1]], [
      'string ("a,") and array ([1]) cannot be added',
    ]],
    ['try join(",") catch .', ["a", { "b": 1 }], [
      'string ("a,") and object ({"b":1}) cannot be added',
    ]],
    ['try join(",") catch .', [[]], [
      'string ("") and array ([]) cannot be added',
    ]],
    ['split(",") | join(";")', "a,b,c", ["a;b;c"]],
    ['[.[] / ", "]', ["a, b", "c"], [[["a", "b"], ["c"]]]],
    ['split(",")', null, "split input and separator must be strings"],
    ['split(",")', 1, "split input and separator must be strings"],
    ['split(",")', [], "split input and separator must be strings"],
    ['join(",")', null, "Cannot iterate over null (null)"],
    ['join(",")', 1, "Cannot iterate over number (1)"],
    ['join(",")', "ab", 'Cannot iterate over string ("ab")'],
  ]);
});

Deno.test("format writes as the format of that name", () => {
  check([
    ['format("text")', [1, "2"], ['[1,"2"]']],
    ['format("text")', "a", ["a"]],
    ['format("text")', null, ["null"]],
    ['format("json")', [1, "2"], ['[1,"2"]']],
    ['format("json")', "a", ['"a"']],
    ['format("csv")', [1, "2"], ['1,"2"']],
    ['format("base64")', "abc", ["YWJj"]],
    ['try format("nope") catch .', 1, ["nope is not a valid format"]],
    ["try format(1) catch .", 1, ["number (1) is not a valid format"]],
  ]);
});

Deno.test("tojson and fromjson are each other's way back", () => {
  check([
    ["tojson", null, ["null"]],
    ["tojson", true, ["true"]],
    ["tojson", false, ["false"]],
    ["tojson", 1, ["1"]],
    ["tojson", -1.5, ["-1.5"]],
    ["tojson", "a", ['"a"']],
    ["tojson", 'a"b\\c', ['"a\\"b\\\\c"']],
    ["tojson", "\n\t\r\b\f", ['"\\n\\t\\r\\b\\f"']],
    ["tojson", "\u0001\u001f", ['"\\u0001\\u001f"']],
    ["tojson", "é😀", ['"é😀"']],
    ["tojson", [], ["[]"]],
    ["tojson", {}, ["{}"]],
    ["tojson", [1, [2, { "a": null }]], ['[1,[2,{"a":null}]]']],
    ["tojson", { "b": 1, "a": [true] }, ['{"b":1,"a":[true]}']],
    ["fromjson", "null", [null]],
    ["fromjson", "1", [1]],
    ["fromjson", '"a"', ["a"]],
    ["fromjson", "[1, 2]", [[1, 2]]],
    ["fromjson", '{"a":1}', [{ "a": 1 }]],
    ["fromjson", " 1 ", [1]],
    ["fromjson", "nan", [null]],
    ["fromjson", "1e3", [1000]],
    ["fromjson", "-0", [0]],
    ["fromjson", '[1,{"a":[]}]', [[1, { "a": [] }]]],
    ["tojson | fromjson", [1, { "a": [null, true, "x"] }], [[1, {
      "a": [null, true, "x"],
    }]]],
    ["tojson | fromjson", "\u0000", ["\u0000"]],
    ["[.[]|tojson|fromjson]", [1, 1.5, [1], { "a": 1 }], [[1, 1.5, [1], {
      "a": 1,
    }]]],
    ['try fromjson catch "bad"', "{", ["bad"]],
    ['try fromjson catch "bad"', "[1", ["bad"]],
    ['try fromjson catch "bad"', "abc", ["bad"]],
    ['try fromjson catch "bad"', "{a:1}", ["bad"]],
    ['try fromjson catch "bad"', "1 2", ["bad"]],
    ['try fromjson catch "bad"', '"a', ["bad"]],
    ['try fromjson catch "bad"', "tru", ["bad"]],
    ['try fromjson catch "bad"', "[1,]", ["bad"]],
    ['try fromjson catch "bad"', '{"a"}', ["bad"]],
    ['try fromjson catch "bad"', '{"a":}', ["bad"]],
    ['try fromjson catch "bad"', "'a'", ["bad"]],
    ['try fromjson catch "bad"', "01a", ["bad"]],
    ['try fromjson catch "bad"', "1..2", ["bad"]],
    ["fromjson", 1, "number (1) only strings can be parsed"],
    ["fromjson", null, "null (null) only strings can be parsed"],
    ["fromjson", [], "array ([]) only strings can be parsed"],
    ["fromjson", {}, "object ({}) only strings can be parsed"],
  ]);
});

Deno.test("tostring leaves texts as they are", () => {
  check([
    ["tostring", null, ["null"]],
    ["tostring", true, ["true"]],
    ["tostring", 1, ["1"]],
    ["tostring", 1, ["1"]],
    ["tostring", 1.5, ["1.5"]],
    ["tostring", "a", ["a"]],
    ["tostring", [1, "a"], ['[1,"a"]']],
    ["tostring", { "a": [] }, ['{"a":[]}']],
    ["[.[]|tostring]", [1, "1", [1]], [["1", "1", "[1]"]]],
    ["[.[]|tostring|length]", ["abc", [1, 2], 12], [[3, 5, 2]]],
  ]);
});

Deno.test("ascii makes a character of its code", () => {
  check([
    ['@text "\\(.)"', 1, ["1"]],
    ['@text "\\(.)"', "a", ["a"]],
    ['@text "\\(.)"', null, ["null"]],
    ['@text "\\(.)"', [1], ["[1]"]],
  ]);
});
