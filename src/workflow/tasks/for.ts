/**
 * `for`: runs a list once for each item.
 *
 * @module
 */

import { isJsonArray, type Json, member } from "../../model/json.ts";
import { type Place, type TaskPlace, withVariables } from "../context.ts";
import { readCondition, readTemplate, readTransform } from "../data_flow.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  reportError,
  reportStricter,
  wrongType,
} from "../fields.ts";
import type { Template } from "../../expr/expression.ts";
import type { ForTask } from "../tree.ts";
import { readBase } from "./_base.ts";
import { readVariableName } from "./_variable.ts";

/** Reads a `for` task. */
export function readFor(place: TaskPlace): ForTask {
  const { object } = place;
  const base = readBase(place, {
    kind: "for",
    known: ["for", "while", "do"],
    required: ["do"],
  });
  const at = placeOf(place, "for");
  const loop = readObject(member(object, "for"), at) ?? {};
  checkKeys(loop, at, {
    known: ["each", "in", "at"],
    required: ["in"],
    holds: { in: 'an expression that gives a list, as ".files"' },
    what: 'the "for" of a task',
    instead: { item: "each", index: "at", of: "in" },
  });
  const each = readVariableName(member(loop, "each"), placeOf(at, "each"));
  const index = readVariableName(member(loop, "at"), placeOf(at, "at"));
  const names = { each: each ?? "item", at: index ?? "index" };
  if (names.each === names.at) {
    reportError(at, {
      message: `The item and its index cannot both be called "${names.at}"`,
    });
  }
  const context = withVariables(place.context, [names.each, names.at]);
  const condition = readCondition(member(object, "while"), {
    ...placeOf(place, "while"),
    context,
  });
  const tasks = context.readList(member(object, "do"), {
    ...placeOf(place, "do"),
    context,
  });
  return {
    ...base,
    kind: "for",
    ...names,
    in: readCollection(member(loop, "in"), placeOf(at, "in")),
    ...(condition === undefined ? {} : { while: condition }),
    tasks,
  };
}

function readCollection(value: Json | undefined, place: Place): Template {
  if (
    value !== undefined && typeof value !== "string" && !isJsonArray(value)
  ) {
    reportStricter(place, wrongType("an expression or an array", value));
  }
  const template = isJsonArray(value)
    ? readTemplate(value, place)
    : readTransform(value, place);
  place.context.typeReader?.checkWanted(template, place, "list");
  return template ?? { kind: "literal", value: [] };
}
