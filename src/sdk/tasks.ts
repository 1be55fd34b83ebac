/**
 * Tasks that give values, wait, choose, tell others, listen and run processes.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { bodyOf, type TakingBody, type TaskBody } from "./body.ts";
import type { Any, Pairs, Resource, Text } from "./calls.ts";
import type { DurableWorkflow } from "./durable.ts";
import { type Duration, durationOf } from "./duration.ts";
import {
  asIs,
  type Expression,
  type Resolved,
  shapeOf,
  type Value,
} from "./expression.ts";
import type { Schema } from "./schema.ts";
import type { WorkflowBuilder } from "./workflow.ts";

/** Gives an object, which may have expressions in it, or what an expression gives. */
export function set<const V extends object>(
  value: V & (V extends readonly unknown[] ? never : unknown),
): TaskBody<Resolved<V>> {
  const shape = shapeOf(value);
  return {
    ...bodyOf({ set: value }),
    ...(shape === undefined ? {} : { shape }),
  };
}

/** Waits. */
export function wait(duration: Duration): TaskBody<Json> {
  return bodyOf({ wait: durationOf(duration) });
}

/** An error to raise. */
export interface RaisedError {
  /** A URI that names the sort of error. */
  readonly type: Text;
  /** As an HTTP status. */
  readonly status: number;
  /** The sort of error, in words. */
  readonly title?: Text;
  /** What happened. */
  readonly detail?: Text;
  /** JSON pointer of the task. */
  readonly instance?: Text;
}

/** Fails with an error. */
export function raise(error: RaisedError): TaskBody<never> {
  return bodyOf({ raise: { error } });
}

/** An event, as CloudEvents has it. */
export interface EmittedEvent {
  /** A URI that names the sort. */
  readonly type: Text;
  /** Where it comes from. */
  readonly source?: Text;
  /** What it is about. */
  readonly subject?: Text;
  /** What came with it. */
  readonly data?: Any;
  /** Further attributes. */
  readonly [attribute: string]: Any | undefined;
}

/** Emits an event. */
export function emit(event: EmittedEvent): TaskBody<Json> {
  return bodyOf({ emit: { event: { with: event } } });
}

/** What an event must have. */
export interface EventFilter {
  /** Attributes: constants, regular expressions, expressions. */
  readonly with: Pairs;
  /** What events of one take must have in common. */
  readonly correlate?: Readonly<
    Record<string, { readonly from: string; readonly expect?: string }>
  >;
}

/** Which events are listened to. */
export type Consumption =
  | { readonly one: EventFilter }
  | { readonly all: readonly EventFilter[] }
  | {
    readonly any: readonly EventFilter[];
    readonly until?: Expression<boolean> | string | Consumption;
  };

/**
 * Listens to events; gives the data of those that it took. `steps.foreach` does
 * something for each of them.
 */
export function listen<Data = Json>(
  to: Consumption,
  options: {
    readonly read?: "data" | "envelope" | "raw";
    readonly schema?: Schema<Data[]>;
  } = {},
): TakingBody<Data> {
  const { read, schema } = options;
  return {
    ...bodyOf({ listen: { to: consumed(to), read } }, schema),
    withEach: (keys, foreach) => ({ ...keys, foreach }),
  };
}

/** What asks of events is jq; what they must have is data. */
function consumed(to: Consumption): unknown {
  if ("one" in to) return { one: filtered(to.one) };
  if ("all" in to) return { all: to.all.map(filtered) };
  const { any, until } = to;
  const isNested = typeof until === "object" &&
    ("one" in until || "all" in until || "any" in until);
  return {
    any: any.map(filtered),
    until: isNested ? consumed(until) : asIs(until),
  };
}

function filtered({ with: wanted, correlate }: EventFilter): unknown {
  return { with: wanted, correlate: asIs(correlate) };
}

/** Where a `switch` goes. */
export interface Case {
  /** Absent means always. */
  readonly when?: Expression<boolean> | string;
  /** A task of the list, `continue`, `exit` or `end`. */
  readonly then: string;
}

/** Goes to where the first case that holds says. */
export function choose(cases: Readonly<Record<string, Case>>): TaskBody<Json> {
  return bodyOf({
    switch: Object.entries(cases).map(([name, { when, then }]) => ({
      [name]: { when: asIs(when), then },
    })),
  });
}

/** What a process gives. */
export type ProcessResult = "stdout" | "stderr" | "code" | "all" | "none";

/** The type of what a process gives; one that is not waited for, its input. */
export type ProcessOutput<R extends ProcessResult, Waits = true> =
  [Waits] extends [false] ? Json
    : boolean extends Waits ? Json
    : R extends "code" ? number
    : R extends "all" ? { stdout: string; stderr: string; code: number }
    : R extends "none" ? Json
    : string;

