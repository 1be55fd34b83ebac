/**
 * `foreach`: what is done for each event or message that a task takes.
 *
 * @module
 */

import { type Json, member } from "../../model/json.ts";
import { type Place, withVariables } from "../context.ts";
import { readOutputFlow } from "../data_flow.ts";
import { checkKeys, placeOf, readObject, reportError } from "../fields.ts";
import type { ForEach } from "../tree_calls.ts";
import { readVariableName } from "./_variable.ts";

/** Reads a `foreach`. */
export function readForEach(
  value: Json | undefined,
  place: Place,
): ForEach | undefined {
  const object = readObject(value, place);
  if (object === undefined) return undefined;
  checkKeys(object, place, {
    known: ["item", "at", "do", "output", "export"],
    what: 'the "foreach" of a task',
    instead: { each: "item", index: "at", tasks: "do" },
  });
  const names = readNames(object, place);
  const within = (key: string): Place => ({
    ...placeOf(place, key),
    context: withVariables(place.context, [names.item, names.at]),
  });
  const tasks = member(object, "do");
  return {
    ...names,
    tasks: tasks === undefined
      ? []
      : place.context.readList(tasks, within("do")),
    output: readOutputFlow(member(object, "output"), within("output")),
    export: readOutputFlow(member(object, "export"), within("export")),
  };
}

function readNames(
  object: Parameters<typeof member>[0],
  place: Place,
): Pick<ForEach, "item" | "at"> {
  const item = readVariableName(member(object, "item"), placeOf(place, "item"));
  const at = readVariableName(member(object, "at"), placeOf(place, "at"));
  const names = { item: item ?? "item", at: at ?? "index" };
  if (names.item === names.at) {
    reportError(place, {
      message: `The item and its index cannot both be called "${names.at}"`,
    });
  }
  return names;
}
