import { check } from "../../tests/language/jq_cases.ts";

Deno.test("= puts the same value everywhere", () => {
  check([
    [".a = 1", {}, [{ "a": 1 }]],
    [".a = 1", null, [{ "a": 1 }]],
    [".a = 1", { "a": 5, "b": 2 }, [{ "a": 1, "b": 2 }]],
    [".a.b = 1", {}, [{ "a": { "b": 1 } }]],
    [".a.b = 1", null, [{ "a": { "b": 1 } }]],
    [".[0] = 1", [], [[1]]],
    [".[0] = 1", null, [[1]]],
    [".[0] = 1", [5, 6], [[1, 6]]],
    [".[-1] = 1", [5, 6], [[5, 1]]],
    [".[] = 1", [1, 2], [[1, 1]]],
    [".[] = 1", { "a": 5 }, [{ "a": 1 }]],
    [".[] = 1", [], [[]]],
    [".[2] = 1", [0], [[0, null, 1]]],
    ['.[1:3] = ["x"]', [0, 1, 2, 3], [[0, "x", 3]]],
    [".[1:] = []", [1, 2, 3], [[1]]],
    [".a = .b", { "a": 1, "b": 2 }, [{ "a": 2, "b": 2 }]],
    [".a = (1,2)", {}, [{ "a": 1 }, { "a": 2 }]],
    ["(.a,.b) = 1", {}, [{ "a": 1, "b": 1 }]],
    ["(.a,.b) = (1,2)", {}, [{ "a": 1, "b": 1 }, { "a": 2, "b": 2 }]],
    [".a = empty", { "a": 1 }, []],
    ["[.a = empty]", { "a": 1 }, [[]]],
    [".[.k] = 1", { "k": "x" }, [{ "k": "x", "x": 1 }]],
    ['.a[1] = "x"', { "a": ["p", "q"] }, [{ "a": ["p", "x"] }]],
    ["(.a | .b) = 1", {}, [{ "a": { "b": 1 } }]],
    ["(.[] | select(. > 1)) = 0", [1, 2, 3], [[1, 0, 0]]],
    [". = 1", 5, [1]],
    ['getpath(["a","b"]) = 1', {}, [{ "a": { "b": 1 } }]],
    ["(.a // .b) = 1", { "a": null, "b": 2 }, [{ "a": null, "b": 1 }]],
    ["(.a // .b) = 1", { "a": 5 }, [{ "a": 1 }]],
    ["(if .x then .a else .b end) = 1", { "x": true }, [{ "x": true, "a": 1 }]],
    ["(if .x then .a else .b end) = 1", {}, [{ "b": 1 }]],
    ["first(.[]) = 9", [1, 2], [[9, 2]]],
    ["limit(2;.[]) = 0", [1, 2, 3], [[0, 0, 3]]],
    ["last = 9", [1, 2], [[1, 9]]],
    ["try ((.a | tostring) = 1) catch .", { "a": 1 }, [
      'Invalid path expression with result "1"',
    ]],
    ["try (1 = 2) catch .", null, ["Invalid path expression with result 1"]],
    ["try (.a = 1) catch .", [1], ['Cannot index array with string "a"']],
    ["try (.a = 1) catch .", 1, ['Cannot index number with string "a"']],
    ["try (.a = 1) catch .", "a", ['Cannot index string with string "a"']],
    ["try (.[0] = 1) catch .", { "a": 1 }, ["Cannot index object with number"]],
    ['try (.["a","b"] = 1) catch .', [], [
      'Cannot index array with string "a"',
    ]],
    [".. = 1", [[1]], "Cannot index number with number"],
  ]);
});

