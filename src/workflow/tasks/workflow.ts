/**
 * `run: {workflow}`: runs another workflow as an execution of its own.
 *
 * @module
 */

import { type JsonObject, member } from "../../model/json.ts";
import type { Place } from "../context.ts";
import { checkKeys, placeOf, readString } from "../fields.ts";
import type { RunWorkflowTask } from "../tree_runs.ts";
import { readMap } from "./_call.ts";
import type { Runnable } from "./run.ts";

/** Reads the workflow of a `run` task. */
export function readRunWorkflow(
  object: JsonObject,
  place: Place,
): Omit<Runnable<RunWorkflowTask>, "await"> {
  checkKeys(object, place, {
    known: ["namespace", "name", "version", "input"],
    required: ["namespace", "name", "version"],
    what: "a workflow to run",
    instead: { workflow: "name", slug: "name", with: "input", inputs: "input" },
  });
  const text = (key: string, example: string): string | undefined =>
    readString(member(object, key), placeOf(place, key), example);
  const input = readMap(member(object, "input"), placeOf(place, "input"));
  return {
    kind: "workflow",
    namespace: text("namespace", "default") ?? "",
    workflow: text("name", "other") ?? "",
    version: text("version", "1.0.0") ?? "latest",
    ...(input === undefined ? {} : { workflowInput: input }),
  };
}
