/**
 * `switch`: chooses where to go.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import { readCondition } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readArray,
  reportError,
  reportType,
} from "../fields.ts";
import { readFlow } from "../flow.ts";
import type { SwitchTask } from "../tree.ts";
import { readBase } from "./_base.ts";

type Case = SwitchTask["cases"][number];

/** Reads a `switch` task: a list of cases, each an object of one key. */
export function readSwitch(place: TaskPlace): SwitchTask {
  const base = readBase(place, { kind: "switch", known: ["switch"] });
  const at = placeOf(place, "switch");
  const items = readArray(member(place.object, "switch"), at) ?? [];
  if (items.length === 0 && Array.isArray(member(place.object, "switch"))) {
    reportError(at, { message: "A switch needs at least one case" });
  }
  const cases = items.map((item, i) => readCase(item, placeOf(at, i)))
    .filter((read) => read !== undefined);
  noteSecondDefault(items, at);
  return { ...base, kind: "switch", cases: defaultLast(cases) };
}

function readCase(item: Json, place: Place): Case | undefined {
  const entries = isJsonObject(item) ? Object.entries(item) : [];
  const [entry] = entries;
  if (entry === undefined || entries.length > 1) {
    const isFlat = entries.some(([key]) => key === "when" || key === "then");
    reportError(place, {
      message: "A case is an object of one key, its name",
      ...(isFlat ? { hint: 'Write "- name: {…}" around it' } : {}),
    });
    return undefined;
  }
  const [name, value] = entry;
  const at = placeOf(place, name);
  if (!isJsonObject(value)) {
    reportType(at, "an object", value);
    return undefined;
  }
  checkKeys(value, at, {
    known: ["when", "then"],
    required: ["then"],
    holds: { then: 'the name of a task, "continue", "exit" or "end"' },
    what: "a case",
    instead: { if: "when", condition: "when", goto: "then", do: "then" },
  });
  const when = readCondition(member(value, "when"), placeOf(at, "when"));
  return {
    name,
    ...(when === undefined ? {} : { when }),
    then: readFlow(member(value, "then"), placeOf(at, "then")),
  };
}

function isDefault(item: Json): boolean {
  return isJsonObject(item) &&
    Object.values(item).every((value) =>
      isJsonObject(value) && member(value, "when") === undefined
    );
}

function noteSecondDefault(items: readonly Json[], place: Place): void {
  const second = items.findIndex((item, i) =>
    isDefault(item) && items.findIndex(isDefault) < i
  );
  if (second < 0) return;
  reportError(placeOf(place, second), {
    message: 'Only one case of a switch may have no "when"',
  });
}

/** The case without a condition applies when no other does, wherever it stands. */
function defaultLast(cases: readonly Case[]): readonly Case[] {
  return [
    ...cases.filter(({ when }) => when !== undefined),
    ...cases.filter(({ when }) => when === undefined),
  ];
}
