/**
 * A function that was fetched while a workflow runs, read as those in the
 * definition are.
 *
 * @module
 */

import type { Diagnostic } from "../model/diagnostic.ts";
import { pointerTo } from "../model/diagnostic.ts";
import { isJsonObject, type Json } from "../model/json.ts";
import type { Context } from "./context.ts";
import { DOCUMENT_VARIABLES } from "./data_flow.ts";
import { readTask, readTaskList } from "./task_list.ts";
import { readExternalResource } from "./tasks/resource.ts";
import type { Task } from "./tree.ts";

/** A function that can be run, or why it cannot. */
export type ReadFunction =
  | { readonly task: Task; readonly problem?: undefined }
  | { readonly task?: undefined; readonly problem: string };

/**
 * Reads a function from elsewhere. It stands by itself: of what the workflow
 * gives names to, it can use the secrets.
 */
export function readExternalFunction(
  definition: Json,
  options: { readonly name: string; readonly secrets: readonly string[] },
): ReadFunction {
  if (!isJsonObject(definition)) {
    return { problem: "it must be an object, a task" };
  }
  const context = contextOf(options.secrets);
  const pointer = pointerTo("/use/functions", options.name);
  const task = readTask({
    name: options.name,
    object: definition,
    pointer,
    context,
  });
  const errors = context.diagnostics.filter((it) => it.severity === "error");
  if (task !== undefined && errors.length === 0) return { task };
  return { problem: inWords(errors, pointer) };
}

function contextOf(secrets: readonly string[]): Context {
  return {
    diagnostics: [],
    // A run that is taken over reads it again, perhaps with a later release.
    isStored: true,
    isFetched: true,
    use: {
      errors: {},
      retries: {},
      timeouts: {},
      authentications: {},
      catalogs: {},
      functions: {},
      secrets,
      anySecret: false,
    },
    mode: "strict",
    variables: new Set(DOCUMENT_VARIABLES),
    list: new Map(),
    depth: 0,
    counter: { tasks: 0 },
    usedSecrets: new Set(),
    readList: readTaskList,
    readTask,
    readResource: readExternalResource,
    functions: { read: new Map(), calling: [] },
  };
}

/** The first problem with its place, and how many more there are. */
function inWords(errors: readonly Diagnostic[], pointer: string): string {
  const [first, ...others] = errors;
  if (first === undefined) return "it is no task";
  const at = first.pointer.slice(pointer.length);
  return (at === "" ? "" : `at ${at}: `) + first.message +
    (others.length === 0 ? "" : `, and ${others.length} more`);
}
