/**
 * Workflows in the dialect of graphs: each task starts when those that it
 * refers to are done.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { callerPlace, type Place } from "./_caller.ts";
import { type TaskBody, writeKeys } from "./body.ts";
import type { AgentDefinition } from "./agent.ts";
import type { Any, Pairs, Text } from "./calls.ts";
import type { WorkflowOptions } from "./durable.ts";
import { type Duration, durationOf } from "./duration.ts";
import {
  asIs,
  type Expression,
  type Reference,
  reference,
  type Source,
  written,
} from "./expression.ts";
import {
  type Defined,
  type Manifest,
  manifestOf,
  type Places,
} from "./manifest.ts";
import { Owner, type Referred, type TaskReference } from "./task_list.ts";

/** The types of inputs, and what they are in TypeScript. */
export interface InputTypes {
  /** A text. */
  readonly string: string;
  /** A whole number. */
  readonly integer: number;
  /** A number. */
  readonly number: number;
  /** True or false. */
  readonly boolean: boolean;
  /** A list. */
  readonly array: Json[];
  /** An object. */
  readonly object: JsonObject;
  /** Anything. */
  readonly any: Json;
}

/** An input: its type, or all about it. */
export type GraphInput =
  | keyof InputTypes
  | {
    readonly type: keyof InputTypes;
    readonly required?: boolean;
    readonly default?: Json;
    readonly description?: string;
  };

/** The inputs of a graph, by name. */
export type GraphInputs = Readonly<Record<string, GraphInput>>;

/** The type of an input in TypeScript. */
export type TypeOf<I extends GraphInput> = I extends keyof InputTypes
  ? InputTypes[I]
  : I extends { readonly type: infer T extends keyof InputTypes }
    ? InputTypes[T]
  : Json;

/** What a graph may say of itself. */
export interface GraphOptions<I extends GraphInputs>
  extends Omit<WorkflowOptions<never>, "input" | "namespace" | "version"> {
  /** What it is given, by name. */
  readonly inputs?: I;
}

/** What any task of a graph may have. */
export interface GraphTaskOptions {
  /** What it is for, in words. */
  readonly description?: string;
  /** Tasks that it waits for besides those that it refers to. */
  readonly dependsOn?: readonly { readonly name: string }[];
  /** Whether it is done at all. */
  readonly if?: Expression<boolean> | string;
  /** What it is given, by name. */
  readonly inputs?: Pairs;
  /** How long it may take. */
  readonly timeout?: Duration;
}

/** A task of a graph that is an agent. */
export interface GraphAgent<Keys extends string> extends GraphTaskOptions {
  /** The agent, or its name. */
  readonly agent: AgentDefinition<unknown> | Text;
  /** The message. */
  readonly message?: Text;
  /** The keys that its answer has. */
  readonly outputs?: readonly Keys[];
  /** The conversation to go on with. */
  readonly session?: Text;
  /** The model that it uses. */
  readonly model?: Text;
}

/** A task of a graph that is an agent, for those that refer to it. */
export interface GraphAgentReference<Keys extends string> {
  /** Its name. */
  readonly name: string;
  /** The outputs that it declares. */
  readonly outputs: { readonly [Key in Keys]: Reference<Json> };
  /** Its whole answer. */
  readonly output: Reference<Json>;
}

/** A workflow of tasks that start when what they refer to is done. */
export class GraphBuilder<I extends GraphInputs> implements Defined {
  /** Always `Workflow`. */
  readonly kind = "Workflow";
  /** Its name. */
  readonly name: string;
  /** What it is given. */
  readonly inputs: { readonly [Key in keyof I]: Reference<TypeOf<I[Key]>> };
  readonly #options: GraphOptions<I>;
  readonly #place: Place | undefined = callerPlace();
  readonly #owner: Owner;
  readonly #tasks: JsonObject[] = [];
  #output: Any | undefined;

