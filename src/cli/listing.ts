/**
 * Lists: which page, which labels, and going on until there is no more.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { PAGE_SIZE_DEFAULT, PAGE_SIZE_MAX } from "../model/limits.ts";
import type { FlagSpec, ListSpec, OptionValues, ValueSpec } from "./command.ts";
import type { Page } from "./view.ts";

/** Pages of one `--all` at the most: ten million items. */
const PAGES_MAX = 10_000;

/** The specifications of the options of every list. */
export type ListOptions = {
  readonly limit: ValueSpec;
  readonly pageToken: ValueSpec;
  readonly all: FlagSpec;
};

/** The options of every list. */
export const LIST_OPTIONS: ListOptions = {
  limit: {
    kind: "value",
    placeholder: "COUNT",
    summary: `Show this many at the most (default ${PAGE_SIZE_DEFAULT})`,
  },
  pageToken: {
    kind: "value",
    placeholder: "TOKEN",
    summary: "Go on where the page before ended",
  },
  all: { kind: "flag", summary: "Show all of them" },
};

/** The option that keeps what carries a label. */
export const LABEL_FILTER: ListSpec = {
  kind: "list",
  short: "l",
  placeholder: "KEY=VALUE",
  summary: "Show only what carries this label",
};

/** The option that goes on with a list. */
export const WATCH_OPTION: FlagSpec = {
  kind: "flag",
  short: "w",
  summary: "Go on, and show what is new or changes, until Ctrl-C",
};

/** What a page is asked for with. */
export interface PageQuery {
  readonly size: number;
  readonly token: string;
}

/**
 * Collects as many items as were asked for.
 *
 * @param options What was typed.
 * @param fetchPage Gets one page.
 */
export async function collectPages<T>(
  options: Pick<OptionValues<ListOptions>, "limit" | "pageToken" | "all">,
  fetchPage: (query: PageQuery) => Promise<Page<T>>,
): Promise<Page<T>> {
  let left = wantedCount(options);
  let token = options.pageToken ?? "";
  const items: T[] = [];
  for (let page = 0; page < PAGES_MAX; page++) {
    const size = Math.min(left, PAGE_SIZE_MAX);
    const got = await fetchPage({ size, token });
    items.push(...got.items);
    left -= got.items.length;
    token = got.nextPageToken;
    if (token === "" || left <= 0) break;
  }
  return { items, nextPageToken: token };
}

function wantedCount(
  options: Pick<OptionValues<ListOptions>, "limit" | "all">,
): number {
  if (options.limit === undefined) {
    return options.all ? Infinity : PAGE_SIZE_DEFAULT;
  }
  if (options.all) {
    throw invalidArgument('Options "--limit" and "--all" exclude each other');
  }
  return parseCount(options.limit, "--limit");
}

/**
 * Reads a count of one or more.
 *
 * @throws {StigmerError} When it is none.
 */
export function parseCount(text: string, option: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw invalidArgument(
    `Option "${option}" cannot be "${text}", give a whole number from 1`,
  );
}

/**
 * Reads `KEY=VALUE` words.
 *
 * @throws {StigmerError} For a word without `=` or without a key, and for a
 * key that comes twice.
 */
export function parsePairs(
  words: readonly string[],
  option: string,
): Record<string, string> {
  const pairs: [string, string][] = words.map((word) => {
    const equals = word.indexOf("=");
    if (equals > 0) return [word.slice(0, equals), word.slice(equals + 1)];
    // A whole object is what programs have at hand.
    const isWhole = option.includes("--input") && /^\s*[{[]/.test(word);
    throw invalidArgument(
      `${option} cannot be "${word}", give it as KEY=VALUE`,
      isWhole
        ? { hints: ["Give all of the input at once with --input-file FILE"] }
        : {},
    );
  });
  const names = pairs.map(([name]) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice === undefined) return Object.fromEntries(pairs);
  throw invalidArgument(`${option} gives "${twice}" twice, give it once`);
}
