import { ok, strictEqual, throws } from "node:assert/strict";
import process from "node:process";
import {
  compileJq,
  eachJq,
  JQ_LIMITS,
  JqLimitError,
  type JqLimits,
  type LimitName,
  runJq,
} from "../../src/jq/mod.ts";

type Table = Partial<Readonly<Record<LimitName, readonly string[]>>>;

/** Programs without an end, or that make too much, by how they end. */
const ENDLESS: Table = {
  steps: [
    "last(repeat(1))",
    "last(range(infinite))",
    "until(false; .)",
    "last(recurse(. + 1))",
    "reduce range(40) as $i (1; [., .]) | last(..)",
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | length)',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | index("b"))',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | contains("b"))',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | split("b"))',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s / "b")',
    '("a" * 1.6e7) | indices("a" * 2000) | length',
    '{("a" * 1.6e7): 1} as $o | last(range(1e9) | try ($o | tonumber) catch .)',
    "[range(1e6)] as $a | last(range(1e9) | try ($a | delpaths(.)) catch .)",
    "[range(1e6)] as $a | last(range(1e9) | $a | mktime)",
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | ltrimstr("b"))',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | trim)',
    '("a" * 1.6e7) as $s | last(range(1e6) | try ($s | tonumber) catch .)',
    '("a" * 1.6e7) as $s | last(range(1e6) | {($s): 1} | has($s))',
    '("a" * 1.6e7) as $s | [range(1e6) | $s | ltrimstr("a")] | length',
  ],
  memory: [
    "reduce range(infinite) as $i ([]; . + [$i])",
    '"a" * 1.6e7 | gsub("a";"bb") | length',
    '"a" * 1.6e7 | gsub("";"bb") | length',
    '("a" * 1.6e7) as $s | [range(1e6) | $s + "b"] | length',
    '("a" * 1.6e7) as $s | [range(1e6) | "\\($s)b"] | length',
    '("a" * 1.6e7) as $s | [range(1e6) | [$s, "b"] | join("")] | length',
    '("a" * 1.6e7) as $s | [range(1e6) | $s | sub("a";"b")] | length',
    '("a" * 1.6e7) as $s | [range(1e6) | $s | @text] | length',
    "[range(1e6)] as $a | last(range(1e9) | try ($a | sort_by(error)) catch .)",
    "[range(1e6)] as $a | last(range(1e6) | $a | reverse)",
    "[range(1e6)] as $a | last(range(1e6) | $a | to_entries)",
    "[range(1e6)] as $a | last(range(1e6) | $a | transpose?)",
    "[range(1e6)] as $a | last(range(1e6) | $a | .[1:])",
    "[range(1e6)] as $a | last(range(1e6) | $a | .[0] = 1)",
    "[range(10)] | last([., ., ., ., ., ., ., ., .] | combinations)",
    "[range(1000)] | [combinations(100)] | length",
    "[fromstream(range(1e9) | [[.],1])] | length",
    "{a: range(1e5), b: range(1e5)} | empty",
    "[range(1e5)] | {a: .[], b: .[], c: .[]} | empty",
    "[range(1e6)] | pick(.[]) | length",
    "[range(1e5)] | [range(1e5) as $i | .[$i:]] | length",
  ],
  "array length": [
    "[range(infinite)]",
    "[range(infinite)] | length",
    "[limit(1e9; repeat(1))] | length",
    "reduce range(40) as $i (1; [., .]) | [..] | length",
    '"a" * 1.6e7 | explode | length',
    '"a" * 1.6e7 | split("") | length',
    "[limit(1e9; range(1e9))] | length",
    "[range(1e9)] | length",
    "[.[]?, repeat(1)] | length",
    ".[5e8] = 1",
    "[.[range(infinite)]?] | length",
  ],
  "string length": [
    '"a" * 1e9',
    '"a" * 1.6e7 | @base64 | length',
    '"a" * 1.6e7 | @base32 | length',
    '"a" | ascii_downcase * 1e8',
  ],
  outputs: [
    "range(1e9)",
    "repeat(1)",
    "label $f | repeat(1)",
  ],
  depth: [
    "def f: 1 + f; f",
    "def f: [f]; f",
    '"a" * 1.6e7 | test("(a|aa)+$")',
    "reduce range(9999) as $i (1; [.]) | tojson | length",
    "reduce range(99999) as $i (1; [.]) | tojson | length",
    "reduce range(99999) as $i (1; [.]) | [..] | length",
    "reduce range(1e6) as $i (1; [.]) as $x | $x == [$x]",
    "reduce range(1e6) as $i (1; {a: .}) | tojson | length",
    "reduce range(1e6) as $i (1; {a: .}) | walk(.)",
    '("a?" * 1e5 + "a" * 1e5) as $r | ("a" * 1e5) | test($r)',
    "path(repeat(.a))",
    "[path(recurse(.a))] | length",
    "last(path(recurse(.a)))",
    "path(last(recurse(.[0])))",
    "[limit(1e7; path(repeat(.a)))] | length",
    "(repeat(.a)) = 1",
    "[.,.] | getpath([0]) as $x | def g: g | g; g",
    "def f: try f catch .; f",
    "def f: try error catch f; f",
    "def f: (try f), 1; f",
    "def f: f, f; f",
    "def f: f | f; f",
    "def ack($m; $n): if $m == 0 then $n+1 elif $n == 0 then ack($m-1; 1) else ack($m-1; ack($m; $n-1)) end; ack(4; 4)",
  ],
};