Deno.test("|= gives each value its own next one", () => {
  check([
    [".a |= . + 1", { "a": 1 }, [{ "a": 2 }]],
    [".a |= . + 1", {}, [{ "a": 1 }]],
    [".[] |= . + 1", [1, 2], [[2, 3]]],
    [".[] |= . + 1", { "a": 1 }, [{ "a": 2 }]],
    [".a |= empty", { "a": 1, "b": 2 }, [{ "b": 2 }]],
    [".[] |= empty", [1, 2, 3, 4, 5], [[]]],
    ["(.[] | select(. >= 2)) |= empty", [1, 5, 3, 0, 7], [[1, 0]]],
    [".a |= (1,2)", { "a": 0 }, [{ "a": 1 }]],
    [".[1:] |= map(. * 2)", [1, 2, 3], [[1, 4, 6]]],
    [".. |= .", [1, [2]], [[1, [2]]]],
    ['.a.b |= "x"', {}, [{ "a": { "b": "x" } }]],
    ['.a.b |= "x"', null, [{ "a": { "b": "x" } }]],
    ["(.a,.b) |= . + 1", { "a": 1, "b": 2 }, [{ "a": 2, "b": 3 }]],
    ["map(.a |= 5)", [{ "a": 1 }, {}], [[{ "a": 5 }, { "a": 5 }]]],
    [".a[] |= tostring", { "a": [1, 2] }, [{ "a": ["1", "2"] }]],
    [".[0].a |= {old: ., new: 1}", [{ "a": 10 }], [[{
      "a": { "old": 10, "new": 1 },
    }]]],
    [". |= 5", 1, [5]],
    [".a |= .b", { "a": { "b": 7 } }, [{ "a": 7 }]],
    ['try (.a |= error("x")) catch .', { "a": 1 }, ["x"]],
    ["with_entries(.value |= . * 2)", { "a": 1 }, [{ "a": 2 }]],
    ['walk(if type == "number" then . + 1 else . end)', [1, { "a": 2 }, "x"], [[
      2,
      { "a": 3 },
      "x",
    ]]],
    ['walk(if type == "array" then sort else . end)', [3, [2, 1], 1], [[1, 3, [
      1,
      2,
    ]]]],
    ['walk(if type == "object" then del(.a) else . end)', {
      "a": 1,
      "b": { "a": 2, "c": 3 },
    }, [{ "b": { "c": 3 } }]],
    ['walk(empty)? // "none"', 1, ["none"]],
    ["map_values(. + 1)", [1, 2], [[2, 3]]],
    ["map_values(. + 1)", { "a": 1 }, [{ "a": 2 }]],
    ["map_values(. + 1)", [], [[]]],
    ["map_values(. + 1)", {}, [{}]],
    ["map_values(empty)", [1, 2], [[]]],
    ["map_values(empty)", { "a": 1 }, [{}]],
    ["map_values(.,.)", [1], [[1]]],
    ["map_values(.,.)", { "a": 1 }, [{ "a": 1 }]],
    ["map(. + 1)", [1, 2], [[2, 3]]],
    ["map(. + 1)", { "a": 1 }, [[2]]],
    ["map(. + 1)", [], [[]]],
    ["map(empty)", [1, 2], [[]]],
    ["map(.,.)", [1, 2], [[1, 1, 2, 2]]],
    ["map(select(. > 1))", [1, 2, 3], [[2, 3]]],
    ["map(select(. > 1))", [], [[]]],
    ["map(select(.a))", [{ "a": true }, { "a": false }, {}], [[{ "a": true }]]],
    ["map(select(.a > 1) | .a)", [{ "a": 1 }, { "a": 2 }, { "a": "x" }], [[
      2,
      "x",
    ]]],
    ["map(select(.a == 1) | {a, b: (.a * 2)})", [{ "a": 1 }, { "a": 2 }], [[{
      "a": 1,
      "b": 2,
    }]]],
    ["map(select(.a > 1 and .b) | .b)", [{ "a": 2, "b": 5 }, { "a": 2 }, {
      "a": 0,
      "b": 1,
    }], [[5]]],
    ["map(select(true, true))", [1], [[1, 1]]],
    ["map(select(empty))", [1], [[]]],
    ['[.[] | select(. == "a")]', ["a", "b", "a"], [["a", "a"]]],
    ['[.[] | select(type == "number")]', [1, "a", 2], [[1, 2]]],
    ['[.[] | select(has("a"))]', [{ "a": 1 }, {}], [[{ "a": 1 }]]],
    ["[.[] | select(.a | . > 1)]", [{ "a": 1 }, { "a": 2 }], [[{ "a": 2 }]]],
    ["[.[] | select(.a.b > 1)]", [{ "a": { "b": 2 } }, { "a": null }], [[{
      "a": { "b": 2 },
    }]]],
    [
      'to_entries[0].key |= "z"',
      { "a": 1 },
      'Invalid path expression near attempt to access element 0 of [{"key":"a","value":1}]',
    ],
    ["map_values(.)", 1, "Cannot iterate over number (1)"],
    ["map_values(.)", null, "Cannot iterate over null (null)"],
    ["map(. + 1)", 1, "Cannot iterate over number (1)"],
    ["map(. + 1)", null, "Cannot iterate over null (null)"],
    ["map(. + 1)", "a", 'Cannot iterate over string ("a")'],
    ["map(select(.a))", [1], 'Cannot index number with string "a"'],
  ]);
});

