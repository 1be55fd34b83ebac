/**
 * Upstream tasks that hold or steer others.
 *
 * @module
 */

import { type Failure, failureOf, isFailureKind } from "../model/failure.ts";
import {
  isJsonObject,
  type Json,
  type JsonObject,
  member,
} from "../model/json.ts";
import type { Place } from "./context.ts";
import { placeOf, reportError } from "./fields.ts";
import { copied, made, madeList, type Traced } from "./traced.ts";
import { keyOf, programOf } from "./upstream_expressions.ts";
import {
  asExpression,
  checkConfig,
  condition,
  type ConvertedTask,
  field,
  fieldPlace,
  listOf,
  refuseField,
  textOf,
  type UpstreamTask,
  valueOf,
  warnFields,
} from "./_upstream_task.ts";

/** `set_vars`: its variables are the output. */
export function convertSet(task: UpstreamTask): ConvertedTask {
  checkConfig(task, { known: ["variables"], required: ["variables"] });
  const set = field(task, "variables", { as: "set" });
  return { entries: set === undefined ? [] : [set] };
}

/** `switch_case`: cases are named by a key here. */
export function convertSwitch(task: UpstreamTask): ConvertedTask {
  checkConfig(task, { known: ["cases"], required: ["cases"] });
  const at = fieldPlace(task, "cases");
  const cases = listOf(member(task.config, "cases"), at).map((item, i) =>
    convertCase(task, item, placeOf(at, i))
  );
  return { entries: [["switch", madeList(at.pointer, cases)]] };
}

function convertCase(task: UpstreamTask, item: Json, place: Place): Traced {
  if (!isJsonObject(item) || member(item, "name") === undefined) {
    return valueOf(task, item, place);
  }
  const { name, ...rest } = item;
  const caseTask = { ...task, config: rest, written: rest, place };
  const then = member(item, "then");
  return made(place.pointer, [[
    typeof name === "string" ? name : "case",
    made(place.pointer, [
      condition(caseTask, "when"),
      then === undefined
        ? undefined
        : ["then", convertThen(task, then, placeOf(place, "then"))],
      ...Object.keys(rest).filter((key) => key !== "when" && key !== "then")
        .map((key) => field(caseTask, key)),
    ]),
  ]]);
}

/** Inside a list, `end` leaves that list alone there. */
export function convertThen(
  { isNested }: Pick<UpstreamTask, "isNested">,
  then: Json,
  { pointer }: Place,
): Traced {
  return copied(isNested && then === "end" ? "exit" : then, pointer);
}

/**
 * `for_each`: the output is the list of what the rounds gave, and each round
 * is given the input of the loop. A loop here hands each round what the one
 * before gave, so it carries both: `{input, outputs}`.
 */
export function convertFor(task: UpstreamTask): ConvertedTask | undefined {
  checkConfig(task, {
    known: [
      "each",
      "in",
      "at",
      "while",
      "do",
      "max_parallelism",
      "batch_size",
      "on_error",
    ],
    required: ["in", "do"],
  });
  const { config, scope, place: { pointer } } = task;
  const each = textOf(config, "each", "item");
  const at = textOf(config, "at", "index");
  const inner = { ...scope, variables: [...scope.variables, each, at] };
  if (noteOnError(task)) return undefined;
  warnOfPace(task);
  const program = itemsProgram(task);
  const body = member(config, "do") ?? [];
  const list = task.list(body, fieldPlace(task, "do"), inner);
  const round = made(pointer, [
    ["input", made(pointer, [["from", copied(".input", pointer)]])],
    ["do", list],
    ["output", made(pointer, [["as", copied(ROUND_OUTPUT, pointer)]])],
  ]);
  const end = member(config, "while");
  return {
    from: copied("${ {input: ., outputs: []} }", pointer),
    entries: [
      [
        "for",
        made(pointer, [
          ["each", copied(each, pointer)],
          ["at", copied(at, pointer)],
          [
            "in",
            copied(`.input | (${program})`, fieldPlace(task, "in").pointer),
          ],
        ]),
      ],
      end === undefined ? undefined : [
        "while",
        copied(
          `.input | (${
            programOf(asExpression(end), fieldPlace(task, "while"), inner)
          })`,
          fieldPlace(task, "while").pointer,
        ),
      ],
      ["do", madeList(pointer, [made(pointer, [["round", round]])])],
    ],
    shape: ".outputs",
  };
}

function warnOfPace(task: UpstreamTask): void {
  if (member(task.config, "max_parallelism") !== 1) {
    warnFields(
      task,
      ["max_parallelism"],
      "Rounds follow one another; use a fork for work at once",
    );
  }
  warnFields(
    task,
    ["batch_size"],
    "Rounds follow one another, an item at a time",
  );
}

const ROUND_OUTPUT =
  "${ {input: $task.input.input, outputs: ($task.input.outputs + [.])} }";

/** What is gone through: an array, or a number of rounds. */
function itemsProgram(task: UpstreamTask): string {
  const items = member(task.config, "in") ?? null;
  if (typeof items === "number") return `[range(${items})]`;
  return programOf(asExpression(items), fieldPlace(task, "in"), task.scope);
}

function noteOnError(task: UpstreamTask): boolean {
  const wanted = String(member(task.config, "on_error") ?? "FAIL_FAST");
  if (/^(?:.*_)?fail_fast$/i.test(wanted)) return false;
  return refuseField(task, "on_error", {
    message: `"on_error: ${wanted}" has no counterpart`,
    hint: "Put the tasks of the loop into a try that catches their errors",
  });
}

