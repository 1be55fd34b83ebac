/**
 * References that stand for secrets in the data of a run: which there are, how
 * they are opened, and how they are hidden.
 *
 * A reference names a secret, or something that is computed from secrets once
 * an effect is given it.
 *
 * @module
 */

import type { Expression, Scope } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { membersTaken } from "../expr/members.ts";
import { quietReason } from "../expr/quiet_reason.ts";
import { valuesRead } from "../expr/reads.ts";
import {
  type Failure,
  failureFromJson,
  failureToJson,
} from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import {
  hideReferences,
  referencesIn,
  replaceReferences,
  sealedReference,
} from "../model/sealed.ts";
import type { SealedValue, Secrets } from "../model/secrets.ts";
import type { Seals } from "./_walk.ts";

/** Makes the seals of a run. */
export function newSeals(mark: string, declared: readonly string[]): Seals {
  return {
    mark,
    declared,
    values: new Map(),
    counts: new Map(),
    given: [],
    used: false,
  };
}

/** Runs what may throw an expression's error about secrets. */
export function quietly<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    const { reason, limit, place } = error;
    throw new ExpressionError(quietReason(reason), error, { limit, place });
  }
}

/** The secrets that an expression needs in a scope, read from data or not. */
export function namesOf(
  seals: Seals,
  expression: Expression,
  scope: Scope,
): readonly string[] {
  const program = expression.program ?? expression.source;
  const own = expression.variables?.includes("secrets")
    ? membersTaken(program, "secrets") ?? seals.declared
    : [];
  const read = referencesRead(seals, expression, scope);
  return [...new Set([...own, ...secretsOf(seals, [...read])])];
}

/** Whether there are references in a value. */
export function hasReferences(seals: Seals | undefined, value: Json): boolean {
  return seals !== undefined && namesIn(seals, value).length > 0;
}

/** The names of the references in a value. */
export function namesIn({ mark, used }: Seals, value: Json): readonly string[] {
  return used ? referencesIn(value, mark) : [];
}

/** The secrets that references stand for, of themselves or computed. */
export function secretsOf(
  { values }: Seals,
  names: readonly string[],
): readonly string[] {
  return [
    ...new Set(names.flatMap((name) => values.get(name)?.names ?? [name])),
  ];
}

/** What is opened: secrets, and the references that are read. */
export interface Opening {
  readonly secrets: Secrets;
  /** Others stay as they are: they may be of what is not open. */
  readonly references: ReadonlySet<string>;
}

/** The value with what its references stand for. */
export function openReferences(
  { mark, values }: Seals,
  value: Json,
  { secrets, references }: Opening,
): Json {
  return replaceReferences(value, mark, (name) => {
    if (!references.has(name)) return sealedReference(mark, name);
    return values.get(name)?.value(secrets) ?? secrets[name] ?? null;
  });
}

/** The scope with open references, each when it is read, and `$secrets`. */
export function openedScope(
  seals: Seals,
  scope: Scope,
  opening: Opening,
): Scope {
  const opened = replacedScope(
    scope,
    (it) => openReferences(seals, it, opening),
  );
  const { secrets } = opening;
  const own = seals.declared.filter((it) => Object.hasOwn(secrets, it));
  const value = Object.fromEntries(own.map((it) => [it, secrets[it] ?? null]));
  Object.defineProperty(opened.variables, "secrets", { value });
  return opened;
}

/** The references that an expression reads in a scope. */
export function referencesRead(
  seals: Seals,
  expression: Expression,
  scope: Scope,
): ReadonlySet<string> {
  return new Set(
    seals.used ? namesIn(seals, valuesRead(expression, scope)) : [],
  );
}

/** The scope with its values replaced, each when it is first read. */
export function replacedScope(
  scope: Scope,
  replace: (value: Json) => Json,
): Scope {
  const variables: Record<string, Json> = {};
  for (const name of Object.keys(scope.variables)) {
    lazily(variables, name, () => replace(scope.variables[name] ?? null));
  }
  const replaced: Scope = { ...scope, variables };
  return lazily(replaced, "input", () => replace(scope.input));
}

/** Defines a member that is computed when it is first read. */
function lazily<T extends object>(
  object: T,
  name: string,
  compute: () => Json,
): T {
  let known: { readonly value: Json } | undefined;
  return Object.defineProperty(object, name, {
    get: () => (known ??= { value: compute() }).value,
    enumerable: true,
    configurable: true,
  });
}

/** What a child is handed with the references in its input. */
export function sealedFor(
  { seals }: { readonly seals?: Seals },
  values: readonly Json[],
): { readonly sealed?: ReadonlyMap<string, SealedValue> } {
  if (seals === undefined) return {};
  const names = namesIn(seals, [...values]);
  if (names.length === 0) return {};
  return {
    sealed: new Map(names.map((name) => [name, sealedValue(seals, name)])),
  };
}

function sealedValue({ values }: Seals, name: string): SealedValue {
  return values.get(name) ?? {
    names: [name],
    value: (secrets) => secrets[name] ?? null,
  };
}

/** The value as whoever may not open its references sees it. */
export function shown(seals: Seals | undefined, value: Json): Json {
  return seals?.used === true ? hideReferences(value, seals.mark) : value;
}

/** The failure as whoever may not open its references sees it. */
export function shownFailure(
  seals: Seals | undefined,
  failure: Failure,
): Failure {
  if (seals?.used !== true) return failure;
  return failureFromJson(hideReferences(failureToJson(failure), seals.mark));
}

/** The text as whoever may not open its references sees it. */
export function shownText(seals: Seals | undefined, text: string): string {
  return asText(shown(seals, text));
}

function asText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