  /**
   * Made by {@linkcode graph}.
   *
   * @internal
   */
  constructor(name: string, options: GraphOptions<I>) {
    this.name = name;
    this.#options = options;
    this.#owner = new Owner(name);
    const sources = [this.#owner.input];
    // Each has the type that it declares.
    this.inputs = Object.fromEntries(
      Object.entries(options.inputs ?? {}).map(([key, input]) => {
        const type = typeof input === "string" ? input : input.type;
        return [key, reference(`workflow.inputs.${key}`, sources, { type })];
      }),
    ) as unknown as GraphBuilder<I>["inputs"];
  }

  /** Where it and its tasks are defined. */
  get places(): Places {
    return { own: this.#place, tasks: this.#owner.places };
  }

  /** Adds an agent as a task. */
  agent<const Keys extends string = never>(
    name: string,
    task: GraphAgent<Keys>,
  ): GraphAgentReference<Keys> {
    const { agent, outputs = [], ...rest } = task;
    const named = typeof agent === "object" && "kind" in agent
      ? agent.name
      : agent;
    const source = this.#add(name, rest, () => ({
      agent: named,
      outputs: some(outputs),
    }));
    const at = `tasks.${name}`;
    return {
      name,
      output: reference(`${at}.output`, [source]),
      // One for each key that is declared.
      outputs: Object.fromEntries(
        outputs.map((key) => [
          key,
          reference(`${at}.outputs.${key}`, [source]),
        ]),
      ) as unknown as GraphAgentReference<Keys>["outputs"],
    };
  }

  /** Adds a task of any other kind but `switch`. */
  task<Output, const Options extends GraphTaskOptions = GraphTaskOptions>(
    name: string,
    body: TaskBody<Output>,
    options?: Options,
  ): TaskReference<Referred<Output, Options>> {
    const source = this.#add(
      name,
      options ?? {},
      (notice) =>
        Object.fromEntries(
          Object.entries(body.write(notice)).map((
            [key, it],
          ) => [key, asIs(it)]),
        ),
    );
    const shape = body.shape ?? body.schema?.json;
    return {
      name,
      output: reference(`tasks.${name}.output`, [source], shape),
    };
  }

  /** Says what the workflow gives; default the outputs of all tasks by name. */
  output(value: Any): this {
    this.#output = value;
    return this;
  }

  /** Gives the manifest. */
  toManifest(): Manifest {
    const {
      description,
      env,
      inputs,
      secrets = [],
      timeout,
      schedule,
      ...rest
    } = this.#options;
    return manifestOf("Workflow", this.name, {
      metadata: rest,
      spec: {
        description,
        env,
        ...(secrets.length === 0 ? {} : { use: { secrets } }),
        inputs,
        timeout: timeout && { after: durationOf(timeout) },
        schedule,
        tasks: this.#tasks,
        output: this.#output &&
          writeKeys({ as: this.#output }, (it) => this.#owner.notice(it)),
      },
    });
  }

  #add(
    name: string,
    { if: condition, timeout, dependsOn, ...rest }: GraphTaskOptions,
    keys: (notice: (source: Source) => void) => Record<string, unknown>,
  ): Source {
    const source: Source = { name };
    this.#owner.add(source);
    const notice = (it: Source): void => this.#owner.notice(it);
    // A task that is given as it is tells whose it is.
    written(dependsOn).sources.forEach(notice);
    const task = writeKeys({
      name,
      ...keys(notice),
      ...rest,
      if: asIs(condition),
      dependsOn: dependsOn?.map((it) => it.name),
      timeout: timeout && { after: durationOf(timeout) },
    }, notice);
    this.#tasks.push(JSON.parse(JSON.stringify(task)));
    return source;
  }
}

function some<T>(items: readonly T[]): readonly T[] | undefined {
  return items.length === 0 ? undefined : items;
}

/**
 * Begins a workflow whose tasks start when those that they refer to are done.
 *
 * @example
 * ```ts
 * import { graph, text } from "@stigmer/cli/sdk";
 *
 * const triage = graph("triage", { inputs: { issue: "string" } });
 * const sort = triage.agent("sort", {
 *   agent: "triager",
 *   inputs: { issue: triage.inputs.issue },
 *   outputs: ["label"],
 * });
 * triage.agent("answer", {
 *   agent: "writer",
 *   message: text`Answer as ${sort.outputs.label}: ${triage.inputs.issue}`,
 * });
 * export default triage;
 * ```
 *
 * @param name Its name.
 * @param options What it says of itself.
 */
export function graph<const I extends GraphInputs = Record<never, never>>(
  name: string,
  options: GraphOptions<I> = {},
): GraphBuilder<I> {
  return new GraphBuilder(name, options);
}
