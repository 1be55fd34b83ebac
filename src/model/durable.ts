/**
 * What durable execution is made of: events, machines and activities.
 *
 * A run is a journal of events and nothing else. A {@linkcode Machine} folds
 * the journal and says what to do next; it is pure, so that the same journal
 * always gives the same decisions. Workflows and agents are two machines; the
 * engine drives both and knows neither.
 *
 * @module
 */

import type { ChildRequest } from "./child.ts";
import type { Failure } from "./failure.ts";
import type { Json, JsonObject } from "./json.ts";
import type { ToolEffect } from "./permission.ts";
import type { PhaseName } from "./phase.ts";
import type { Authorization, OpenableSecrets, Reveal } from "./secrets.ts";
import type { ModelUsage } from "./usage.ts";

/** What can happen to a run; the names are those of the contract. */
export type EventType =
  | "EXECUTION_CREATED"
  | "EXECUTION_STARTED"
  | "EXECUTION_WAITING"
  | "EXECUTION_PAUSED"
  | "EXECUTION_RESUMED"
  | "EXECUTION_CANCEL_REQUESTED"
  | "EXECUTION_COMPLETED"
  | "EXECUTION_FAILED"
  | "EXECUTION_CANCELLED"
  | "SIGNAL_RECEIVED"
  | "EVENT_RECEIVED"
  | "TASK_STARTED"
  | "TASK_COMPLETED"
  | "TASK_FAILED"
  | "TASK_RETRYING"
  | "TASK_CANCELLED"
  | "TIMER_SET"
  | "TIMER_FIRED"
  | "CHILD_STARTED";

/**
 * One entry of a journal.
 *
 * `data` by type: EXECUTION_CREATED the input; EXECUTION_STARTED `{epoch, version}`;
 * EXECUTION_CANCEL_REQUESTED `{reason}`; EXECUTION_COMPLETED and
 * TASK_COMPLETED the output; EXECUTION_FAILED and TASK_FAILED the failure;
 * TASK_RETRYING `{failure, nextAttemptAtMs}`; TIMER_SET `{dueAtMs}`;
 * TASK_STARTED null, or `{rule}` of a tool call that rules let through;
 * CHILD_STARTED `{executionId}`, with `rule` alike; SIGNAL_RECEIVED the payload; EVENT_RECEIVED
 * the CloudEvent, under the path of the task that listens with `/event/` and a
 * count from 0 after it.
 */
export interface JournalEvent {
  /** Position in the journal, from 1 without gaps. */
  readonly sequence: number;
  /** When it happened, in milliseconds since 1970. */
  readonly timeMs: number;
  /** What happened. */
  readonly type: EventType;
  /** The task it happened to, by its path in the run; `` for the run. */
  readonly path: string;
  /** The task's or signal's name; `` for the run. */
  readonly name: string;
  /** Which try of the task, from 1; 0 for the run. */
  readonly attempt: number;
  /** What it carries. */
  readonly data: Json;
}

/** An effect to carry out, fully resolved: nothing in it is evaluated again. */
export interface ActivityRequest {
  /** Who carries it out: `http`, `shell`, `model`, `tool` … */
  readonly activity: string;
  /** What to do, as that activity defines it; `null` where `reveal` gives it. */
  readonly input: Json;
  /**
   * For what needs secrets: makes the input from them, just before the effect,
   * so that no machine and no journal ever holds one.
   */
  readonly reveal?: {
    /** The secrets that it needs. */
    readonly names: readonly string[];
    /**
     * Whether it uses `$authorization`: what does is null until that is given,
     * which only the activity can do, by `authorized` of its context.
     */
    readonly authorization: boolean;
    readonly input: Reveal;
  };
  /**
   * Whether TASK_STARTED is journalled before it runs: for what takes long or
   * must not silently run twice.
   */
  readonly announced: boolean;
  /** Wall time of this attempt at the most. */
  readonly timeoutMs?: number;
  /**
   * Who carries it out, where the machine brings that along: a function of the
   * program that it runs in. Absent for what `activity` names.
   */
  readonly effect?: Activity;
}

