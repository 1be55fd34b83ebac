import { check } from "../../tests/language/jq_cases.ts";

Deno.test("setpath puts a value at a path", () => {
  check([
    ['setpath(["a","b"];1)', {}, [{ "a": { "b": 1 } }]],
    ['setpath(["a","b"];1)', null, [{ "a": { "b": 1 } }]],
    ['setpath(["a","b"];1)', { "a": { "c": 2 } }, [{
      "a": { "c": 2, "b": 1 },
    }]],
    ['setpath(["a","b"];1)', { "a": null }, [{ "a": { "b": 1 } }]],
    ["setpath([0];1)", [], [[1]]],
    ["setpath([0];1)", null, [[1]]],
    ["setpath([0];1)", [5, 6], [[1, 6]]],
    ["setpath([3];1)", [0], [[0, null, null, 1]]],
    ["setpath([3];1)", null, [[null, null, null, 1]]],
    ["setpath([-1];9)", [1, 2], [[1, 9]]],
    ["try setpath([-5];9) catch .", [1, 2], [
      "Out of bounds negative array index",
    ]],
    ["setpath([];1)", { "a": 1 }, [1]],
    ['try setpath("a";1) catch .', null, [
      "Path must be specified as an array",
    ]],
    ['setpath([{"start":1,"end":2}];["x","y"])', [1, 2, 3], [[1, "x", "y", 3]]],
    ['try setpath([{"start":1,"end":2}];5) catch .', [1, 2, 3], [
      "A slice of an array can only be assigned another array",
    ]],
    ["try setpath([true];1) catch .", [1], ["Cannot index array with boolean"]],
    ["try setpath([true];1) catch .", {}, ["Cannot index object with boolean"]],
    ['[setpath(["a"];1,2)]', {}, [[{ "a": 1 }, { "a": 2 }]]],
    ['setpath(["a","b"];1)', { "a": 1 }, 'Cannot index number with string "b"'],
    ['setpath(["a","b"];1)', [1], 'Cannot index array with string "a"'],
    ["setpath([0];1)", { "a": 1 }, "Cannot index object with number"],
  ]);
});

Deno.test("delpaths and del take paths away, all seen from before", () => {
  check([
    ['delpaths([["a","b"]])', { "a": { "b": 1 }, "x": { "y": 2 } }, [{
      "a": {},
      "x": { "y": 2 },
    }]],
    ['delpaths([["a","b"]])', null, [null]],
    ['delpaths([["a","b"]])', {}, [{}]],
    ['delpaths([["a","b"]])', { "a": null }, [{ "a": null }]],
    ["delpaths([])", { "a": 1 }, [{ "a": 1 }]],
    ["delpaths([[]])", { "a": 1 }, [null]],
    ["delpaths([[0],[1]])", [1, 2, 3], [[3]]],
    ['delpaths([["a"],["a","b"]])', { "a": { "b": 1 } }, [{}]],
    ["try delpaths(0) catch .", {}, ["Paths must be specified as an array"]],
    ["try delpaths([1]) catch .", {}, [
      "Path must be specified as array, not number",
    ]],
    ['try delpaths([["a"]]) catch .', [1], [
      "Cannot delete string element of array",
    ]],
    ['try delpaths([["a"]]) catch .', 1, ["Cannot delete fields from number"]],
    ["try delpaths([[0]]) catch .", { "a": 1 }, [
      "Cannot delete number field of object",
    ]],
    ["del(.a)", { "a": 1, "b": 2 }, [{ "b": 2 }]],
    ["del(.a)", {}, [{}]],
    ["del(.a)", null, [null]],
    ["del(.a)", { "b": 1 }, [{ "b": 1 }]],
    ["del(.[0])", [1, 2], [[2]]],
    ["del(.[0])", [], [[]]],
    ["del(.[0])", null, [null]],
    ["del(.[-1])", [1, 2, 3], [[1, 2]]],
    ["del(.[1:])", [1, 2, 3], [[1]]],
    ["del(.[0,2])", [1, 2, 3], [[2]]],
    ["del(.[1],.[0])", [1, 2, 3], [[3]]],
    ["del(.[])", [1, 2], [[]]],
    ["del(.[])", { "a": 1 }, [{}]],
    ["del(.a.b)", { "a": { "b": 1, "c": 2 } }, [{ "a": { "c": 2 } }]],
    ["del(.a.b)", {}, [{}]],
    ["del(.a.b)", { "a": null }, [{ "a": null }]],
    ["del(.[]|select(. > 1))", [1, 2, 3], [[1]]],
    ["del(..)", [1], [null]],
    ["del(.[].a)", [{ "a": 1 }, { "b": 2 }], [[{}, { "b": 2 }]]],
    ["del(.a[1:])", { "a": [1, 2, 3] }, [{ "a": [1] }]],
    ["del(empty)", [1], [[1]]],
    ["del(.)", 1, [null]],
    ["del(.)", [1], [null]],
    ["try del(.a) catch .", [1], ['Cannot index array with string "a"']],
    ["try del(.a) catch .", 1, ['Cannot index number with string "a"']],
    ["try del(.[0]) catch .", { "a": 1 }, ["Cannot index object with number"]],
    ["to_entries | del(.[0].key)", { "a": 1 }, [[{ "value": 1 }]]],
    ["pick(.a)", { "a": 1, "b": 2 }, [{ "a": 1 }]],
    ["pick(.a)", {}, [{ "a": null }]],
    ["pick(.a)", null, [{ "a": null }]],
    ["pick(.a.b)", { "a": { "b": 1, "c": 2 } }, [{ "a": { "b": 1 } }]],
    ["pick(.[1])", [1, 2, 3], [[null, 2]]],
    ["try pick(.[-1]) catch .", [1, 2], ["Out of bounds negative array index"]],
    ["pick(first(.a,.b))", { "a": 1, "b": 2 }, [{ "a": 1 }]],
  ]);
});
