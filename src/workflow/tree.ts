/**
 * The checked tree of a workflow, whichever dialect it was written in.
 *
 * It is what the machine walks: every expression is compiled, every name
 * resolved, every default filled in. A node carries the JSON pointer of the
 * task in the definition, which is the `instance` of its errors.
 *
 * @module
 */

import type { Expression, Template } from "../expr/expression.ts";
import type { Json } from "../model/json.ts";

/** A workflow that passed its checks. */
export interface Plan {
  readonly name: string;
  readonly version: string;
  /** The definition as written, for `$workflow.definition`. */
  readonly definition: Json;
  readonly input: InputFlow;
  readonly output: OutputFlow;
  /** How long the whole may take. */
  readonly timeout?: Duration;
  readonly body: Sequence | Graph;
}

/** Tasks one after another. */
export interface Sequence {
  readonly kind: "sequence";
  readonly tasks: readonly Task[];
}

/** Tasks each started as soon as those it depends on are done. */
export interface Graph {
  readonly kind: "graph";
  readonly tasks: readonly GraphTask[];
  /**
   * Inputs by name with what is filled in when they are absent; the checked
   * input is `$workflow.inputs`.
   */
  readonly inputs: Readonly<Record<string, GraphInput>>;
}

/** One declared input of a graph. */
export interface GraphInput {
  readonly type:
    | "string"
    | "integer"
    | "number"
    | "boolean"
    | "array"
    | "object"
    | "any";
  readonly required: boolean;
  readonly default?: Json;
}

/** A task of a graph with the names it waits for. */
export interface GraphTask {
  readonly task: Task;
  readonly dependsOn: readonly string[];
  /** The keys that its output must have; empty means any output. */
  readonly outputs: readonly string[];
  /** What to do when it fails; absent means the graph fails. */
  readonly retry?: RetryPolicy;
}

/** What happens to an input before a task or workflow runs. */
export interface InputFlow {
  /** JSON Schema of the raw input. */
  readonly schema?: Json;
  readonly from?: Template;
}

/** What happens to an output after a task or workflow ran. */
export interface OutputFlow {
  readonly as?: Template;
  /** JSON Schema of the transformed output. */
  readonly schema?: Json;
}

/** A length of time, in the definition or computed when it is needed. */
export type Duration =
  | { readonly kind: "fixed"; readonly ms: number }
  /** Gives an ISO 8601 duration or `{days, hours, minutes, seconds, milliseconds}`. */
  | { readonly kind: "computed"; readonly template: Template };

/** What every task has. */
export interface TaskBase {
  readonly name: string;
  /** JSON pointer of the task in the definition: `/do/0/fetch`. */
  readonly pointer: string;
  readonly if?: Expression;
  readonly input: InputFlow;
  readonly output: OutputFlow;
  readonly export: OutputFlow;
  readonly timeout?: Duration;
  readonly then: Flow;
}

/** Where it goes after a task. */
export type Flow =
  | { readonly kind: "continue" }
  /** Leaves this list. */
  | { readonly kind: "exit" }
  /** Ends the workflow. */
  | { readonly kind: "end" }
  /** Goes to a task of this list, forward or back. */
  | { readonly kind: "goto"; readonly index: number };

/** A task of any kind. */
export type Task =
  | DoTask
  | SetTask
  | SwitchTask
  | ForTask
  | ForkTask
  | TryTask
  | RaiseTask
  | WaitTask
  | ShellTask
  | HttpTask
  | AgentTask;

/** Runs a list. */
export interface DoTask extends TaskBase {
  readonly kind: "do";
  readonly tasks: readonly Task[];
}

/** Gives a value. */
export interface SetTask extends TaskBase {
  readonly kind: "set";
  readonly value: Template;
}

/** Chooses where to go; the first case that matches wins. */
export interface SwitchTask extends TaskBase {
  readonly kind: "switch";
  readonly cases: readonly {
    readonly name: string;
    /** Absent means always. */
    readonly when?: Expression;
    readonly then: Flow;
  }[];
}

/** Runs a list once for each item. */
export interface ForTask extends TaskBase {
  readonly kind: "for";
  /** Name of the variable with the item, without `$`. */
  readonly each: string;
  /** Name of the variable with the index, without `$`. */
  readonly at: string;
  readonly in: Template;
  readonly while?: Expression;
  readonly tasks: readonly Task[];
}

/** Runs branches at once. */
export interface ForkTask extends TaskBase {
  readonly kind: "fork";
  readonly branches: readonly Task[];
  /** Whether the first to finish wins and the others are cancelled. */
  readonly compete: boolean;
}

/** Runs a list and catches its errors. */
export interface TryTask extends TaskBase {
  readonly kind: "try";
  readonly tasks: readonly Task[];
  readonly catch: CatchClause;
}

/** Which errors a `try` catches and what it does with them. */
export interface CatchClause {
  /** Fields that an error must have; `type` is compared in canonical form. */
  readonly with: Readonly<Record<string, Template>>;
  /** Name of the variable with the error, without `$`. */
  readonly as: string;
  readonly when?: Expression;
  readonly exceptWhen?: Expression;
  readonly retry?: RetryPolicy;
  readonly tasks?: readonly Task[];
  /** Where it goes after an error was caught; absent means the task's own. */
  readonly then?: Flow;
}

/** How often and when something is tried again. */
export interface RetryPolicy {
  readonly when?: Expression;
  readonly exceptWhen?: Expression;
  readonly delay: Duration;
  readonly backoff: "constant" | "linear" | "exponential";
  readonly jitter?: { readonly from: Duration; readonly to: Duration };
  /** Attempts in all, the first one included; absent means no bound by count. */
  readonly attemptsMax?: number;
  /** How long one attempt may take. */
  readonly attemptTimeout?: Duration;
  /** How long all may take, from the first attempt's start. */
  readonly durationMax?: Duration;
}

/** Fails with an error. */
export interface RaiseTask extends TaskBase {
  readonly kind: "raise";
  readonly error: {
    readonly type: Template;
    readonly status: Template;
    readonly title?: Template;
    readonly detail?: Template;
    readonly instance?: Template;
  };
}

/** Waits. */
export interface WaitTask extends TaskBase {
  readonly kind: "wait";
  readonly duration: Duration;
}

/** Runs a command of the host's shell. */
export interface ShellTask extends TaskBase {
  readonly kind: "shell";
  readonly command: Template;
  /** Positional arguments, or names with values. */
  readonly arguments?: Template;
  readonly stdin?: Template;
  readonly environment?: Template;
  readonly await: boolean;
  readonly return: "stdout" | "stderr" | "code" | "all" | "none";
}

/** Calls an HTTP endpoint. */
export interface HttpTask extends TaskBase {
  readonly kind: "http";
  readonly method: Template;
  /** A URI template (RFC 6570) over the task's input, or an expression. */
  readonly endpoint: Template;
  readonly headers?: Template;
  readonly query?: Template;
  readonly body?: Template;
  readonly output: OutputFlow;
  /** `content` parsed by content type, `response` with status and headers, `raw` as base64. */
  readonly result: "content" | "response" | "raw";
  readonly redirect: boolean;
}

/** Runs an agent and waits for its answer. */
export interface AgentTask extends TaskBase {
  readonly kind: "agent";
  readonly agent: Template;
  readonly message?: Template;
  readonly agentInput?: Template;
  readonly session?: Template;
  readonly model?: Template;
  /** JSON Schema that the answer must fit. */
  readonly schema?: Json;
}
