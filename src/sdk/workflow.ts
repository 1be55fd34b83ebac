/**
 * Workflows as TypeScript: lists of tasks as manifests have them, or functions.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Json, JsonObject } from "../model/json.ts";
import { slugOf } from "../model/slug.ts";
import type { TaskBody } from "./body.ts";
import { writeKeys } from "./body.ts";
import {
  DurableWorkflow,
  type TaskFunction,
  type WorkflowOptions,
} from "./durable.ts";
import { durationOf } from "./duration.ts";
import { type Reference, reference, type Resolved } from "./expression.ts";
import {
  extensionOf,
  type ExtensionOptions,
  type WriteExtension,
} from "./extension.ts";
import { callerPlace, type Place } from "./_caller.ts";
import type { Journalled } from "./journalled.ts";
import {
  type Defined,
  type Manifest,
  manifestOf,
  type Places,
} from "./manifest.ts";
import { Steps } from "./steps.ts";
import {
  type Added,
  Owner,
  type TaskOptions,
  type TaskReference,
} from "./task_list.ts";

/** What a workflow of tasks may say besides. */
export interface BuilderOptions<Input> extends WorkflowOptions<Input> {
  /** Errors, retries, timeouts, authentications by name, as `use` has them. */
  readonly use?: JsonObject;
}

/** A function of a workflow, for `call.function`. */
export interface FunctionReference<Input, Output> {
  /** Its name. */
  readonly name: string;
  /**
   * Only for the compiler.
   *
   * @internal
   */
  readonly types?: { readonly input: Input; readonly output: Output };
}

/**
 * A workflow of tasks. Each task that is added can be referred to by those
 * after it, with the type of what it gives.
 */
export class WorkflowBuilder<Input = Json, Output = Json> implements Defined {
  /** Always `Workflow`. */
  readonly kind = "Workflow";
  /** Its name. */
  readonly name: string;
  /** The namespace of its document. */
  readonly namespace: string;
  /** What it is given. */
  readonly input: Reference<Input>;
  /**
   * Only for the compiler.
   *
   * @internal
   */
  declare readonly gives?: Output;
  readonly #place: Place | undefined = callerPlace();
  readonly #options: BuilderOptions<Input>;
  readonly #owner: Owner;
  readonly #steps: Steps;
  readonly #functions: Map<string, TaskBody<unknown>> = new Map();
  readonly #extensions: Map<string, WriteExtension> = new Map();
  #output: unknown;

