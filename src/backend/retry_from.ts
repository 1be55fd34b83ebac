/**
 * Which task of a run a word means that a retry is to begin with.
 *
 * @module
 */

import { failedPath } from "../engine/retry_point.ts";
import type { TaskView } from "../model/durable.ts";
import { invalidArgument } from "../model/error.ts";
import type { ExecutionRecord } from "../model/execution.ts";
import { didYouMean } from "../model/near.ts";

/** Paths named in an error at the most. */
const PATHS_NAMED_MAX = 5;

/**
 * Finds the task that a word means: its path, its place in the definition, as
 * errors show it, or its name. Of several the one that failed is meant.
 *
 * @throws {StigmerError} INVALID_ARGUMENT where none is meant, or several are.
 */
export function retryFrom(
  { id }: Pick<ExecutionRecord, "id">,
  tasks: readonly TaskView[],
  word: string,
): string {
  if (tasks.some(({ path }) => path === word)) return word;
  const meant = tasks.filter(({ name, pointer }) =>
    name === word || pointer === word
  );
  const [only, ...others] = meant;
  if (only === undefined) throw unknownTask(id, tasks, word);
  const path = others.length === 0 ? only.path : failedOf(meant, tasks);
  if (path !== undefined) return path;
  throw severalTasks(id, meant, word);
}

/** The one that failed: of several the one whose failure ended the run. */
function failedOf(
  meant: readonly TaskView[],
  tasks: readonly TaskView[],
): string | undefined {
  const failed = meant.filter(({ phase }) => phase === "FAILED");
  if (failed.length === 1) return failed[0]?.path;
  const last = failedPath(tasks);
  return failed.find(({ path }) => path === last)?.path;
}

function severalTasks(
  id: string,
  meant: readonly TaskView[],
  word: string,
): Error {
  const paths = meant.slice(0, PATHS_NAMED_MAX).map((it) => `"${it.path}"`);
  const more = meant.length > paths.length ? " …" : "";
  return invalidArgument(
    `Cannot retry execution "${id}" from "${word}": ${meant.length} tasks ` +
      `have that ${word.startsWith("/") ? "place" : "name"}`,
    { hints: [`Give a path, one of ${paths.join(", ")}${more}`] },
  );
}

function unknownTask(
  id: string,
  tasks: readonly TaskView[],
  word: string,
): Error {
  const known = tasks.flatMap(({ path, name }) => [name, path]);
  const { hint } = didYouMean(word, known);
  return invalidArgument(
    `Cannot retry execution "${id}" from "${word}": it did not run such a task`,
    { hints: [hint ?? `stigmer execution get ${id} names those it ran`] },
  );
}
