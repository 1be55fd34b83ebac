/**
 * Matches regular expressions, step by step.
 *
 * The platform's own cannot be stopped, and some patterns take it longer than
 * anybody lives. Here each step counts as one of the program.
 *
 * @module
 */

import { raise } from "./failure.ts";
import { readText, step, steps } from "./fuel.ts";
import { isWord } from "./regex_classes.ts";
import { readRegex } from "./regex_reader.ts";
import type { Piece, RegexFlags, Where } from "./regex_tree.ts";

/** Where something matched, in UTF-16 units; -1 where it did not. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A match: all of it, and its groups. */
export interface RegexMatch extends Span {
  readonly groups: readonly Span[];
}

/** A regular expression that is ready to match. */
export interface Regex {
  /** Names of the groups. */
  readonly names: readonly (string | undefined)[];
  /** Finds the first match at or after a place. */
  readonly find: (text: string, from: number) => RegexMatch | undefined;
}

/** What one search knows. */
interface Search {
  readonly text: string;
  readonly from: number;
  readonly starts: number[];
  readonly ends: number[];
}

type Next = (at: number) => boolean;
type Matcher = (search: Search, at: number, next: Next) => boolean;

/** Compiled ones that are kept. */
const KEPT_MAX = 200;
/** Those that are longer are not. */
const KEPT_LENGTH_MAX = 1000;
const kept = new Map<string, Regex>();

