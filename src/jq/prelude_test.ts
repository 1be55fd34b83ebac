import { check } from "../../tests/language/jq_cases.ts";

Deno.test("limit, first, until and their kind stop in time", () => {
  check([
    ["[limit(3; .[])]", [1, 2, 3, 4], [[1, 2, 3]]],
    ["[limit(3; .[])]", [1], [[1]]],
    ["[limit(1, 2; 7, 8, 9)]", null, [[7, 7, 8]]],
    ["[first(.[]), last(.[])]", [1, 2, 3], [[1, 3]]],
    ["[nth(1; .[])]", [1, 2, 3], [[2]]],
    ["[nth(1; .[])]", [1], [[]]],
    ["[range(3)] | first, last", null, [0, 2]],
    ["[.[] | limit(1; ., .)]", [1, 2], [[1, 2]]],
    ["isempty(.[])", [], [true]],
    ["isempty(.[])", [1], [false]],
    ['[limit(3; repeat("x"))]', null, [["x", "x", "x"]]],
    ['until(length > 5; . + "ab")', "a", ["aababab"]],
    ["[while(length > 0; .[1:])]", "abc", [["abc", "bc", "c"]]],
    ["[recurse(.children[]?) | .name]", {
      "name": "a",
      "children": [{ "name": "b", "children": [{ "name": "c" }] }],
    }, [["a", "b", "c"]]],
    ["[recurse(.[1:]; length > 0) | length]", [1, 2, 3], [[3, 2, 1]]],
    ["[range(1;3) as $i | range($i)]", null, [[0, 0, 1]]],
    ["combinations", [[1, 2], [3, 4]], [[1, 3], [1, 4], [2, 3], [2, 4]]],
    ["combinations", [[]], []],
    ["combinations", [], [[]]],
    ["[combinations(2)]", [0, 1], [[[0, 0], [0, 1], [1, 0], [1, 1]]]],
    ["[combinations] | length", [[1, 2], [3, 4], [5, 6]], [8]],
    ["[.[] | ascii_downcase] | unique", ["A", "a", "B"], [["a", "b"]]],
    ["finites?", 1, [1]],
    [
      "[1, infinite, nan, null] | map(numbers | select(isinfinite | not)) | length",
      null,
      [2],
    ],
    ["[1, 0, infinite] | map(normals)", null, [[1]]],
    ["[1, infinite] | map(finites)", null, [[1]]],
    ['splits("x")? // "none"', "axb", ["a", "b"]],
    ['ltrimstr("a") | rtrimstr("c")', "abc", ["b"]],
    ['getpath(["a"]) |= 5', { "a": 1 }, [{ "a": 5 }]],
    ["to_entries | from_entries", { "a": 1, "b": [2] }, [{ "a": 1, "b": [2] }]],
    ["tojson | fromjson", { "a": [1, null] }, [{ "a": [1, null] }]],
    ["[.[] | tostring | length]", [1, 10, "abc"], [[1, 2, 3]]],
    ["group_by(.k) | map({k: .[0].k, n: length})", [{ "k": 1 }, { "k": 2 }, {
      "k": 1,
    }], [[{ "k": 1, "n": 2 }, { "k": 2, "n": 1 }]]],
    ["map({(.k): .v}) | add", [{ "k": "a", "v": 1 }, { "k": "b", "v": 2 }], [{
      "a": 1,
      "b": 2,
    }]],
    ["map({(.k): .v}) | add", [], [null]],
    [". as {$a} | $a + 1", { "a": 1 }, [2]],
    ["[paths(..)]", [1, [2]], [[[0], [1], [1], [1, 0]]]],
    ['[paths(type == "object")]', { "a": { "b": {} } }, [[["a"], ["a", "b"]]]],
    ["any(.[]; . > 2)", [1, 2, 3], [true]],
    ["any(.[]; . > 2)", [], [false]],
    ["all(.[]; . > 0)", [1, 2, 3], [true]],
    ["all(.[]; . > 0)", [0], [false]],
    ["[.[] | select(any(.[]; . == 1))]", [[1, 2], [3]], [[[1, 2]]]],
    ["flatten | unique", [[1, [2]], [1]], [[1, 2]]],
    ["min_by(.x) | .n", [{ "x": 2, "n": "b" }, { "x": 1, "n": "a" }], ["a"]],
    ['splits(1)? // "bad"', "a", ["bad"]],
    ['@json "x\\([1,2])"', null, ["x[1,2]"]],
  ]);
});

