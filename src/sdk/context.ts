/**
 * What a durable function is given: all that it may do besides computing.
 *
 * @module
 */

import type { Json } from "../model/json.ts";
import type { Duration } from "./duration.ts";
import type { Journalled } from "./journalled.ts";
import type { Schema } from "./schema.ts";

/** How often a step is tried, and what is waited in between. */
export interface RetryOptions {
  /** Tries in all, the first one included. */
  readonly attempts: number;
  /** Before the second try; default one second. */
  readonly delay?: Duration;
  /** How the delay grows from try to try; default `exponential`, by two. */
  readonly backoff?: "constant" | "linear" | "exponential";
  /** What the delay does not grow over; default an hour. */
  readonly maxDelay?: Duration;
}

/** How a step is run. */
export interface StepOptions {
  /** Tries in all, or how they are made; default one try. */
  readonly retry?: number | RetryOptions;
  /** How long one try may take; its signal is aborted then. */
  readonly timeout?: Duration;
}

/** What one try of a step is given. */
export interface StepContext {
  /**
   * The same for every try of this step, also after a crash: who is handed it
   * can tell whether the effect happened already.
   */
  readonly idempotencyKey: string;
  /** Which try it is, from 1. */
  readonly attempt: number;
  /** Aborted on a timeout, on cancellation and when the process is stopped. */
  readonly signal: AbortSignal;
  /** Streams a piece of output to who watches; it is not kept. */
  readonly log: (text: string) => void;
}

/** How a signal is waited for. */
export interface SignalOptions<T> {
  /** What it must carry; one that carries something else is passed over. */
  readonly schema?: Schema<T>;
  /** How long it is waited for. */
  readonly timeout?: Duration;
}

/** What an agent is asked. */
export interface AgentOptions<T> {
  /** What its answer must fit. */
  readonly schema?: Schema<T>;
  /** The conversation to go on with. */
  readonly session?: string;
  /** The model to use in place of its own. */
  readonly model?: string;
  /** How long it may take. */
  readonly timeout?: Duration;
}

/** What a workflow is run with. */
export interface ChildOptions<T> {
  /** What its output is known to be. */
  readonly schema?: Schema<T>;
  /** How long it may take. */
  readonly timeout?: Duration;
}

/**
 * What a durable function may do besides computing. All that it waits for must
 * come from here, or happen in a step: see the rules of determinism in
 * docs/sdk.md.
 */
export interface DurableContext {
  /** The id of the execution. */
  readonly executionId: string;
  /** The execution's variables. */
  readonly env: Readonly<Record<string, string>>;

  /**
   * Does something to the world, once: what it gives is journalled, and is not
   * done again on a replay. A try that was cut off by a crash is made again.
   *
   * @param name Names it in the journal. Steps of one name are told apart by
   * their order.
   * @param run What it does.
   * @throws {StepError} When the last try failed.
   */
  step<T>(
    name: string,
    run: (step: StepContext) => T | PromiseLike<T>,
    options?: StepOptions,
  ): Promise<Journalled<T>>;

  /** Waits; a process need not live meanwhile. */
  sleep(duration: Duration): Promise<void>;

  /**
   * Waits until someone sends a signal, as `stigmer execution signal` does.
   * Those that came earlier are kept in order, and each is taken once. One
   * that does not fit the schema is passed over, and the wait goes on.
   *
   * @returns What it carries; `undefined` when the time was over before.
   */
  signal<T = Json>(
    name: string,
    options: SignalOptions<T> & { readonly timeout: Duration },
  ): Promise<T | undefined>;
  /** Waits until someone sends a signal. */
  signal<T = Json>(name: string, options?: SignalOptions<T>): Promise<T>;

  /**
   * Runs an agent as an execution of its own and waits for its answer.
   *
   * @param message What it is asked, or its input.
   * @throws {StepError} When it failed.
   */
  agent<T = Json>(
    name: string,
    message: string | Readonly<Record<string, unknown>>,
    options?: AgentOptions<T>,
  ): Promise<T>;

  /**
   * Runs another workflow as an execution of its own and waits for its output.
   *
   * @throws {StepError} When it failed.
   */
  workflow<T = Json>(
    name: string,
    input: unknown,
    options?: ChildOptions<T>,
  ): Promise<T>;

  /**
   * Opens a secret that the workflow names. It is never written down: it is
   * hidden in all that the journal is told.
   */
  secret(name: string): Promise<string>;

  /**
   * Waits for all of them. When one fails, the others are waited for as well,
   * so that nothing is at work when the failure is met.
   */
  all<const T extends readonly unknown[]>(
    waits: T,
  ): Promise<{ -readonly [Key in keyof T]: Awaited<T[Key]> }>;

  /** Waits for the first of them; the others are withdrawn. */
  race<T>(waits: readonly PromiseLike<T>[]): Promise<T>;

  /** The time: that of the newest event that the function has seen. */
  now(): Date;
  /** A random number from 0 up to 1, journalled. */
  random(): Promise<number>;
  /** A random UUID, journalled. */
  uuid(): Promise<string>;
}