  /**
   * Made by {@linkcode workflow}.
   *
   * @internal
   */
  constructor(name: string, options: BuilderOptions<Input>) {
    this.name = name;
    this.namespace = options.namespace ?? "default";
    this.#options = options;
    this.#owner = new Owner(name);
    this.input = reference<Input>(
      "$workflow.input",
      [this.#owner.input],
      options.input?.json,
    );
    this.#steps = new Steps(this.#owner);
  }

  /**
   * Adds a function as a task: the workflow is a durable function then.
   *
   * @param name Its name.
   * @param run What it does.
   * @returns The durable function; this workflow stays as it is.
   */
  task<Next>(
    name: string,
    run: TaskFunction<Input, Next>,
  ): DurableWorkflow<Input, Journalled<Awaited<Next>>>;
  /** Adds a function that says itself what the workflow is given. */
  task<In, Next>(
    this: unknown extends Input ? unknown : never,
    name: string,
    run: TaskFunction<In, Next>,
  ): DurableWorkflow<In, Journalled<Awaited<Next>>>;
  /**
   * Adds a task.
   *
   * @param name Its name: unique in the workflow, nested tasks included.
   * @param body What it does, as `set({…})` and `call.http({…})` give it.
   * @param options What it has besides.
   * @returns Refers to what it gives.
   */
  task<Raw, const Options extends TaskOptions = TaskOptions>(
    name: string,
    body: TaskBody<Raw>,
    options?: Options,
  ): Added<Raw, Options>;
  task<Raw>(
    name: string,
    body: TaskBody<Raw> | TaskFunction<Input, Raw>,
    options: TaskOptions = {},
  ): TaskReference<Raw> | DurableWorkflow<Input, Journalled<Awaited<Raw>>> {
    if (typeof body !== "function") {
      return this.#steps.task(name, body, options);
    }
    if (this.#steps.size > 0) {
      throw invalidArgument(
        `Cannot add function "${name}" to workflow "${this.name}": it has ` +
          "tasks that are none, and is one or the other",
      );
    }
    const { use, ...rest } = this.#options;
    const named = this.#functions.size + this.#extensions.size;
    if (use !== undefined || named > 0) {
      throw invalidArgument(
        `Cannot add function "${name}" to workflow "${this.name}": what it ` +
          "has by name, as functions and retries, is for tasks that are none",
      );
    }
    return new DurableWorkflow<Input, Input>(this.name, rest, [])
      .task(name, body);
  }

  /** Where it and its tasks are defined. */
  get places(): Places {
    return { own: this.#place, tasks: this.#owner.places };
  }

  /** The nested tasks: `do`, `for`, `fork` and `try`. */
  get steps(): Steps {
    return this.#steps;
  }

  /** Defines a function that tasks call. */
  function<In = Json, Out = Json>(
    name: string,
    body: TaskBody<Out>,
  ): FunctionReference<In, Out> {
    this.#functions.set(name, body);
    return { name };
  }

  /** Has something done before and after tasks of a kind. */
  extension(name: string, options: ExtensionOptions): this {
    if (this.#extensions.has(name)) {
      throw invalidArgument(
        `Cannot add extension "${name}" to workflow "${this.name}": it has ` +
          "one of that name",
      );
    }
    this.#extensions.set(name, extensionOf(this.#owner, options));
    return this;
  }

  /**
   * Says what the workflow gives; default what its last task gave.
   *
   * @param value What it is made of.
   */
  output<const V>(value: V): WorkflowBuilder<Input, Resolved<V>> {
    this.#output = value;
    // The same workflow, of which more is known.
    return this as unknown as WorkflowBuilder<Input, Resolved<V>>;
  }

  /** Gives the manifest, the same that YAML would have been. */
  toManifest(): Manifest {
    const {
      description,
      env,
      input,
      secrets,
      timeout,
      schedule,
      use,
      ...rest
    } = this.#options;
    const notice = this.#owner.notice.bind(this.#owner);
    const ends = this.#output === undefined
      ? {}
      : { output: writeKeys({ as: this.#output }, notice) };
    const functions = Object.fromEntries(
      [...this.#functions].map(([name, body]) => [name, body.write(notice)]),
    );
    const extensions = () =>
      [...this.#extensions].map(([name, write]) => ({ [name]: write(notice) }));
    // Which tasks are read is known only once all were written.
    this.#steps.write();
    extensions();
    return manifestOf("Workflow", this.name, {
      metadata: rest,
      spec: {
        description,
        env,
        document: this.#document(),
        ...(input === undefined
          ? {}
          : { input: { schema: { document: input.json } } }),
        ...usedIn({ ...use }, {
          secrets,
          functions,
          extensions: extensions(),
        }),
        timeout: timeout && { after: durationOf(timeout) },
        schedule,
        do: this.#steps.write(),
        ...ends,
      },
    });
  }

  #document(): JsonObject {
    return {
      dsl: "1.0.3",
      namespace: this.namespace,
      name: slugOf(this.name) ?? this.name,
      version: this.#options.version ?? "1.0.0",
    };
  }
}

function usedIn(
  use: JsonObject,
  { secrets = [], functions, extensions }: {
    readonly secrets: readonly string[] | undefined;
    readonly functions: Readonly<Record<string, unknown>>;
    readonly extensions: readonly unknown[];
  },
): Record<string, unknown> {
  const all = {
    ...use,
    ...(secrets.length === 0 ? {} : { secrets }),
    ...(Object.keys(functions).length === 0 ? {} : { functions }),
    ...(extensions.length === 0 ? {} : { extensions }),
  };
  return Object.keys(all).length === 0 ? {} : { use: all };
}

/**
 * Begins a workflow. Given tasks, it is the manifest that YAML would have been;
 * given functions, it is a durable function.
 *
 * @example Tasks
 * ```ts
 * import { call, set, t, text, workflow } from "@stigmer/cli/sdk";
 *
 * const flow = workflow("report", { input: t.object({ id: t.string() }) });
 * const order = flow.task("fetch", call.http({
 *   method: "get",
 *   endpoint: text`https://api.example.org/orders/${flow.input.id}`,
 *   schema: t.object({ total: t.number() }),
 * }));
 * flow.task("show", set({ total: order.output.total }));
 * export default flow;
 * ```
 *
 * @example Functions
 * ```ts
 * import { workflow } from "@stigmer/cli/sdk";
 *
 * const pipeline = workflow("pipeline")
 *   .task("extract", async (ctx, input: { url: string }) => {
 *     const rows = await ctx.step("fetch", () => [input.url.length]);
 *     await ctx.sleep("10ms");
 *     return { rows };
 *   })
 *   .task("load", (ctx, { rows }) => ctx.step("store", () => rows.length));
 *
 * const home = await Deno.makeTempDir();
 * console.log(await pipeline.execute({ url: "https://x" }, { home }));
 * ```
 *
 * @param name Its name.
 * @param options What it says of itself.
 */
export function workflow<Input = unknown>(
  name: string,
  options: BuilderOptions<Input> = {},
): WorkflowBuilder<Input, Json> {
  return new WorkflowBuilder(name, options);
}
