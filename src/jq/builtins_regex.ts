/**
 * Functions that match regular expressions.
 *
 * @module
 */

import { add, described } from "./arithmetic.ts";
import {
  type Argument,
  collect,
  combine,
  GO,
  many,
  type Signal,
  single,
} from "./code.ts";
import { raise } from "./failure.ts";
import { boundArray, makeCells, meter } from "./fuel.ts";
import {
  isArray,
  type Json,
  type MutableObject,
  putMember,
  typeName,
} from "./json.ts";
import type { Native } from "./native.ts";
import { addTo, endSum, startSum, type Sum } from "./sums.ts";
import { after, type Regex, type RegexMatch, regexOf } from "./regex.ts";
import { lengthOf, PointCounter } from "./texts.ts";

/** A search as a program asks for it. */
interface Asked {
  readonly text: string;
  readonly regex: Regex;
  readonly isGlobal: boolean;
  /** Whether matches without length do not count. */
  readonly isFull: boolean;
}

function ask(input: Json, pattern: Json, flags: Json): Asked {
  if (typeof input !== "string") {
    return raise(
      `${described(input)} cannot be matched, as it is not a string`,
    );
  }
  if (typeof pattern !== "string") {
    return raise(
      `${described(pattern)} cannot be matched, as it is not a string`,
    );
  }
  if (flags !== null && typeof flags !== "string") {
    return raise(`${described(flags)} is not a string`);
  }
  const given = flags ?? "";
  if (!/^[gimnpslx]*$/.test(given) || given.includes("m")) {
    raise(`${given} is not a valid modifier string`);
  }
  if (given.includes("l")) {
    raise(`Regex failure: the longest match ("l") cannot be asked for here`);
  }
  return {
    text: input,
    regex: regexOf(pattern, {
      ignoreCase: given.includes("i"),
      extended: given.includes("x"),
      dotAll: given.includes("p"),
    }),
    isGlobal: given.includes("g"),
    isFull: given.includes("n"),
  };
}

/** Gives matches in turn, up to when no more are wanted. */
function search(
  { text, regex, isGlobal, isFull }: Asked,
  emit: (match: RegexMatch) => Signal,
): Signal {
  for (let at = 0; at <= text.length;) {
    const match = regex.find(text, at);
    if (match === undefined) return GO;
    const isEmpty = match.end === match.start;
    at = isEmpty ? after(text, match.end) : match.end;
    if (isEmpty && isFull) continue;
    const signal = emit(match);
    if (signal !== GO || !isGlobal) return signal;
  }
  return GO;
}

function matchObject(
  { text, regex }: Asked,
  match: RegexMatch,
  counter: PointCounter,
): Json {
  const piece = ({ start, end }: { start: number; end: number }) =>
    text.slice(start, end);
  const offset = counter.upTo(match.start);
  makeCells(16 + match.groups.length * 16);
  return {
    offset,
    length: lengthOf(piece(match)),
    string: piece(match),
    captures: match.groups.map((group, i): Json => {
      const name = regex.names[i] ?? null;
      if (group.start < 0) {
        return { offset: -1, string: null, length: 0, name };
      }
      return {
        offset: counter.upTo(group.start),
        length: lengthOf(piece(group)),
        string: piece(group),
        name,
      };
    }),
  };
}

/** The named groups of a match, as an object. */
function captured({ text, regex }: Asked, match: RegexMatch): Json {
  const object: MutableObject = {};
  match.groups.forEach(({ start, end }, i) => {
    const name = regex.names[i];
    if (name === undefined) return;
    putMember(object, name, start < 0 ? null : text.slice(start, end));
  });
  return object;
}

function scanned({ text }: Asked, match: RegexMatch): Json {
  const piece = (start: number, end: number): Json =>
    start < 0 ? null : text.slice(start, end);
  if (match.groups.length === 0) return piece(match.start, match.end);
  return match.groups.map(({ start, end }) => piece(start, end));
}

/** A function that gives something for each match. */
function matching(
  give: (asked: Asked, match: RegexMatch, counter: PointCounter) => Json,
  extra = "",
): Native {
  return {
    code: ([pattern, flags], start) => {
      const mayBeList = extra === "";
      const asking = asks(pattern, flags, { extra, mayBeList });
      return many((env, input, emit) =>
        asking.run(env, input, (packed) => {
          meter.at = start;
          const asked = unpack(input, packed);
          const counter = new PointCounter(asked.text);
          return search(asked, (match) => emit(give(asked, match, counter)));
        })
      );
    },
  };
}

