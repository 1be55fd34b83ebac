/**
 * Extensions: what is done before and after tasks of a kind, without them being
 * touched.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { ExtendedKind } from "../workflow/tree.ts";
import { writeKeys } from "./body.ts";
import {
  asIs,
  type Expression,
  type Reference,
  reference,
  type Source,
} from "./expression.ts";
import { Steps } from "./steps.ts";
import type { Owner } from "./task_list.ts";

export type { ExtendedKind };

/** The task that is extended, as the tasks of the extension see it. */
export interface ExtendedTask {
  /** Its name. */
  name: string;
  /** Its JSON pointer. */
  reference: string;
  /** What it gets. */
  input: Json;
  /** What a call is called with. */
  with: Json;
}

/** What an extension does, and to which tasks. */
export interface ExtensionOptions {
  /** The kind of task that is extended. */
  readonly extend: ExtendedKind;
  /** Only those for which it holds; about a task it speaks as `$task`. */
  readonly when?: Expression<boolean> | string;
  /**
   * Adds the tasks that are done first; one that says `then: "exit"` stands in
   * for the task.
   */
  readonly before?: (list: Steps, task: Reference<ExtendedTask>) => unknown;
  /** Adds the tasks that are done once it has succeeded. */
  readonly after?: (
    list: Steps,
    task: Reference<ExtendedTask>,
    output: Reference<Json>,
  ) => unknown;
}

/** Writes an extension, telling which tasks are read. */
export type WriteExtension = (
  notice: (source: Source) => void,
) => Record<string, unknown>;

/** Takes an extension in; its tasks are those of the workflow. */
export function extensionOf(
  owner: Owner,
  { extend, when, before, after }: ExtensionOptions,
): WriteExtension {
  const task = reference<ExtendedTask>("$task");
  const [first, last] = [new Steps(owner), new Steps(owner)];
  before?.(first, task);
  after?.(last, task, reference<Json>("$output"));
  return (notice) => ({
    ...writeKeys({ extend, when: asIs(when) }, notice),
    ...(first.size === 0 ? {} : { before: first.write() }),
    ...(last.size === 0 ? {} : { after: last.write() }),
  });
}
