/**
 * Tasks that hold tasks: `do`, `for`, `fork` and `try`.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type { Json } from "../model/json.ts";
import { type TakingBody, type TaskBody, writeKeys } from "./body.ts";
import { type Duration, durationOf } from "./duration.ts";
import {
  asIs,
  type Expression,
  itemsOf,
  type Reference,
  reference,
  type Resolved,
} from "./expression.ts";
import type { Branches, Forked, ForkOptions, ForkReference } from "./fork.ts";
import {
  type Added,
  type Ended,
  type LastTask,
  type Owner,
  type Referred,
  TaskList,
  type TaskOptions,
  type TaskReference,
} from "./task_list.ts";

/** Adds the tasks of a list; returns the last of them, whose output it gives. */
export type Build<Output, Given extends readonly unknown[] = []> = (
  list: Steps,
  ...given: Given
) => LastTask<Output>;

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

/** What is done for each thing that a task takes. */
export interface ForEachOptions extends Omit<TaskOptions, "as"> {
  /** Name of the variable with the item; default `item`. */
  readonly item?: string;
  /** Name of the variable with its number, from 0; default `index`. */
  readonly at?: string;
}

/** A loop, which is not always done when it has an `if`. */
export type Looped<Output, If> = TaskReference<
  Output | ([If] extends [never] ? never : null),
  [If] extends [never] ? Output : Json