/**
 * The pattern and the flags of a call, in all combinations; alone, both may
 * stand in one array.
 */
function asks(
  pattern: Argument | undefined,
  flags: Argument | undefined,
  { extra, mayBeList }: {
    readonly extra: string;
    readonly mayBeList: boolean;
  },
) {
  const none = single(() => null);
  return combine(
    [flags?.code ?? none, pattern?.code ?? none],
    (_, [flag = null, source = null]) => {
      if (mayBeList && flags === undefined) {
        if (isArray(source)) return source;
        if (typeof source !== "string") {
          raise(`${typeName(source)} not a string or array`);
        }
      }
      return [source, extra === "" ? flag : add(flag, extra)];
    },
  );
}

function unpack(input: Json, packed: Json): Asked {
  if (!isArray(packed)) return ask(input, null, null);
  return ask(input, packed[0] ?? null, packed[1] ?? null);
}

const test: Native = {
  code: ([pattern, flags], start) =>
    combine(
      [asks(pattern, flags, { extra: "", mayBeList: true })],
      (input, [packed = null]) => {
        meter.at = start;
        let isFound = false;
        search(unpack(input, packed), () => {
          isFound = true;
          return 1;
        });
        return isFound;
      },
    ),
};

/** What a piece of a text takes: its place in a list, and itself. */
const PIECE_CELLS = 5;

/** The pieces of a text between matches. */
function pieces(asked: Asked): Json[] {
  const found: Json[] = [];
  let from = 0;
  search(asked, ({ start, end }) => {
    found.push(asked.text.slice(from, start));
    boundArray(found.length);
    makeCells(PIECE_CELLS);
    from = end;
    return GO;
  });
  found.push(asked.text.slice(from));
  return found;
}

const split: Native = {
  code: ([pattern, flags], start) => {
    const asking = asks(pattern, flags, { extra: "g", mayBeList: false });
    return combine([asking], (input, [packed = null]) => {
      meter.at = start;
      return pieces(unpack(input, packed));
    });
  },
};

const splits: Native = {
  code: (given, start) => {
    const all = split.code(given, start);
    return many((env, input, emit) =>
      all.run(env, input, (items) => {
        if (!isArray(items)) return GO;
        for (const item of items) {
          const signal = emit(item);
          if (signal !== GO) return signal;
        }
        return GO;
      })
    );
  },
};

/** `sub` and `gsub`: the first values go into one text, the second into another. */
function substitute(extra: string): Native {
  return {
    code: ([pattern, insert, flags], start) => {
      const asking = asks(pattern, flags, { extra, mayBeList: false });
      return many((env, input, emit) =>
        asking.run(env, input, (packed) => {
          meter.at = start;
          const asked = unpack(input, packed);
          const { text } = asked;
          const results: Sum[] = [];
          let from = 0;
          search(asked, (match) => {
            const gap = text.slice(from, match.start);
            from = match.end;
            if (insert === undefined) return GO;
            collect(insert.code, env, captured(asked, match))
              .forEach((value, i) => {
                meter.at = start;
                addTo(results[i] ??= startSum(null), add(gap, value), start);
              });
            return GO;
          });
          if (results.length === 0) return emit(text);
          for (const result of results) {
            addTo(result, text.slice(from), start);
            const signal = emit(endSum(result));
            if (signal !== GO) return signal;
          }
          return GO;
        })
      );
    },
  };
}

/** `name/count` to what it does. */
export const REGEX_BUILTINS: Readonly<Record<string, Native>> = {
  "test/1": test,
  "test/2": test,
  "match/1": matching(matchObject),
  "match/2": matching(matchObject),
  "capture/1": matching(captured),
  "capture/2": matching(captured),
  "scan/1": matching(scanned, "g"),
  "scan/2": matching(scanned, "g"),
  "split/2": split,
  "splits/1": splits,
  "splits/2": splits,
  "sub/2": substitute(""),
  "sub/3": substitute(""),
  "gsub/2": substitute("g"),
  "gsub/3": substitute("g"),
};
