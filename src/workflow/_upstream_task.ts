/**
 * What the converters of upstream tasks share: the fields of a task, and what
 * a converter makes of them.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { Place } from "./context.ts";
import {
  checkKeys,
  placeOf,
  reportError,
  reportType,
  reportWarning,
} from "./fields.ts";
import { copied, made, type Traced, type TracedEntry } from "./traced.ts";
import {
  rewriteCondition,
  rewriteValue,
  type UpstreamScope,
} from "./upstream_expressions.ts";

/** A task that is converted. */
export interface UpstreamTask {
  readonly name: string;
  /** Its `task_config`, with keys in snake case. */
  readonly config: JsonObject;
  /** The keys as they are written. */
  readonly written: JsonObject;
  readonly place: Place;
  readonly scope: UpstreamScope;
  /** The namespace of the workflow. */
  readonly namespace: string;
  /** Whether it stands in a list inside another task. */
  readonly isNested: boolean;
  /** Converts a list of tasks that stands inside of it. */
  readonly list: (value: Json, place: Place, scope: UpstreamScope) => Traced;
}

/** What a converter makes: the keys of the task that say what it does. */
export interface ConvertedTask {
  readonly entries: readonly (TracedEntry | undefined)[];
  /** A jq program that makes the upstream output of the task's own. */
  readonly shape?: string;
  /** Upstream's `input`, as the task's `input.from`. */
  readonly from?: Traced;
  readonly timeout?: Traced;
  /** What `then` of the task becomes a switch over; it follows the task. */
  readonly choice?: Traced;
}

/** Converts the configuration of a kind; `undefined` when it is refused. */
export type Convert = (task: UpstreamTask) => ConvertedTask | undefined;

/** Writes `maxParallelism` as `max_parallelism`. */
export function snakeCase(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** The configuration with its keys in snake case. */
export function snakeKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [snakeCase(key), value]),
  );
}

/** Where a field of the configuration stands, as the author spelled it. */
export function fieldPlace(
  { place, written }: UpstreamTask,
  key: string,
): Place {
  return placeOf(place, spelledAs(written, key));
}

/** A key as the author spells it, in snake or camel case. */
function spelledAs(written: JsonObject, key: string): string {
  return Object.keys(written).find((it) => snakeCase(it) === key) ?? key;
}

/** Takes a field as it is, its expressions rewritten. */
export function field(
  task: UpstreamTask,
  key: string,
  options: { readonly as?: string } = {},
): TracedEntry | undefined {
  const value = member(task.config, key);
  return value === undefined ? undefined : [
    options.as ?? key,
    valueOf(task, value, fieldPlace(task, key)),
  ];
}

/** A value of the configuration, its expressions rewritten. */
export function valueOf(
  { scope }: Pick<UpstreamTask, "scope">,
  value: Json,
  place: Place,
): Traced {
  return copied(rewriteValue(value, place, scope), place.pointer);
}

/** Takes a condition, its variables renamed. */
export function condition(
  task: UpstreamTask,
  key: string,
  scope: UpstreamScope = task.scope,
): TracedEntry | undefined {
  const value = member(task.config, key);
  if (value === undefined) return undefined;
  const at = fieldPlace(task, key);
  return [
    key,
    copied(
      typeof value === "string" ? rewriteCondition(value, at, scope) : value,
      at.pointer,
    ),
  ];
}

/** Notes unknown and missing fields of a configuration. */
export function checkConfig(
  { written, place, name }: UpstreamTask,
  { known, required = [] }: {
    readonly known: readonly string[];
    readonly required?: readonly string[];
  },
): void {
  const spelled = (key: string): string => spelledAs(written, key);
  const diagnostics: Diagnostic[] = [];
  checkKeys(written, { ...place, context: { ...place.context, diagnostics } }, {
    known: known.map(spelled),
    required: required.map(spelled),
    what: `the configuration of "${name}"`,
  });
  // Who comes from elsewhere has no reference page of these fields at hand.
  const hint = `It has ${known.join(", ")}`;
  for (const it of diagnostics) {
    place.context.diagnostics.push(
      it.atKey === true && it.hint === undefined ? { ...it, hint } : it,
    );
  }
}

/** Refuses a field that changes what the task does; says whether it is there. */
export function refuseField(
  task: UpstreamTask,
  key: string,
  why: { readonly message: string; readonly hint: string },
): boolean {
  if (member(task.config, key) === undefined) return false;
  reportError(fieldPlace(task, key), { atKey: true, ...why });
  return true;
}

/** Warns of fields that have no counterpart and do not change the outcome. */
export function warnFields(
  task: UpstreamTask,
  keys: readonly string[],
  hint: string,
): void {
  for (const key of keys) {
    if (member(task.config, key) === undefined) continue;
    reportWarning(fieldPlace(task, key), {
      atKey: true,
      message: `"${key}" has no counterpart and is left out`,
      hint,
    });
  }
}

/** A timeout of so many seconds. */
export function secondsTimeout(
  task: UpstreamTask,
  key: string,
): Traced | undefined {
  const value = member(task.config, key);
  if (value === undefined) return undefined;
  const { pointer } = fieldPlace(task, key);
  const after = typeof value === "number" ? { seconds: value } : value;
  return copied({ after }, pointer);
}

/** The text of a field, or what stands for it. */
export function textOf(
  object: JsonObject,
  key: string,
  otherwise: string,
): string {
  const value = member(object, key);
  return typeof value === "string" && value !== "" ? value : otherwise;
}

/** The items of a field; absent is none. */
export function listOf(value: Json | undefined, place: Place): readonly Json[] {
  if (value === undefined) return [];
  if (isJsonArray(value)) return value;
  reportType(place, "an array", value);
  return [];
}

/** A condition may be written without `${ }`. */
export function asExpression(value: Json): Json {
  return typeof value === "string" && !value.includes("${")
    ? `\${ ${value} }`
    : value;
}

/** A call of a function with its arguments. */
export function call(
  task: UpstreamTask,
  name: string,
  entries: Parameters<typeof made>[1],
): ConvertedTask["entries"] {
  const { pointer } = task.place;
  return [["call", copied(name, pointer)], ["with", made(pointer, entries)]];
}

/** An object inside the configuration, as if it were one itself. */
export function innerOf(task: UpstreamTask, key: string): UpstreamTask {
  const value = member(task.config, key);
  const written = isJsonObject(value) ? value : {};
  return {
    ...task,
    written,
    config: snakeKeys(written),
    place: fieldPlace(task, key),
  };
}
