/**
 * What programs say without what differs from one run to the next: ids, times,
 * folders, and who calls.
 *
 * @module
 */

/** What is taken out by its own name. */
export interface Names {
  readonly folder: string;
  readonly endpoint?: string;
}

const ID_REGEXP = /\b([a-z]{3})-[0-9a-z]{26}\b/g;
const TIME_REGEXP =
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z| UTC)?/g;
/** Where a page ends is told by ids and times, packed. */
const PAGE_REGEXP = /(--page-token |"nextPageToken": ")[\w=]+/g;
/** A run from a file is named by it and the end of its id. */
const NAME_REGEXP = /(?<="name": "\w+)-[0-9a-z]{6}(?=")/g;
const CLOCK_REGEXP = /\b\d\d:\d\d:\d\d(?:\.\d+)?Z?\b/g;
/** What takes longer than a second is told of meanwhile. */
const PROGRESS_REGEXP =
  /^(?:Running|Pending|Paused|Waiting.*|[\w ]+ (?:started(?: \(aex-\w+\))?|completed(?: in \S+ m?s)?|cancelled|failed(?: and is tried again)?: .*))\n/gm;
/** A duration as tables and sentences have it. */
const SPAN_REGEXP =
  /(?<![\w.-])\d+(?:\.\d+)?\s?(?:ms|s|m|h|d)(?:\s?\d+(?:ms|s|m|h))?\b(?!-)/g;

/**
 * Takes out what differs. An id is numbered by its first place in the text, so
 * that two that were the same still are.
 */
export function sayable(text: string, names: Names): string {
  const numbers = new Map<string, number>();
  const numbered = (id: string, kind: string): string => {
    const number = numbers.get(id) ?? numbers.size + 1;
    numbers.set(id, number);
    return `<${kind} ${number}>`;
  };
  return text
    .replaceAll(
      names.endpoint ?? `${names.folder}/home/stigmer.db`,
      "<backend>",
    )
    .replaceAll(names.folder, "<folder>")
    .replaceAll(/token:parity\b/g, "local-user")
    .replaceAll(PROGRESS_REGEXP, "")
    .replaceAll(PAGE_REGEXP, "$1<page>")
    .replaceAll(ID_REGEXP, numbered)
    .replaceAll(NAME_REGEXP, "-<end>")
    .replaceAll(TIME_REGEXP, "<time>")
    .replaceAll(CLOCK_REGEXP, "<time>")
    .replaceAll(SPAN_REGEXP, "<span>")
    // Columns are as wide as what was taken out.
    .replaceAll(/ {2,}|(?<=\w|>) (?=<(?:span|time)>)/g, "  ")
    .replaceAll(/ +$/gm, "");
}