Deno.test("INDEX, IN, JOIN and GROUP speak the language of tables", () => {
  check([
    ["INDEX(.id)", [{ "id": 1, "v": "a" }, { "id": 2, "v": "b" }], [{
      "1": { "id": 1, "v": "a" },
      "2": { "id": 2, "v": "b" },
    }]],
    ["INDEX(.id)", [], [{}]],
    ["INDEX(.[]; .id)", [{ "id": "x" }], [{ "x": { "id": "x" } }]],
    ["[.[] | IN(2, 3)]", [1, 2, 3], [[false, true, true]]],
    ["IN(.[]; 2, 3)", [1, 2], [true]],
    ["IN(.[]; 2, 3)", [5], [false]],
    ["[IN(.[]; 7)]", [1], [[false]]],
    ['INDEX(.id) as $i | [JOIN($i; [{"id":1}][]; .id|tostring)]', [{
      "id": 1,
      "v": "a",
    }], [[[{ "id": 1 }, { "id": 1, "v": "a" }]]]],
    ['JOIN({"1":"a"}; .id|tostring)', [{ "id": 1 }, { "id": 2 }], [[[{
      "id": 1,
    }, "a"], [{ "id": 2 }, null]]]],
    ['[.[] | IN({"a":1}, "x")]', [{ "a": 1 }, "x", "y"], [[true, true, false]]],
    ['ascii_downcase | IN("a", "b")', "A", [true]],
    ['ascii_downcase | IN("a", "b")', "C", [false]],
    [
      '[JOIN({"1":"a"}; .[]; .id|tostring; add)]',
      [[1]],
      'Cannot index array with string "id"',
    ],
  ]);
});

Deno.test("streams are made and read", () => {
  check([
    ["[tostream]", { "a": [1, { "b": 2 }] }, [[
      [["a", 0], 1],
      [["a", 1, "b"], 2],
      [["a", 1, "b"]],
      [["a", 1]],
      [["a"]],
    ]]],
    ["[tostream]", 1, [[[[], 1]]]],
    ["[tostream]", [], [[[[], []]]]],
    ["[tostream]", {}, [[[[], {}]]]],
    ["[tostream]", [[]], [[[[0], []], [[0]]]]],
    ["[tostream]", [1, [2]], [[[[0], 1], [[1, 0], 2], [[1, 0]], [[1]]]]],
    ["fromstream(tostream)", { "a": [1, { "b": 2 }] }, [{
      "a": [1, { "b": 2 }],
    }]],
    ["fromstream(tostream)", [1, [2]], [[1, [2]]]],
    ["fromstream(tostream)", "x", ["x"]],
    ["fromstream(tostream)", [], [[]]],
    [
      "[fromstream((1|truncate_stream([[0],1],[[1,0],2],[[1,0]],[[1]])))]",
      null,
      [[[2]]],
    ],
    ["[1|truncate_stream([[0],1],[[1,0],2],[[1,0]],[[1]])]", null, [[[[0], 2], [
      [0],
    ]]]],
    ['[fromstream(([["a"],1],[["b"],2],[["b"]]))]', null, [[{
      "a": 1,
      "b": 2,
    }]]],
    ["[tostream] | fromstream(.[])", { "a": { "b": [1, 2] } }, [{
      "a": { "b": [1, 2] },
    }]],
    ["[limit(2; tostream)]", [1, 2, 3], [[[[0], 1], [[1], 2]]]],
    ['getpath(["a"]) as $x | [$x | tostream]', { "a": [5] }, [[[[0], 5], [[
      0,
    ]]]]],
  ]);
});

Deno.test("getpath, paths and leaf values agree", () => {
  check([
    ["[paths] | length", { "a": { "b": { "c": 1 } } }, [3]],
    ["[paths(scalars)]", { "a": [1, 2], "b": "x" }, [[["a", 0], ["a", 1], [
      "b",
    ]]]],
    ["[paths as $p | {p: $p, v: getpath($p)}]", { "a": [1] }, [[{
      "p": ["a"],
      "v": [1],
    }, { "p": ["a", 0], "v": 1 }]]],
    ["reduce paths(scalars) as $p ({}; setpath($p; 0))", {
      "a": { "b": 1 },
      "c": 2,
    }, [{ "a": { "b": 0 }, "c": 0 }]],
    ["[paths(arrays)]", { "a": [1], "b": { "c": [] } }, [[["a"], ["b", "c"]]]],
    ["[..] | length", { "a": [1, { "b": 2 }] }, [5]],
    ["[.. | scalars]", { "a": [1, { "b": 2 }], "c": "x" }, [[1, 2, "x"]]],
    ['[.. | select(type == "boolean")]', [true, [false], { "a": true }], [[
      true,
      false,
      true,
    ]]],
    ['to_entries | map("\\(.key)=\\(.value)") | join("&")', {
      "a": 1,
      "b": "x",
    }, ["a=1&b=x"]],
  ]);
});