/** An event in the JSON form of CloudEvents 1.0. */
export type CloudEvent = Readonly<Record<string, Json>>;

/** What a machine wants done. Each is named by its path and attempt. */
export type Command =
  | {
    readonly kind: "run";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    readonly request: ActivityRequest;
    /** The rule that lets it happen, kept with its start; absent for none. */
    readonly rule?: string;
  }
  | {
    readonly kind: "timer";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    /** From when the command is carried out. */
    readonly delayMs: number;
    /**
     * The moment itself, where the journal tells it; then no TIMER_SET is
     * written, and `delayMs` does not count.
     */
    readonly dueAtMs?: number;
  }
  | {
    readonly kind: "signal";
    readonly path: string;
    /** The signal's name. */
    readonly name: string;
    readonly attempt: number;
    /** What is waited for, in words; absent means the signal by its name. */
    readonly waitingFor?: string;
  }
  | {
    readonly kind: "child";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    readonly request: ChildRequest;
    /** The rule that lets it happen, kept with its start; absent for none. */
    readonly rule?: string;
  }
  | {
    /**
     * Keeps an event and hands it to whoever listens, in the transaction that
     * writes TASK_COMPLETED with the event.
     */
    readonly kind: "emit";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    readonly event: CloudEvent;
  }
  | {
    /**
     * Takes events, those kept since the run was created included, until it
     * is withdrawn. Each taken one becomes EVENT_RECEIVED.
     */
    readonly kind: "listen";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    /** The types of events that can be meant; absent means any. */
    readonly types?: readonly string[];
    /** Says whether an event is taken, as the machine stands now. */
    readonly accepts: (event: CloudEvent) => boolean;
    /** Says whether no task that listens from now on takes an event. */
    readonly isGone: (event: CloudEvent) => boolean;
  }
  | {
    /** Withdraws an outstanding command, as that of a losing branch. */
    readonly kind: "cancel";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
  }
  | {
    /** Writes an event that only the machine can know of: a failed pure task, a retry with its delay, the folded result of a finished subtree. */
    readonly kind: "record";
    readonly type: "TASK_COMPLETED" | "TASK_FAILED" | "TASK_RETRYING";
    readonly path: string;
    readonly name: string;
    readonly attempt: number;
    readonly data: Json;
  };

/** What a machine says when asked. */
export type Decision =
  | { readonly kind: "blocked"; readonly commands: readonly Command[] }
  | { readonly kind: "done"; readonly output: Json }
  | { readonly kind: "failed"; readonly failure: Failure };

/** How one task stands, for people. */
export interface TaskView {
  readonly path: string;
  /** Its place in the definition; what stands in none has no such place. */
  readonly pointer?: string;
  readonly name: string;
  /** `set`, `call http`, `agent`, `model turn`, `summary`, `tool call` … */
  readonly kind: string;
  readonly phase: PhaseName;
  readonly attempts: number;
  readonly startedAtMs: number;
  readonly completedAtMs?: number;
  readonly failure?: Failure;
  readonly childExecutionId?: string;
  /** What it asks of a person; set while it waits for the answer. */
  readonly human?: HumanRequest;
  /** After `input.from`; kept only by a machine that traces. */
  readonly input?: Json;
  /** After `output.as`; kept only by a machine that traces. */
  readonly output?: Json;
  /** What it used: of a model turn, and of a sub-agent's work. */
  readonly usage?: ModelUsage;
  /** The model that answered; of a model turn. */
  readonly model?: string;
  /** What is called with what, in one line; of what a model calls. */
  readonly call?: string;
  /** Why a call was made, asked about or refused: the rule that decided. */
  readonly rule?: string;
}

