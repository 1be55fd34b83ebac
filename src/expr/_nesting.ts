/**
 * The tokens of a program with what belongs together, for those who look at a
 * program that is known to be right.
 *
 * @module
 */

import { type Token, tokenize } from "./tokens.ts";

/** A piece of a program: from one token up to another, which is not in it. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Tokens, and where what each of them opens is closed. */
export interface Nesting {
  readonly tokens: readonly Token[];
  /** The index of the closing token, by that of the opening one. */
  readonly closers: ReadonlyMap<number, number>;
  /** All of it. */
  readonly whole: Span;
}

const CLOSES: Readonly<Record<string, true>> = {
  ")": true,
  "]": true,
  "}": true,
};

/** Reads a program. */
export function readNesting(program: string): Nesting {
  const tokens = tokenize(program);
  const closers = new Map<number, number>();
  const open: number[] = [];
  tokens.forEach(({ kind, text }, i) => {
    if (opens(kind, text)) open.push(i);
    else if (closes(kind, text)) {
      const from = open.pop();
      if (from !== undefined) closers.set(from, i);
    }
  });
  return { tokens, closers, whole: { from: 0, to: tokens.length - 1 } };
}

function opens(kind: Token["kind"], text: string): boolean {
  return kind === "open" || kind === "text-start" ||
    (kind === "operator" && "([{".includes(text)) ||
    (kind === "keyword" && text === "if");
}

function closes(kind: Token["kind"], text: string): boolean {
  return kind === "close" || kind === "text-end" ||
    (kind === "operator" && CLOSES[text] === true) ||
    (kind === "keyword" && text === "end");
}

/** The indices of the tokens of a span that stand in nothing inside it. */
export function topOf({ closers }: Nesting, span: Span): readonly number[] {
  const indices: number[] = [];
  for (let i = span.from; i < span.to; i = (closers.get(i) ?? i) + 1) {
    indices.push(i);
  }
  return indices;
}

/** Finds the first token of a span, in nothing inside it, that is one of some. */
export function findTop(
  nesting: Nesting,
  span: Span,
  { kind, texts }: {
    readonly kind: Token["kind"];
    readonly texts: readonly string[];
  },
): number | undefined {
  return topOf(nesting, span).find((i) => {
    const token = nesting.tokens[i];
    return token?.kind === kind && texts.includes(token.text);
  });
}

/** Splits a span at tokens that stand in nothing inside it. */
export function splitTop(
  nesting: Nesting,
  span: Span,
  at: { readonly kind: Token["kind"]; readonly texts: readonly string[] },
): readonly Span[] {
  const pieces: Span[] = [];
  let from = span.from;
  for (;;) {
    const to = findTop(nesting, { from, to: span.to }, at);
    if (to === undefined) break;
    pieces.push({ from, to });
    from = to + 1;
  }
  return [...pieces, { from, to: span.to }];
}

/** The text of a span. */
export function textOf(
  { tokens }: Nesting,
  program: string,
  { from, to }: Span,
): string {
  return program.slice(tokens[from]?.start ?? 0, tokens[to - 1]?.end ?? 0);
}

/** The constant keys and indices that follow a token, and where they end. */
export function stepsAfter(
  nesting: Nesting,
  at: number,
): { readonly steps: readonly (string | number)[]; readonly to: number } {
  const steps: (string | number)[] = [];
  for (;;) {
    const step = stepAt(nesting, at);
    if (step === undefined) return { steps, to: at };
    steps.push(step.step);
    at = step.to;
  }
}

/** `.NAME`, `."NAME"`, `["NAME"]`, `.[0]` at a token. */
function stepAt(
  nesting: Nesting,
  at: number,
): { readonly step: string | number; readonly to: number } | undefined {
  const { tokens } = nesting;
  const token = tokens[at];
  if (token?.kind === "field") return { step: token.text, to: at + 1 };
  if (token?.kind !== "operator") return undefined;
  if (token.text === ".") {
    const next = tokens[at + 1];
    if (next?.kind === "operator" && next.text === "[") {
      return stepAt(nesting, at + 1);
    }
    const key = constantText(nesting, at + 1);
    return key === undefined ? undefined : { step: key, to: at + 4 };
  }
  if (token.text !== "[") return undefined;
  const end = nesting.closers.get(at);
  const first = tokens[at + 1];
  if (end === at + 2 && first?.kind === "number" && /^\d+$/.test(first.text)) {
    return { step: Number(first.text), to: end + 1 };
  }
  const key = end === at + 4 ? constantText(nesting, at + 1) : undefined;
  return key === undefined ? undefined : { step: key, to: at + 5 };
}

/** The constant string of one piece that begins at a token. */
function constantText(
  { tokens }: Nesting,
  at: number,
): string | undefined {
  const [start, text, end] = tokens.slice(at, at + 3);
  return start?.kind === "text-start" && text?.kind === "text" &&
      end?.kind === "text-end"
    ? text.text
    : undefined;
}
