/**
 * `call: human`: asks a person, and waits without holding anything.
 *
 * The answer comes as a signal that the task's path names, so that it is in the
 * journal as it was given.
 *
 * @module
 */

import { answerSignal, answerWait } from "../model/answer.ts";
import { failureOf } from "../model/failure.ts";
import type { HumanTask } from "../workflow/tree_calls.ts";
import { aboutOf, awaitSignal, startTimer } from "./_commands.ts";
import { fault, giveDuration, giveText } from "./_evaluate.ts";
import { shownText } from "./_seals.ts";
import { type End, openNode, type Place, type Walk } from "./_walk.ts";

/** Characters of a question that a list of executions shows. */
const QUESTION_LENGTH_MAX = 120;

/** Asks, and gives the answer as the output. */
export function runHuman(
  walk: Walk,
  place: Place,
  { task, end }: { readonly task: HumanTask; readonly end: End },
): void {
  const prompt = promptOf(walk, place, task);
  const patienceMs = task.patience === undefined
    ? undefined
    : giveDuration(walk, place, {
      duration: task.patience,
      what: "with.timeout",
    });
  show(walk, place, { task, prompt, patienceMs });
  awaitSignal(walk, openNode(place.node), {
    about: aboutOf(place),
    signal: answerSignal(place.path, place.attempt),
    waitingFor: answerWait(inBrief(prompt)),
    received: (answer) => end.done(answer, task.then),
  });
  if (patienceMs === undefined) return;
  const about = aboutOf(place);
  startTimer(walk, openNode(place.node), {
    about: { ...about, path: `${about.path}/patience` },
    delayMs: patienceMs,
    shown: false,
    fired: () => giveUp(place, { task, end, prompt, patienceMs }),
  });
}

function promptOf(walk: Walk, place: Place, task: HumanTask): string {
  const template = task.prompt;
  const given = giveText(walk, place, { template, what: "with.prompt" });
  // A person cannot open references.
  const prompt = shownText(walk.seals, given);
  if (prompt.trim() !== "") return prompt;
  throw fault(
    place,
    "validation",
    `Task "${task.name}" has nothing to ask: its "with.prompt" is empty`,
  );
}

/** Nobody answered in time. */
function giveUp(
  place: Place,
  { task, end, prompt, patienceMs }: {
    readonly task: HumanTask;
    readonly end: End;
    readonly prompt: string;
    readonly patienceMs: number;
  },
): void {
  const outcome = task.onTimeout;
  if (outcome !== undefined) {
    return end.done({ outcome, timedOut: true }, task.then);
  }
  end.failed(failureOf(
    "timeout",
    `Nobody answered "${inBrief(prompt)}" of task "${task.name}" within ` +
      `${patienceMs / 1000} s`,
    { instance: place.task.pointer },
  ));
}

/** Lets people see what is asked. */
function show(
  walk: Walk,
  place: Place,
  { task, prompt, patienceMs }: {
    readonly task: HumanTask;
    readonly prompt: string;
    readonly patienceMs: number | undefined;
  },
): void {
  const { view } = place.node;
  if (view === undefined) return;
  const limitMs = task.timeout === undefined
    ? undefined
    : giveDuration(walk, place, { duration: task.timeout, what: "timeout" });
  const leftMs = Math.min(patienceMs ?? Infinity, limitMs ?? Infinity);
  view.phase = "WAITING";
  view.human = {
    prompt,
    outcomes: task.outcomes,
    ...(task.schema === undefined ? {} : { schema: task.schema }),
    ...(leftMs === Infinity ? {} : { dueAtMs: walk.nowMs + leftMs }),
  };
}

/** A question in one line of bounded length. */
function inBrief(prompt: string): string {
  const line = prompt.trim().replace(/\s+/g, " ");
  const characters = [...line];
  return characters.length <= QUESTION_LENGTH_MAX
    ? line
    : `${characters.slice(0, QUESTION_LENGTH_MAX - 1).join("")}…`;
}