/** `fork`: branches are named by a key here, and outputs by branch there. */
export function convertFork(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: ["branches", "compete"],
    required: ["branches"],
  });
  const at = fieldPlace(task, "branches");
  const { pointer } = task.place;
  const names: string[] = [];
  const branches = listOf(member(task.config, "branches"), at).map(
    (item, i) => {
      const place = placeOf(at, i);
      if (!isJsonObject(item)) return valueOf(task, item, place);
      const name = textOf(item, "name", `branch${i + 1}`);
      names.push(name);
      const list = task.list(
        member(item, "do") ?? [],
        placeOf(place, "do"),
        task.scope,
      );
      return made(place.pointer, [[name, made(place.pointer, [["do", list]])]]);
    },
  );
  const keys = names.map((name, i) => `${keyOf(name)}: .[${i}]`);
  const compete = field(task, "compete");
  return {
    entries: [[
      "fork",
      made(pointer, [
        ["branches", madeList(at.pointer, branches)],
        compete,
      ]),
    ]],
    ...(member(task.config, "compete") === true
      ? {}
      : { shape: `{${keys.join(", ")}}` }),
  };
}

/** `try_catch`: as it is, with the lists in it converted. */
export function convertTry(task: UpstreamTask): ConvertedTask {
  checkConfig(task, { known: ["try", "catch"], required: ["try", "catch"] });
  const at = fieldPlace(task, "catch");
  const clause = member(task.config, "catch");
  const tried = task.list(
    member(task.config, "try") ?? [],
    fieldPlace(task, "try"),
    task.scope,
  );
  return {
    entries: [
      ["try", tried],
      [
        "catch",
        isJsonObject(clause)
          ? convertCatch(task, clause, at)
          : valueOf(task, clause ?? null, at),
      ],
    ],
  };
}

function convertCatch(
  task: UpstreamTask,
  clause: JsonObject,
  place: Place,
): Traced {
  const as = textOf(clause, "as", "error");
  const { scope } = task;
  const inner = { ...scope, error: as, variables: [...scope.variables, as] };
  const within: UpstreamTask = {
    ...task,
    config: clause,
    written: clause,
    place,
    scope: inner,
  };
  refuseField(within, "compensate", NO_COMPENSATION);
  return made(
    place.pointer,
    Object.entries(clause).map(([key, value]) => {
      switch (key) {
        case "compensate":
          return undefined;
        case "do":
          return ["do", task.list(value, placeOf(place, "do"), inner)];
        case "when":
        case "exceptWhen":
          return condition(within, key, inner);
        default:
          return field(within, key);
      }
    }),
  );
}

/** Why there is no undoing of what was done, and what there is. */
export const NO_COMPENSATION = {
  message: 'There is no "compensate"',
  hint: 'Undo what was done in the "do" of a catch',
} as const;

/** `raise_error`: a word, or a whole error. */
export function convertRaise(task: UpstreamTask): ConvertedTask {
  const { config, place: { pointer } } = task;
  checkConfig(task, {
    known: [
      "error",
      "message",
      "type",
      "status",
      "title",
      "detail",
      "instance",
    ],
  });
  const given = member(config, "error") ?? member(config, "type");
  if (isJsonObject(given)) {
    return { entries: [["raise", made(pointer, [field(task, "error")])]] };
  }
  const named = typeof given === "string" ? given : "runtime";
  const { type, status } = errorOf(named);
  const at = fieldPlace(task, "error");
  return {
    entries: [[
      "raise",
      made(pointer, [[
        "error",
        made(pointer, [
          ["type", valueOf(task, type, at)],
          field(task, "status") ??
            ["status", copied(status, at.pointer)],
          field(task, "title") ??
            (member(config, "type") === undefined
              ? ["title", valueOf(task, named, at)]
              : undefined),
          field(task, "message", { as: "detail" }) ?? field(task, "detail"),
          field(task, "instance"),
        ]),
      ]]),
    ]],
  };
}

/** The type and the status that a word stands for. */
function errorOf(name: string): Pick<Failure, "type" | "status"> {
  const word = name.toLowerCase();
  if (isFailureKind(word)) return failureOf(word, "");
  const isUri = /^[a-z][a-z0-9+.-]*:|\$\{/i.test(name);
  const type = isUri ? name : `urn:error:${encodeURIComponent(name)}`;
  return { type, status: 500 };
}

/** `wait`: for a time, or until one. */
export function convertWait(task: UpstreamTask): ConvertedTask | undefined {
  const { config, place: { pointer } } = task;
  const units = ["days", "hours", "minutes", "seconds", "milliseconds"];
  checkConfig(task, { known: ["duration", "until", ...units] });
  const until = member(config, "until");
  if (until !== undefined) {
    const at = fieldPlace(task, "until");
    return { entries: [["wait", copied(waitUntil(task, until), at.pointer)]] };
  }
  const duration = field(task, "duration", { as: "wait" });
  if (duration !== undefined) return { entries: [duration] };
  return {
    entries: [["wait", made(pointer, units.map((unit) => field(task, unit)))]],
  };
}

function waitUntil(task: UpstreamTask, until: Json): string {
  const at = fieldPlace(task, "until");
  const isText = typeof until === "string" && !until.includes("${");
  const ms = isText ? Date.parse(until) : NaN;
  if (isText && Number.isNaN(ms)) {
    reportError(at, {
      message: `"${until}" is not a time`,
      hint: 'Write it as "2026-01-31T12:00:00Z"',
    });
  }
  const seconds = isText
    ? `${Number.isNaN(ms) ? 0 : ms / 1000}`
    : `(${programOf(until, at, task.scope)} | fromdateiso8601)`;
  return `\${ {milliseconds: ([(${seconds} - now) * 1000, 0] | max | ceil)} }`;
}
