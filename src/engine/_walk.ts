/**
 * The state of a walk through a plan: what is open, what is waited for, what
 * is to be done, and how each task stands.
 *
 * It changes only when an event is applied, so that it is the same function of
 * the journal while a run goes and when it is replayed.
 *
 * @module
 */

import type {
  ActivityRequest,
  Command,
  Decision,
  JournalEvent,
  TaskView,
  Watch,
} from "../model/durable.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { SealedValue, Secrets } from "../model/secrets.ts";
import type { ModelUsage } from "../model/usage.ts";
import type { Heard } from "./_heard.ts";
import type { Flow, Plan, Task } from "../workflow/tree.ts";

/** How often one task of a list may be visited in one go through the list. */
export const VISITS_MAX = 10_000;
/** Rounds of one `for` at the most. */
export const ITERATIONS_MAX = 100_000;
/** Rounds of one `try`, where its policy names no bound. */
export const TRY_ROUNDS_MAX = 10_000;
/** Commands waited for at once at the most. */
export const COMMANDS_OUTSTANDING_MAX = 10_000;
/** Steps between two events at the most: what ends a loop without effects. */
export const STEPS_PER_EVENT_MAX = 1_000_000;
/** Calls of functions inside each other at the most. */
export const FUNCTION_DEPTH_MAX = 32;
/** Tasks of a graph that run at once at the most. */
export const GRAPH_PARALLEL_MAX = 16;

const QUEUE_PIECE = 1024;

/** Values by the name of their variable, without `$`. */
export type Variables = Readonly<Record<string, Json>>;

/** Something open: a task, a branch, a list. What is under it ends with it. */
export interface Node {
  readonly parent: Node | undefined;
  /** What is open under it; made with the first, as most have none. */
  children?: Set<Node>;
  ended: boolean;
  /** How its task stands, when it is one. */
  view?: View;
  /** Withdraws the command that it waits for. */
  withdraw?: () => void;
  /** Told once its task has completed: not before its output is fit. */
  completed?: () => void;
  /** Whether it belongs to an extension: its tasks are not extended. */
  isExtension?: boolean;
  /** How many calls of functions stand around it. */
  calls?: number;
}

/** How a task stands; grows while it runs. */
export type View = {
  -readonly [Key in keyof TaskView]: TaskView[Key];
};

/** What comes of a wait: the event that it was for. */
export type Listener = (event: JournalEvent) => void;

/** Where a task stands and what it sees. */
export interface Place {
  readonly node: Node;
  readonly task: Task;
  /** In the run, unique. */
  readonly path: string;
  /** Which try of it this is, from 1. */
  readonly attempt: number;
  /** Before `input.from`. */
  readonly rawInput: Json;
  /** After `input.from`. */
  input: Json;
  /** Before `output.as`; set once it ran. */
  rawOutput?: Json;
  /** Loop variables, caught errors, outputs of a graph. */
  readonly locals: Variables;
  readonly startedAtMs: number;
  /** Runs what may throw a {@linkcode Fault}, which then fails the task. */
  readonly guarded: (work: () => void) => void;
}

/** How something ends. */
export interface End {
  /** It gave an output; a task also says where it goes from there. */
  readonly done: (output: Json, flow: Flow) => void;
  readonly failed: (failure: Failure) => void;
}

/** A task to start. */
export interface TaskStart {
  readonly task: Task;
  readonly path: string;
  readonly attempt: number;
  readonly input: Json;
  readonly locals: Variables;
  readonly parent: Node;
}

/** A function from elsewhere. */
export interface FetchedFunction {
  readonly task: Task;
  readonly definition: Json;
}

/** A value that is computed from secrets. */
export interface ComputedValue extends SealedValue {
  /** The references that it reads, all of them older than itself. */
  readonly reads: ReadonlySet<string>;
  /** Greater than that of every older one. */
  readonly number: number;
  /** What of its texts is computed, and not only passed on. */
  readonly texts: (secrets: Secrets) => readonly string[];
  /** Whether these secrets have given it already. */
  readonly isKnown: (secrets: Secrets) => boolean;
}

/** What stands for secrets in the data of one run. */
export interface Seals {
  /** What marks its references. */
  readonly mark: string;
  /** The secrets that the definition names. */
  readonly declared: readonly string[];
  /** What is computed from secrets, by the name in its reference. */
  readonly values: Map<string, ComputedValue>;
  /** Effects that were given secrets, the newest, until they are asked for. */
  given: NonNullable<ActivityRequest["reveal"]>[];
  /** How many values each place has made. */
  readonly counts: Map<string, number>;
  /** Whether there may be references in the data. */
  used: boolean;
}

/** Goes on in order. */
export const CONTINUE: Flow = { kind: "continue" };