/** The same, that take up to some seconds: for the long run. */
const ENDLESS_AND_SLOW: Table = {
  steps: [
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o == {a: 1})',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o < {})',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | length)',
    "def f: f; f",
    "reduce range(infinite) as $i (0; . + 1)",
    "isempty(range(infinite) | empty)",
    "first(range(infinite) | select(. < 0))",
    "any(range(infinite); false)",
    "all(range(infinite); true)",
    "reduce range(40) as $i (1; [., .]) | [.,.] | unique | length",
    "reduce range(40) as $i (1; [., .]) | . == (reduce range(40) as $i (1; [., .]))",
    '("😀" * 8e6) as $s | last(range(1e6) | $s | .[5:10])',
    '("a" * 1.6e7) as $s | ("a" * 1.6e7) as $t | last(range(1e6) | $s == $t)',
    '("a" * 1.6e7) as $s | ("a" * 1.6e7) as $t | last(range(1e6) | $s < $t)',
    '("1" * 1.6e7) as $s | last(range(1e6) | try ($s | tonumber) catch .)',
    "[range(1e6)] as $a | last(range(1e6) | $a | min)",
    "[range(1e6)] as $a | last(range(1e6) | $a | index(-1))",
    "[range(1e6)] as $a | last(range(1e6) | $a | index([-1]))",
    "[range(1e6)] as $a | last(range(1e6) | $a == $a)",
    "last(range(1e7) | jn(1e9; 1e9))",
    '"a" * 1e6 | [match("(?<=a*)b";"g")] | length',
    "last(label $f | repeat(1) | if . then . else break $f end)",
    "limit(1e9; repeat(1)) | empty",
    "limit(infinite; repeat(1)) | empty",
    "first(repeat(empty))",
    "[skip(1e9; repeat(1))]",
    "nth(1e9; repeat(1))",
    "last(range(9007199254740992; infinite))",
    "foreach range(infinite) as $i (0; . + $i) | empty",
    "reduce range(40) as $i (1; [., .]) | contains(reduce range(40) as $i (1; [., .]))",
    "reduce range(40) as $i (1; [., .]) | inside(reduce range(40) as $i (1; [., .]))",
    "reduce range(30) as $i (1; [., .]) | (.. | numbers) |= 2 | length",
    '"a" * 1.6e7 | test("(.*)*b")',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | utf8bytelength)',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | ascii_downcase)',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | test("b"))',
    "[range(1e6)] as $a | last(range(1e6) | try ($a | tojson) catch 1)",
    "[range(1e6)] as $a | last(range(1e6) | $a | add)",
    "[range(1e6)] as $a | last(range(1e6) | $a | contains([-1]))",
    "[range(1e6)] as $a | last(range(1e6) | $a | implode)",
    "[range(1e6)] as $a | last(range(1e6) | $a | tostring)",
    '("a?" * 25 + "a" * 25) as $r | ("a" * 25) | test($r)',
    '"x" * 30 + "y" | test("^(x+x+)+z")',
    '"a" * 1e5 | test("(a{1,100000}){1,100000}b")',
    '"a" * 1e6 | [match("(a)(?=.*b)?";"g")] | length',
    '"a" * 100000 | test("(?<!b.*)c")',
    '[range(300)|tostring] | join("|") | . as $r | last(range(1e5) | "zzz" | test($r))',
    '"%Y" * 1e6 | . as $f | last(range(1e6) | strftime($f)) | length',
    "last(range(1e7) | todate)",
    'last(range(1e7) | "2015-03-05T23:51:47Z" | fromdate)',
    "def f($n): if $n == 0 then 1 else f($n-1) + f($n-1) end; f(60)",
    "repeat(empty)",
    "[range(1e5)] | .[] + .[] | empty",
  ],
  memory: [
    "def f(x): f(x|x); f(.)",
    'reduce range(infinite) as $i (""; . + "x")',
    "reduce range(infinite) as $i ({}; .[$i|tostring] = $i)",
    "reduce range(infinite) as $i ([]; .[$i] = $i)",
    "last(foreach range(infinite) as $i ([]; [., $i]))",
    "until(false; [.])",
    "last(while(true; [.]))",
    "[while(true; [.])] | length",
    "[recurse([.])] | length",
    "reduce range(40) as $i (1; [., .]) | [paths] | length",
    "reduce range(40) as $i (1; [., .]) | [tostream] | length",
    "reduce range(40) as $i (1; [., .]) | [leaf_paths] | length",
    "reduce range(40) as $i (1; [., .]) | walk(.) | length",
    "reduce range(40) as $i (1; {a: ., b: .}) | . * . | tojson",
    "reduce range(40) as $i (1; [., .]) | del(..) | length",
    '"a" * 1.6e7 | [match("";"g")] | length',
    '("a" * 1.6e7) as $s | last(range(1e6) | $s | tojson)',
    "[range(1e6)] as $a | last(range(1e6) | $a | keys)",
    "[range(1e6)] as $a | last(range(1e6) | $a | map(1))",
    "[range(1e6)] as $a | last(range(1e6) | $a | sort)",
    "[range(1e6)] as $a | last(range(1e6) | $a | sort_by(.))",
    "[range(1e6)] as $a | last(range(1e6) | $a | flatten)",
    '[range(1e6)] as $a | last(range(1e6) | $a | join(","))',
    "[range(1e6)] as $a | last(range(1e6) | $a | @csv)",
    "[range(1e6)] as $a | last(range(1e6) | $a | @sh)",
    "[range(10)] | [., ., ., ., ., ., ., ., .] | [combinations] | length",
    "[range(10)] | [combinations(9)] | length",
    "setpath([range(9999)]; 1) | length",
    "[range(9999)] as $p | reduce range(1e6) as $i (null; setpath($p; $i)) | length",
    "(range(infinite) as $i | .[$i]) = 1",
    "del(.[range(infinite)])",
    'fromstream(repeat([["a"],1])) ',
    '[truncate_stream(repeat([["a","b"],1]))] | length',
    "def f($n): if $n == 0 then 1 else (f($n-1), f($n-1)) end; [f(60)] | length",
    '@text "\\(range(1e9))" | empty',
    '"\\(range(1e5)) \\(range(1e5))" | empty',
    '("a" * 1.6e7) as $s | last(range(1e6) | try ($s | fromjson) catch 1)',
    "[range(1e6)] as $a | last(range(1e6) | $a | group_by(.))",
    "[range(1e6)] as $a | last(range(1e6) | $a | unique)",
    "[range(1e6)] as $a | last(range(1e6) | $a - [1])",
    "[range(1e6)] as $a | last(range(1e6) | $a | del(.[0]))",
    "[range(1e6)] as $a | last(range(1e6) | $a | .[1:2] = [1])",
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | keys)',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | keys_unsorted)',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | first(.[]))',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o + {a: 1})',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o * {a: 1})',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | .a = 1)',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | del(.k1))',
    '(reduce range(3e5) as $i ({}; .["k\\($i)"] = $i)) as $o | last(range(1e6) | $o | to_entries)',
  ],
  "array length": [
    "reduce range(40) as $i (1; [., .]) | flatten | length",
    "[range(0; 1; 1e-300)] | length",
    "[range(0; 1e-300; 1e-310)] | length",
    "[range(1e5)] | [.[] + .[]] | length",
    '"a" * 1.6e7 | [splits("")] | length',
    '"a" * 1.6e7 | [scan(".")] | length',
  ],
  "string length": [
    '"\\"" * 1.6e7 | tojson | length',
    '"\\u0001" * 1.6e7 | tojson | length',
    "reduce range(40) as $i (1; [., .]) | tojson | length",
    "reduce range(40) as $i (1; [., .]) | tostring | length",
    "reduce range(40) as $i (1; [., .]) | @json | length",
    'reduce range(40) as $i (1; [., .]) | @html "\\(.)" | length',
    "reduce range(40) as $i (1; {a: ., b: .}) | tojson | length",
    "reduce range(40) as $i (1; [., .]) | try error catch tojson",
    "reduce range(40) as $i (1; [., .]) | [.[] | tojson] | length",
    '"<" * 1.6e7 | @html | length',
    '"\'" * 1.6e7 | @sh | length',
  ],
  depth: [
    '("[" * 1.6e7) | fromjson',
  ],
};

