/**
 * The lines of a tree as they are shown: a sign for where each task stands,
 * what it is called, and what is to be known of it.
 *
 * @module
 */

import { timestampMs } from "@bufbuild/protobuf/wkt";
import {
  type Execution,
  type HumanRequest,
  Phase,
  type TaskStatus,
  type Usage,
} from "../../../gen/stigmer/backend/v1/execution_pb.ts";
import { failureText } from "../../model/failure_text.ts";
import { visibleText } from "../../model/hidden_text.ts";
import { groupedText, usdText } from "../../model/usage.ts";
import { formatDuration } from "../duration.ts";
import { oneLine as wholeLine } from "../one_line.ts";
import type { Style } from "../style.ts";
import { widthOf } from "../width.ts";
import { type Piece, piecesToLine } from "./pieces.ts";
import { isOver, type RunNode } from "./run_tree.ts";
import type { TreeRow } from "./tree_rows.ts";

/** How a tree is shown. */
export interface TreeLook {
  readonly width: number;
  readonly style: Style;
  readonly nowMs: number;
  /** The sign of what is at work. */
  readonly spinner: string;
  /** What is said of the run as a whole, over what is known of it. */
  readonly word?: string;
}

const STEP = "  ";
/** Steps that a line is moved in at the most, where lines are short. */
const STEPS_SHARE = 3;
/** Characters of a text of others that are looked at: no line is longer. */
const LENGTH_MAX = 1000;
/** How late a timer may be before that is worth a word. */
const LATE_MS = 1000;

/** Writes the lines of a tree. */
export function treeLines(
  rows: readonly TreeRow[],
  look: TreeLook,
): readonly string[] {
  return rows.map((row) => {
    const steps = Math.min(
      row.depth,
      Math.floor(look.width / STEPS_SHARE / STEP.length),
    );
    const pieces = row.kind === "folded"
      ? foldedPieces(row, look)
      : nodePieces(row.node, look);
    return piecesToLine([{ text: STEP.repeat(steps) }, ...pieces], look.width);
  });
}

function foldedPieces(
  { done, failed, more }: Extract<TreeRow, { kind: "folded" }>,
  { style }: TreeLook,
): readonly Piece[] {
  const counts = [
    ...(done === 0 ? [] : [`${groupedText(done)} done`]),
    ...(failed === 0 ? [] : [`${groupedText(failed)} failed`]),
    ...(more === 0 ? [] : [`${groupedText(more)} more`]),
  ];
  return [{ text: `… ${counts.join(", ")}`, dress: style.dim }];
}

function nodePieces(node: RunNode, look: TreeLook): readonly Piece[] {
  const { style } = look;
  const isRun = node.task === undefined;
  const label = oneLine(node.label) || (isRun ? "Execution" : "task");
  const named = [
    signOf(node, look),
    { text: " " },
    isRun ? { text: label, dress: style.bold } : { text: label },
  ];
  const room = look.width - widthOfAll(named);
  return [
    ...named,
    ...fitting(factsOf(node, look), room).flatMap((
      { spare: _, ...fact },
      i,
    ): readonly Piece[] => [
      { text: gapBefore(i), dress: style.dim },
      { dress: style.dim, ...fact },
    ]),
  ];
}

function gapBefore(index: number): string {
  return index === 0 ? "  " : " · ";
}

/** Leaves out what can be spared where not all fits; the highest goes first. */
function fitting(facts: Facts, room: number): Facts {
  let kept = facts;
  const gaps = (): number =>
    kept.reduce((sum, _, i) => sum + gapBefore(i).length, 0);
  while (widthOfAll(kept) + gaps() > room) {
    const first = Math.max(0, ...kept.map(({ spare = 0 }) => spare));
    if (first === 0) break;
    kept = kept.filter(({ spare = 0 }) => spare < first);
  }
  return kept;
}

function widthOfAll(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { text }) => sum + widthOf(text), 0);
}

/** One column that says where a task stands. */
function signOf({ phase, task }: RunNode, look: TreeLook): Piece {
  const { style, spinner } = look;
  switch (phase) {
    case Phase.COMPLETED:
      return { text: "✓", dress: style.green };
    case Phase.FAILED:
      return { text: "✗", dress: style.red };
    case Phase.CANCELLED:
      return { text: "-", dress: style.yellow };
    case Phase.SKIPPED:
      return { text: "-", dress: style.dim };
    case Phase.RUNNING:
      return task?.human === undefined
        ? { text: spinner, dress: style.cyan }
        : { text: "?", dress: style.yellow };
    case Phase.WAITING:
      return {
        text: task?.human === undefined ? "~" : "?",
        dress: style.yellow,
      };
    case Phase.PAUSED:
      return { text: "=", dress: style.yellow };
    default:
      return { text: "·", dress: style.dim };
  }
}

/** What others wrote, harmless and no longer than a line can be. */
function oneLine(text: string): string {
  return visibleText(wholeLine(text.slice(0, LENGTH_MAX)));
}

/** Something to be known of a task. */
interface Fact extends Piece {
  /** Goes where a line is too narrow for all; the highest goes first. */
  readonly spare?: number;
}

