/**
 * `raise`: fails with an error of the definition's own.
 *
 * @module
 */

import type { Failure } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { RaiseTask } from "../workflow/tree.ts";
import type { Template } from "../expr/expression.ts";
import { article, fault, give, giveText } from "./_evaluate.ts";
import { Fault, type Place, type Walk } from "./_walk.ts";

/** Throws the fault that the task describes. */
export function runRaise(walk: Walk, place: Place, task: RaiseTask): never {
  const { error } = task;
  const text = (template: Template | undefined, what: string): string => {
    if (template === undefined) return "";
    const value = give(walk, place, { template, what: `raise.error.${what}` });
    return typeof value === "string" ? value : JSON.stringify(value);
  };
  const failure: Failure = {
    type: giveText(walk, place, {
      template: error.type,
      what: "raise.error.type",
    }),
    status: status(
      place,
      give(walk, place, { template: error.status, what: "raise.error.status" }),
    ),
    title: text(error.title, "title"),
    detail: text(error.detail, "detail"),
    instance: text(error.instance, "instance") || task.pointer,
  };
  throw new Fault(failure);
}

function status(place: Place, value: Json): number {
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number === "number" && Number.isInteger(number)) return number;
  throw fault(
    place,
    "validation",
    `Task "${place.task.name}" needs a whole number for ` +
      `"raise.error.status", not ${article(value)}`,
  );
}
