/**
 * `run: script`: resolves the code and what it is given, and leaves the
 * running to the activity. Code that is kept elsewhere is read first, and kept
 * in the journal.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../model/json.ts";
import type { ExternalResource } from "../workflow/tree_calls.ts";
import type { ScriptTask } from "../workflow/tree_runs.ts";
import { runPart } from "./_commands.ts";
import { effectInput, type Eyes } from "./_effect_input.ts";
import { endpointInput } from "./_endpoint.ts";
import { runProcess } from "./_process.ts";
import type { End, Place, Walk } from "./_walk.ts";
import { settle } from "./call_http.ts";

interface Options {
  readonly task: ScriptTask;
  readonly end: End;
}

/** Runs the script that the task holds or names. */
export function runScript(walk: Walk, place: Place, options: Options): void {
  const { code } = options.task;
  if (code.kind === "inline") {
    return runCode(walk, place, {
      ...options,
      codeOf: ({ giveText }) => giveText(code.code, "run.script.code"),
    });
  }
  fetchCode(walk, place, { ...options, source: code.source });
}

function fetchCode(
  walk: Walk,
  place: Place,
  options: Options & { readonly source: ExternalResource },
): void {
  const { endpoint } = options.source;
  runPart(walk, place, {
    part: "source",
    request: {
      activity: "resource",
      ...effectInput(walk, place, (eyes) => ({
        endpoint: endpointInput(eyes, endpoint, "run.script.source.endpoint"),
        as: "text",
      })),
      announced: false,
    },
    listener: (event) => {
      if (event.type !== "TASK_COMPLETED") return settle(event, options);
      const code = contentOf(event.data);
      place.guarded(() =>
        runCode(walk, place, { ...options, codeOf: () => code })
      );
    },
  });
}

function runCode(
  walk: Walk,
  place: Place,
  options: Options & { readonly codeOf: (eyes: Eyes) => Json },
): void {
  const { task, end, codeOf } = options;
  runProcess(walk, place, {
    task,
    end,
    build: (eyes) => ({ language: task.language, code: codeOf(eyes) }),
  });
}

function contentOf(resource: Json): Json {
  return isJsonObject(resource) ? member(resource, "content") ?? "" : "";
}
