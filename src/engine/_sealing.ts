/**
 * Expressions that use secrets, in a machine that never holds one.
 *
 * What they make of `$secrets` is a reference. What only puts secrets into
 * objects, lists and conditions is evaluated at once, so that the rest of the
 * data is there.
 *
 * @module
 */

import { textsComputed } from "../expr/computed_texts.ts";
import { evaluate, evaluateTemplate } from "../expr/evaluate.ts";
import type { Expression, Scope, Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { readsOf, valuesRead } from "../expr/reads.ts";
import {
  PARTS_VARIABLE,
  sealedForm,
  type SealedPart,
} from "../expr/sealed_parts.ts";
import { failureOf } from "../model/failure.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  jsonEquals,
} from "../model/json.ts";
import { sealedReference } from "../model/sealed.ts";
import { computedValue } from "./_computed.ts";
import {
  hasReferences,
  namesIn,
  namesOf,
  openedScope,
  quietly,
  referencesRead,
  replacedScope,
} from "./_seals.ts";
import { Fault, type Seals } from "./_walk.ts";

/** Values of one run that are computed from secrets, at the most. */
export const SEALED_VALUES_MAX = 100_000;

const NOTHING: ReadonlySet<number> = new Set();

/** What is evaluated, and what its values are named after. */
export interface Sealing {
  readonly scope: Scope;
  /** The place in the run, unique but for rounds. */
  readonly key: string;
}

/** Evaluates a template, with references for what it makes of secrets. */
export function sealTemplate(
  seals: Seals,
  template: Template,
  sealing: Sealing,
): Json {
  const inner = (it: Template): Json => sealTemplate(seals, it, sealing);
  switch (template.kind) {
    case "literal":
      return template.value;
    case "expression":
      return sealExpression(seals, template.expression, sealing);
    case "array":
      return template.items.map(inner);
    case "object":
      return Object.fromEntries(
        template.entries.map(([key, it]) => [key, inner(it)]),
      );
    case "text":
      return template.parts.map((part) =>
        typeof part === "string"
          ? part
          : asText(sealExpression(seals, part, sealing))
      ).join("");
    case "loose":
      return sealLoose(seals, template, sealing);
  }
}

/** What fails with its secrets only is the text then, too. */
function sealLoose(
  seals: Seals,
  template: Extract<Template, { kind: "loose" }>,
  sealing: Sealing,
): Json {
  const { expression } = template;
  const value = (scope: Scope): Json => evaluateTemplate(template, scope);
  if (expression.variables?.includes("secrets")) {
    return derive(seals, sealing, { expression, value });
  }
  try {
    return passOn(seals, expression, { ...sealing, form: expression, value });
  } catch (error) {
    if (!(error instanceof ExpressionError) || error.isLimit) throw error;
    return template.text;
  }
}

function sealExpression(
  seals: Seals,
  expression: Expression,
  sealing: Sealing,
): Json {
  const hot = hotIn(seals, expression, sealing.scope);
  if (hot.size === 0 && !expression.variables?.includes("secrets")) {
    return passOn(seals, expression, { ...sealing, form: expression });
  }
  const { parts, rest } = sealedForm(expression, "secrets", hot);
  const made = parts.map((part) => sealPart(seals, part, sealing));
  return passOn(seals, expression, { ...sealing, form: rest, made });
}

/** The offsets in an expression at which it reads a text with references. */
export function hotIn(
  seals: Seals,
  expression: Expression,
  scope: Scope,
): ReadonlySet<number> {
  const { path, literal, text } = expression;
  // These give on what they read, as it is.
  const isPlain = (path ?? literal ?? text) !== undefined;
  if (!seals.used || isPlain) return NOTHING;
  const { paths } = readsOf(expression);
  const values = valuesRead(expression, scope);
  return new Set(
    paths.filter((_, i) => {
      const value = values[i] ?? null;
      return typeof value === "string" && hasReferences(seals, value);
    }).map(({ at }) => at),
  );
}

/** The variables with one more; what is computed when it is read stays so. */
function withParts(
  variables: Scope["variables"],
  parts: readonly Json[],
): Scope["variables"] {
  return Object.create(
    {},
    {
      ...Object.getOwnPropertyDescriptors(variables),
      [PARTS_VARIABLE]: { value: parts, enumerable: true },
    },
  );
}

function sealPart(seals: Seals, part: SealedPart, sealing: Sealing): Json {
  const { steps, expression } = part;
  const { mark } = seals;
  const isPlain = expression.path !== undefined &&
    expression.path.variable !== "secrets";
  if (isPlain) {
    return passOn(seals, expression, { ...sealing, form: expression });
  }
  seals.used = true;
  const [name] = steps ?? [];
  if (steps?.length === 1 && typeof name === "string") {
    return sealedReference(mark, name);
  }
  if (steps?.length === 0) {
    return Object.fromEntries(
      seals.declared.map((it) => [it, sealedReference(mark, it)]),
    );
  }
  return derive(seals, sealing, {
    expression,
    value: (scope) => evaluate(expression, scope),
  });
}