Deno.test("+= and its kind compute with what is there", () => {
  check([
    [".a += 1", { "a": 1 }, [{ "a": 2 }]],
    [".a += 1", {}, [{ "a": 1 }]],
    [".a += 1", null, [{ "a": 1 }]],
    [".a -= 1", { "a": 1 }, [{ "a": 0 }]],
    [".a *= 2", { "a": 3 }, [{ "a": 6 }]],
    [".a /= 2", { "a": 3 }, [{ "a": 1.5 }]],
    [".a %= 2", { "a": 3 }, [{ "a": 1 }]],
    [".a //= 5", { "a": 1 }, [{ "a": 1 }]],
    [".a //= 5", {}, [{ "a": 5 }]],
    [".a //= 5", { "a": null }, [{ "a": 5 }]],
    [".a //= 5", { "a": false }, [{ "a": 5 }]],
    [".[] += 1", [1, 2], [[2, 3]]],
    [".a += .b", { "a": 1, "b": 5 }, [{ "a": 6, "b": 5 }]],
    [".a += (1,2)", { "a": 1 }, [{ "a": 2 }, { "a": 3 }]],
    ["(.a,.b) += 1", { "a": 1, "b": 2 }, [{ "a": 2, "b": 3 }]],
    ['.a += "x"', { "a": "y" }, [{ "a": "yx" }]],
    [".a += [1]", { "a": [0] }, [{ "a": [0, 1] }]],
    [".a += [1]", {}, [{ "a": [1] }]],
    [".a -= [1]", { "a": [1, 2] }, [{ "a": [2] }]],
    ['.a *= {"x":1}', { "a": { "y": 2 } }, [{ "a": { "y": 2, "x": 1 } }]],
    ["try (.a += 1) catch .", { "a": "x" }, [
      'string ("x") and number (1) cannot be added',
    ]],
    ["try (.a += 1) catch .", 1, ['Cannot index number with string "a"']],
    ["try (.a /= 0) catch .", { "a": 1 }, [
      "number (1) and number (0) cannot be divided because the divisor is zero",
    ]],
    [".[].a //= 0", [{ "a": 1 }, {}], [[{ "a": 1 }, { "a": 0 }]]],
    [".a = .a + 1 | .b += .a", { "a": 1, "b": 1 }, [{ "a": 2, "b": 3 }]],
  ]);
});

Deno.test("reduce takes every path from what it had before it assigns", () => {
  check([
    [
      "reduce (1,2) as $i ({a:0,b:1,c:10}; (.a, (if .a==1 then .b else .c end)) = $i)",
      null,
      [{ "a": 2, "b": 2, "c": 1 }],
    ],
    ["reduce (1,2) as $i ([0]; .[length,length] = $i)", null, [[0, 1, 2]]],
    ["reduce (1,2,3) as $i ([0]; .[.[]] = $i)", null, [[1, 3, 3]]],
    ["reduce (1,2) as $i ([0]; (.[] as $x | .[length]) = $i)", null, [[
      0,
      1,
      2,
    ]]],
    [
      'reduce (1,2) as $i ({a:{}}; (.. | objects | .["n\\($i)"]) = {})',
      null,
      [{
        "a": { "n1": { "n2": {} }, "n2": {} },
        "n1": { "n2": {} },
        "n2": {},
      }],
    ],
    ["reduce (1,2) as $i ({}; .a[.a | length] = $i)", null, [{ "a": [1, 2] }]],
  ]);
});

Deno.test("reduce changes in place only what nobody else sees", () => {
  check([
    [
      "[reduce (1,2) as $i ({a:{b:{c:0},x:1}}; .a.b.c = $i | .a.x |= empty | .a |= [., .] | .a[0].b.c = 9 | .a |= .[0]), 1]",
      null,
      [[{ "a": { "b": { "c": 9 } } }, 1]],
    ],
    [
      "reduce (1,2) as $i ([[[1]],[2]]; .[0][0][0] = $i | .[0:1] = [[[5]]] | .[0][0][0] = 7 | .[0] |= [., .] | .[0][0][0][0] = 8)",
      null,
      [[[[[8]], [[7]]], [2]]],
    ],
    ["reduce (1,2,3) as $i ({s:[]}; .a.b = $i | . |= (.s += [.a]))", null, [{
      "s": [{ "b": 1 }, { "b": 2 }, { "b": 3 }],
      "a": { "b": 3 },
    }]],
    ["reduce (1,2,3) as $i ({a:[1,[2]]}; .a[1][0] = $i | .b[$i] |= 1)", null, [{
      "a": [1, [3]],
      "b": [null, 1, 1, 1],
    }]],
    [". as $x | (reduce (1,2) as $i ($x; .a[$i] = $i)), $x", { "a": [1] }, [{
      "a": [1, 1, 2],
    }, { "a": [1] }]],
    ["[[1],[2]] as $x | (reduce $x[] as $i ([]; . + $i)), $x", null, [[1, 2], [[
      1,
    ], [2]]]],
    [
      "reduce 1 as $i ([[1],[2]]; .[1][0] = 7 | .[0:1] = [[5]] | . |= [., .] | .[0][1][0] = 9)",
      null,
      [[[[5], [9]], [[5], [7]]]],
    ],
    [
      "reduce 1 as $i ({a:{b:[1],c:1}}; .a.b[0] = 7 | .a.c |= empty | .a |= [., .] | .a[0].b[0] = 9)",
      null,
      [{ "a": [{ "b": [9] }, { "b": [7] }] }],
    ],
    [
      'reduce (1,2) as $i ({a:{b:{c:0},x:1}}; .a.b.c = $i | .a.x |= empty | .a |= (if type == "object" then [., .] else . end) | .a[0].b.c = 9 + $i)',
      null,
      'Cannot index array with string "b"',
    ],
  ]);
});
