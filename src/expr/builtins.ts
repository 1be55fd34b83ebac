/**
 * The functions that an expression may call, and those it may not.
 *
 * @module
 */

/** What the jq that evaluates has, as `name/arity`. */
export const BUILTINS: ReadonlySet<string> = new Set(
  ("null/0 true/0 false/0 IN/1 IN/2 INDEX/1 INDEX/2 JOIN/2 JOIN/3 JOIN/4 abs/0 acos/0 acosh/0 " +
    "add/0 all/0 all/1 all/2 any/0 any/1 any/2 arrays/0 ascii_downcase/0 " +
    "ascii_upcase/0 asin/0 asinh/0 atan/0 atan2/2 atanh/0 booleans/0 " +
    "bsearch/1 builtins/0 capture/1 capture/2 cbrt/0 ceil/0 combinations/0 " +
    "combinations/1 contains/1 copysign/2 cos/0 cosh/0 del/1 delpaths/1 " +
    "drem/2 empty/0 endswith/1 erf/0 erfc/0 error/0 error/1 exp/0 exp10/0 " +
    "exp2/0 explode/0 expm1/0 fabs/0 fdim/2 finites/0 first/0 first/1 " +
    "flatten/0 flatten/1 floor/0 fma/3 fmax/2 fmin/2 fmod/2 format/1 " +
    "frexp/0 from_entries/0 fromdate/0 fromdateiso8601/0 fromjson/0 " +
    "fromstream/1 gamma/0 getpath/1 gmtime/0 group_by/1 gsub/2 gsub/3 has/1 " +
    "hypot/2 implode/0 in/1 index/1 indices/1 infinite/0 inside/1 isempty/1 " +
    "isfinite/0 isinfinite/0 isnan/0 isnormal/0 iterables/0 j0/0 j1/0 jn/2 " +
    "join/1 keys/0 keys_unsorted/0 last/0 last/1 ldexp/2 length/0 lgamma/0 " +
    "lgamma_r/0 limit/2 log/0 log10/0 log1p/0 log2/0 logb/0 ltrimstr/1 " +
    "map/1 map_values/1 match/1 match/2 max/0 max_by/1 min/0 min_by/1 " +
    "mktime/0 modf/0 nan/0 nearbyint/0 nextafter/2 nexttoward/2 normals/0 " +
    "not/0 now/0 nth/1 nth/2 nulls/0 numbers/0 objects/0 path/1 paths/0 " +
    "paths/1 pick/1 pow/2 pow10/0 range/1 range/2 range/3 recurse/0 " +
    "recurse/1 recurse/2 remainder/2 repeat/1 reverse/0 rindex/1 rint/0 " +
    "round/0 rtrimstr/1 scalars/0 scalb/2 scalbln/2 scan/1 scan/2 select/1 " +
    "setpath/2 significand/0 sin/0 sinh/0 sort/0 sort_by/1 split/1 split/2 " +
    "splits/1 splits/2 sqrt/0 startswith/1 strftime/1 strings/0 strptime/1 " +
    "sub/2 sub/3 tan/0 tanh/0 test/1 test/2 tgamma/0 to_entries/0 todate/0 " +
    "todateiso8601/0 tojson/0 tonumber/0 tostream/0 tostring/0 transpose/0 " +
    "trunc/0 truncate_stream/1 type/0 unique/0 unique_by/1 until/2 " +
    "utf8bytelength/0 values/0 walk/1 while/2 with_entries/1 y0/0 y1/0 yn/2")
    .split(" "),
);

/** What jq has elsewhere and the one that evaluates has not, in its own words. */
export const PRELUDE: Readonly<Record<string, string>> = {
  "add/1": "def add(f): reduce f as $x (null; . + $x);",
  "ascii/0": "def ascii: [.] | implode;",
  "date/0": "def date: todate;",
  "dateadd/2": "def dateadd(u; n): . + n;",
  "datesub/2": "def datesub(u; n): . - n;",
  "leaf_paths/0": "def leaf_paths: paths(scalars);",
  "ltrim/0": 'def ltrim: sub("^\\\\s+"; "");',
  "rtrim/0": 'def rtrim: sub("\\\\s+$"; "");',
  "skip/2": "def skip($n; f): foreach f as $x ($n + 1; . - 1; " +
    "if . <= 0 then $x else empty end);",
  "toarray/0": 'def toarray: if type == "array" then . else [.] end;',
  "trim/0": 'def trim: sub("^\\\\s+"; "") | sub("\\\\s+$"; "");',
  "trimstr/1": "def trimstr($x): ltrimstr($x) | rtrimstr($x);",
};

/** What no expression may call, and why. */
export const REFUSED_FUNCTIONS: Readonly<Record<string, string>> = {
  debug: "it writes to the terminal",
  env: "it reads the environment of this process",
  get_jq_origin: "it reads the file system",
  get_prog_origin: "it reads the file system",
  get_search_list: "it reads the file system",
  halt: "it ends the evaluator",
  halt_error: "it ends the evaluator",
  input: "there is no further input",
  input_filename: "there is no input file",
  input_line_number: "there is no input file",
  inputs: "there is no further input",
  localtime: "it depends on the time zone of this machine, use gmtime",
  modulemeta: "it reads the file system",
  stderr: "it writes to the terminal",
  strflocaltime: "it depends on the time zone of this machine, use strftime",
};

/** What no expression may read, and why; without `$`. */
export const REFUSED_VARIABLES: Readonly<Record<string, string>> = {
  ARGS: "there are no arguments",
  ENV: "it reads the environment of this process",
  __loc__: "it is about the evaluator, not about the workflow",
  __prog_args: "there are no arguments",
};

/** What may follow `@`. */
export const FORMATS: ReadonlySet<string> = new Set(
  "text json csv tsv html uri sh base64 base64d base32 base32d".split(" "),
);