/**
 * Evaluates what may see references without looking into them; what does look
 * into them is computed once they are open.
 */
function passOn(
  seals: Seals,
  expression: Expression,
  options: Sealing & {
    /** The expression without its parts. */
    readonly form: Expression;
    /** What stands for those. */
    readonly made?: readonly Json[];
    /** What it is once its references are open. */
    readonly value?: (opened: Scope) => Json;
  },
): Json {
  const { scope, key, form, made } = options;
  const within = made === undefined
    ? scope
    : { ...scope, variables: withParts(scope.variables, made) };
  // What stands for its parts is not looked into: they were taken out for that.
  const read = seals.used ? valuesRead(form, scope) : [];
  if (!hasReferences(seals, read)) return evaluate(form, within);
  const given = isLookedInto(seals, form, read)
    ? undefined
    : evaluatePassing(seals, form, within);
  return given ??
    derive(seals, { scope, key }, {
      expression,
      value: options.value ?? ((opened) => evaluate(expression, opened)),
    });
}

/** Whether what an expression gives may depend on what references stand for. */
function isLookedInto(
  seals: Seals,
  expression: Expression,
  read: readonly Json[],
): boolean {
  const { looks } = readsOf(expression);
  if (looks !== "perhaps") return looks === "yes";
  // A secret is always there; what is computed from one may be null.
  return read.some((it) =>
    namesIn(seals, it).some((name) => !seals.declared.includes(name))
  );
}

/** What an expression gives; `undefined` where that depends on references. */
function evaluatePassing(
  seals: Seals,
  expression: Expression,
  scope: Scope,
): Json | undefined {
  try {
    const given = evaluate(expression, scope);
    if (expression.path !== undefined) return given;
    // With what is no text in their place it must give the same.
    const disguises = new Map<string, Json>();
    const disguised = (it: Json): Json => disguise(seals, it, disguises);
    const other = evaluate(expression, replacedScope(scope, disguised));
    return jsonEquals(disguised(given), other) ? given : undefined;
  } catch (error) {
    if (!(error instanceof ExpressionError) || error.isLimit) throw error;
    return undefined;
  }
}

/**
 * The value with an object for each text that has references: what works on
 * texts and on objects, and gives the same, does not look at what it is given.
 *
 * Each text has an object of its own, and jq writes its key otherwise than
 * JavaScript, so that what was put into a text is found, too.
 */
function disguise(
  seals: Seals,
  value: Json,
  disguises: Map<string, Json>,
): Json {
  const inner = (it: Json): Json => disguise(seals, it, disguises);
  if (isJsonArray(value)) return value.map(inner);
  if (isJsonObject(value)) {
    return Object.fromEntries(
      Object.entries(value).map(([key, it]) => [key, inner(it)]),
    );
  }
  if (typeof value !== "string" || !hasReferences(seals, value)) return value;
  const known = disguises.get(value) ?? { "\u007f": disguises.size };
  disguises.set(value, known);
  return known;
}

/** Makes a value that is computed when it is opened, and its reference. */
function derive(
  seals: Seals,
  { scope, key }: Sealing,
  { expression, value }: {
    readonly expression: Expression;
    readonly value: (scope: Scope) => Json;
  },
): Json {
  const { mark, values, counts } = seals;
  if (values.size >= SEALED_VALUES_MAX) throw new Fault(tooMany());
  const count = counts.get(key) ?? 0;
  counts.set(key, count + 1);
  const name = `=${key} ${count}`;
  const now = asItIs(scope, expression);
  const references = referencesRead(seals, expression, scope);
  values.set(
    name,
    computedValue(seals, {
      names: namesOf(seals, expression, scope),
      reads: references,
      compute: (secrets) =>
        faultless(() =>
          value(openedScope(seals, now, { secrets, references }))
        ),
      textsIn: (given, secrets) =>
        textsComputed(expression, {
          value: given,
          scope: openedScope(seals, now, { secrets, references }),
        }),
    }),
  );
  seals.used = true;
  return sealedReference(mark, name);
}

/** Runs what may throw an expression's error, where no task is told of it. */
function faultless(work: () => Json): Json {
  try {
    return quietly(work);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw new Fault(failureOf("expression", error.message));
  }
}

/** What an expression sees of a scope, whatever becomes of that later. */
function asItIs(scope: Scope, { variables = [] }: Expression): Scope {
  const seen = variables.filter((it) => Object.hasOwn(scope.variables, it));
  return {
    ...scope,
    variables: Object.fromEntries(
      seen.map((it) => [it, scope.variables[it] ?? null]),
    ),
  };
}

function tooMany() {
  return failureOf(
    "runtime",
    `Cannot compute more than ${SEALED_VALUES_MAX} values from secrets in one ` +
      "run",
  );
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
