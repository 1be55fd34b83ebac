/**
 * Tasks that hold tasks: `do`, `for`, `fork` and `try`.
 *
 * @module
 */

import type { Json, JsonObject } from "../model/json.ts";
import { type TaskBody, writeKeys } from "./body.ts";
import { type Duration, durationOf } from "./duration.ts";
import {
  bare,
  type Expression,
  type Reference,
  reference,
} from "./expression.ts";
import {
  type Owner,
  TaskList,
  type TaskOptions,
  type TaskReference,
} from "./task_list.ts";

/** Adds the tasks of a list; what it returns, the list gives. */
export type Build<Output, Given extends readonly unknown[] = []> = (
  list: Steps,
  ...given: Given
) => TaskReference<Output>;

/** What a loop goes through. */
export interface ForOptions<Item> extends TaskOptions {
  /** The list that it goes through. */
  readonly in: Expression<readonly Item[]> | readonly Item[];
  /** Goes on as long as this holds. */
  readonly while?: Expression<boolean> | string;
  /** Name of the variable with the item; default `item`. */
  readonly each?: string;
  /** Name of the variable with the index; default `index`. */
  readonly at?: string;
}

/** The branches of a fork, by name. */
export type Branches = Readonly<Record<string, TaskBody<unknown>>>;

/** A fork, with what each of its branches gives. */
export interface ForkReference<B extends Branches>
  extends TaskReference<Json[]> {
  /** Its branches, by name. */
  readonly branches: {
    readonly [Key in keyof B]: B[Key] extends TaskBody<infer Output>
      ? TaskReference<Output>
      : never;
  };
}

/** How tries of a list are repeated. */
export interface RetryPolicy {
  /** Only when this holds. */
  readonly when?: Expression<boolean> | string;
  /** Unless this holds. */
  readonly exceptWhen?: Expression<boolean> | string;
  /** What is waited before the next try. */
  readonly delay?: Duration;
  /** How the delay grows. */
  readonly backoff?: "constant" | "linear" | "exponential";
  /** Retries at the most: the first try is none of them. */
  readonly count?: number;
  /** How long all tries may take. */
  readonly duration?: Duration;
  /** What is added to the delay, by chance. */
  readonly jitter?: { readonly from: Duration; readonly to: Duration };
}

/** What is done about errors. */
export interface CatchOptions<Output> {
  /** Fields that an error must have to be caught. */
  readonly errors?: {
    readonly type?: string;
    readonly status?: number;
    readonly title?: string;
    readonly detail?: string;
    readonly instance?: string;
  };
  /** Name of the variable with the error; default `error`. */
  readonly as?: string;
  /** Only when this holds. */
  readonly when?: Expression<boolean> | string;
  /** Unless this holds. */
  readonly exceptWhen?: Expression<boolean> | string;
  /** Tries again, or the name of a policy under `use`. */
  readonly retry?: RetryPolicy | string;
  /** What is done instead. */
  readonly do?: Build<Output, [error: Reference<CaughtError>]>;
  /** Where it goes then. */
  readonly then?: string;
}

/** An error, as those who catch it see it. */
export interface CaughtError {
  /** A URI that names the sort. */
  type: string;
  /** As an HTTP status. */
  status: number;
  /** The sort of error, in words. */
  title: string;
  /** What happened. */
  detail: string;
  /** JSON pointer of the task. */
  instance: string;
}

/** A list of tasks, of which some hold lists themselves. */
export class Steps extends TaskList {
  readonly #owner: Owner;

  /**
   * Made by workflows.
   *
   * @internal
   */
  constructor(owner: Owner) {
    super(owner);
    this.#owner = owner;
  }

  /** Adds a list of tasks as one task. */
  do<Output>(
    name: string,
    build: Build<Output>,
    options: TaskOptions = {},
  ): TaskReference<Output> {
    const list = this.#list(build);
    return this.task<Output>(
      name,
      { write: () => ({ do: list.write() }) },
      options,
    );
  }

  /** Adds a list of tasks that is gone through once for each item. */
  for<Item, Output>(
    name: string,
    options: ForOptions<Item>,
    build: Build<Output, [item: Reference<Item>, index: Reference<number>]>,
  ): TaskReference<Output> {
    const { in: items, while: holds, each = "item", at = "index", ...rest } =
      options;
    const list = this.#list(
      build,
      reference<Item>(`$${each}`),
      reference<number>(`$${at}`),
    );
    const body: TaskBody<Output> = {
      write: (notice) => ({
        ...writeKeys({
          for: { each, in: items, at },
          while: holds,
        }, notice),
        do: list.write(),
      }),
    };
    return this.task(name, body, rest);
  }

  /**
   * Adds branches that run at once. It gives what they give, in order; with
   * `compete`, what the first to finish gives.
   */
  fork<const B extends Branches>(
    name: string,
    branches: B,
    options: TaskOptions & { readonly compete?: boolean } = {},
  ): ForkReference<B> {
    const { compete, ...rest } = options;
    const list = new Steps(this.#owner);
    const references = Object.entries(branches)
      .map(([key, body]) => [key, list.task(key, body)] as const);
    const fork = this.task<Json[]>(name, {
      write: () => ({
        fork: {
          branches: list.write(),
          ...(compete === undefined ? {} : { compete }),
        },
      }),
    }, rest);
    // Each has the type of the body that it was made of.
    const typed = Object.fromEntries(
      references,
    ) as unknown as ForkReference<B>["branches"];
    return { ...fork, branches: typed };
  }

  /** Adds a list whose errors are caught. */
  try<Output, Instead = Output>(
    name: string,
    build: Build<Output>,
    caught: CatchOptions<Instead>,
    options: TaskOptions = {},
  ): TaskReference<Output | Instead> {
    const list = this.#list(build);
    const { as = "error", do: instead, retry, errors, ...rest } = caught;
    const other = instead === undefined
      ? undefined
      : this.#list(instead, reference<CaughtError>(`$${as}`));
    const body: TaskBody<Output | Instead> = {
      write: (notice) => ({
        try: list.write(),
        catch: {
          ...writeKeys({
            errors: errors && { with: errors },
            as,
            when: rest.when,
            exceptWhen: rest.exceptWhen,
            retry: typeof retry === "object" ? retryOf(retry) : retry,
            then: rest.then,
          }, notice),
          ...(other === undefined ? {} : { do: other.write() }),
        },
      }),
    };
    return this.task(name, body, options);
  }

  #list<Output, Given extends readonly unknown[]>(
    build: Build<Output, Given>,
    ...given: Given
  ): Steps {
    const list = new Steps(this.#owner);
    build(list, ...given);
    return list;
  }
}

function retryOf(policy: RetryPolicy): Record<string, unknown> {
  const { delay, backoff, count, duration, jitter, when, exceptWhen } = policy;
  const limited = count !== undefined || duration !== undefined;
  const limit: JsonObject = {
    ...(count === undefined ? {} : { attempt: { count } }),
  };
  return {
    when: bare(when),
    exceptWhen: bare(exceptWhen),
    delay: delay && durationOf(delay),
    backoff: backoff && { [backoff]: {} },
    limit: limited
      ? { ...limit, duration: duration && durationOf(duration) }
      : undefined,
    jitter: jitter && {
      from: durationOf(jitter.from),
      to: durationOf(jitter.to),
    },
  };
}
