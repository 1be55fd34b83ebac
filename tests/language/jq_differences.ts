/**
 * Where our jq is meant to differ from jq's own latest tests, and why.
 *
 * @module
 */

/** A reason, and the programs that it is the reason of. */
export interface Difference {
  readonly why: string;
  readonly programs: readonly string[];
}

/** All that is meant to differ. */
export const DIFFERENCES: readonly Difference[] = [
  {
    why: "as in jq 1.7, `as` binds a term, not all that stands before it",
    programs: [
      "1 + 2 as $x | -$x",
      '"x" as $x | "a"+"y" as $y | $x+","+$y',
      "[-1 as $x | 1,$x]",
    ],
  },
  {
    why: "the words of an error are those of jq 1.7",
    programs: [
      '.[] | try (getpath(["a",0,"b"]) |= 5) catch .',
      '[.[]|try if . == 0 then error("foo") elif . == 1 then .a ' +
      "elif . == 2 then empty else . end catch .]",
      "try 0[implode] catch .",
      'try ("foobar" | .[1.5]) catch .',
      'try ["ok", setpath([1]; 1)] catch ["ko", .]',
    ],
  },
  {
    why: "as in jq 1.7, what is no text is given on as it is",
    programs: [
      '.[] as [$x, $y] | try ["ok", ($x | ltrimstr($y))] catch ["ko", .]',
      '.[] as [$x, $y] | try ["ok", ($x | rtrimstr($y))] catch ["ko", .]',
    ],
  },
  {
    why: "values that nest 10,000 deep end at the limit of depth",
    programs: [
      "reduce range(9999) as $_ ([];[.]) | tojson | fromjson | flatten",
      "reduce range(10000) as $_ ([];[.]) | tojson | try (fromjson) catch . | " +
      '(contains("<skipped: too deep>") | not) and ' +
      'contains("Exceeds depth limit for parsing")',
      "reduce range(10001) as $_ ([];[.]) | tojson | " +
      'contains("<skipped: too deep>")',
      "try (reduce range(10001) as $_ ([]; [.]) as $x | $x | " +
      "contains($x)) catch .",
      "reduce range(10000) as $_ ({}; {a: .}) as $x | $x * $x | length",
      "try (reduce range(10001) as $_ ({}; {a: .}) as $x | $x * $x) catch .",
      "try ((reduce range(10001) as $_ ([]; [.])) as $x | " +
      "(reduce range(10001) as $_ ([]; [.])) as $y | $x == $y) catch .",
      "try ((reduce range(10001) as $_ ([]; [.])) as $x | " +
      "[$x, $x] | sort) catch .",
      "try ((reduce range(10001) as $_ ([]; [.])) as $x | " +
      "[$x, $x] | unique) catch .",
      "try ((reduce range(10001) as $_ ({}; {a: .})) as $x | " +
      "[$x, $x] | sort) catch .",
      "try ((reduce range(10001) as $_ ({}; {a: .})) as $x | " +
      "[$x, $x] | unique) catch .",
    ],
  },
];