const IS_LONG = Deno.env.get("STIGMER_JQ_LIMITS") === "all";
/**
 * What the process may have more of at any time; of one run there are at most
 * 256 MiB, the rest was left by those before and is not collected yet.
 */
const RSS_GROWTH_MAX = 2 * 1024 * 1024 * 1024;
/** Of the processor, as others may use it, too. */
const PROGRAM_MS_MAX = 30_000;

function limitOf(
  program: string,
  limits: Partial<JqLimits> = {},
  clock?: () => number,
): LimitName | undefined {
  try {
    eachJq(compileJq(program), null, {
      limits,
      ...(clock === undefined ? {} : { clock }),
      take: () => true,
    });
    return undefined;
  } catch (thrown) {
    if (thrown instanceof JqLimitError) return thrown.limit;
    throw thrown;
  }
}

/** Runs all with the limits that hold where nothing is said. */
function checkTable(table: Table): void {
  const before = Deno.memoryUsage().rss;
  let largest = 0;
  for (const [limit, programs] of Object.entries(table)) {
    for (const program of programs) {
      const startedAt = process.cpuUsage();
      strictEqual(limitOf(program), limit, program);
      const { user, system } = process.cpuUsage(startedAt);
      const tookMs = (user + system) / 1000;
      ok(tookMs < PROGRAM_MS_MAX, `${program} took ${tookMs} ms`);
      largest = Math.max(largest, Deno.memoryUsage().rss - before);
    }
  }
  ok(largest < RSS_GROWTH_MAX, `${largest} bytes more`);
}

