/**
 * `run: container`: resolves what the container is given, and leaves the
 * running to the activity.
 *
 * @module
 */

import { isJsonObject, type Json, member } from "../model/json.ts";
import type { ContainerTask } from "../workflow/tree_runs.ts";
import { giveDuration } from "./_evaluate.ts";
import { runProcess } from "./_process.ts";
import type { End, Place, Walk } from "./_walk.ts";

/** Runs the container that the task describes. */
export function runContainer(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ContainerTask; readonly end: End },
): void {
  const { cleanupAfter } = task;
  const cleanupAfterMs = cleanupAfter === undefined
    ? null
    : giveDuration(walk, place, {
      duration: cleanupAfter,
      what: "run.container.lifetime.after",
    });
  runProcess(walk, place, {
    task,
    end,
    build: ({ giveText, optional }) => ({
      workflow: walk.plan.name,
      namespace: namespaceOf(walk.plan.definition),
      image: giveText(task.image, "run.container.image"),
      name: optional(task.containerName, "run.container.name"),
      command: optional(task.command, "run.container.command"),
      ports: optional(task.ports, "run.container.ports"),
      volumes: optional(task.volumes, "run.container.volumes"),
      pullPolicy: task.pullPolicy,
      cleanup: task.cleanup,
      cleanupAfterMs,
    }),
  });
}

/** The namespace of a document; a graph has none. */
function namespaceOf(definition: Json): string {
  const document = isJsonObject(definition)
    ? member(definition, "document")
    : undefined;
  const namespace = isJsonObject(document)
    ? member(document, "namespace")
    : undefined;
  return typeof namespace === "string" ? namespace : "default";
}
