import { deepStrictEqual, match, ok, strictEqual } from "node:assert/strict";
import { inspectProgram } from "./syntax.ts";

Deno.test("inspectProgram() finds what is wrong, and where", () => {
  const cases: readonly (readonly [string, number, RegExp])[] = [
    ["", 0, /is empty/],
    ["  # only a comment", 18, /is empty/],
    [".a + ", 5, /ends too early/],
    [".a | | .b", 5, /Unexpected "\|"/],
    ["(.a", 3, /ends too early, "\)" is expected/],
    [".a)", 2, /Unexpected "\)"/],
    ["[1, 2", 5, /"\]" is expected/],
    ["1 == 2 == 3", 7, /cannot be chained/],
    ["{1: 2}", 1, /put it in quotes/],
    ["'a'", 0, /Unexpected "'"/],
    ['"abc', 4, /not closed/],
    ['"a\\q"', 2, /escape/],
    ['"\\(1"', 4, /not closed|Unexpected/],
    ["if . then 1", 11, /"end" is expected/],
    ["reduce .[] as x (0; 1)", 14, /a variable is expected/],
    ["foo", 0, /Unknown function "foo"/],
    [".a | mapp(.b)", 5, /Unknown function "mapp"/],
    ["map", 0, /takes 1 argument, not 0/],
    ["@bas64", 0, /Unknown format "@bas64"/],
    ["break $x", 6, /label/],
    ["env.HOME", 0, /"env" is not allowed here/],
    ["$ENV.HOME", 0, /"\$ENV" is not allowed here/],
    ["[inputs]", 1, /"inputs" is not allowed here/],
    ["1 | debug", 4, /"debug" is not allowed here/],
    ["input_filename", 0, /not allowed here/],
    ["$__loc__", 0, /not allowed here/],
    ["now | localtime", 6, /use gmtime/],
    ['import "a" as a; 1', 0, /Unexpected "import"/],
  ];
  for (const [source, offset, message] of cases) {
    const inspected = inspectProgram(source);
    ok("problems" in inspected, `"${source}" must be refused`);
    match(inspected.problems[0]?.message ?? "", message);
    strictEqual(inspected.problems[0]?.offset, offset, source);
  }
});

Deno.test("inspectProgram() accepts what jq accepts", () => {
  const sources = [
    ".",
    "..",
    '."a b".c[0]["d"]?',
    ".a as {b: [$c, {$d}]} | $c + $d",
    ". as [$a] ?// $a | $a",
    "def f(g; $x): g + $x; f(.a; 1)",
    "def env: 1; 1 | {env: 2, input: .debug} | .inputs",
    "reduce .[] as $x (0; . + $x) | . * 2",
    "foreach .[] as $x (0; . + $x; [$x, .])",
    "if .a then 1 elif .b then 2 else 3 end",
    "try error(.a) catch . | length",
    "label $out | foreach .[] as $x (0; 1; break $out)",
    '"a \\(.b | map("\\(.c)") | join(", ")) d"',
    '@base64 "x\\(.)"',
    '{a, $b, "c": 1, (.d): 2, @text "e": 3, "f\\(1)": 4}',
    ".[1:2], .[:2], .[1:], .[-1:]",
    ".a |= . + 1 | .b //= 2 | .c += 1",
    "1 - -1 # a comment",
    ". and .a or .b | not",
  ];
  for (const source of sources) {
    const inspected = inspectProgram(source);
    ok("facts" in inspected, `${source}: ${JSON.stringify(inspected)}`);
  }
});

Deno.test("inspectProgram() tells the variables taken from outside", () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ["$a + $b.c", ["a", "b"]],
    [". as $a | $a + $b", ["b"]],
    ["($a as $a | $a)", ["a"]],
    ["def f($x): $x + $y; f(1)", ["y"]],
    ["reduce .[] as $i ($start; . + $i)", ["start"]],
    ["{$a}", ["a"]],
    ['"\\($a)"', ["a"]],
  ];
  for (const [source, variables] of cases) {
    const inspected = inspectProgram(source);
    ok("facts" in inspected);
    deepStrictEqual(inspected.facts.variables, variables, source);
  }
});

Deno.test("inspectProgram() names the variable that was meant", () => {
  const inspected = inspectProgram("1 + $contxt.a", {
    variables: new Set(["context"]),
  });
  deepStrictEqual(inspected, {
    problems: [{
      offset: 4,
      message: 'Unknown variable "$contxt"',
      hint: 'Did you mean "$context"?',
    }],
  });
  const bare = inspectProgram("workflow.id", {
    variables: new Set(["workflow"]),
  });
  ok("problems" in bare);
  strictEqual(bare.problems[0]?.hint, 'Write "$workflow" for the variable');
});

Deno.test("inspectProgram() bounds how deep a program nests", () => {
  const inspected = inspectProgram("[".repeat(5000) + "]".repeat(5000));
  ok("problems" in inspected);
  match(inspected.problems[0]?.message ?? "", /nested more than/);
});
