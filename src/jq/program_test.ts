import { deepStrictEqual, ok, strictEqual, throws } from "node:assert/strict";
import type { LimitName } from "./fuel.ts";
import type { Json } from "./json.ts";
import { JqError, JqLimitError, JqSyntaxError } from "./failure.ts";
import { compileJq, firstJq, runJq } from "./program.ts";

function check(cases: readonly (readonly [string, Json, readonly Json[]])[]) {
  for (const [source, input, wanted] of cases) {
    deepStrictEqual(runJq(compileJq(source), input), wanted, source);
  }
}

Deno.test("runJq() gives all values, in the order of jq", () => {
  check([
    ["[(1,2)+(10,20)]", null, [[11, 12, 21, 22]]],
    ["[pow(2,3;1,2)]", null, [[2, 3, 4, 9]]],
    ['["\\(1,2) \\(3,4)"]', null, [["1 3", "2 3", "1 4", "2 4"]]],
    ["[.[0,1][0,1]]", [[1, 2], [3, 4]], [[1, 3, 2, 4]]],
    ["[range(0,1;3,4)]", null, [[0, 1, 2, 0, 1, 2, 3, 1, 2, 1, 2, 3]]],
    ["[label $f | (1,2,break $f,3)]", null, [[1, 2]]],
    ["[foreach (1,2) as $x (0; (.+$x, .*2))]", null, [[1, 0, 2, 0]]],
    ["[limit(3; repeat(1))]", null, [[1, 1, 1]]],
    ["first(1, error)", null, [1]],
  ]);
});

Deno.test("runJq() keeps what is bound, however functions call themselves", () => {
  check([
    [
      "def f(g): g | g; [f((1,2) as $x | . * 10 + $x)]",
      0,
      [[11, 12, 21, 22]],
    ],
    ["[recurse((.[0]?,.[1]?) as $x | $x) | numbers]", [[1, 2], 3], [[
      1,
      2,
      3,
    ]]],
    ["def f($a; $b): [$a, $b]; [f(1,2; 3,4)]", null, [[
      [1, 3],
      [1, 4],
      [2, 3],
      [2, 4],
    ]]],
    ["def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", 10, [
      3_628_800,
    ]],
    ["def f: if . > 100000 then . else . + 1 | f end; f", 0, [100_001]],
    ["def f: ., (. + 1 | f); [limit(3; f)]", 0, [[0, 1, 2]]],
    ["def f: def g: 3; 2; def g: 1; [f, g]", null, [[2, 1]]],
  ]);
});

Deno.test("runJq() knows own keys only, and makes any", () => {
  const proto: Json = JSON.parse('{"__proto__": 1, "a": 2}');
  check([
    [".constructor", {}, [null]],
    [".__proto__", {}, [null]],
    [".__proto__", proto, [1]],
    ['has("toString")', {}, [false]],
    ['{("__proto__"): 1} | keys', null, [["__proto__"]]],
    ['{"__proto__": 1} | .["__proto__"]', null, [1]],
    ['.["__proto__"] = 1 | to_entries', {}, [[
      { key: "__proto__", value: 1 },
    ]]],
    ['[{key: "__proto__", value: 1}] | from_entries | keys', null, [[
      "__proto__",
    ]]],
    ["del(.__proto__)", proto, [{ a: 2 }]],
    ["map_values(. + 1) | tojson", proto, ['{"__proto__":2,"a":3}']],
  ]);
  strictEqual(Reflect.get({}, "a"), undefined);
});

Deno.test("runJq() leaves what it is given as it is", () => {
  const input = { a: [1, 2], b: { c: [3] } };
  const before = structuredClone(input);
  for (
    const source of [
      ".a[0] = 9",
      ".b.c |= map(. + 1)",
      "del(.a[0], .b.c)",
      ".a += [3] | .a[0] |= empty",
      "[paths] | length",
      "(.a, .a[0], .b) |= [.]",
      "reduce range(3) as $i (.; .a[$i] = $i)",
    ]
  ) {
    runJq(compileJq(`try (${source}) catch .`), input);
    deepStrictEqual(input, before, source);
  }
});

Deno.test("runJq() ends what has no end at the limit that has its name", () => {
  const cases: readonly (readonly [string, LimitName])[] = [
    ["last(repeat(1))", "steps"],
    ["def f: f; f", "steps"],
    ["until(false; .)", "steps"],
    ["reduce range(infinite) as $x (0; . + 1)", "steps"],
    ['"aaaaaaaaaaaaaaaaaaaaaaaaaaaaab" | test("(a+)+$")', "steps"],
    ["[range(infinite)]", "array length"],
    ["[recurse(. + 1)]", "array length"],
    ['"a" * 1e9', "string length"],
    ['reduce range(99) as $i ("a"; . + .)', "string length"],
    ["[range(1000) | [range(10000)]]", "memory"],
    ["def f(x): f(x | x); f(.)", "memory"],
    ["def f: 1 + f; f", "depth"],
    ["def f: [f]; f", "depth"],
    ["range(1e9)", "outputs"],
  ];
  const limits = {
    stepsMax: 2_000_000,
    cellsMax: 1_000_000,
    arrayLengthMax: 100_000,
    stringLengthMax: 100_000,
    outputsMax: 1000,
  };
  for (const [source, limit] of cases) {
    throws(
      () => runJq(compileJq(`try (${source}) catch 1`), 0, { limits }),
      (thrown) => {
        ok(thrown instanceof JqLimitError, source);
        strictEqual(thrown.limit, limit, source);
        return true;
      },
    );
  }
});

Deno.test("runJq() ends at its time, where there is a clock", () => {
  let nowMs = 0;
  const clock = () => nowMs += 5;
  throws(
    () =>
      runJq(compileJq("def f: f; f"), null, {
        clock,
        limits: { timeMsMax: 20 },
      }),
    { limit: "time" },
  );
});

Deno.test("an error says what was raised, and where", () => {
  throws(
    () => runJq(compileJq('.a |\n  error({b: "c"})'), { a: 1 }),
    (thrown) => {
      ok(thrown instanceof JqError);
      deepStrictEqual(thrown.value, { b: "c" });
      strictEqual(thrown.message, '{"b":"c"}');
      deepStrictEqual(thrown.place, { offset: 7, line: 2, column: 3 });
      return true;
    },
  );
});

Deno.test("compileJq() finds all that is wrong at once", () => {
  throws(
    () => compileJq('[1 +] | {a: } | maps(.) | . as $x | $y | "\\(2 3)"'),
    {
      name: "JqSyntaxError",
    },
  );
  try {
    compileJq("[1 +] | {a: } | maps(.)");
  } catch (thrown) {
    ok(thrown instanceof JqSyntaxError);
    deepStrictEqual(
      thrown.problems.map(({ offset, message, hint }) => [
        offset,
        message,
        hint,
      ]),
      [
        [4, 'Unexpected "]", a value is expected', undefined],
        [12, 'Unexpected "}", a value is expected', undefined],
        [16, 'Unknown function "maps"', 'Did you mean "map"?'],
      ],
    );
  }
});

Deno.test("firstJq() runs no further than to its first value", () => {
  strictEqual(firstJq(compileJq("1, error"), null), 1);
  strictEqual(firstJq(compileJq("empty"), null), undefined);
  strictEqual(firstJq(compileJq("now"), null, { nowMs: 2500 }), 2.5);
  throws(() => firstJq(compileJq("now"), null), /time is not known/);
});
