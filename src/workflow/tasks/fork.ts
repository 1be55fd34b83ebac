/**
 * `fork`: runs branches at once.
 *
 * @module
 */

import { member } from "../../model/json.ts";
import type { TaskPlace } from "../context.ts";
import {
  checkKeys,
  placeOf,
  readBoolean,
  readObject,
  reportError,
} from "../fields.ts";
import type { ForkTask } from "../tree.ts";
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
  branches.forEach((branch, i) => {
    if (branch.then.kind !== "goto") return;
    reportError(placeOf(placeOf(at, "branches"), i), {
      message: `Branch "${branch.name}" cannot go to another branch`,
      hint: "Branches run at once, put what follows in a list of its own",
    });
  });
  const compete = readBoolean(member(fork, "compete"), placeOf(at, "compete"));
  return { ...base, kind: "fork", branches, compete: compete ?? false };
}
