/**
 * Why an expression failed, without the values that it failed on: jq shows
 * them in parentheses and in quotes, shortens them, and takes its own messages
 * from them, so that nobody could find what is secret there.
 *
 * Only what is known to be a message of jq, or of this room, is given on.
 *
 * @module
 */

import { type EvaluationLimit, wayOut } from "./way_out.ts";

const TYPE = "(?:null|boolean|number|string|array|object)";

/** Messages, with `(…)` and `"…"` where there were values. */
const KNOWN: readonly RegExp[] = [
  // Of this room.
  "\\$\\w+ is not defined",
  "it gives more than one result, collect them with \\[ \\]",
  "its (?:input|result) is larger than [\\d.]+ MiB",
  "it takes more than \\d+(?: million)? steps",
  "it gives more than \\d+(?: million)? results",
  "it makes (?:an array|a string) of more than \\d+(?: million)? " +
  "(?:items|characters)",
  "it makes more than \\d+(?: million)? items in all",
  "it nests more than \\d+(?: million)? calls deep",
  "its result nests too deep",
  "it takes longer than [\\d.]+ s",
  "the time is not known here",
  // Of jq.
  `${TYPE} \\(…\\)(?: cannot be (?:added|subtracted|multiplied|divided|` +
  "negated|iterated over|parsed as a (?:number|boolean)|divided because the divisor is " +
  "zero|matched, as it is not a string|(?:sorted|grouped), as it is not an " +
  "array|[ct]sv-formatted, only array)| cannot have their containment " +
  "checked| can not be escaped for shell| can't be imploded, unicode " +
  "codepoint needs to be numeric| has no (?:keys|length)| is not (?:a string|" +
  "valid base64 data|valid in a csv row)| number required| only strings have " +
  "UTF-8 byte length| trailing base64 byte found)?",
  `Cannot index ${TYPE} with (?:${TYPE}(?: "…")?|"…")`,
  `Cannot iterate over ${TYPE}(?: \\(…\\))?`,
  `Cannot check whether ${TYPE} has a ${TYPE} key`,
  `Cannot delete ${TYPE} (?:field|element) of ${TYPE}`,
  `Cannot use ${TYPE} \\(…\\) as object key`,
  "Array/string slice indices must be integers",
  "Out of bounds negative array index",
  "Paths? must be specified as an array",
  "Range bounds must be numeric",
  "Regex failure",
  'date "…"',
  "(?:explode|implode) input must be (?:a string|an array)",
  "flatten depth must not be negative",
  "it is not JSON",
  "mktime requires array inputs",
  "split input and separator must be strings",
  "str[fp]time/1 requires (?:parsed datetime|string) inputs(?: and arguments)?",
  "\\w+\\(…\\) requires (?:string|numeric) inputs",
].map((it) => new RegExp(`^(?:${it})$`));

const LIMITS: readonly EvaluationLimit[] = [
  "array length",
  "depth",
  "memory",
  "outputs",
  "result",
  "steps",
  "string length",
  "time",
];
const WAYS_OUT: readonly string[] = [...new Set(LIMITS.map(wayOut))];

/** What is said of all others. */
const UNKNOWN =
  "it ends with an error of its own, which may have a secret in it";

/** Takes what may be a value out of a reason. */
export function quietReason(reason: string): string {
  // What is said to do about a limit is of this room, and has quotes of its own.
  const way = WAYS_OUT.find((it) => reason.endsWith(`, ${it}`));
  if (way !== undefined) {
    const limit = reason.slice(0, -way.length - 2);
    const isKnown = KNOWN.some((it) => it.test(limit));
    return isKnown ? reason : UNKNOWN;
  }
  const quiet = reason
    .replace(/^Regex failure: [^]*/, "Regex failure")
    .replace(/^[^]* \(while parsing '[^]*'\)$/, "it is not JSON")
    .replace(/\([^]*\)/, "(…)")
    .replace(/"[^]*"/, '"…"');
  return KNOWN.some((it) => it.test(quiet)) ? quiet : UNKNOWN;
}
