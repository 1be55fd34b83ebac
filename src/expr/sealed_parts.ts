/**
 * Takes an expression apart into what computes with a variable and what only
 * puts that into place.
 *
 * `$context + {key: $secrets.K, login: ($secrets.U + ":" + $secrets.P)}` has
 * two parts that use `$secrets`, and the rest of it does not depend on what
 * they give: it can be evaluated with something that stands for them.
 *
 * What is not known to leave a part alone makes one larger part of itself and
 * the part: at worst all of the expression is one.
 *
 * @module
 */

import {
  type Nesting,
  readNesting,
  type Span,
  stepsAfter,
  textOf,
} from "./_nesting.ts";
import { givesOne } from "./_one_result.ts";
import { findParts } from "./_placing.ts";
import type { Expression } from "./expression.ts";
import { membersTaken } from "./members.ts";
import { type Cut, shiftsOf } from "./place.ts";
import { readPlain } from "./plain.ts";

/** The variable that an expression takes what stands for its parts from. */
export const PARTS_VARIABLE = "__parts";

/** A part that uses the variable; an expression in the scope of the whole. */
export interface SealedPart {
  readonly expression: Expression;
  /** The keys that it takes from the variable, where it does nothing else. */
  readonly steps?: readonly (string | number)[];
  /** The members that it may take; `undefined` where that is computed. */
  readonly members: readonly string[] | undefined;
}

/** An expression, taken apart. */
export interface SealedForm {
  readonly parts: readonly SealedPart[];
  /** The rest, with `$__parts[0]`, … where the parts are. */
  readonly rest: Expression;
}

const NONE: ReadonlySet<number> = new Set();
const known = new WeakMap<Expression, Map<string, SealedForm>>();

/**
 * Takes an expression apart that uses a variable.
 *
 * @param hot Offsets at which it reads something else that counts like it.
 */
export function sealedForm(
  expression: Expression,
  variable: string,
  hot: ReadonlySet<number> = NONE,
): SealedForm {
  const forms = known.get(expression) ?? new Map<string, SealedForm>();
  known.set(expression, forms);
  const key = [variable, ...hot].join(" ");
  const form = forms.get(key) ?? takeApart(expression, variable, hot);
  forms.set(key, form);
  return form;
}

function takeApart(
  expression: Expression,
  variable: string,
  hot: ReadonlySet<number>,
): SealedForm {
  const program = expression.program ?? expression.source;
  const nesting = readNesting(program);
  const parts = findParts(nesting, { variable, hot });
  // What may give nothing, or several results, changes all that is around it.
  const isApart = parts.every((it) => givesOne(nesting, it)) &&
    nesting.tokens.every(({ kind, text }) =>
      kind !== "variable" || text !== PARTS_VARIABLE
    );
  const spans = isApart
    ? parts.toSorted((a, b) => a.from - b.from)
    : [nesting.whole];
  return {
    parts: spans.map((span) => partOf(expression, span, { nesting, variable })),
    rest: restOf(expression, { nesting, spans, variable }),
  };
}

function partOf(
  expression: Expression,
  span: Span,
  { nesting, variable }: {
    readonly nesting: Nesting;
    readonly variable: string;
  },
): SealedPart {
  const program = expression.program ?? expression.source;
  const source = textOf(nesting, program, span);
  const from = nesting.tokens[span.from]?.start ?? 0;
  const { steps, to } = stepsAfter(nesting, span.from + 1);
  const first = nesting.tokens[span.from];
  const isPath = first?.kind === "variable" && first.text === variable &&
    to === span.to;
  return {
    expression: {
      ...withProgram(expression, source, [{ at: 0, from }]),
      variables: expression.variables ?? [],
    },
    ...(isPath ? { steps } : {}),
    members: membersTaken(source, variable),
  };
}

function restOf(
  expression: Expression,
  { nesting, spans, variable }: {
    readonly nesting: Nesting;
    readonly spans: readonly Span[];
    readonly variable: string;
  },
): Expression {
  const program = expression.program ?? expression.source;
  const { tokens } = nesting;
  const cuts: Cut[] = [{ at: 0, from: 0 }];
  let rest = "";
  let at = 0;
  spans.forEach(({ from, to }, i) => {
    const start = tokens[from]?.start ?? at;
    rest += program.slice(at, start);
    cuts.push({ at: rest.length, from: start, isWhole: true });
    rest += `$${PARTS_VARIABLE}[${i}]`;
    at = tokens[to - 1]?.end ?? program.length;
    cuts.push({ at: rest.length, from: at });
  });
  const others = (expression.variables ?? []).filter((it) => it !== variable);
  return {
    ...withProgram(expression, rest + program.slice(at), cuts),
    variables: [...others, PARTS_VARIABLE],
  };
}

/** The expression with another program; messages show what was written. */
function withProgram(
  expression: Expression,
  program: string,
  cuts: readonly Cut[],
): Expression {
  const { source, pointer, trimmed } = expression;
  return {
    source,
    pointer,
    program,
    shifts: shiftsOf(expression, cuts),
    ...(trimmed === undefined ? {} : { trimmed }),
    ...readPlain(program),
  };
}
