/**
 * Lists of tasks, and references to what their tasks give.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import { callerPlace, type Place } from "./_caller.ts";
import { type TaskBody, writeKeys } from "./body.ts";
import type { Any } from "./calls.ts";
import type { Duration } from "./duration.ts";
import { durationOf } from "./duration.ts";
import {
  asIs,
  type Expression,
  type Reference,
  reference,
  type Resolved,
  shapeOf,
  type Source,
} from "./expression.ts";
import type { Json, JsonObject } from "../model/json.ts";
import type { Schema } from "./schema.ts";

declare const ENDS: unique symbol;

/** A task that may be the last of a list, which gives `Output` then. */
export interface LastTask<Output> {
  /** Its name, for `then` of others. */
  readonly name: string;
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly [ENDS]?: Output;
}

/**
 * A task that was added to a list: `Output` is what it gives to those who refer
 * to it, `Ended` what a list gives whose last task it is.
 */
export interface TaskReference<Output, Ended = Output> extends LastTask<Ended> {
  /** What it gives, for tasks after it. */
  readonly output: Reference<Output>;
}

/** What any task may have besides what it does. */
export interface TaskOptions {
  /** Whether it is done at all. */
  readonly if?: Expression<boolean> | string;
  /** Makes its input, `.`; default what the task before it gave. */
  readonly input?: Any;
  /** What its input must fit. */
  readonly inputSchema?: Schema<unknown>;
  /** Makes what it gives of its raw output, which is `.`. */
  readonly as?: Any;
  /** How long it may take. */
  readonly timeout?: Duration;
  /** Where it goes then: a task of the list, `exit` or `end`. */
  readonly then?: string;
  /** Free notes. */
  readonly metadata?: JsonObject;
}

/** What a task gives whose raw output has a type: what `as` makes, or that. */
export type Given<Output, Options> = Options extends { readonly as: infer As }
  ? Resolved<As>
  : Output;

/** A task that is not always done. */
export interface Skippable {
  /** Whether it is done. */
  readonly if: Expression<boolean> | string;
}

/** What a task gives to those who refer to it: null when it was skipped. */
export type Referred<Output, Options> =
  | Given<Output, Options>
  | (Options extends Skippable ? null : never);

/**
 * What a list gives whose last task it is: when that was skipped, whatever the
 * one before it gave.
 */
export type Ended<Output, Options> = Options extends Skippable ? Json
  : Given<Output, Options>;

/** A task that was added with options. */
export type Added<Output, Options> = TaskReference<
  Referred<Output, Options>,
  Ended<Output, Options>
>;

/** What an exported task gives can be read by any task after it. */
const EXPORT = (name: string): JsonObject => ({
  as: `\${ $context + {${JSON.stringify(name)}: .} }`,
});

interface KeptTask {
  readonly name: string;
  readonly body: TaskBody<unknown>;
  readonly options: TaskOptions;
}

/** A list of tasks, one after another. */
export class TaskList {
  readonly #tasks: KeptTask[] = [];
  readonly #owner: Owner;

  /**
   * Made by workflows.
   *
   * @internal
   */
  constructor(owner: Owner) {
    this.#owner = owner;
  }

  /**
   * Adds a task at the end.
   *
   * @param name Its name: unique in the workflow, so that it can be referred to.
   * @param body What it does.
   * @param options What it has besides.
   * @returns Refers to what it gives.
   */
  task<Output, const Options extends TaskOptions = TaskOptions>(
    name: string,
    body: TaskBody<Output>,
    options?: Options,
  ): Added<Output, Options> {
    return this.add(name, body, options);
  }

