/**
 * Finds what of a program computes with a variable, and what only puts that
 * into place: objects, lists, branches, what comes last in a pipe.
 *
 * @module
 */

import {
  findTop,
  type Nesting,
  type Span,
  splitTop,
  stepsAfter,
  topOf,
} from "./_nesting.ts";

/** What is known of a piece of a program. */
interface Piece {
  readonly parts: readonly Span[];
  /** Whether what uses the variable is inside of an object or array. */
  readonly isBuilt: boolean;
  /** Whether a part of it depends on what is only known inside. */
  readonly isBroken: boolean;
}

/** Where a piece stands. */
interface Around {
  readonly nesting: Nesting;
  readonly variable: string;
  /** Offsets at which something is read that counts like the variable. */
  readonly hot: ReadonlySet<number>;
  /** Whether `.` is another one here, or there are variables of its own. */
  readonly isInner: boolean;
  /** Whether `,` only separates the items of an array. */
  readonly isList?: boolean;
}

/** What fails after it is done with the next pattern. */
const OTHER_PATTERN = { kind: "operator", texts: ["?//"] } as const;
const FREE: Piece = { parts: [], isBuilt: true, isBroken: false };
/** Functions that leave alone what their argument gives. */
const MAPPING: readonly string[] = ["map", "map_values"];
const OPERATORS: readonly (readonly string[])[] = [
  ["or"],
  ["and"],
  ["==", "!=", "<", "<=", ">", ">="],
];
const ASSIGNMENTS: readonly string[] = [
  "=",
  "|=",
  "+=",
  "-=",
  "*=",
  "/=",
  "%=",
  "//=",
];

/**
 * Finds the pieces of a program that use a variable and that the rest of it
 * leaves alone.
 */
export function findParts(
  nesting: Nesting,
  of: Pick<Around, "variable" | "hot">,
): readonly Span[] {
  return pipe({ ...of, nesting, isInner: false }, nesting.whole).parts;
}

/** One part of all that a span holds. */
function computed(around: Around, span: Span): Piece {
  const isBroken = around.isInner && !standsAlone(around, span);
  return { parts: [span], isBuilt: false, isBroken };
}

/** The piece, or one part of it where that depends on what is inside. */
function orComputed(around: Around, span: Span, piece: Piece): Piece {
  return piece.isBroken ? computed(around, span) : piece;
}

function uses(
  { nesting, variable, hot }: Around,
  { from, to }: Span,
): boolean {
  return nesting.tokens.slice(from, to).some(({ kind, text, start }) =>
    (kind === "variable" && text === variable) || hot.has(start)
  );
}

/** `a | b`, `a as $x | b`: only what comes last is given on as it is. */
function pipe(around: Around, span: Span): Piece {
  if (!uses(around, span)) return FREE;
  const { nesting } = around;
  const keywords = { kind: "keyword", texts: ["def", "label"] } as const;
  const loops = {
    kind: "keyword",
    texts: ["reduce", "foreach", "try"],
  } as const;
  if (
    findTop(nesting, span, keywords) !== undefined ||
    findTop(nesting, span, loops) !== undefined ||
    findTop(nesting, span, OTHER_PATTERN) !== undefined
  ) return computed(around, span);
  const bar = findTop(nesting, span, { kind: "operator", texts: ["|"] });
  if (bar === undefined) return commas(around, span);
  const before = { from: span.from, to: bar };
  if (uses(around, before) || isHalf(around, before)) {
    return computed(around, span);
  }
  const after = { from: bar + 1, to: span.to };
  return orComputed(around, span, pipe({ ...around, isInner: true }, after));
}

/** `1 + . as $x | b` is `1 + (. as $x | b)`. */
function isHalf({ nesting }: Around, span: Span): boolean {
  const as = findTop(nesting, span, { kind: "keyword", texts: ["as"] });
  if (as === undefined) return false;
  return topOf(nesting, { from: span.from, to: as }).some((i) => {
    const { kind, text } = nesting.tokens[i] ?? {};
    return kind === "operator" && !".[({?".includes(text ?? "");
  });
}

