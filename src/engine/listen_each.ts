/**
 * `foreach` of a task that takes one thing after another: a list for each of
 * them, in the order in which they came, each after the one before.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { ForEach } from "../workflow/tree_calls.ts";
import type { Task } from "../workflow/tree.ts";
import { roundPath } from "./_commands.ts";
import { askFits } from "./_deciding.ts";
import { give } from "./_evaluate.ts";
import { runList } from "./_list.ts";
import {
  closeNode,
  type End,
  openNode,
  type Place,
  type Variables,
  type Walk,
} from "./_walk.ts";

/** Takes the next thing, if there is one, and hears whether it was the last. */
export type TakeNext = (
  item: Json | undefined,
  options: { readonly isLast: boolean },
) => void;

/** Rounds at work. */
interface Rounds {
  readonly walk: Walk;
  readonly place: Place;
  readonly forEach: ForEach;
  readonly outputs: Json[];
}

/** Makes what takes the things; the task's output are those of the rounds. */
export function eachEvent(
  walk: Walk,
  place: Place,
  { task, forEach, end, rested }: {
    readonly task: Task;
    readonly forEach: ForEach;
    readonly end: End;
    /** Called after each round that leaves nothing to do for the moment. */
    readonly rested?: () => void;
  },
): TakeNext {
  const rounds: Rounds = { walk, place, forEach, outputs: [] };
  const queue: Json[] = [];
  let isBusy = false;
  let isOver = false;
  const next = (): void => {
    const item = queue.shift();
    if (item === undefined) {
      if (isOver) end.done(rounds.outputs, task.then);
      return;
    }
    isBusy = true;
    runRound(rounds, item, {
      done: () => {
        isBusy = false;
        if (queue.length === 0 && !isOver) return rested?.();
        next();
      },
      failed: end.failed,
    });
  };
  return (item, { isLast }) => {
    if (item !== undefined) queue.push(item);
    isOver ||= isLast;
    if (!isBusy) next();
  };
}

function runRound(
  rounds: Rounds,
  item: Json,
  end: { readonly done: () => void; readonly failed: End["failed"] },
): void {
  const { walk, place, forEach, outputs } = rounds;
  const index = outputs.length;
  const locals = {
    ...place.locals,
    [forEach.item]: item,
    [forEach.at]: index,
  };
  const finish = (output: Json): void =>
    transform(rounds, {
      raw: output,
      locals,
      index,
      failed: end.failed,
      done: (transformed) => {
        outputs.push(transformed);
        end.done();
      },
    });
  if (forEach.tasks.length === 0) return finish(item);
  const node = openNode(place.node);
  runList(walk, {
    tasks: forEach.tasks,
    prefix: `${roundPath(place)}/foreach/${index}/do`,
    input: place.input,
    locals,
    node,
  }, {
    done: (output) => {
      closeNode(walk, node);
      place.guarded(() => finish(output));
    },
    failed: end.failed,
  });
}

/** What a round gave. */
interface RoundOutput {
  readonly raw: Json;
  readonly locals: Variables;
  readonly index: number;
  readonly done: (output: Json) => void;
  readonly failed: End["failed"];
}

/** Makes the output of a round, and what it exports. */
function transform(
  { walk, place, forEach }: Rounds,
  { raw, locals, index, done, failed }: RoundOutput,
): void {
  const within: Place = { ...place, locals };
  const part = (of: string): string => `foreach/${index}/${of}/schema/fits`;
  const { as, schema } = forEach.output;
  const output = as === undefined ? raw : give(walk, within, {
    template: as,
    what: "foreach.output.as",
    sight: { at: raw, more: { output: raw } },
  });
  const exportContext = (): void => {
    const exported = forEach.export;
    if (exported.as === undefined) return done(output);
    const context = give(walk, within, {
      template: exported.as,
      what: "foreach.export.as",
      sight: { at: output, more: { output } },
    });
    askFits(walk, place, {
      schema: exported.schema,
      value: context,
      what: "foreach.export.schema",
      part: part("export"),
      failed,
      got: () => {
        walk.context = context;
        done(output);
      },
    });
  };
  askFits(walk, place, {
    schema,
    value: output,
    what: "foreach.output.schema",
    part: part("output"),
    failed,
    got: exportContext,
  });
}