>;

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
  /** How long one try may take. */
  readonly attemptDuration?: Duration;
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
  /** The variables of the lists around it. */
  readonly #around: readonly string[];

  /**
   * Made by workflows.
   *
   * @internal
   */
  constructor(owner: Owner, around: readonly string[] = []) {
    super(owner);
    this.#owner = owner;
    this.#around = around;
  }

  /** Adds a list of tasks as one task. */
  do<Output, const Options extends TaskOptions = TaskOptions>(
    name: string,
    build: Build<Output>,
    options?: Options,
  ): Added<Output, Options> {
    const list = this.#list({ name, build });
    return this.add(name, { write: () => ({ do: list.write() }) }, options);
  }

  /** Adds a list of tasks that is gone through once for each item. */
  for<Item, Output, const As = never, const If = never>(
    name: string,
    options: ForOptions<Item> & { readonly as?: As; readonly if?: If },
    build: Build<Output, [item: Reference<Item>, index: Reference<number>]>,
  ): Looped<[As] extends [never] ? Output : Resolved<As>, If> {
    const { in: items, while: holds, each, at, ...rest } = options;
    const names = this.#loop(name, { each, at });
    const list = this.#list(
      { name, build, names },
      reference<Item>(`$${names[0]}`, [], itemsOf(items)),
      reference<number>(`$${names[1]}`),
    );
    const body: TaskBody<unknown> = {
      write: (notice) => ({
        ...writeKeys({
          for: { each: names[0], in: items, at: names[1] },
          while: asIs(holds),
        }, notice),
        do: list.write(),
      }),
    };
    return this.add(name, body, rest);
  }

  /**
   * Adds a task that takes one thing after another, events or messages, with a
   * list of tasks that is gone through for each of them. It gives what these
   * gave, in order.
   */
  foreach<Item, Output, const If = never>(
    name: string,
    body: TakingBody<Item>,
    build: Build<Output, [item: Reference<Item>, index: Reference<number>]>,
    options: ForEachOptions & { readonly if?: If } = {},
  ): Looped<Output[], If> {
    const { item, at, ...rest } = options;
    const names = this.#loop(name, { each: item, at });
    const list = this.#list(
      { name, build, names },
      reference<Item>(`$${names[0]}`),
      reference<number>(`$${names[1]}`),
    );
    const looped: TaskBody<unknown> = {
      write: (notice) =>
        body.withEach(body.write(notice), {
          item: names[0],
          at: names[1],
          do: list.write(),
        }),
    };
    return this.add(name, looped, rest);
  }

  /**
   * Adds branches that run at once. It gives what they give, in order; with
   * `compete`, what the first to finish gives.
   */
  fork<
    const B extends Branches,
    const Options extends ForkOptions = ForkOptions,
  >(
    name: string,
    branches: B,
    options?: Options,
  ): ForkReference<B, Options> {
    const { compete, ...rest }: ForkOptions = options ?? {};
    const list = new Steps(this.#owner, this.#around);
    const references = Object.entries(branches)
      .map(([key, body]) => [key, list.task(key, body)] as const);
    const body: TaskBody<unknown> = {
      write: () => ({
        fork: {
          branches: list.write(),
          ...(compete === undefined ? {} : { compete }),
        },
      }),
    };
    const fork = this.add<
      Referred<Forked<B, Options>, Options>,
      Ended<Forked<B, Options>, Options>
    >(name, body, rest);
    // Each has the type of the body that it was made of.
    const typed = Object.fromEntries(
      references,
    ) as unknown as ForkReference<B, Options>["branches"];
    return { ...fork, branches: typed };
  }

  /** Adds a list that is tried again; an error that stays is not caught. */
  try<Output, const Options extends TaskOptions = TaskOptions>(
    name: string,
    build: Build<Output>,
    caught: CatchOptions<never> & {
      readonly retry: RetryPolicy | string;
      readonly do?: never;
    },
    options?: Options,
  ): Added<Output, Options>;
  /**
   * Adds a list whose errors are caught: what `do` gives is given instead, and
   * without it what the task was given.
   */
  try<
    Output,
    Instead = Json,
    const Options extends TaskOptions = TaskOptions,
  >(
    name: string,
    build: Build<Output>,
    caught: CatchOptions<Instead>,
    options?: Options,
  ): Added<Output | Instead, Options>;
  try<Output, Instead, const Options extends TaskOptions>(
    name: string,
    build: Build<Output>,
    caught: CatchOptions<Instead>,
    options?: Options,
  ): Added<Output | Instead, Options> {
    const list = this.#list({ name, build });
    const { do: instead, retry, errors, ...rest } = caught;
    const as = this.#variable(name, caught.as, "error");
    const other = instead === undefined ? undefined : this.#list(
      { name, build: instead, names: [as] },
      reference<CaughtError>(`$${as}`),
    );
    const body: TaskBody<unknown> = {
      write: (notice) => ({
        try: list.write(),
        catch: {
          ...writeKeys({
            errors: errors && { with: errors },
            as,
            when: asIs(rest.when),
            exceptWhen: asIs(rest.exceptWhen),
            retry: typeof retry === "object" ? retryOf(retry) : retry,
            then: rest.then,
          }, notice),
          ...(other === undefined ? {} : { do: other.write() }),
        },
      }),
    };
    return this.add(name, body, options);
  }

  #list<Output, Given extends readonly unknown[]>(
    { name, build, names = [] }: {
      readonly name: string;
      readonly build: Build<Output, Given>;
      readonly names?: readonly string[];
    },
    ...given: Given
  ): Steps {
    const list = new Steps(this.#owner, [...this.#around, ...names]);
    const returned = build(list, ...given);
    if (returned === undefined || returned.name === list.last) return list;
    throw invalidArgument(
      `Cannot return task "${returned.name}" from a list of "${name}": what ` +
        "the list gives is what its last task gives",
      { hints: [`Return task "${list.last}", or add one that makes it`] },
    );
  }

  /** The variables of a loop: its item, and the number of that. */
  #loop(
    name: string,
    { each, at }: {
      readonly each: string | undefined;
      readonly at: string | undefined;
    },
  ): readonly [string, string] {
    return [
      this.#variable(name, each, "item"),
      this.#variable(name, at, "index"),
    ];
  }

  /** A name that no list around has: what is in it can refer to both. */
  #variable(task: string, given: string | undefined, usual: string): string {
    if (given === undefined) {
      let count = 1;
      const nth = (): string => count === 1 ? usual : `${usual}${count}`;
      while (this.#around.includes(nth())) count++;
      return nth();
    }
    if (!this.#around.includes(given)) return given;
    throw invalidArgument(
      `Cannot name a variable "${given}" in "${task}": a list around it has ` +
        "one of that name",
    );
  }
}

function retryOf(policy: RetryPolicy): Record<string, unknown> {
  const { delay, backoff, jitter, when, exceptWhen } = policy;
  return {
    when: asIs(when),
    exceptWhen: asIs(exceptWhen),
    delay: delay && durationOf(delay),
    backoff: backoff && { [backoff]: {} },
    limit: limitOf(policy),
    jitter: jitter && {
      from: durationOf(jitter.from),
      to: durationOf(jitter.to),
    },
  };
}

function limitOf(
  { count, attemptDuration, duration }: RetryPolicy,
): Record<string, unknown> | undefined {
  const attempt = {
    count,
    duration: attemptDuration && durationOf(attemptDuration),
  };
  const isTried = count !== undefined || attemptDuration !== undefined;
  if (!isTried && duration === undefined) return undefined;
  return {
    attempt: isTried ? attempt : undefined,
    duration: duration && durationOf(duration),
  };
}
