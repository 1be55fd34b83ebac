/**
 * `call: typescript`: a function of the program that serves the workflow.
 *
 * The definition says what tasks there are, for those who look at it; what they
 * do, the program knows. So all tasks of such a workflow are functions, and
 * what one gives is what the next one gets.
 *
 * @module
 */

import { isJsonObject, type JsonObject, member } from "../../model/json.ts";
import type { Place, TaskPlace } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readObject,
  reportError,
  reportStricter,
} from "../fields.ts";
import type { Duration, Task } from "../tree.ts";
import type { TypeScriptTask } from "../tree_calls.ts";

/** How deep the list of a workflow's own tasks stands. */
const OWN_LIST_DEPTH = 1;

/** Reads a `call: typescript` task. */
export function readTypeScript(place: TaskPlace): TypeScriptTask {
  const { object, name, pointer, context } = place;
  checkKeys(object, place, {
    known: ["call", "metadata"],
    required: ["call"],
    what: 'a "call: typescript" task',
  });
  readObject(member(object, "metadata"), placeOf(place, "metadata"));
  if (context.depth !== OWN_LIST_DEPTH) reportMixed(placeOf(place, "call"));
  // Nobody but the program knows which of them it uses.
  for (const secret of context.use.secrets) context.usedSecrets.add(secret);
  return {
    kind: "typescript",
    name,
    pointer,
    input: {},
    output: {},
    export: {},
    then: { kind: "continue" },
  };
}

/**
 * Says whether the tasks of a workflow are functions of a program; either all
 * of them are, or none.
 */
export function isServed(tasks: readonly Task[], place: Place): boolean {
  const other = tasks.find(({ kind }) => kind !== "typescript");
  const own = tasks.find(({ kind }) => kind === "typescript");
  if (own === undefined) return false;
  if (other !== undefined) {
    const at = placeOf(placeOf(place, tasks.indexOf(own)), own.name);
    reportMixed(placeOf(at, "call"));
  }
  return true;
}

/**
 * Notes what a definition says beside its functions that no program heeds: the
 * functions get the input as it came, and what the last one gives is given.
 */
export function checkServed(
  spec: JsonObject,
  place: Place,
  timeout: Duration | undefined,
): void {
  const refuse = (key: string, at: Place, hint: string): void => {
    const message = `"${key}" means nothing to "call: typescript" tasks`;
    reportStricter(at, { atKey: true, message, hint });
  };
  const input = member(spec, "input");
  if (isJsonObject(input) && member(input, "from") !== undefined) {
    const at = placeOf(placeOf(place, "input"), "from");
    refuse("input.from", at, "Let the first function make what it needs");
  }
  if (member(spec, "output") !== undefined) {
    const hint = "Let the last function give what the workflow gives";
    refuse("output", placeOf(place, "output"), hint);
  }
  const use = member(spec, "use");
  for (const key of isJsonObject(use) ? Object.keys(use) : []) {
    if (key === "secrets") continue;
    const at = placeOf(placeOf(place, "use"), key);
    refuse(`use.${key}`, at, "Functions use secrets alone");
  }
  if (timeout?.kind !== "computed") return;
  reportStricter(placeOf(place, "timeout"), {
    atKey: true,
    message: 'The time of "call: typescript" tasks cannot be computed',
    hint: "Write the time itself, as {minutes: 5}",
  });
}

function reportMixed(place: Place): void {
  reportError(place, {
    message: '"call: typescript" does not stand beside or in other tasks',
    hint: "A program serves all tasks of a workflow, or none: put its " +
      'functions into a workflow of their own, and run that by "run: workflow"',
  });
}