Deno.test("every endless program ends at a limit, with memory bounded", () => {
  checkTable(ENDLESS);
});

Deno.test({
  name: "every endless program that is slow ends, too",
  ignore: !IS_LONG,
  fn: () => checkTable(ENDLESS_AND_SLOW),
});

Deno.test("no limit is caught by try", () => {
  for (const [limit, programs] of Object.entries(ENDLESS)) {
    const [program = ""] = programs;
    const caught = `try (${program}) catch "caught", (${program})? // 1`;
    strictEqual(limitOf(caught), limit, caught);
  }
});

Deno.test("every loop looks at the clock", () => {
  for (const program of ENDLESS.steps ?? []) {
    let nowMs = 0;
    const limits = { stepsMax: 1e12, cellsMax: 1e12, timeMsMax: 10 };
    strictEqual(limitOf(program, limits, () => nowMs++), "time", program);
    ok(nowMs <= 13, `${program} looked at the clock ${nowMs} times`);
  }
});

const SET:
  readonly (readonly [LimitName, Partial<JqLimits>, string, string])[] = [
    ["steps", { stepsMax: 100 }, "last(range(50))", "last(range(200))"],
    ["outputs", { outputsMax: 3 }, "range(3)", "range(4)"],
    ["string length", { stringLengthMax: 10 }, '"a" * 10', '"a" * 11'],
    ["array length", { arrayLengthMax: 3 }, "[1, 2] + [3]", "[1, 2] + [3, 4]"],
    [
      "array length",
      { arrayLengthMax: 100 },
      "[range(100)]",
      "[range(300)]",
    ],
    ["memory", { cellsMax: 1000 }, "[range(500)]", "[range(2000)]"],
    [
      "depth",
      { depthMax: 10 },
      "def f: if . > 5 then 1 else 1 + (. + 1 | f) end; 0 | f",
      "def f: if . > 50 then 1 else 1 + (. + 1 | f) end; 0 | f",
    ],
  ];

