/**
 * Upstream tasks that wait for people and signals, or tell others.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../model/json.ts";
import { placeOf, readString, reportError } from "./fields.ts";
import { copied, made, madeList, type Traced } from "./traced.ts";
import { convertThen } from "./upstream_flow.ts";
import {
  call,
  checkConfig,
  type ConvertedTask,
  field,
  fieldPlace,
  innerOf,
  listOf,
  textOf,
  type UpstreamTask,
  valueOf,
  warnFields,
} from "./_upstream_task.ts";

/** `human_input`: what follows an outcome is a switch after the task. */
export function convertHuman(task: UpstreamTask): ConvertedTask {
  checkConfig(task, {
    known: [
      "prompt",
      "form_schema",
      "outcomes",
      "approvers",
      "timeout",
      "on_timeout",
      "notification_channels",
      "payload",
      "ui_hint",
    ],
    required: ["prompt"],
  });
  warnFields(task, ["approvers"], "Whoever reaches the backend may answer");
  warnFields(
    task,
    ["notification_channels", "payload", "ui_hint"],
    "Write what the person needs into the prompt",
  );
  const at = fieldPlace(task, "outcomes");
  const outcomes = listOf(member(task.config, "outcomes"), at);
  const names = outcomes.map(outcomeName);
  const choice = outcomeChoice(task, outcomes);
  return {
    entries: call(task, "human", [
      field(task, "prompt"),
      field(task, "form_schema", { as: "schema" }),
      names.length === 0 ? undefined : [
        "outcomes",
        madeList(
          at.pointer,
          names.map((name, i) => copied(name, placeOf(at, i).pointer)),
        ),
      ],
      patience(task),
      onTimeout(task, names),
    ]),
    shape: "{outcome, reviewer: .respondedBy, form_data: .data, comment, " +
      "responded_at: .respondedAt}",
    ...(choice === undefined ? {} : { choice }),
  };
}

function outcomeName(outcome: Json): string {
  if (typeof outcome === "string") return outcome;
  return isJsonObject(outcome) ? textOf(outcome, "name", "") : "";
}

function patience(task: UpstreamTask) {
  const value = member(task.config, "timeout");
  if (value === undefined) return undefined;
  const at = fieldPlace(task, "timeout");
  const seconds = typeof value === "number" ? { seconds: value } : value;
  return ["timeout", valueOf(task, seconds, at)] as const;
}

/** `APPROVE` and `DENY` are the outcomes that are called so. */
function onTimeout(task: UpstreamTask, names: readonly string[]) {
  const wanted = textOf(task.config, "on_timeout", "FAIL").toLowerCase()
    .replace(/^.*_/, "");
  if (wanted === "fail") return undefined;
  const name = names.find((it) =>
    (wanted === "approve" && /^approve/i.test(it)) ||
    (wanted === "deny" && /^(?:deny|denied|reject)/i.test(it))
  );
  const at = fieldPlace(task, "on_timeout");
  if (name !== undefined) {
    return ["onTimeout", copied(name, at.pointer)] as const;
  }
  reportError(at, {
    message: `"on_timeout: ${wanted}" has no counterpart here`,
    hint: names.length === 0
      ? "Without it a timeout is an error, which a try can catch"
      : `Write the outcome that it means: one of ${names.join(", ")}`,
  });
  return undefined;
}

function outcomeChoice(
  task: UpstreamTask,
  outcomes: readonly Json[],
): Traced | undefined {
  const at = fieldPlace(task, "outcomes");
  const cases = outcomes.flatMap((outcome, i) => {
    const then = isJsonObject(outcome) ? member(outcome, "then") : undefined;
    if (then === undefined) return [];
    const place = placeOf(at, i);
    const name = outcomeName(outcome);
    const when = `.outcome == ${JSON.stringify(name)}`;
    return [made(place.pointer, [[
      name,
      made(place.pointer, [
        ["when", copied(when, place.pointer)],
        ["then", convertThen(task, then, placeOf(place, "then"))],
      ]),
    ]])];
  });
  return cases.length === 0 ? undefined : madeList(at.pointer, cases);
}

/** `emit_event`: as it is. */
export function convertEmit(task: UpstreamTask): ConvertedTask {
  checkConfig(task, { known: ["event"], required: ["event"] });
  const { pointer } = task.place;
  return {
    entries: [[
      "emit",
      made(pointer, [[
        "event",
        made(pointer, [
          field(task, "event", { as: "with" }),
        ]),
      ]]),
    ]],
  };
}

/** `listen`: a signal is an event whose type is the signal's id. */
export function convertListen(task: UpstreamTask): ConvertedTask {
  checkConfig(task, { known: ["to", "mode", "signals"] });
  const to = member(task.config, "to") === undefined
    ? task
    : innerOf(task, "to");
  const at = fieldPlace(to, "signals");
  const filters = listOf(member(to.config, "signals"), at).map((signal, i) => {
    const place = placeOf(at, i);
    const { id, type } = isJsonObject(signal)
      ? { id: member(signal, "id"), type: textOf(signal, "type", "signal") }
      : { id: signal, type: "signal" };
    if (!/^(?:.*_)?signal$/i.test(type)) {
      reportError(placeOf(place, "type"), {
        message: `A ${type.toLowerCase()} has no counterpart`,
        hint: "Listen for an event and emit another one as the answer",
      });
    }
    const name = readString(id, placeOf(place, "id")) ?? "";
    return made(place.pointer, [[
      "with",
      made(place.pointer, [
        ["type", copied(name, placeOf(place, "id").pointer)],
      ]),
    ]]);
  });
  if (filters.length === 0) {
    reportError(at, { message: `Task "${task.name}" listens to no signal` });
  }
  const mode = textOf(to.config, "mode", "one").toLowerCase().replace(
    /^.*_/,
    "",
  );
  const [first] = filters;
  const isOne = mode === "one" && filters.length === 1 && first !== undefined;
  const key = isOne ? "one" : mode === "all" ? "all" : "any";
  const value = isOne ? first : madeList(at.pointer, filters);
  const { pointer } = to.place;
  return {
    entries: [[
      "listen",
      made(task.place.pointer, [
        ["to", made(pointer, [[key, value]])],
      ]),
    ]],
    ...(key === "all" ? {} : { shape: ".[0]" }),
  };
}
