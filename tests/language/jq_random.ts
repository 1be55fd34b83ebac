/**
 * Random programs and inputs, the same for each seed.
 *
 * @module
 */

import type { Json } from "../../src/jq/mod.ts";

/** Gives whole numbers below another. */
export type Pick = (below: number) => number;

/** A small generator, so that a failure can be repeated by its seed. */
export function seeded(seed: number): Pick {
  let state = seed >>> 0;
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32 * below);
  };
}

/** Chooses one of some. */
export function oneOf<Item>(pick: Pick, items: readonly Item[]): Item {
  const item = items[pick(items.length)];
  if (item === undefined) throw new RangeError("There is nothing to choose");
  return item;
}

const LEAVES: readonly Json[] = [
  null,
  true,
  false,
  0,
  1,
  2,
  -3,
  2.5,
  10,
  "",
  "a",
  "b c",
  "abc",
  "1",
  "x,y",
  "A1",
];
const KEYS = ["a", "b", "c", "key", "value", "name"];

/** Makes a value. */
export function randomValue(pick: Pick, depth: number): Json {
  const kind = depth === 0 ? 2 : pick(4);
  const items = <Made>(make: () => Made) =>
    Array.from({ length: pick(4) }, make);
  if (kind === 0) return items(() => randomValue(pick, depth - 1));
  if (kind === 1) {
    return Object.fromEntries(
      items(() => [oneOf(pick, KEYS), randomValue(pick, depth - 1)]),
    );
  }
  if (kind === 2) return oneOf(pick, LEAVES);
  return { a: randomValue(pick, depth - 1), b: [1, oneOf(pick, LEAVES)] };
}

const PLAIN = (". .a .b .[0] .[-1] .a.b .[] .[]? .a? .. .[1:] .[:2] .c[0]? " +
  "length keys type tojson tostring not add any all sort unique min max " +
  "first last flatten to_entries from_entries empty values scalars arrays " +
  "objects numbers strings booleans nulls iterables floor sqrt tonumber " +
  "ascii_downcase ascii_upcase explode implode paths tostream transpose " +
  "utf8bytelength @text @json @html @uri @base64 @csv @tsv @sh " +
  "recurse error abs fromjson keys_unsorted isempty(.[]?) ceil round " +
  'null true false 1 2 -1 0.5 "a" "abc" [] {} [1,2] (1,2) (.[]?,3) ' +
  'combinations? walk(.) group_by(.) getpath(["a"]) infinite tojson')
  .split(" ");
const UNARY = [
  "map(@)",
  "map_values(@)",
  "select(@)",
  "(@ | not)",
  "[@]",
  "{a: @}",
  "{(@ | tostring): 1}",
  "path(@)",
  "[paths(@)]",
  "del(@)",
  "first(@)",
  "[limit(2; @)]",
  "sort_by(@)",
  "group_by(@)",
  "unique_by(@)",
  "min_by(@)",
  "max_by(@)",
  "any(@)",
  "all(@)",
  "with_entries(@)",
  "to_entries | map(@)",
  "(try @ catch 1)",
  "(@)?",
  "-(@)",
  "walk(@)",
  "pick(@)",
  "isempty(@)",
  "recurse(@; false)",
  "[.[]? | @]",
  "reduce .[]? as $x (0; @)",
  "[foreach .[]? as $x (0; @)]",
  "[foreach .[]? as $x (null; @; [., $x])]",
  ". as $x | @",
  ". as [$x] | @",
  ". as {a: $x} | @",
  '"t\\(@)t"',
  '@json "j\\(@)"',
  "(label $f | @, break $f, 1)",
  "[range(0; 3)] | @",
  "has(@)",
  "in(@)",
  "index(@)",
  "indices(@)",
  "contains(@)",
  "inside(@)",
  "join(@)",
  "split(@)",
  "startswith(@)",
  "endswith(@)",
  "ltrimstr(@)",
  "rtrimstr(@)",
  "flatten(@)",
  "getpath(@)",
  "delpaths(@)",
  "IN(@)",
  "INDEX(@)",
  "bsearch(@)",
  "test(@)",
  '[match(@; "g")]',
  "[scan(@)]",
  'sub(@; "z")',
  'gsub(@; "<\\(.)>")',
  "[splits(@)]",
  "ascii(@)?",
  "error(@)",
  "tojson | @",
  "truncate_stream(@)",
  "fromstream(tostream | @)",
  "until(true; @)",
  "[limit(3; recurse(@))]",
  "[while(false; @)]",
  "nth(0; @)",
  "def f(g): g | g; f(@)",
  "def f($v): [$v, v]; f(@)",
  "def f: @; [f]",
];
const BINARY = [
  "(@ | #)",
  "(@, #)",
  "(@ + #)",
  "(@ - #)",
  "(@ * #)",
  "(@ / #)",
  "(@ % #)",
  "(@ == #)",
  "(@ != #)",
  "(@ < #)",
  "(@ <= #)",
  "(@ // #)",
  "(@ and #)",
  "(@ or #)",
  "(if @ then # else . end)",
  "(if @ then # end)",
  "{a: @, b: #}",
  "[@, #]",
  "(@ | [#])",
  "(@ as $x | #)",
  "(@ as [$x, $y] | [$y, #])",
  "(@ as {a: $x} ?// [$x] | [$x, #])",
  "((@) |= #)",
  "((@) = #)",
  "((@) += #)",
  "((@) //= #)",
  "((@) -= #)",
  "(try @ catch 2), #",
  "(try error(1) catch #), @",
  "reduce (@) as $x (.; #)",
  "[foreach (@) as $x (.; #)]",
  "setpath(@; #)",
  "[limit(2; @)] + [#]",
  "range(@; #)?",
  "any(@; #)",
  "all(@; #)",
  ".[@:#]?",
  "[.[@, #]?]",
  "first((@, #))",
  "isempty((@, #))",
  "[(@)[]?, #]",
  "def f(g): reduce g as $x (0; . + 1); [f(@), f(#)]",
  "def f: if . == null then @ else # end; f",
  "INDEX(@; #)",
  "([@] | sort_by(#))",
  "([@] - [#])",
  "(@ | tojson | fromjson | #)",
];

/** Makes a program; `$x` may be free in it. */
export function randomProgram(pick: Pick, depth: number): string {
  const kind = depth === 0 ? 0 : pick(5);
  if (kind === 0) return oneOf(pick, PLAIN).replace("infinite", "3");
  const inner = () => randomProgram(pick, depth - 1);
  const form = oneOf(pick, kind < 3 ? UNARY : BINARY);
  return form.replace("@", () => grouped(inner()))
    .replace("#", () => grouped(inner()));
}

function grouped(program: string): string {
  return /^[.\w"[\]]+$/.test(program) ? program : `(${program})`;
}