type Facts = readonly Fact[];

function factsOf(node: RunNode, look: TreeLook): Facts {
  const { task } = node;
  const facts = task === undefined
    ? runFacts(node, look)
    : taskFacts(node, task, look);
  return facts.filter(({ text }) => text !== "");
}

function runFacts({ execution, phase }: RunNode, look: TreeLook): Facts {
  const { style, nowMs, word } = look;
  const status = execution?.status;
  const isQuiet = phase === Phase.RUNNING || phase === Phase.COMPLETED;
  const said = word ?? (isQuiet ? "" : Phase[phase] ?? "");
  const waits = isOver(phase) ? "" : oneLine(status?.waitingFor ?? "");
  return [
    { text: said, dress: phase === Phase.FAILED ? style.red : style.yellow },
    // Below it stands the task that waits, with all that there is to say.
    { text: waits === "" ? "" : `for ${waits}`, spare: 1 },
    { text: dueText(dueOf(execution, phase), nowMs) },
    { text: elapsedOf(status, nowMs) },
    ...usageFacts(status?.usage).map((it) => ({ ...it, spare: 2 })),
    { text: execution?.metadata?.id ?? "", spare: 3 },
  ];
}

function taskFacts(
  { execution, phase, label, dueAtMs, parts }: RunNode,
  task: TaskStatus,
  { style, nowMs }: TreeLook,
): Facts {
  const agent = execution?.spec?.resourceName ?? "";
  const isAtWork = phase === Phase.RUNNING && parts.length === 0;
  const error = oneLine(failureText(task.error));
  const trying = isOver(phase) ? error : error && `${error}, trying again`;
  return [
    { text: agent === label ? "" : oneLine(agent) },
    { text: isAtWork && task.human === undefined ? task.kind : "" },
    { text: askedText(task.human, nowMs), dress: style.yellow },
    { text: waitText(execution, phase) },
    { text: dueText(dueAtMs ?? dueOf(execution, phase), nowMs) },
    { text: task.attempts > 1 ? `try ${task.attempts}` : "" },
    { text: trying, dress: style.red },
    { text: elapsedOf(task, nowMs) },
    ...usageFacts(task.usage ?? execution?.status?.usage),
  ];
}

/** What a person is asked, and until when. */
function askedText(human: HumanRequest | undefined, nowMs: number): string {
  if (human === undefined) return "";
  const { toolCall, outcomes } = human;
  const question = toolCall === undefined
    ? `asks: ${oneLine(human.prompt)}`
    : `asks to call ${oneLine(`${toolCall.server}:${toolCall.tool}`)}`;
  const choice = outcomes.length === 0 || toolCall !== undefined
    ? ""
    : ` (${outcomes.map(oneLine).join(", ")})`;
  const due = dueText(human.dueAt && timestampMs(human.dueAt), nowMs);
  return [`${question}${choice}`, due].filter((it) => it !== "").join(" · ");
}

/** What the execution waits for that a task waits for. */
function waitText(execution: Execution | undefined, phase: Phase): string {
  const waits = oneLine(execution?.status?.waitingFor ?? "");
  if (waits === "" || isOver(phase)) return "";
  return phase === Phase.PENDING
    ? `begins after ${waits}`
    : `waits for ${waits}`;
}

function dueOf(
  execution: Execution | undefined,
  phase: Phase,
): number | undefined {
  const due = execution?.status?.dueAt;
  return due === undefined || isOver(phase) ? undefined : timestampMs(due);
}

/**
 * When something goes on by itself: `in 4.0 s, at 23:03:42Z`; where nobody
 * went on with it, how long ago it should have: `overdue by 8.0 s`.
 */
function dueText(dueAtMs: number | undefined, nowMs: number): string {
  if (dueAtMs === undefined || dueAtMs <= 0) return "";
  const leftMs = dueAtMs - nowMs;
  if (leftMs < -LATE_MS) return `overdue by ${formatDuration(-leftMs)}`;
  const at = new Date(dueAtMs).toISOString().slice(11, 19);
  return `in ${formatDuration(Math.max(0, leftMs))}, at ${at}Z`;
}

function elapsedOf(
  of: Pick<TaskStatus, "startedAt" | "completedAt"> | undefined,
  nowMs: number,
): string {
  if (of?.startedAt === undefined) return "";
  const endMs = of.completedAt === undefined
    ? nowMs
    : timestampMs(of.completedAt);
  const tookMs = endMs - timestampMs(of.startedAt);
  // What takes no time needs no word about it.
  return of.completedAt !== undefined && tookMs < 1
    ? ""
    : formatDuration(tookMs);
}

function usageFacts(usage: Usage | undefined): Facts {
  if (usage === undefined) return [];
  const { inputTokens, outputTokens, costUsd } = usage;
  const tokens = inputTokens + outputTokens === 0
    ? ""
    : `${groupedText(inputTokens)} + ${groupedText(outputTokens)} tokens`;
  return [{ text: tokens }, {
    text: costUsd === undefined ? "" : usdText(costUsd),
  }];
}