Deno.test("each limit is set for one run, and named by its error", () => {
  for (const [limit, limits, within, beyond] of SET) {
    strictEqual(limitOf(within, limits), undefined, within);
    strictEqual(limitOf(beyond, limits), limit, beyond);
    strictEqual(limitOf(beyond), undefined, beyond);
  }
});

Deno.test("a run leaves nothing behind of its limits for the next", () => {
  const program = compileJq("last(range(1000))");
  throws(() => runJq(program, null, { limits: { stepsMax: 10 } }));
  strictEqual(runJq(program, null)[0], 999);
});

const MESSAGES: readonly (readonly [Partial<JqLimits>, string, string])[] = [
  [{ stepsMax: 10 }, "last(range(99))", "it takes more than 10 steps"],
  [{ stepsMax: 2e6 }, "repeat(empty)", "it takes more than 2 million steps"],
  [{ outputsMax: 1 }, "1, 2", "it gives more than 1 results"],
  [
    { stringLengthMax: 5 },
    '"abcdef" + "g"',
    "it makes a string of more than 5 characters",
  ],
  [
    { arrayLengthMax: 2 },
    "[1, 2] + [3]",
    "it makes an array of more than 2 items",
  ],
  [{ cellsMax: 9 }, "[1, 2, 3]", "it makes more than 9 items in all"],
  [
    { depthMax: 5 },
    "def f: 1 + f; f",
    "it nests more than 5 calls deep",
  ],
];

Deno.test("an error of a limit says which, and how much there may be", () => {
  for (const [limits, program, message] of MESSAGES) {
    throws(
      () => runJq(compileJq(program), null, { limits }),
      { name: "JqLimitError", message },
      program,
    );
  }
  ok(Object.values(JQ_LIMITS).every((it) => it > 0));
});

/** What is done with much data every day must not reach a limit. */
const LARGE: readonly (readonly [string, unknown])[] = [
  ['[range(100000)] | map(tostring) | join(",") | length', 588_889],
  ["reduce range(100000) as $i ([]; . + [$i]) | length", 100_000],
  ['reduce range(50000) as $i (""; . + "line \\($i)\\n") | length', 538_890],
  ['reduce range(50000) as $i ({}; .["k\\($i)"] = $i) | length', 50_000],
  ['reduce range(50000) as $i ({}; .["k\\($i % 9)"] += 1) | length', 9],
  ["[range(50000) | {id: .}] | INDEX(.id) | length", 50_000],
  ["[range(50000)] | map({(tostring): .}) | add | length", 50_000],
  ["[range(20000)] - [range(10000)] | length", 10_000],
  ["[range(100000)] | map(select(. % 2 == 0)) | length", 50_000],
  ["[range(100000)] | group_by(. % 10) | length", 10],
  ["[range(100000)] | sort_by(-.) | .[0]", 99_999],
  ['[range(20000) | "a"] | add | gsub("a"; "bc") | length', 40_000],
  ["[range(100000)] | tojson | fromjson | length", 100_000],
  ["[range(100000) | {a: .}] | map(.a) | add", 4_999_950_000],
  ["[range(50000)] | to_entries | map(.value) | length", 50_000],
  ["[limit(100000; repeat(1))] | length", 100_000],
];

Deno.test("large data is worked on within the limits", () => {
  for (const [program, wanted] of LARGE) {
    strictEqual(runJq(compileJq(program), null)[0], wanted, program);
  }
});
