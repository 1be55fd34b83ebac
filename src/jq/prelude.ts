/**
 * Functions that are written in jq itself, read when they are first called.
 *
 * @module
 */

import { parseJq } from "./parser.ts";
import type { FunctionEntry } from "./scope.ts";

const SOURCES: Readonly<Record<string, string>> = {
  // These are native, and written here for the paths that they give.
  "abs/0": "def abs: if . < 0 then -. else . end;",
  "indices/1": 'def indices($i): if type == "array" then ' +
    'if $i | type == "array" then .[$i] else .[[$i]] end ' +
    'elif type == "string" and ($i | type == "string") then _strindices($i) ' +
    "else .[$i] end;",
  "index/1": "def index($i): indices($i) | .[0];",
  "rindex/1": "def rindex($i): indices($i) | .[-1:][0];",
  "recurse/2": "def recurse(f; cond): def r: ., (f | select(cond) | r); r;",
  "until/2": "def until(cond; update): def _until: " +
    "if cond then . else (update | _until) end; _until;",
  "while/2": "def while(cond; update): def _while: " +
    "if cond then ., (update | _while) else empty end; _while;",
  "repeat/1": "def repeat(f): def _repeat: f, _repeat; _repeat;",
  // These are only here.
  "first/0": "def first: .[0];",
  "last/0": "def last: .[-1];",
  "nth/1": "def nth($n): .[$n];",
  "finites/0": "def finites: select(isinfinite or isnan | not);",
  "normals/0": "def normals: select(isnormal);",
  "with_entries/1": "def with_entries(f): to_entries | map(f) | from_entries;",
  "walk/1": 'def walk(f): def w: if type == "object" then map_values(w) ' +
    'elif type == "array" then map(w) else . end | f; w;',
  "combinations/0": "def combinations: if length == 0 then [] else " +
    ".[0][] as $x | (.[1:] | combinations) as $w | [$x] + $w end;",
  "combinations/1":
    "def combinations(n): . as $dot | [range(n)] | map($dot) | combinations;",
  "IN/1": "def IN(s): any(s == .; .);",
  "IN/2": "def IN(src; s): any(src == s; .);",
  "INDEX/1": "def INDEX(f): INDEX(.[]; f);",
  "INDEX/2": "def INDEX(stream; f): reduce stream as $row ({}; " +
    ".[$row | f | tostring] |= $row);",
  "JOIN/2": "def JOIN($idx; f): [.[] | [., $idx[f]]];",
  "JOIN/3": "def JOIN($idx; stream; f): stream | [., $idx[f]];",
  "JOIN/4": "def JOIN($idx; stream; f; join): stream | [., $idx[f]] | join;",
  "ascii/0": "def ascii: [.] | implode;",
  "dateadd/2": "def dateadd(u; n): . + n;",
  "datesub/2": "def datesub(u; n): . - n;",
  "leaf_paths/0": "def leaf_paths: paths(scalars);",
  "tostream/0": "def tostream: path(def r: (.[]? | r), .; r) as $p | " +
    "getpath($p) | reduce path(.[]?) as $q ([$p, .]; [$p + $q]);",
  "fromstream/1": "def fromstream(f): {x: null, e: false} as $init | " +
    "foreach f as $i ($init; if .e then $init else . end | " +
    'if $i | length == 2 then setpath(["e"]; $i[0] | length == 0) | ' +
    'setpath(["x"] + $i[0]; $i[1]) else ' +
    'setpath(["e"]; $i[0] | length == 1) end; ' +
    "if .e then .x else empty end);",
  "truncate_stream/1": "def truncate_stream(stream): . as $n | null | " +
    "stream | . as $input | if (.[0] | length) > $n then " +
    "setpath([0]; .[0][$n:]) else empty end;",
};

const entries = new Map<string, FunctionEntry>();

/** The functions, as `name/count`. */
export function listPrelude(): readonly string[] {
  return Object.keys(SOURCES);
}

/** Finds a function by its name and the number of its arguments. */
export function findPrelude(
  name: string,
  count: number,
): FunctionEntry | undefined {
  const key = `${name}/${count}`;
  const known = entries.get(key);
  if (known !== undefined || !Object.hasOwn(SOURCES, key)) return known;
  const { tree } = parseJq(`${SOURCES[key]} .`);
  if (tree.kind !== "define") return undefined;
  const entry: FunctionEntry = {
    kind: "function",
    definition: tree.definition,
    scope: undefined,
    variants: new Map(),
    paths: {},
  };
  entries.set(key, entry);
  return entry;
}