/** What all processes may have. */
export interface ProcessOptions<R extends ProcessResult> {
  /** What it is called with. */
  readonly arguments?: Any;
  /** Variables of the process, and nothing else. */
  readonly environment?: Pairs;
  /** What it reads from its standard input. */
  readonly stdin?: Any;
  /** Whether it waits for the end; default true. */
  readonly await?: boolean;
  /** What it gives; default `stdout`. */
  readonly return?: R;
}

/** A command of the shell. */
export interface ShellRun<R extends ProcessResult> extends ProcessOptions<R> {
  /** What is run. */
  readonly command: Text;
}

/** A script. */
export interface ScriptRun<R extends ProcessResult> extends ProcessOptions<R> {
  /** The language of the code. */
  readonly language: "js" | "ts" | "python";
  /** The code itself. */
  readonly code?: Text;
  /** Where it comes from. */
  readonly source?: Resource;
}

/** A container. */
export interface ContainerRun<R extends ProcessResult>
  extends ProcessOptions<R> {
  /** The image. */
  readonly image: Text;
  /** Its name. */
  readonly name?: Text;
  /** What is run. */
  readonly command?: Text;
  /** Ports of the host by those of the container. */
  readonly ports?: Pairs;
  /** Folders of the host by those of the container. */
  readonly volumes?: Pairs;
  /** When it is removed. */
  readonly lifetime?: {
    readonly cleanup: "always" | "never" | "eventually";
    readonly after?: Duration;
  };
  /** When the image is fetched. */
  readonly pullPolicy?: "ifNotPresent" | "always" | "never";
}

/** A workflow by the names of its document. */
export interface WorkflowRun {
  /** A definition is given as it is, so that its input is checked. */
  readonly kind?: never;
  /** Its name. */
  readonly name: string;
  /** The namespace of its document. */
  readonly namespace?: string;
  /** The version of its document; default the newest. */
  readonly version?: string;
}

/** What runs something. */
export interface Runs {
  /** Runs a command of the shell. */
  readonly shell: <
    R extends ProcessResult = "stdout",
    const Waits extends boolean = true,
  >(
    run: ShellRun<R> & { readonly await?: Waits },
  ) => TaskBody<ProcessOutput<R, Waits>>;
  /** Runs a script. */
  readonly script: <
    R extends ProcessResult = "stdout",
    const Waits extends boolean = true,
  >(
    run: ScriptRun<R> & { readonly await?: Waits },
  ) => TaskBody<ProcessOutput<R, Waits>>;
  /** Runs a container. */
  readonly container: <
    R extends ProcessResult = "stdout",
    const Waits extends boolean = true,
  >(
    run: ContainerRun<R> & { readonly await?: Waits },
  ) => TaskBody<ProcessOutput<R, Waits>>;
  /** Runs another workflow; its input must be what that takes. */
  readonly workflow: {
    <Input, Output>(
      called:
        | WorkflowBuilder<Input, Output>
        | DurableWorkflow<Input, Output>,
      input: Value<NoInfer<Input>>,
    ): TaskBody<Output>;
    <Output = Json>(called: WorkflowRun, input: Any): TaskBody<Output>;
  };
}

/** Code that is one expression as a whole; other code is taken as it is. */
const EXPRESSION = /^\s*\$\{[^]*\}\s*$/;

function codeOf(code: Text | undefined): Text | undefined {
  return typeof code === "string" && !EXPRESSION.test(code) ? asIs(code) : code;
}

function running<Output>(
  what: string,
  // Each kind of process names its own options.
  given: ProcessOptions<ProcessResult> & object,
): TaskBody<Output> {
  const { await: waits, return: result, ...rest } = given;
  return bodyOf({ run: { [what]: rest, await: waits, return: result } });
}

/**
 * Makes tasks that run processes and workflows.
 *
 * @example
 * ```ts
 * import { run, text, t, workflow } from "@stigmer/cli/sdk";
 *
 * const flow = workflow("count", { input: t.object({ word: t.string() }) });
 * flow.task("grep", run.shell({
 *   command: "grep -c \"$1\" words.txt",
 *   arguments: [flow.input.word],
 *   return: "all",
 * }));
 * ```
 */
export const run: Runs = {
  shell: (given) => running("shell", given),
  script: ({ code, ...given }) =>
    running("script", Object.assign(given, { code: codeOf(code) })),
  container: ({ lifetime, ...given }) =>
    running("container", {
      ...given,
      ...(lifetime === undefined ? {} : {
        lifetime: {
          ...lifetime,
          after: lifetime.after && durationOf(lifetime.after),
        },
      }),
    }),
  workflow: (called: Omit<WorkflowRun, "kind">, input: unknown) =>
    bodyOf({
      run: {
        workflow: {
          namespace: called.namespace ?? "default",
          name: called.name,
          version: called.version ?? "latest",
          input,
        },
      },
    }),
};

/** A task that is written as YAML would have it, for a type that one vouches for. */
export function raw<Output = Json>(keys: JsonObject): TaskBody<Output> {
  return { write: () => ({ ...keys }) };
}
