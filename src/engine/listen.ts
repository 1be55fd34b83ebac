/**
 * `listen`: takes events until they are enough, without holding anything
 * meanwhile; with `foreach`, does something for each of them in turn.
 *
 * @module
 */

import type { Scope } from "../expr/expression.ts";
import { ExpressionError } from "../expr/failure.ts";
import type { CloudEvent } from "../model/durable.ts";
import { failureOf } from "../model/failure.ts";
import type { ListenTask } from "../workflow/tree_events.ts";
import { aboutOf, awaitEvents, type Taking } from "./_commands.ts";
import { mustNotRefer } from "./_deciding.ts";
import { faultOf, scopeOf } from "./_evaluate.ts";
import { type End, openNode, type Place, type Walk } from "./_walk.ts";
import {
  type Consumed,
  type Consumer,
  newConsumed,
  offer,
  takes,
  templatesOf,
  typesOf,
} from "./consume.ts";
import { eachEvent, type TakeNext } from "./listen_each.ts";

/** Listens; the output is an array of what the events gave. */
export function runListen(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: ListenTask; readonly end: End },
): void {
  const consumer = consumerOf(walk, place, task);
  mustNotRefer(walk, place, {
    templates: templatesOf(task.to),
    scope: consumer.scope(place.input),
    what: "listen.to",
  });
  const consumed = newConsumed(task.to);
  const { view } = place.node;
  if (view !== undefined) view.phase = "WAITING";
  const taking: Taking = awaitEvents(walk, openNode(place.node), {
    about: aboutOf(place),
    types: typesOf(task.to),
    accepts: (event) => takes(consumer, consumed, event),
    received: (event) =>
      place.guarded(() => {
        const { counts } = take(place, { consumer, consumed, event });
        if (consumed.done) taking.stop();
        hear(counts ? consumed.events.at(-1) : undefined, {
          isLast: consumed.done,
        });
      }),
  });
  place.node.completed = taking.complete;
  const hear = hearingOf(walk, place, { task, consumed, end });
}

/** What is done with an event that was taken. */
function hearingOf(
  walk: Walk,
  place: Place,
  { task, consumed, end }: {
    readonly task: ListenTask;
    readonly consumed: Consumed;
    readonly end: End;
  },
): TakeNext {
  const { forEach } = task;
  if (forEach !== undefined) {
    return eachEvent(walk, place, { task, forEach, end });
  }
  return (_item, { isLast }) => {
    if (isLast) end.done(consumed.events, task.then);
  };
}

/**
 * What filters see. `now` is when the task began: asked twice about an event,
 * they must say the same.
 */
function consumerOf(walk: Walk, place: Place, task: ListenTask): Consumer {
  return {
    to: task.to,
    read: task.read,
    input: place.input,
    scope: (at): Scope => ({
      ...scopeOf(walk, place, { at }),
      nowMs: place.startedAtMs,
    }),
  };
}

function take(
  place: Place,
  { consumer, consumed, event }: {
    readonly consumer: Consumer;
    readonly consumed: Consumed;
    readonly event: CloudEvent;
  },
): { readonly counts: boolean } {
  try {
    return offer(consumer, consumed, event);
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    throw faultOf(
      error,
      failureOf(
        "expression",
        `Cannot evaluate "listen.to.any.until" of task "${place.task.name}", ` +
          `${error.where}: ${error.reason}`,
        { instance: place.task.pointer },
      ),
      place.path,
    );
  }
}