Deno.test("ltrimstr, splits, ascii, @text: small things of every day", () => {
  check([
    ['"\\(.first) \\(.last)"', { "first": "A", "last": "B" }, ["A B"]],
    [".[] |= ascii_upcase", ["a", "b"], [["A", "B"]]],
    ['[.[] | "item \\(.)"]', [1, "b", null, [1]], [[
      "item 1",
      "item b",
      "item null",
      "item [1]",
    ]]],
    [".a as [$x, $y] | {x: $x, y: $y}", { "a": [1, 2] }, [{ "x": 1, "y": 2 }]],
    ['[.users[] | select(.age >= 18) | .name] | sort | join(", ")', {
      "users": [{ "name": "B", "age": 20 }, { "name": "A", "age": 30 }, {
        "name": "C",
        "age": 10,
      }],
    }, ["A, B"]],
    [".items | map(.price * .count) | add", {
      "items": [{ "price": 2, "count": 3 }, { "price": 1, "count": 4 }],
    }, [10]],
    [".items | map(.price * .count) | add", { "items": [] }, [null]],
    [
      ".items | group_by(.kind) | map({kind: .[0].kind, total: (map(.n) | add)})",
      {
        "items": [{ "kind": "x", "n": 1 }, { "kind": "y", "n": 2 }, {
          "kind": "x",
          "n": 3,
        }],
      },
      [[{ "kind": "x", "total": 4 }, { "kind": "y", "total": 2 }]],
    ],
    ['[.[] | if type == "string" then tonumber? // 0 else . end]', [
      "1",
      "x",
      2,
    ], [[1, 0, 2]]],
    ['with_entries(select(.key | startswith("a")))', { "ab": 1, "b": 2 }, [{
      "ab": 1,
    }]],
    ["[limit(2; .[] | select(. > 1))]", [1, 2, 3, 4], [[2, 3]]],
    [".a.b |= (. // 0) + 1", {}, [{ "a": { "b": 1 } }]],
    [".a.b |= (. // 0) + 1", { "a": { "b": 4 } }, [{ "a": { "b": 5 } }]],
    ['paths |= tojson? // "none"', 1, [1]],
    ["(.a, .b) as $x | $x", { "a": 1, "b": 2 }, [1, 2]],
    ['[splits(" +")] | map(length)', "a bb  ccc", [[1, 2, 3]]],
    [". as $d | keys | map({k: ., v: $d[.]})", { "x": 1, "y": 2 }, [[{
      "k": "x",
      "v": 1,
    }, { "k": "y", "v": 2 }]]],
    ['[.[] | select(.tags | index("x"))]', [{ "tags": ["x", "y"] }, {
      "tags": ["z"],
    }], [[{ "tags": ["x", "y"] }]]],
    ['[.[] | .name // "?"]', [{ "name": "a" }, {}], [["a", "?"]]],
    ['map(has("a")) | all', [{ "a": 1 }, { "a": null }], [true]],
    ["(map(.n) | add) / length", [{ "n": 2 }, { "n": 4 }], [3]],
    ["to_entries | max_by(.value).key", { "a": 1, "b": 3, "c": 2 }, ["b"]],
    ["[.[] | [.a, .b] | @csv]", [{ "a": 1, "b": "x" }], [['1,"x"']]],
    [
      ".[0] as $h | .[1:] | map(. as $r | reduce range($h|length) as $i ({}; .[$h[$i]] = $r[$i]))",
      [["a", "b"], [1, 2], [3, 4]],
      [[{ "a": 1, "b": 2 }, { "a": 3, "b": 4 }]],
    ],
    ['if . == null then {} else . end | .x // "d"', null, ["d"]],
    ['if . == null then {} else . end | .x // "d"', { "x": 1 }, [1]],
    ["[range(.n)] | map(. * .)", { "n": 4 }, [[0, 1, 4, 9]]],
    ["([.[].v] | min) as $m | map(.v - $m)", [{ "v": 5 }, { "v": 3 }], [[
      2,
      0,
    ]]],
    [
      '[.[] | select(.s | test("^a"; "i")) | .s]',
      [{ "s": "Ab" }, { "s": "b" }],
      [["Ab"]],
    ],
    [
      'def pad(n): tostring | (n - length) * "0" + .; [.[] | pad(3)]?',
      [1, 22],
      [["001", "022"]],
    ],
    ['.config | to_entries[] | "\\(.key)=\\(.value|@sh)"', {
      "config": { "a": "x y" },
    }, ["a='x y'"]],
    [". * {b: {c: 2}}", { "a": 1, "b": { "d": 3 } }, [{
      "a": 1,
      "b": { "d": 3, "c": 2 },
    }]],
    ["del(.. | select(. == null))", { "a": null, "b": [1, null] }, [{
      "b": [1],
    }]],
    ["[.[] | select(.id as $i | [1,3] | index($i))]", [
      { "id": 1 },
      { "id": 2 },
      { "id": 3 },
    ], [[{ "id": 1 }, { "id": 3 }]]],
    ['walk(if type == "string" then ascii_upcase else . end)', {
      "a": ["b", { "c": "d" }],
    }, [{ "a": ["B", { "c": "D" }] }]],
  ]);
});