function commas(around: Around, span: Span): Piece {
  const { isList, ...inner } = around;
  const items = splitTop(around.nesting, span, {
    kind: "operator",
    texts: [","],
  });
  if (items.length === 1) return alternatives(inner, span);
  if (isList !== true) return computed(around, span);
  return joined(items.map((it) => alternatives(inner, it)), { isBuilt: true });
}

/** `a // b`: a part that may be null, or fail, would be chosen otherwise. */
function alternatives(around: Around, span: Span): Piece {
  if (!uses(around, span)) return FREE;
  const at = findTop(around.nesting, span, { kind: "operator", texts: ["//"] });
  if (at === undefined) return assignment(around, span);
  const first = { from: span.from, to: at };
  const left = assignment(around, first);
  const isThere = left === FREE || left.isBuilt || isMember(around, first);
  if (!isThere || left.isBroken || mayFail(around, left)) {
    return computed(around, span);
  }
  const right = alternatives(around, { from: at + 1, to: span.to });
  return orComputed(around, span, joined([left, right], {}));
}

/** `$secrets.NAME`, which is always there. */
function isMember({ nesting, variable }: Around, span: Span): boolean {
  const { kind, text } = nesting.tokens[span.from] ?? {};
  const { steps, to } = stepsAfter(nesting, span.from + 1);
  return kind === "variable" && text === variable && to === span.to &&
    steps.length === 1;
}

/** Whether a part may fail once it is computed. */
function mayFail(around: Around, { parts }: Piece): boolean {
  return !parts.every((it) => isMember(around, it));
}

/** `.a = b` leaves alone what it puts there. */
function assignment(around: Around, span: Span): Piece {
  if (!uses(around, span)) return FREE;
  const { nesting } = around;
  const at = findTop(nesting, span, { kind: "operator", texts: ASSIGNMENTS });
  if (at === undefined) return operators(around, span);
  const target = { from: span.from, to: at };
  const isPath = nesting.tokens[at]?.text === "=" &&
    nesting.tokens[span.from]?.kind === "field" &&
    stepsAfter(nesting, span.from).to === at;
  if (!isPath || uses(around, target)) return computed(around, span);
  const value = operators(around, { from: at + 1, to: span.to });
  return orComputed(around, span, { ...value, isBuilt: true });
}

function operators(around: Around, span: Span): Piece {
  if (!uses(around, span)) return FREE;
  const { nesting } = around;
  for (const texts of OPERATORS) {
    const found = findTop(nesting, span, { kind: "operator", texts }) ??
      findTop(nesting, span, { kind: "keyword", texts });
    if (found !== undefined) return computed(around, span);
  }
  const arithmetic = { kind: "operator", texts: ["-", "*", "/", "%"] } as const;
  if (findTop(nesting, span, arithmetic) !== undefined) {
    return computed(around, span);
  }
  const terms = splitTop(nesting, span, { kind: "operator", texts: ["+"] });
  if (terms.length === 1) return term(around, span);
  const pieces = terms.map((it) => term(around, it));
  // Objects and lists are put together; texts and numbers are computed.
  if (!pieces.every((it) => it.isBuilt)) return computed(around, span);
  // What a later one has, too, would not be asked for, and not fail.
  const isLost = pieces.slice(0, -1).some((it, i) =>
    mayFail(around, it) && !isArray(nesting, terms[i])
  );
  if (isLost) return computed(around, span);
  return orComputed(around, span, joined(pieces, {}));
}

function isArray(nesting: Nesting, span: Span | undefined): boolean {
  return span !== undefined && nesting.tokens[span.from]?.text === "[" &&
    nesting.closers.get(span.from) === span.to - 1;
}

function term(around: Around, span: Span): Piece {
  if (!uses(around, span)) return FREE;
  const { nesting, variable } = around;
  const first = nesting.tokens[span.from];
  if (first?.kind === "variable" && first.text === variable) {
    return computed(around, span);
  }
  const end = nesting.closers.get(span.from);
  const inside = { from: span.from + 1, to: span.to - 1 };
  if (first?.kind === "identifier") return call(around, span);
  if (end !== span.to - 1) return computed(around, span);
  switch (first?.text) {
    case "(":
      return orComputed(around, span, pipe(around, inside));
    case "[": {
      const items = pipe({ ...around, isList: true }, inside);
      return orComputed(around, span, { ...items, isBuilt: true });
    }
    case "{":
      return object(around, span);
    case "if":
      return condition(around, span);
    default:
      return computed(around, span);
  }
}

