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

import type { Node } from "../jq/tree.ts";
import { givesOne } from "./_one_result.ts";
import { findParts } from "./_placing.ts";
import { stepsFrom, treeOf } from "./_tree.ts";
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
  const tree = treeOf(expression);
  const parts = findParts(tree, { variable, hot });
  // What may give nothing, or several results, changes all that is around it.
  const isApart = parts.every(givesOne) &&
    !textOf(expression).includes(`$${PARTS_VARIABLE}`);
  const nodes = isApart ? parts.toSorted((a, b) => a.start - b.start) : [tree];
  return {
    parts: nodes.map((node) => partOf(expression, node, variable)),
    rest: restOf(expression, nodes, variable),
  };
}

function partOf(
  expression: Expression,
  node: Node,
  variable: string,
): SealedPart {
  const { start, end } = node;
  const source = textOf(expression).slice(start, end);
  const steps = stepsFrom(node, variable);
  return {
    expression: {
      ...withProgram(expression, source, [{ at: 0, from: start }]),
      variables: expression.variables ?? [],
    },
    ...(steps === undefined ? {} : { steps }),
    members: membersTaken(source, variable),
  };
}

function restOf(
  expression: Expression,
  nodes: readonly Node[],
  variable: string,
): Expression {
  const program = textOf(expression);
  const cuts: Cut[] = [{ at: 0, from: 0 }];
  let rest = "";
  let at = 0;
  nodes.forEach(({ start, end }, i) => {
    rest += program.slice(at, start);
    cuts.push({ at: rest.length, from: start, isWhole: true });
    rest += `$${PARTS_VARIABLE}[${i}]`;
    at = end;
    cuts.push({ at: rest.length, from: at });
  });
  const others = (expression.variables ?? []).filter((it) => it !== variable);
  return {
    ...withProgram(expression, rest + program.slice(at), cuts),
    variables: [...others, PARTS_VARIABLE],
  };
}

function textOf({ program, source }: Expression): string {
  return program ?? source;
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
