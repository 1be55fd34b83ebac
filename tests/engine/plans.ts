/**
 * Plans for tests, made by hand so that the engine is tested by itself.
 *
 * @module
 */

import assert from "node:assert/strict";
import { compileExpression, compileTemplate } from "../../src/expr/compile.ts";
import type { Expression, Template } from "../../src/expr/expression.ts";
import type { Json } from "../../src/model/json.ts";
import type {
  Flow,
  Plan,
  Sequence,
  Task,
  TaskBase,
} from "../../src/workflow/tree.ts";

const NEXT: Flow = { kind: "continue" };

/** A task without its pointer, which its place gives. */
export type Draft = Omit<Task, "pointer" | "name"> & {
  readonly [key: string]: unknown;
};

/** What a task may have besides its kind. */
export type Extras = Partial<Omit<TaskBase, "name" | "pointer">>;

/** Compiles an expression. */
export function jq(source: string): Expression {
  const compiled = compileExpression(source, { pointer: "/test" });
  assert.ok("expression" in compiled, `"${source}" compiles`);
  return compiled.expression;
}

/** Compiles a template: strings may hold `${ … }`. */
export function template(value: Json): Template {
  const { template: made, diagnostics } = compileTemplate(value, {
    pointer: "/test",
  });
  assert.deepEqual(diagnostics, []);
  return made;
}

/** What every task has, with nothing special about it. */
export function base(name: string, extras: Extras = {}): TaskBase {
  return {
    name,
    pointer: `/test/${name}`,
    input: {},
    output: {},
    export: {},
    then: NEXT,
    ...extras,
  };
}

/** A `set`. */
export function set(name: string, value: Json, extras: Extras = {}): Task {
  return { ...base(name, extras), kind: "set", value: template(value) };
}

/** An effect: `call: http` to an address that tests answer by its name. */
export function call(name: string, extras: Extras = {}): Task {
  return {
    ...base(name, extras),
    kind: "http",
    method: template("get"),
    endpoint: { uri: template(`http://test/${name}`) },
    body: template("${ . }"),
    output: extras.output ?? {},
    result: "content",
    redirect: false,
  };
}

/** A `wait`. */
export function wait(name: string, ms: number, extras: Extras = {}): Task {
  return {
    ...base(name, extras),
    kind: "wait",
    duration: { kind: "fixed", ms },
  };
}

/** A `raise`. */
export function raise(
  name: string,
  error: { readonly type: string; readonly status: number },
): Task {
  return {
    ...base(name),
    kind: "raise",
    error: {
      type: template(error.type),
      status: template(error.status),
      title: template("Raised"),
      detail: template(`raised by ${name}`),
    },
  };
}

/** A `fork`. */
export function fork(
  name: string,
  branches: readonly Task[],
  options: Extras & { readonly compete?: boolean } = {},
): Task {
  const { compete = false, ...extras } = options;
  return { ...base(name, extras), kind: "fork", branches, compete };
}

/** A `do`. */
export function list(
  name: string,
  tasks: readonly Task[],
  extras: Extras = {},
): Task {
  return { ...base(name, extras), kind: "do", tasks };
}

/** A `for` over what an expression gives. */
export function each(
  name: string,
  options: {
    readonly in: string;
    readonly tasks: readonly Task[];
    readonly while?: string;
    readonly each?: string;
    readonly at?: string;
    readonly extras?: Extras;
  },
): Task {
  return {
    ...base(name, options.extras),
    kind: "for",
    each: options.each ?? "item",
    at: options.at ?? "index",
    in: { kind: "expression", expression: jq(options.in) },
    ...(options.while === undefined ? {} : { while: jq(options.while) }),
    tasks: options.tasks,
  };
}

/** A plan of tasks one after another. */
export function plan(tasks: readonly Task[], more: Partial<Plan> = {}): Plan {
  const body: Sequence = { kind: "sequence", tasks };
  return {
    name: "test",
    version: "1.0.0",
    definition: {},
    input: {},
    output: {},
    secrets: [],
    usedSecrets: [],
    extensions: [],
    body,
    ...more,
  };
}
