/**
 * Workflows whose tasks are functions of TypeScript: durable functions.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import { schemaProblem } from "../workflow/json_schema.ts";
import { callerPlace, type Place } from "./_caller.ts";
import { type Duration, durationOf } from "./duration.ts";
import { createContext } from "./_context.ts";
import { createDurableMachine } from "./_machine.ts";
import type { MachineTask } from "./_scope.ts";
import type { DurableContext } from "./context.ts";
import { executeOn, type ExecuteOptions, type Execution } from "./execute.ts";
import type { Journalled } from "./journalled.ts";
import {
  type Defined,
  type EnvDeclarations,
  type Manifest,
  manifestOf,
  type MetadataOptions,
  type Places,
} from "./manifest.ts";
import type { Schema } from "./schema.ts";
import { fromCaller } from "./step_error.ts";

/** What a workflow of either sort may say of itself. */
export interface WorkflowOptions<Input> extends MetadataOptions {
  /** What it is for, in words. */
  readonly description?: string;
  /** What its input must fit. */
  readonly input?: Schema<Input>;
  /** The variables and secrets that it needs, by name. */
  readonly env?: EnvDeclarations;
  /** The secrets that it may open, by name. */
  readonly secrets?: readonly string[];
  /** The namespace of its document; default `default`. */
  readonly namespace?: string;
  /** The version of its document; default `1.0.0`. */
  readonly version?: string;
  /** How long the whole may take. */
  readonly timeout?: Duration;
  /** When it starts by itself. */
  readonly schedule?: JsonObject;
}

/** A task of a durable function. */
export type TaskFunction<Input, Output> = (
  context: DurableContext,
  input: Input,
) => Output | PromiseLike<Output>;

/** A task as it is kept, whatever it takes and gives. */
interface KeptTask {
  readonly name: string;
  readonly place: Place | undefined;
  readonly run: (context: DurableContext, input: never) => unknown;
}

/**
 * A workflow of functions. Each gets what the one before it gave; what the
 * last one gives is the output.
 */
export class DurableWorkflow<Input, Output> implements Defined {
  /** Always `Workflow`. */
  readonly kind = "Workflow";
  /** Its name. */
  readonly name: string;
  /** The namespace of its document. */
  readonly namespace: string;
  readonly #options: WorkflowOptions<Input>;
  readonly #tasks: readonly KeptTask[];

  /**
   * Made by {@linkcode workflow}.
   *
   * @internal
   */
  constructor(
    name: string,
    options: WorkflowOptions<Input>,
    tasks: readonly KeptTask[],
  ) {
    this.name = name;
    this.namespace = options.namespace ?? "default";
    this.#options = options;
    this.#tasks = tasks;
  }

  /**
   * Adds a task, which gets what the task before it gives.
   *
   * @param name Its name: unique in the workflow.
   * @param run What it does.
   * @returns The workflow with the task; this one stays as it is.
   */
  task<Next>(
    name: string,
    run: TaskFunction<Output, Next>,
  ): DurableWorkflow<Input, Journalled<Awaited<Next>>> {
    if (this.#tasks.some((it) => it.name === name)) {
      throw invalidArgument(
        `Cannot add task "${name}" to workflow "${this.name}": it has one of ` +
          "that name",
      );
    }
    const tasks = [...this.#tasks, { name, run, place: callerPlace() }];
    return new DurableWorkflow(this.name, this.#options, tasks);
  }

  /** Where its tasks are added; the first stands for the whole. */
  get places(): Places {
    const placed = this.#tasks.flatMap(({ name, place }) =>
      place === undefined ? [] : [[name, place] as const]
    );
    return { own: placed[0]?.[1], tasks: Object.fromEntries(placed) };
  }

  /** Gives the manifest: what others see of the workflow. */
  toManifest(): Manifest {
    const { description, env, input, secrets, timeout, schedule, ...rest } =
      this.#options;
    const slug = slugOf(this.name) ?? this.name;
    return manifestOf("Workflow", this.name, {
      metadata: rest,
      spec: {
        description,
        env,
        document: {
          dsl: "1.0.3",
          namespace: this.namespace,
          name: slug,
          version: rest.version ?? "1.0.0",
        },
        ...(input === undefined
          ? {}
          : { input: { schema: { document: input.json } } }),
        ...(secrets === undefined || secrets.length === 0
          ? {}
          : { use: { secrets } }),
        timeout: timeout && { after: durationOf(timeout) },
        schedule,
        do: this.#tasks.map(({ name }) => ({ [name]: { call: "typescript" } })),
      },
    });
  }

  /**
   * Runs the workflow in this process and waits for its output; on a server,
   * the program that serves it there runs it, see {@linkcode serve}.
   *
   * With an `id`, a second call goes on with the same execution: one that has
   * ended gives its output again, one that was cut off is resumed, and one
   * that another process runs is waited for.
   *
   * @throws {ExecutionError} When the execution failed or was cancelled.
   */
  async execute(
    input: Input,
    options: ExecuteOptions = {},
  ): Promise<Output> {
    try {
      const { output } = await this.run(input, options);
      // The last task gave it, written as JSON and read back.
      return output as Output;
    } catch (error) {
      throw fromCaller(error, this.execute);
    }
  }

  /**
   * Runs the workflow as {@linkcode execute} does, and gives the execution.
   *
   * @throws {ExecutionError} When the execution failed or was cancelled.
   */
  async run(input: Input, options: ExecuteOptions = {}): Promise<Execution> {
    try {
      return await executeOn(this, input, options);
    } catch (error) {
      throw fromCaller(error, this.run);
    }
  }

  /**
   * Makes the machine of an execution.
   *
   * @internal
   */
  createMachine(
    options: Parameters<
      import("../model/served.ts").ServedProgram["createMachine"]
    >[0],
  ): import("../model/durable.ts").Machine {
    const { input } = this.#options;
    return createDurableMachine({
      ...options,
      workflow: this.name,
      functions: this.#tasks.map(({ name, run }): MachineTask => ({
        name,
        run: async (scope, given) =>
          await run(createContext(scope), given as never),
      })),
      inputProblem: (given: Json) =>
        input === undefined ? undefined : schemaProblem(input.json, given),
    });
  }
}
