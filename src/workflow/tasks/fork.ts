/**
 * `fork`: runs branches at once.
 *
 * @module
 */

import { pointerTo } from "../../model/diagnostic.ts";
import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readObject,
  reportError,
  reportStricter,
} from "../fields.ts";
import type { Flow, ForkTask, Task } from "../tree.ts";
import { readBase } from "./_base.ts";

/** Reads a `fork` task. */
export function readFork(place: TaskPlace): ForkTask {
  const base = readBase(place, { kind: "fork", known: ["fork"] });
  const at = placeOf(place, "fork");
  const fork = readObject(member(place.object, "fork"), at) ?? {};
  checkKeys(fork, at, {
    known: ["branches", "compete"],
    required: ["branches"],
    what: 'the "fork" of a task',
    instead: { race: "compete", tasks: "branches", do: "branches" },
  });
  const branches = place.context.readList(member(fork, "branches"), {
    ...placeOf(at, "branches"),
  });
  for (const branch of branches) checkWays(branch, place);
  const compete = readBoolean(member(fork, "compete"), placeOf(at, "compete"));
  return { ...base, kind: "fork", branches, compete: compete ?? false };
}

/** Notes where a branch goes to another: they run at once. */
function checkWays(branch: Task, place: TaskPlace): void {
  const fault = {
    message: `Branch "${branch.name}" cannot go to another branch`,
    hint: "Branches run at once, put what follows in a list of its own",
  };
  const at = { ...place, pointer: branch.pointer };
  if (branch.then.kind === "goto") reportError(placeOf(at, "then"), fault);
  for (const [pointer, { kind }] of waysInside(branch)) {
    if (kind === "goto") reportStricter({ ...place, pointer }, fault);
  }
}

/** Where the cases of a switch and the catch of a try go, by their places. */
function waysInside(
  branch: Task,
): readonly (readonly [pointer: string, flow: Flow])[] {
  const { pointer } = branch;
  if (branch.kind === "switch") {
    return branch.cases.map(({ name, then }, i) => [
      `${pointerTo(`${pointer}/switch/${i}`, name)}/then`,
      then,
    ]);
  }
  const then = branch.kind === "try" ? branch.catch.then : undefined;
  return then === undefined ? [] : [[`${pointer}/catch/then`, then]];
}