/** Compiles a regular expression, or finds it again. */
export function regexOf(source: string, flags: RegexFlags): Regex {
  const key = `${Number(flags.ignoreCase)}${Number(flags.extended)}${
    Number(flags.dotAll)
  }${source}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const regex = compile(source, flags);
  if (source.length <= KEPT_LENGTH_MAX) {
    if (kept.size >= KEPT_MAX) kept.clear();
    kept.set(key, regex);
  }
  return regex;
}

function compile(source: string, flags: RegexFlags): Regex {
  steps(source.length);
  const { piece, groups } = readRegex(source, flags);
  const matcher = matcherOf(piece, { groups, ignoreCase: flags.ignoreCase });
  return {
    names: groups,
    find: (text, from) => {
      for (let at = from; at <= text.length; at = after(text, at)) {
        step();
        const starts: number[] = groups.map(() => -1);
        const ends: number[] = groups.map(() => -1);
        let end = -1;
        const search = { text, from, starts, ends };
        const isFound = matcher(search, at, (to) => {
          end = to;
          return true;
        });
        if (!isFound) continue;
        return {
          start: at,
          end,
          groups: starts.map((start, i) => ({ start, end: ends[i] ?? -1 })),
        };
      }
      return undefined;
    },
  };
}

/** The place after the character at a place. */
export function after(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

interface Making {
  readonly groups: readonly (string | undefined)[];
  readonly ignoreCase: boolean;
}

function matcherOf(piece: Piece, making: Making): Matcher {
  switch (piece.kind) {
    case "char": {
      const { test } = piece;
      return (search, at, next) => {
        step();
        const code = search.text.codePointAt(at);
        if (code === undefined || !test(code)) return false;
        return next(at + (code > 0xffff ? 2 : 1));
      };
    }
    case "sequence":
      return sequence(piece.pieces.map((it) => matcherOf(it, making)));
    case "choice": {
      const choices = piece.pieces.map((it) => matcherOf(it, making));
      return (search, at, next) =>
        choices.some((it) => {
          step();
          return it(search, at, next);
        });
    }
    case "group":
      return group(piece.at, matcherOf(piece.body, making));
    case "repeat":
      return repeat(piece, making);
    case "look":
      return look(piece, matcherOf(piece.body, making));
    case "atomic":
      return atomic(matcherOf(piece.body, making));
    case "back":
      return back(piece.to, making);
    case "at": {
      const { where } = piece;
      return (search, at, next) => isAt(where, search, at) && next(at);
    }
  }
}

function sequence(matchers: readonly Matcher[]): Matcher {
  return matchers.reduceRight<Matcher>(
    (rest, first) => (search, at, next) =>
      first(search, at, (to) => rest(search, to, next)),
    (_, at, next) => next(at),
  );
}

function group(index: number, body: Matcher): Matcher {
  return (search, at, next) =>
    body(search, at, (to) => {
      const { starts, ends } = search;
      const start = starts[index] ?? -1;
      const end = ends[index] ?? -1;
      starts[index] = at;
      ends[index] = to;
      if (next(to)) return true;
      starts[index] = start;
      ends[index] = end;
      return false;
    });
}

type Repeat = Extract<Piece, { kind: "repeat" }>;

function repeat(piece: Repeat, making: Making): Matcher {
  const { body, min, max, mode } = piece;
  if (mode === "possessive") {
    return atomic(repeat({ ...piece, mode: "greedy" }, making));
  }
  if (body.kind === "char") return repeatChar(piece, body.test);
  const matcher = matcherOf(body, making);
  const isLazy = mode === "lazy";
  const again = (search: Search, state: State, next: Next): boolean => {
    step();
    const { at, count } = state;
    const more = () =>
      count < max &&
      matcher(search, at, (to) =>
        // What has no length would go on forever.
        to > at || count < min
          ? again(search, { at: to, count: count + 1 }, next)
          : next(to));
    if (count < min) return more();
    return isLazy ? next(at) || more() : more() || next(at);
  };
  return (search, at, next) => again(search, { at, count: 0 }, next);
}

interface State {
  readonly at: number;
  readonly count: number;
}

/** Single characters are counted in a loop: texts are long. */
function repeatChar(
  { min, max, mode }: Repeat,
  test: (code: number) => boolean,
): Matcher {
  const take = (text: string, at: number): number => {
    const code = text.codePointAt(at);
    if (code === undefined || !test(code)) return -1;
    return at + (code > 0xffff ? 2 : 1);
  };
  return ({ text }, start, next) => {
    let at = start;
    let count = 0;
    for (; count < min; count++) {
      step();
      at = take(text, at);
      if (at < 0) return false;
    }
    if (mode === "lazy") {
      for (; at >= 0; count++) {
        step();
        if (next(at)) return true;
        if (count >= max) return false;
        at = take(text, at);
      }
      return false;
    }
    const least = at;
    for (; count < max; count++) {
      step();
      const to = take(text, at);
      if (to < 0) break;
      at = to;
    }
    for (;;) {
      step();
      if (next(at)) return true;
      if (at <= least) return false;
      const isLow = (text.charCodeAt(at - 1) & 0xfc00) === 0xdc00 &&
        (text.codePointAt(at - 2) ?? 0) > 0xffff;
      at -= isLow ? 2 : 1;
    }
  };
}

function look(
  { isBehind, isNegative }: Extract<Piece, { kind: "look" }>,
  body: Matcher,
): Matcher {
  return (search, at, next) => {
    let isThere = false;
    if (isBehind) {
      for (let from = at; from >= 0 && !isThere; from--) {
        step();
        isThere = body(search, from, (to) => to === at);
      }
    } else isThere = body(search, at, () => true);
    return isThere !== isNegative && next(at);
  };
}

/** Once it matched, it is not matched in another way. */
function atomic(body: Matcher): Matcher {
  return (search, at, next) => {
    let end = -1;
    const isFound = body(search, at, (to) => {
      end = to;
      return true;
    });
    return isFound && next(end);
  };
}

function back(to: number | string, { groups, ignoreCase }: Making): Matcher {
  const index = typeof to === "number" ? to - 1 : groups.lastIndexOf(to);
  if (index < 0 || index >= groups.length) {
    return raise(`Regex failure: undefined name or number <${to}> reference`);
  }
  const fold = (text: string) => ignoreCase ? text.toLowerCase() : text;
  return ({ text, starts, ends }, at, next) => {
    step();
    const start = starts[index] ?? -1;
    if (start < 0) return false;
    const wanted = text.slice(start, ends[index]);
    readText(wanted);
    const found = text.slice(at, at + wanted.length);
    return fold(found) === fold(wanted) && next(at + wanted.length);
  };
}

function isAt(where: Where, { text, from }: Search, at: number): boolean {
  switch (where) {
    case "start":
      return at === 0;
    case "end":
      return at === text.length;
    case "last line end":
      return at === text.length ||
        (at === text.length - 1 && text.charCodeAt(at) === 10);
    case "word edge":
      return isWordAt(text, at - 1) !== isWordAt(text, at);
    case "no word edge":
      return isWordAt(text, at - 1) === isWordAt(text, at);
    case "search start":
      return at === from;
  }
}

function isWordAt(text: string, at: number): boolean {
  if (at < 0 || at >= text.length) return false;
  const isLow = (text.charCodeAt(at) & 0xfc00) === 0xdc00;
  return isWord(text.codePointAt(isLow && at > 0 ? at - 1 : at) ?? 0);
}
