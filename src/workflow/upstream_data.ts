/**
 * Upstream tasks that compute and check values.
 *
 * @module
 */

import { failureOf } from "../model/failure.ts";
import { isJsonObject, type Json, member } from "../model/json.ts";
import type { Place } from "./context.ts";
import { placeOf, readString } from "./fields.ts";
import { copied, made, madeList, type Traced } from "./traced.ts";
import { programOf } from "./upstream_expressions.ts";
import {
  asExpression,
  checkConfig,
  type ConvertedTask,
  field,
  fieldPlace,
  listOf,
  refuseField,
  snakeKeys,
  textOf,
  type UpstreamTask,
  valueOf,
} from "./_upstream_task.ts";

/** `transform`: a jq program over an input. */
export function convertTransform(
  task: UpstreamTask,
): ConvertedTask | undefined {
  checkConfig(task, {
    known: ["engine", "expression", "input"],
    required: ["expression"],
  });
  const engine = textOf(task.config, "engine", "jq").toLowerCase();
  if (!/^(?:.*_)?jq$/.test(engine)) {
    refuseField(task, "engine", {
      message: `Transforms in "${engine}" have no counterpart`,
      hint: "Write the expression in jq",
    });
    return undefined;
  }
  const at = fieldPlace(task, "expression");
  const text = readString(member(task.config, "expression"), at) ?? ".";
  const program = programOf(asExpression(text), at, task.scope);
  const input = member(task.config, "input");
  return {
    entries: [["set", copied(`\${ ${program} }`, at.pointer)]],
    ...(input === undefined
      ? {}
      : { from: valueOf(task, input, fieldPlace(task, "input")) }),
  };
}

/** `validate`: a schema and rules, each of which raises an error. */
export function convertValidate(task: UpstreamTask): ConvertedTask | undefined {
  checkConfig(task, {
    known: ["input", "schema", "rules", "on_fail", "fallback_task"],
  });
  const { config, place: { pointer } } = task;
  const onFail = textOf(config, "on_fail", "RAISE");
  if (!/^(?:.*_)?raise$/i.test(onFail)) {
    refuseField(task, "on_fail", {
      message: `"on_fail: ${onFail}" has no counterpart`,
      hint: "Put the task into a try, whose catch says what to do",
    });
    return undefined;
  }
  const input = member(config, "input");
  const data = made(pointer, [[
    "data",
    made(pointer, [
      ["set", copied("${ . }", pointer)],
      member(config, "schema") === undefined ? undefined : [
        "output",
        made(pointer, [[
          "schema",
          made(pointer, [
            ["format", copied("json", pointer)],
            field(task, "schema", { as: "document" }),
          ]),
        ]]),
      ],
    ]),
  ]]);
  const at = fieldPlace(task, "rules");
  const rules = listOf(member(config, "rules"), at).map((rule, i) =>
    convertRule(task, rule, [placeOf(at, i), i])
  );
  return {
    entries: [["do", madeList(pointer, [data, ...rules])]],
    ...(input === undefined
      ? {}
      : { from: valueOf(task, input, fieldPlace(task, "input")) }),
    shape: "{valid: true, errors: [], data: .}",
  };
}

function convertRule(
  task: UpstreamTask,
  rule: Json,
  [place, index]: readonly [Place, number],
): Traced {
  const object = isJsonObject(rule) ? snakeKeys(rule) : {};
  const name = textOf(object, "name", `rule${index + 1}`);
  const at = placeOf(place, "expression");
  const program = programOf(
    asExpression(member(object, "expression") ?? "true"),
    at,
    task.scope,
  );
  return made(place.pointer, [[
    name,
    made(place.pointer, [
      ["if", copied(`(${program}) | not`, at.pointer)],
      [
        "raise",
        made(place.pointer, [[
          "error",
          made(place.pointer, [
            ["type", copied(failureOf("validation", "").type, place.pointer)],
            ["status", copied(400, place.pointer)],
            ["title", copied(name, place.pointer)],
            [
              "detail",
              valueOf(
                task,
                member(object, "message") ?? `Rule "${name}" does not hold`,
                placeOf(place, "message"),
              ),
            ],
          ]),
        ]]),
      ],
    ]),
  ]]);
}
