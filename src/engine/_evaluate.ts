/**
 * Expressions in their place: what they see, and what their errors become.
 *
 * @module
 */

import { evaluate, evaluateTemplate, isTruthy } from "../expr/evaluate.ts";
import type { Expression, Scope, Template } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import { usesVariable } from "../expr/template.ts";
import { type Failure, type FailureKind, failureOf } from "../model/failure.ts";
import { pointerKeys, pointerTo } from "../model/diagnostic.ts";
import {
  isJsonArray,
  isJsonObject,
  type Json,
  type JsonObject,
  jsonTypeName,
  member,
} from "../model/json.ts";
import { parseDuration } from "../workflow/duration.ts";
import type { Duration } from "../workflow/tree.ts";
import { schemaProblem } from "../workflow/json_schema.ts";
import { roundPath } from "./_commands.ts";
import { sealTemplate } from "./_sealing.ts";
import { quietly, shown } from "./_seals.ts";
import {
  Fault,
  Overtime,
  type Place,
  type Seals,
  type Variables,
  type Walk,
} from "./_walk.ts";

/** What an expression sees besides what its place gives. */
export interface Sight {
  /** What `.` is. */
  readonly at: Json;
  /** Further variables: `$output`, a caught error. */
  readonly more?: Variables;
}

/** The scope of an expression of a task. */
export function scopeOf(walk: Walk, place: Place, sight: Sight): Scope {
  endAgain(walk, place.path);
  return {
    input: sight.at,
    ...bounded(walk),
    variables: {
      ...walkVariables(walk),
      input: place.input,
      get task() {
        return taskVariable(walk, place);
      },
      ...place.locals,
      ...sight.more,
    },
  };
}

/** The scope of an expression of the workflow itself. */
export function workflowScope(walk: Walk, at: Json): Scope {
  endAgain(walk, "");
  return {
    input: at,
    ...bounded(walk),
    variables: { ...walkVariables(walk), input: walk.input, ...walk.final },
  };
}

/** Ends a replay where the run ended, as its time was over there. */
function endAgain({ overtime }: Walk, path: string): void {
  if (overtime?.path === path) throw overtime;
}

/** What `now` is, and what an evaluation may take. */
export function bounded(
  { nowMs, plan, watch }: Walk,
): Pick<Scope, "nowMs" | "clock" | "limits"> {
  const { evaluationLimits } = plan;
  return {
    nowMs,
    ...(evaluationLimits === undefined ? {} : { limits: evaluationLimits }),
    ...(watch === undefined ? {} : { clock: () => watch.monotonic() }),
  };
}

function walkVariables(walk: Walk): Record<string, Json> {
  return {
    context: walk.context,
    workflow: walk.workflow,
    runtime: walk.runtime,
    env: walk.env,
  };
}

/** Evaluates a template of a task. */
export function give(
  walk: Walk,
  place: Place,
  options: {
    readonly template: Template;
    /** What of the task it is, for the error: `output.as`. */
    readonly what: string;
    readonly sight?: Sight;
  },
): Json {
  const { template, what } = options;
  if (template.kind === "literal") return template.value;
  const scope = scopeOf(walk, place, options.sight ?? { at: place.input });
  if (isUnsealed(walk, template)) return giveIn(scope, place, options);
  const seals = sealsOf(walk, () => `"${what}" of task "${place.task.name}"`);
  const key = `${roundPath(place)} ${what}`;
  return guard(
    place,
    what,
    () => sealTemplate(seals, template, { scope, key }),
  );
}

/** Whether a template has nothing to do with secrets. */
export function isUnsealed(
  { seals, plan }: Walk,
  template: Template,
): boolean {
  if (seals?.used === true) return false;
  return plan.secrets.length === 0 || !usesVariable(template, "secrets");
}

/**
 * What stands for the secrets of a run.
 *
 * @throws {Fault} When the run can have nothing that stands for them.
 */
export function sealsOf({ seals }: Walk, what: () => string): Seals {
  if (seals !== undefined) return seals;
  throw new Fault(failureOf(
    "configuration",
    `Cannot use secrets in ${what()}: the execution was created by a release ` +
      "that did not know how to keep them there, execute it anew",
  ));
}

/** Evaluates a template of a task in a scope that was made for it. */
export function giveIn(
  scope: Scope,
  place: Place,
  { template, what, isOpen = false }: {
    readonly template: Template;
    readonly what: string;
    /** Whether the scope has open secrets, which errors must not show. */
    readonly isOpen?: boolean;
  },
): Json {
  const work = (): Json => evaluateTemplate(template, scope);
  return guard(place, what, isOpen ? () => quietly(work) : work);
}

