/**
 * Whether a piece of a program gives one result: what gives none or several
 * changes all that is around it.
 *
 * @module
 */

import type { Nesting, Span } from "./_nesting.ts";

/** Functions that give one result, whatever their arguments give. */
const COLLECTING: readonly string[] = [
  "all",
  "any",
  "group_by",
  "map",
  "map_values",
  "max_by",
  "min_by",
  "sort_by",
  "unique_by",
  "with_entries",
];
/** Functions that give one result where their arguments do. */
const ONE_RESULT: readonly string[] = [
  ...COLLECTING,
  ...("abs add ascii_downcase ascii_upcase ceil contains del endswith " +
    "explode false first flatten floor from_entries fromjson gsub has " +
    "implode in index indices inside join keys keys_unsorted last length " +
    "ltrimstr max min not now null reverse rindex round rtrimstr sort " +
    "split startswith sub test to_entries todate tojson tonumber tostring " +
    "trim ltrim rtrim true type unique utf8bytelength").split(" "),
];

/** Whether a piece is known to give one result, no more and no less. */
export function givesOne({ tokens, closers }: Nesting, span: Span): boolean {
  for (let i = span.from; i < span.to; i++) {
    const { kind, text } = tokens[i] ?? {};
    const end = closers.get(i);
    if (kind === "identifier") {
      const isKey = tokens[i + 1]?.text === ":";
      if (!isKey && !ONE_RESULT.includes(text ?? "")) return false;
      const of = closers.get(i + 1);
      if (COLLECTING.includes(text ?? "") && of !== undefined) i = of;
    } else if (kind === "keyword") {
      if (!/^(?:if|then|elif|else|end|and|or|as)$/.test(text ?? "")) {
        return false;
      }
    } else if (kind === "operator") {
      if (text === ".." || text === "?" || text === "?//") return false;
      if (text === "[" && isList(tokens, i)) i = end ?? i;
      else if (text === "[" && end === i + 1) return false;
      else if (text === "," && !isInObject({ tokens, closers }, i)) {
        return false;
      }
    }
  }
  return true;
}

/** Whether a bracket makes a list, and takes nothing of what is before it. */
function isList(tokens: Nesting["tokens"], at: number): boolean {
  const { kind, text } = tokens[at - 1] ?? {};
  if (kind === undefined) return true;
  if (kind === "operator") return !/^[.)\]}?]$/.test(text ?? "");
  return kind === "open" || (kind === "keyword" && text !== "end");
}

/** Whether a comma stands between entries of an object. */
function isInObject(
  { tokens, closers }: Pick<Nesting, "tokens" | "closers">,
  at: number,
): boolean {
  let inner: number | undefined;
  for (const [from, to] of closers) {
    if (from < at && at < to && from > (inner ?? -1)) inner = from;
  }
  return inner !== undefined && tokens[inner]?.text === "{";
}
