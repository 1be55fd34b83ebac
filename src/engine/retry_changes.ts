/**
 * Which tasks of a run another version of its workflow writes otherwise: what
 * they gave is not what they would give now.
 *
 * @module
 */

import { atPointer } from "../model/diagnostic.ts";
import type { TaskView } from "../model/durable.ts";
import { isJsonObject, type Json, jsonEquals } from "../model/json.ts";

/** Two versions of one workflow. */
export interface Versions {
  readonly before: Json;
  readonly now: Json;
}

/** Lists of tasks, which are compared task by task; and what runs nothing. */
const PARTS: readonly (readonly string[])[] = [
  ["do"],
  ["try"],
  ["catch", "do"],
  ["fork", "branches"],
  ["foreach", "do"],
  ["with", "subscription", "foreach", "do"],
  ["metadata"],
];

/**
 * Gives the tasks of a run that the version of now writes otherwise, without
 * regard to the tasks inside them.
 */
export function changedTasks(
  tasks: readonly TaskView[],
  versions: Versions,
): readonly TaskView[] {
  const known = new Map<string, boolean>();
  return tasks.filter(({ pointer }) => {
    if (pointer === undefined) return false;
    const isChanged = known.get(pointer) ?? differs(pointer, versions);
    known.set(pointer, isChanged);
    return isChanged;
  });
}

function differs(pointer: string, { before, now }: Versions): boolean {
  const [old, own] = [before, now].map((it) => atPointer(it, pointer));
  // What was fetched from elsewhere stands in neither.
  if (old === undefined || own === undefined) return old !== own;
  return !jsonEquals(ownPart(old), ownPart(own));
}

/** A task without the tasks inside it. */
function ownPart(task: Json): Json {
  return PARTS.reduce(without, task);
}

function without(value: Json, [key = "", ...rest]: readonly string[]): Json {
  if (!isJsonObject(value)) return value;
  const { [key]: part, ...others } = value;
  if (part === undefined) return value;
  return rest.length === 0 ? others : { ...others, [key]: without(part, rest) };
}