/** A walk through a plan. */
export interface Walk {
  /** Starts a task; a member, because tasks contain tasks. */
  readonly runTask: (walk: Walk, start: TaskStart, end: End) => void;
  /** Ends the workflow with an output that it has yet to transform. */
  readonly finish: (walk: Walk, output: Json) => void;
  readonly plan: Plan;
  readonly executionId: string;
  readonly env: Variables;
  /** What is called where a task names an applied tool server, by that name. */
  readonly servers: Readonly<Record<string, Json>>;
  /** Whether views keep what a task was given and gave. */
  readonly traced: boolean;
  readonly root: Node;
  /** Absent where the run can have no references. */
  readonly seals?: Seals;
  /** Time of the event that is being applied. */
  nowMs: number;
  startedAtMs: number | undefined;
  /** The input as it came, and as the workflow transformed it. */
  rawInput: Json;
  input: Json;
  /** `$context`. */
  context: Json;
  /** `$runtime` once started: the release that started it, also later. */
  runtime: JsonObject;
  /** `$workflow` once started. */
  workflow: JsonObject;
  /** What the workflow's own output sees besides. */
  final: Variables;
  /** The events that its tasks took. */
  readonly heard: Heard;
  /** Waits by path and attempt. */
  readonly waits: Map<string, Listener>;
  /** What signals carried, by name; the first of a name counts. */
  signals?: Map<string, Json>;
  /** Documents that the run fetched, by their address. */
  fetched?: Map<string, Json>;
  /** Functions that the run fetched, by name. */
  functions?: Map<string, FetchedFunction>;
  /** Commands that nobody has been told of yet, by what they are about. */
  readonly fresh: Map<string, Command>;
  readonly views: Map<string, View>;
  readonly queue: (() => void)[];
  /** What questions to models used so far. */
  usage: ModelUsage | undefined;
  /** What bounds the time of evaluations; absent while the past is replayed. */
  watch: Watch | undefined;
  /**
   * What took too long when the event that is being replayed happened: it ends
   * there again, however fast it would be now.
   */
  overtime: Overtime | undefined;
  result: Extract<Decision, { kind: "done" | "failed" }> | undefined;
}

/**
 * A failure on its way to the task's border, where it becomes a value.
 *
 * It stands apart from `StigmerError` because it never leaves the engine.
 */
export class Fault extends Error {
  override readonly name = "Fault";
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.detail);
    this.failure = failure;
  }
}

/**
 * What takes longer than a worker may be silent. It ends the run and is no
 * {@linkcode Fault}, which a task could catch: a replay, which is not timed,
 * would not take that way. What the run came to is written, and nothing follows.
 */
export class Overtime extends Error {
  override readonly name = "Overtime";
  readonly failure: Failure;
  /** Path of the task that took it; empty for the workflow itself. */
  readonly path: string;

  constructor(failure: Failure, path: string) {
    super(failure.detail);
    this.failure = failure;
    this.path = path;
  }
}

/** Opens a node under another one. */
export function openNode(parent: Node | undefined): Node {
  const node: Node = { parent, ended: false };
  if (parent?.isExtension) node.isExtension = true;
  if (parent?.calls !== undefined) node.calls = parent.calls;
  if (parent !== undefined) adopt(parent, node);
  return node;
}

/** Puts a node under another one. */
export function adopt(parent: Node, node: Node): void {
  (parent.children ??= new Set()).add(node);
}

/** Ends a node; what is open under it is withdrawn and cancelled. */
export function closeNode(walk: Walk, node: Node): void {
  if (node.ended) return;
  node.ended = true;
  node.parent?.children?.delete(node);
  closeChildren(walk, node);
}

/** Cancels what is open under a node. */
export function closeChildren(walk: Walk, node: Node): void {
  if (node.children === undefined) return;
  for (const child of [...node.children]) {
    child.withdraw?.();
    if (child.view !== undefined) endView(walk, child.view, "CANCELLED");
    closeNode(walk, child);
  }
}

/** Lets something happen after what is under way, unless its node ends first. */
export function later(walk: Walk, node: Node, work: () => void): void {
  walk.queue.push(() => {
    if (!node.ended && walk.result === undefined) work();
  });
}

/** Does what is queued, in order, until nothing is. */
export function drain(walk: Walk): void {
  const { queue } = walk;
  let head = 0;
  for (let steps = 0; head < queue.length; steps++) {
    if (steps >= STEPS_PER_EVENT_MAX) endWalk(walk, endless());
    queue[head]?.();
    head++;
    // What is done is dropped in pieces, so that a long list stays small.
    if (head === QUEUE_PIECE) {
      queue.splice(0, head);
      head = 0;
    }
  }
  queue.length = 0;
}

/** Ends the whole, cancelling what is open. */
export function endWalk(
  walk: Walk,
  result: Extract<Decision, { kind: "done" | "failed" }>,
): void {
  if (walk.result !== undefined) return;
  closeChildren(walk, walk.root);
  walk.result = result;
}

function endless(): Extract<Decision, { kind: "failed" }> {
  return {
    kind: "failed",
    failure: failureOf(
      "runtime",
      `Cannot go on: ${STEPS_PER_EVENT_MAX} steps without an effect, which ` +
        "is a loop that never ends",
    ),
  };
}

/** Says how a task stands now. */
export function endView(
  walk: Walk,
  view: View,
  phase: "COMPLETED" | "FAILED" | "CANCELLED" | "SKIPPED",
): void {
  view.phase = phase;
  view.completedAtMs = walk.nowMs;
  delete view.human;
}