  /**
   * Adds a task that gives what the caller says.
   *
   * @internal
   */
  add<Output, Ended>(
    name: string,
    body: TaskBody<unknown>,
    options: TaskOptions = {},
  ): TaskReference<Output, Ended> {
    const source: Source = { name };
    this.#owner.add(source);
    if (body.schema !== undefined && options.as !== undefined) {
      throw invalidArgument(
        `Cannot add task "${name}": its schema would be asked of what "as" ` +
          "makes of the answer",
        { hints: ["Leave one of them out, or use `as` in a task after it"] },
      );
    }
    this.#tasks.push({ name, body, options });
    const shape = shapeGiven(body, options);
    const output = reference<Output>(
      `$context${stepTo(name)}`,
      [source],
      shape,
    );
    return { name, output };
  }

  /** The name of its last task. */
  get last(): string | undefined {
    return this.#tasks.at(-1)?.name;
  }

  /** How many tasks it has. */
  get size(): number {
    return this.#tasks.length;
  }

  /**
   * Writes the tasks; those that are read are exported once all are written.
   *
   * @internal
   */
  write(): JsonObject[] {
    const notice = (source: Source): void => this.#owner.notice(source);
    return this.#tasks.map(({ name, body, options }) => {
      const keys = { ...writeOptions(options, body, notice) };
      const task = { ...keys.before, ...body.write(notice), ...keys.after };
      const own = this.#owner.isRead(name) ? { export: EXPORT(name) } : {};
      return { [name]: JSON.parse(JSON.stringify({ ...task, ...own })) };
    });
  }
}

/** Knows the tasks of a whole workflow. */
export class Owner {
  /** What the workflow is given, as a source. */
  readonly input: Source = { name: "" };
  readonly #workflow: string;
  readonly #sources: Map<string, Source> = new Map();
  readonly #read: Set<string> = new Set();
  readonly #places: Map<string, Place> = new Map();

  /** Knows no task yet. */
  constructor(workflow: string) {
    this.#workflow = workflow;
  }

  /** Takes a new task in. */
  add(source: Source): void {
    if (this.#sources.has(source.name)) {
      throw invalidArgument(
        `Cannot add task "${source.name}" to workflow "${this.#workflow}": it ` +
          "has one of that name",
      );
    }
    this.#sources.set(source.name, source);
    const place = callerPlace();
    if (place !== undefined) this.#places.set(source.name, place);
  }

  /** Where its tasks were added, by their names. */
  get places(): Readonly<Record<string, Place>> {
    return Object.fromEntries(this.#places);
  }

  /** Notes that a task is read. */
  notice(source: Source): void {
    if (source === this.input) return;
    if (this.#sources.get(source.name) !== source) {
      const [what, whose] = source.name === ""
        ? ["an input", "that"]
        : [`task "${source.name}"`, "a task"];
      throw invalidArgument(
        `Cannot refer to ${what} in workflow "${this.#workflow}": it is ` +
          `${whose} of another one`,
      );
    }
    this.#read.add(source.name);
  }

  /** Whether a task is read. */
  isRead(name: string): boolean {
    return this.#read.has(name);
  }
}

/** What is known of what a task gives. */
function shapeGiven(
  { shape, schema }: TaskBody<unknown>,
  { as }: TaskOptions,
): Json | undefined {
  return as === undefined ? shape ?? schema?.json : shapeOf(as);
}

function stepTo(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

function writeOptions(
  options: TaskOptions,
  body: TaskBody<unknown>,
  notice: (source: Source) => void,
): {
  readonly before: Record<string, unknown>;
  readonly after: Record<string, unknown>;
} {
  const { input, inputSchema, as, timeout, then, metadata } = options;
  const { schema } = body;
  return {
    before: writeKeys({
      if: asIs(options.if),
      input: input === undefined && inputSchema === undefined ? undefined : {
        schema: inputSchema && { document: asIs(inputSchema.json) },
        from: input,
      },
    }, notice),
    after: writeKeys({
      output: as === undefined && schema === undefined ? undefined : {
        as,
        schema: schema && { document: asIs(schema.json) },
      },
      timeout: timeout && { after: durationOf(timeout) },
      then,
      metadata: asIs(metadata),
    }, notice),
  };
}