/** `map(f)`. */
function call(around: Around, span: Span): Piece {
  const { nesting } = around;
  const name = nesting.tokens[span.from]?.text ?? "";
  const isMapping = MAPPING.includes(name) &&
    nesting.closers.get(span.from + 1) === span.to - 1;
  if (!isMapping) return computed(around, span);
  const mapped = pipe({ ...around, isInner: true }, {
    from: span.from + 2,
    to: span.to - 1,
  });
  return orComputed(around, span, { ...mapped, isBuilt: true });
}

function object(around: Around, span: Span): Piece {
  const inside = { from: span.from + 1, to: span.to - 1 };
  const { nesting } = around;
  const entries = splitTop(nesting, inside, { kind: "operator", texts: [","] });
  const values: Piece[] = [];
  const keys = new Set<string>();
  for (const entry of entries) {
    const colon = findTop(nesting, entry, { kind: "operator", texts: [":"] });
    const key = { from: entry.from, to: colon ?? entry.to };
    if (uses(around, key)) return computed(around, span);
    const name = keyOf(nesting, key);
    if (name !== undefined) keys.add(name);
    if (colon === undefined) continue;
    values.push(pipe(around, { from: colon + 1, to: entry.to }));
  }
  const piece = joined(values, { isBuilt: true });
  // Of two that may have one key, one would not be asked for, and not fail.
  const isLost = keys.size < entries.length && mayFail(around, piece);
  return isLost ? computed(around, span) : orComputed(around, span, piece);
}

/** The key of an entry; `undefined` where it is computed. */
function keyOf(nesting: Nesting, { from, to }: Span): string | undefined {
  const [first, second] = nesting.tokens.slice(from, to);
  if (to === from + 1 && first?.kind !== "text-start") return first?.text;
  const isConstant = first?.kind === "text-start" && to === from + 3 &&
    second?.kind === "text";
  return isConstant ? second.text : undefined;
}

/** `if a then b elif c then d else e end`: what decides is computed. */
function condition(around: Around, span: Span): Piece {
  const inside = { from: span.from + 1, to: span.to - 1 };
  const { nesting } = around;
  const texts = ["then", "elif", "else"];
  const pieces = splitTop(nesting, inside, { kind: "keyword", texts });
  const results: Piece[] = [];
  for (const piece of pieces) {
    const before = nesting.tokens[piece.from - 1]?.text;
    const decides = before === "if" || before === "elif";
    if (decides && uses(around, piece)) return computed(around, span);
    if (!decides) results.push(pipe(around, piece));
  }
  return orComputed(around, span, joined(results, {}));
}

function joined(
  pieces: readonly Piece[],
  { isBuilt }: { readonly isBuilt?: boolean },
): Piece {
  return {
    parts: pieces.flatMap((it) => it.parts),
    isBuilt: isBuilt ?? pieces.every((it) => it.isBuilt),
    isBroken: pieces.some((it) => it.isBroken),
  };
}

/** Whether a piece gives the same whatever `.` and other variables are. */
function standsAlone(
  { nesting, variable, hot }: Around,
  span: Span,
): boolean {
  const { tokens } = nesting;
  for (let i = span.from; i < span.to; i++) {
    const token = tokens[i];
    if (token === undefined) return false;
    if (token.kind === "variable") {
      if (token.text !== variable && !hot.has(token.start)) return false;
      i = stepsAfter(nesting, i + 1).to - 1;
      continue;
    }
    const piped = i > span.from && tokens[i - 1]?.text === "|";
    switch (token.kind) {
      case "field":
      case "keyword":
        return false;
      case "identifier":
        if (!piped || tokens[i + 1]?.text === "(") return false;
        break;
      case "format":
        if (!piped && tokens[i + 1]?.kind !== "text-start") return false;
        break;
      case "operator":
        if (token.text.startsWith(".") || token.text === "{") return false;
        break;
      default:
        break;
    }
  }
  return true;
}