/** Says whether an expression of a task holds. */
export function holds(
  walk: Walk,
  place: Place,
  options: {
    readonly expression: Expression;
    readonly what: string;
    readonly sight?: Sight;
  },
): boolean {
  const scope = scopeOf(walk, place, options.sight ?? { at: place.input });
  return holdsIn(scope, place, options);
}

/** Says whether an expression of a task holds in a scope made for it. */
export function holdsIn(
  scope: Scope,
  place: Place,
  { expression, what }: {
    readonly expression: Expression;
    readonly what: string;
  },
): boolean {
  return guard(place, what, () => isTruthy(evaluate(expression, scope)));
}

/** Evaluates a template that must give a text. */
export function giveText(
  walk: Walk,
  place: Place,
  options: { readonly template: Template; readonly what: string },
): string {
  const { what } = options;
  return mustBeText(place, { value: give(walk, place, options), what });
}

/** Takes a value of a field that must be a text. */
export function mustBeText(
  place: Place,
  { value, what }: { readonly value: Json; readonly what: string },
): string {
  if (typeof value === "string") return value;
  throw fault(
    place,
    "validation",
    `Task "${place.task.name}" needs a text for "${what}", not ` +
      article(value),
  );
}

/** Computes a duration in milliseconds. */
export function giveDuration(
  walk: Walk,
  place: Place,
  options: { readonly duration: Duration; readonly what: string },
): number {
  const { duration, what } = options;
  if (duration.kind === "fixed") return duration.ms;
  const given = give(walk, place, { template: duration.template, what });
  const value = shown(walk.seals, given);
  const ms = parseDuration(value);
  if (ms !== undefined) return ms;
  throw fault(
    place,
    "validation",
    `Task "${place.task.name}" needs a duration for "${what}", not ` +
      JSON.stringify(value),
  );
}

/** Checks a value against a schema of a task. */
export function mustFit(
  place: Place,
  options: {
    readonly schema: Json | undefined;
    readonly value: Json;
    readonly what: string;
  },
): void {
  if (options.schema === undefined) return;
  const problem = schemaProblem(options.schema, options.value);
  if (problem === undefined) return;
  throw fault(
    place,
    "validation",
    `Task "${place.task.name}" does not fit its "${options.what}": ${problem}`,
  );
}

/** Makes the fault of a task. */
export function fault(place: Place, kind: FailureKind, detail: string): Fault {
  return new Fault(failureOf(kind, detail, { instance: place.task.pointer }));
}

/** Names the JSON type of a value with its article. */
export function article(value: Json): string {
  const name = jsonTypeName(value);
  if (name === "null") return name;
  return /^[aeiou]/.test(name) ? `an ${name}` : `a ${name}`;
}

/** Makes a fault of the task of what an expression throws. */
export function guard<T>(place: Place, what: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw faultOf(
      error,
      failureOf(
        "expression",
        `Cannot evaluate "${what}" of task "${place.task.name}", ` +
          `${error.where}: ${error.reason}`,
        { instance: place.task.pointer },
      ),
      place.path,
    );
  }
}

/** What ends the task at a path, or the run where its time is over. */
export function faultOf(
  error: ExpressionError,
  failure: Failure,
  path: string,
): Fault | Overtime {
  return error.limit === "time"
    ? new Overtime(failure, path)
    : new Fault(failure);
}

/** `$task`; its definition is looked up only when something reads it. */
export function taskVariable(walk: Walk, place: Place): JsonObject {
  const { name, pointer } = place.task;
  const definition = (): Json => definitionOf(walk, pointer);
  return {
    name,
    reference: pointer,
    get definition() {
      return definition();
    },
    get with() {
      const object = definition();
      return isJsonObject(object) ? member(object, "with") ?? null : null;
    },
    input: place.rawInput,
    output: place.rawOutput ?? null,
    get startedAt() {
      return timeObject(place.startedAtMs);
    },
  };
}

/** A function from elsewhere has its pointers as if it were defined here. */
function definitionOf(walk: Walk, pointer: string): Json {
  const [use, functions, name = ""] = pointerKeys(pointer);
  const fetched = use === "use" && functions === "functions"
    ? walk.functions?.get(name)
    : undefined;
  if (fetched === undefined) return definitionAt(walk.plan.definition, pointer);
  const start = pointerTo("/use/functions", name);
  return definitionAt(fetched.definition, pointer.slice(start.length));
}

function definitionAt(definition: Json, pointer: string): Json {
  let at: Json | undefined = definition;
  for (const key of pointerKeys(pointer)) {
    if (isJsonArray(at)) at = at[Number(key)];
    else at = isJsonObject(at) ? member(at, key) : undefined;
  }
  return at ?? null;
}

/** A time as the specification describes it. */
export function timeObject(ms: number): JsonObject {
  return {
    iso8601: new Date(ms).toISOString(),
    epoch: { seconds: Math.floor(ms / 1000), milliseconds: ms },
  };
}
