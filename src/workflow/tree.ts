/**
 * The checked tree of a workflow, whichever dialect it was written in.
 *
 * It is what the machine walks: every expression is compiled, every name
 * resolved, every default filled in. A node carries the JSON pointer of the
 * task in the definition, which is the `instance` of its errors.
 *
 * @module
 */

import type {
  EvaluationLimits,
  Expression,
  Template,
} from "../expr/expression.ts";
import type { Json } from "../model/json.ts";
import type {
  A2aTask,
  AgentTask,
  AsyncApiTask,
  ExternalResource,
  FunctionTask,
  GrpcTask,
  HttpTask,
  HumanTask,
  LlmTask,
  McpTask,
  OpenApiTask,
  TypeScriptTask,
} from "./tree_calls.ts";
import type { Reveals } from "./secrets.ts";
import type { EmitTask, ListenTask, Schedule } from "./tree_events.ts";
import type {
  ContainerTask,
  RunWorkflowTask,
  ScriptTask,
  ShellTask,
} from "./tree_runs.ts";

/** A workflow that passed its checks. */
export interface Plan {
  readonly name: string;
  readonly version: string;
  /** The definition as written, for `$workflow.definition`. */
  readonly definition: Json;
  /** Where the author wrote what stands at a pointer, when it was converted. */
  readonly writtenAt?: (pointer: string) => string;
  readonly input: InputFlow;
  readonly output: OutputFlow;
  /** What is needed to fetch the schemas of its input and output. */
  readonly reveals?: Reveals;
  /** How long the whole may take. */
  readonly timeout?: Duration;
  /** When it starts by itself. */
  readonly schedule?: Schedule;
  /** What each evaluation of its expressions may take, if it says so. */
  readonly evaluationLimits?: EvaluationLimits;
  /** The secrets that its expressions may use. */
  readonly secrets: readonly string[];
  /** Those of them that anything in it uses. */
  readonly usedSecrets: readonly string[];
  /** What is done before and after its tasks, the outermost first. */
  readonly extensions: readonly Extension[];
  readonly body: Sequence | Graph;
  /**
   * Whether its tasks are functions of a program, which alone can run it;
   * absent for no.
   */
  readonly isServed?: boolean;
}

/** What is done before and after tasks of a kind. */
export interface Extension {
  readonly name: string;
  /** The kind of task as the specification groups them, or `all`. */
  readonly extend: ExtendedKind;
  /** Absent means always. */
  readonly when?: Expression;
  /** One that ends with `exit` stands in for the task. */
  readonly before: readonly Task[];
  readonly after: readonly Task[];
}

/** The groups of tasks that can be extended. */
export type ExtendedKind =
  | "call"
  | "composite"
  | "emit"
  | "for"
  | "listen"
  | "raise"
  | "run"
  | "set"
  | "switch"
  | "try"
  | "wait"
  | "all";

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
  /** Where the schema is kept, when it is not here. */
  readonly schemaResource?: ExternalResource;
  readonly from?: Template;
}

/** What happens to an output after a task or workflow ran. */
export interface OutputFlow {
  readonly as?: Template;
  /** JSON Schema of the transformed output. */
  readonly schema?: Json;
  /** Where the schema is kept, when it is not here. */
  readonly schemaResource?: ExternalResource;
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
  /** What its effect needs before its fields can be evaluated. */
  readonly reveals?: Reveals;
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
  | EmitTask
  | ListenTask
  | ShellTask
  | ScriptTask
  | ContainerTask
  | RunWorkflowTask
  | HttpTask
  | OpenApiTask
  | GrpcTask
  | AsyncApiTask
  | A2aTask
  | McpTask
  | AgentTask
  | LlmTask
  | HumanTask
  | TypeScriptTask
  | FunctionTask;

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
