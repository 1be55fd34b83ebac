/**
 * What every upstream task has around what its kind does: condition, input,
 * output, export and where it goes.
 *
 * @module
 */

import { type Json, type JsonObject, member } from "../model/json.ts";
import type { Place } from "./context.ts";
import { checkKeys, placeOf, readObject, reportError } from "./fields.ts";
import { copied, made, type Traced, type TracedEntry } from "./traced.ts";
import {
  keyOf,
  programOf,
  rewriteCondition,
  rewriteValue,
} from "./upstream_expressions.ts";
import { convertThen } from "./upstream_flow.ts";
import type { ConvertedTask, UpstreamTask } from "./_upstream_task.ts";

/** A task whose own part is converted. */
export interface Own {
  readonly task: UpstreamTask;
  readonly item: JsonObject;
  readonly place: Place;
  readonly kind: string;
  readonly converted: ConvertedTask;
}

/** Puts what every task has around what its kind has. */
export function assemble(
  conversion: { readonly keepsData: boolean },
  own: Own,
): readonly Traced[] {
  const { task, item, place, converted } = own;
  const { name } = task;
  const then = thenOf(own);
  const { choice } = converted;
  if (choice !== undefined) noteCondition(own);
  // What an author makes of an answer comes after it said where to go.
  const asked = choice === undefined ? own : { ...own, item: {} };
  const timeout = member(item, "timeout");
  const body = made(place.pointer, [
    conditionOf(own),
    inputOf(own),
    ...converted.entries,
    outputOf(asked),
    exportOf(conversion, asked),
    timeout === undefined
      ? converted.timeout && ["timeout", converted.timeout]
      : ["timeout", copied(timeout, placeOf(place, "timeout").pointer)],
    choice === undefined ? then : undefined,
    entryOf(own, "metadata"),
  ]);
  const tasks = [made(place.pointer, [[name, body]])];
  if (choice === undefined) return tasks;
  const after = made(choice.from, [
    ["switch", choice],
    entryOf(own, "output"),
    exportOf(conversion, own),
    then,
  ]);
  return [...tasks, made(place.pointer, [[`${name}-outcome`, after]])];
}

/** A task that is left out gives no outcome, and one before it may have. */
function noteCondition({ item, place, task }: Own): void {
  if (member(item, "if") === undefined) return;
  reportError(placeOf(place, "if"), {
    atKey: true,
    message: `The "if" of task "${task.name}" has no counterpart where ` +
      "outcomes say where to go",
    hint: "Put a switch before the task that leads past it",
  });
}

function entryOf(
  { item, place, task }: Own,
  key: string,
): TracedEntry | undefined {
  const value = member(item, key);
  if (value === undefined) return undefined;
  const at = placeOf(place, key);
  return [key, copied(rewriteValue(value, at, task.scope), at.pointer)];
}

function conditionOf({ item, place, task }: Own): TracedEntry | undefined {
  const value = member(item, "if");
  const at = placeOf(place, "if");
  if (typeof value !== "string") {
    return value === undefined ? undefined : ["if", copied(value, at.pointer)];
  }
  return ["if", copied(rewriteCondition(value, at, task.scope), at.pointer)];
}

function thenOf({ task, item, place }: Own): TracedEntry | undefined {
  const at = placeOf(place, "flow");
  const flow = readObject(member(item, "flow"), at);
  if (flow === undefined) return undefined;
  checkKeys(flow, at, { known: ["then"], what: '"flow"' });
  const then = member(flow, "then");
  if (then === undefined || then === "") return undefined;
  return ["then", convertThen(task, then, placeOf(at, "then"))];
}

/** `input`, in which the input of the kind itself comes last. */
function inputOf({ item, place, task, converted }: Own) {
  const given = entryOf({ item, place, task, converted, kind: "" }, "input");
  const { from } = converted;
  if (from === undefined) return given;
  if (given !== undefined) {
    reportError(placeOf(place, "input"), {
      atKey: true,
      message: `The input of task "${task.name}" is given twice`,
      hint: 'Give it in "task_config" alone',
    });
  }
  return ["input", made(from.from, [["from", from]])] as const;
}

/** `output.as`: the shape of upstream's output, then what the author makes of it. */
function outputOf(own: Own): TracedEntry | undefined {
  const { item, place, task, converted: { shape } } = own;
  if (shape === undefined) return entryOf(own, "output");
  const at = placeOf(place, "output");
  const output = readObject(member(item, "output"), at) ?? {};
  const as = member(output, "as");
  const then = as === undefined
    ? ""
    : ` | (${programOf(asTemplate(as), placeOf(at, "as"), task.scope)})`;
  return [
    "output",
    made(at.pointer, [
      ["as", copied(`\${ ${shape}${then} }`, at.pointer)],
      ...Object.entries(output).filter(([key]) => key !== "as").map((
        [key, value],
      ): TracedEntry => [key, copied(value, placeOf(at, key).pointer)]),
    ]),
  ];
}

/**
 * `export.as`: kept under the name of the task there, where here it is the
 * whole of `$context`.
 */
function exportOf(
  { keepsData }: { readonly keepsData: boolean },
  { item, place, task, kind }: Own,
): TracedEntry | undefined {
  const at = placeOf(place, "export");
  const given = readObject(member(item, "export"), at);
  if (given !== undefined) {
    checkKeys(given, at, { known: ["as"], required: ["as"], what: '"export"' });
  }
  const parts: string[] = [];
  const as = given && member(given, "as");
  if (as !== undefined) {
    const program = programOf(asTemplate(as), placeOf(at, "as"), task.scope);
    parts.push(`${keyOf(task.name)}: (${program})`);
  }
  if (keepsData && kind === "set_vars") {
    parts.push("_data: ($context._data + .)");
  }
  if (parts.length === 0) return undefined;
  const program = `\${ $context + {${parts.join(", ")}} }`;
  return [
    "export",
    made(at.pointer, [
      [
        "as",
        copied(program, as === undefined ? at.pointer : `${at.pointer}/as`),
      ],
    ]),
  ];
}

/** `as` may be written without `${ }`. */
function asTemplate(as: Json): Json {
  return typeof as === "string" && !as.includes("${") ? `\${ ${as} }` : as;
}