/** What a task asks of a person. */
export interface HumanRequest {
  readonly prompt: string;
  /** The answers to choose from; empty means any word. */
  readonly outcomes: readonly string[];
  /** JSON Schema of what comes with the answer. */
  readonly schema?: Json;
  /** When it stops waiting. */
  readonly dueAtMs?: number;
  /** The tool call that it asks to approve; absent for any other question. */
  readonly toolCall?: ToolCallQuestion;
}

/** A tool call that waits for a person. */
export interface ToolCallQuestion {
  readonly server: string;
  /** The tool's own name there. */
  readonly tool: string;
  /** What it is called with, without what is secret. */
  readonly arguments: JsonObject;
  /** The rule that asks, in words. */
  readonly rule: string;
  readonly effect: ToolEffect;
}

/**
 * Folds a journal and decides. Pure: no clock, no chance, no I/O; what time it
 * is, it knows from the events.
 */
export interface Machine {
  /**
   * Takes the next event of the journal, in order.
   *
   * @param watch.monotonic Milliseconds of the machine that runs it, given for
   * what happens now and not for what is replayed: what takes too long ends
   * the run, and decides about nothing else.
   */
  apply(event: JournalEvent, watch?: Watch): void;
  /**
   * Says what to do now.
   *
   * `blocked` carries the commands issued since the last call; a machine that
   * was built from a journal issues everything outstanding at the first call.
   */
  decide(): Decision;
  /** The tasks so far, in the order in which they started. */
  tasks(): readonly TaskView[];
  /**
   * Gives those that were given secrets since this was asked, the newest: what
   * they were given is hidden in what comes of others. Absent where there are
   * none.
   */
  given?(): readonly {
    readonly names: readonly string[];
    readonly input: Reveal;
  }[];
  /** What model turns used so far; absent where there are none. */
  usage?(): ModelUsage | undefined;
  /**
   * Resolves once it can be asked; `undefined` when it can be asked now. Of a
   * machine that is a function of JavaScript, which comes to its next await
   * only when whoever drives it lets go. Never rejects. Absent in machines
   * that always can be asked.
   */
  settling?(): Promise<void> | undefined;
  /** Has it call whenever it must be asked though no event came. */
  listen?(wake: () => void): void;
}

/** What says how long something takes. */
export interface Watch {
  /** Milliseconds since some fixed moment; never goes back. */
  monotonic(): number;
}

/** What an activity is given besides its request. */
export interface ActivityContext {
  readonly executionId: string;
  readonly path: string;
  readonly name: string;
  readonly attempt: number;
  /** The same for each run of this attempt, also after a crash. */
  readonly idempotencyKey: string;
  /** Aborted on cancellation, on timeout and when ownership is lost. */
  readonly signal: AbortSignal;
  /** The execution's merged variables. */
  readonly variables: Readonly<Record<string, string>>;
  /** What the execution may open; absent where it has no secrets. */
  readonly secrets?: OpenableSecrets;
  /** The folder that relative paths start from; absolute. */
  readonly workingDirectory: string;
  /** Streams a piece of output to watchers; it is not kept. */
  emit(delta: ActivityDelta): void;
  /**
   * Makes the input anew once it is known how the call is authorized; there
   * only when a field uses `$authorization`.
   */
  readonly authorized?: (authorization: Authorization) => Json;
}

/** A piece of live output. */
export interface ActivityDelta {
  readonly type: "TEXT_DELTA" | "OUTPUT_DELTA";
  readonly text: string;
  /**
   * What it is a piece of, where several are streamed at once: a secret may
   * be split over pieces of one, with those of another between them.
   */
  readonly stream?: string;
}

/** How an activity ends. */
export type ActivityOutcome =
  | {
    readonly kind: "completed";
    readonly output: Json;
    /**
     * Whether the activity has hidden secrets in it itself: who does not know
     * its shape would take a word of that for a secret.
     */
    readonly isHidden?: boolean;
  }
  | { readonly kind: "failed"; readonly failure: Failure };

/** Carries out the effects of one kind. */
export type Activity = (
  input: Json,
  context: ActivityContext,
) => Promise<ActivityOutcome>;
