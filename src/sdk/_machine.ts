/**
 * The machine of a durable function: runs it against a journal.
 *
 * The function is run anew from its start whenever its execution comes into
 * memory. What it asks for is found in the journal by its path, and given in
 * the journal's order, one event after another, each only once the function
 * stands still: so it takes the same way as it did. What is not in the journal
 * becomes a command.
 *
 * @module
 */

import { invalidArgument } from "../model/error.ts";
import type {
  Command,
  Decision,
  JournalEvent,
  Machine,
} from "../model/durable.ts";
import { type Failure, failureOf, failureToJson } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Mask } from "../model/mask.ts";
import {
  type ServedKind,
  type ServedMachineOptions,
  servedPath,
} from "../model/served.ts";
import {
  newOperation,
  type Operation,
  settle,
  withdrawals,
} from "./_operation.ts";
import {
  changed,
  keyOf,
  nextTry,
  ownPath,
  pathOf,
  retryTimer,
} from "./_places.ts";
import { Signals } from "./_signals.ts";
import { failureOfError } from "./step_error.ts";
import { toJournal } from "./journalled.ts";

/** One task of a workflow, as the machine runs it. */
export interface MachineTask {
  readonly name: string;
  readonly run: (scope: Scope, input: Json) => PromiseLike<unknown>;
}

/** What a machine is made of. */
export interface DurableMachineOptions extends ServedMachineOptions {
  readonly workflow: string;
  readonly functions: readonly MachineTask[];
  /** Says what is wrong with an input, or `undefined`. */
  readonly inputProblem: (input: Json) => string | undefined;
}

/** Turns that a function has to come to what the journal says comes next. */
const PATIENCE_TURNS = 50;
/** What a function may ask for at the most. */
const OPERATIONS_MAX = 100_000;

/** Events that a command is over with. */
const ENDS: ReadonlySet<JournalEvent["type"]> = new Set<JournalEvent["type"]>([
  "TASK_COMPLETED",
  "TASK_FAILED",
  "TASK_RETRYING",
  "TIMER_FIRED",
]);

/** What a machine gives the context of a task. */
export interface Scope {
  readonly options: DurableMachineOptions;
  /** The path of the task. */
  readonly path: string;
  readonly nowMs: () => number;
  /** A path beneath the task's; the second of a name has `#2` after it. */
  readonly place: (kind: ServedKind, name: string) => string;
  readonly ask: (
    operation: Parameters<typeof newOperation>[0],
  ) => Promise<Json | undefined>;
  /** Waits for a signal as for an operation. */
  readonly askSignal: (
    operation: Parameters<typeof newOperation>[0],
  ) => Promise<Json | undefined>;
  /** Makes a promise stand for another one that was asked for. */
  readonly stand: <T extends object>(promise: T, asked: object) => T;
  /** Withdraws what is waited for, unless it is over. */
  readonly withdraw: (promise: object) => void;
  /** Waits for something that is no event, and is not outrun by one. */
  readonly aside: <T>(work: Promise<T>) => Promise<T>;
  /** A text without what is secret. */
  readonly hide: (value: Json) => Json;
}

/** Makes the machine of one execution. */
export function createDurableMachine(options: DurableMachineOptions): Machine {
  return new DurableMachine(options);
}

/** A turn of the event loop: all that can go on without an event has. */
function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

class DurableMachine implements Machine {
  readonly #options: DurableMachineOptions;
  /** Events that the function has yet to see. */
  #queue: JournalEvent[] = [];
  readonly #fresh: Map<string, Command> = new Map();
  readonly #operations: Map<string, Operation> = new Map();
  readonly #byPromise: WeakMap<object, Operation> = new WeakMap();
  readonly #visits: Map<string, number> = new Map();
  readonly #signals: Signals = new Signals();
  /** What tasks gave that ended before this machine was made. */
  readonly #given: Map<string, Json> = new Map();
  readonly #skipped: Set<string> = new Set();
  #input: Json = null;
  #nowMs = 0;
  #begun = false;
  #open = 0;
  #asides = 0;
  /** Counts what the function did. */
  #moves = 0;
  #onMove: (() => void) | undefined;
  #settling: Promise<void> | undefined;
  #isUnsettled = false;
  #mask: Mask | undefined;
  #result: Exclude<Decision, { kind: "blocked" }> | undefined;
  #wake: () => void = () => undefined;

  constructor(options: DurableMachineOptions) {
    this.#options = options;
  }

  apply(event: JournalEvent): void {
    this.#queue.push(event);
    if (event.type !== "TASK_COMPLETED" || this.#begun) return;
    const isTask = this.#options.functions
      .some(({ name }, i) => pathOf(i, name) === event.path);
    if (isTask) this.#given.set(event.path, event.data);
  }

  listen(wake: () => void): void {
    this.#wake = wake;
  }

  settling(): Promise<void> | undefined {
    if (this.#settling !== undefined) return this.#settling;
    if (this.#queue.length === 0 && !this.#isUnsettled) return undefined;
    return this.#settling = this.#settle()
      .catch((error) => this.#end(failureOfError(error)))
      .then(() => {
        this.#settling = undefined;
      });
  }

  decide(): Decision {
    if (this.#fresh.size > 0) {
      const commands = [...this.#fresh.values()];
      this.#fresh.clear();
      return { kind: "blocked", commands };
    }
    return this.#result ?? { kind: "blocked", commands: [] };
  }

  tasks(): readonly [] {
    return [];
  }

  async #settle(): Promise<void> {
    this.#mask ??= await this.#options.secrets?.mask();
    if (this.#isUnsettled) await this.#stand();
    for (let i = 0; i < this.#queue.length; i++) {
      const event = this.#queue[i];
      if (event !== undefined) await this.#take(event);
    }
    this.#queue = [];
    this.#isUnsettled = false;
  }

  /** Lets the function go on until it stands still. */
  async #stand(): Promise<void> {
    while (true) {
      const moves = this.#moves;
      await turn();
      if (this.#moves !== moves) continue;
      const isWaiting = this.#open > 0 && this.#asides === 0;
      if (!this.#begun || isWaiting || this.#result !== undefined) return;
      // It waits for something else, which nobody here can know of.
      await new Promise<void>((resolve) => this.#onMove = resolve);
      this.#onMove = undefined;
    }
  }

  async #take(event: JournalEvent): Promise<void> {
    this.#nowMs = event.timeMs;
    const moves = this.#moves;
    switch (event.type) {
      case "EXECUTION_CREATED":
        this.#input = event.data;
        return;
      case "EXECUTION_STARTED":
        if (this.#begun) return;
        this.#begun = true;
        void this.#run();
        return await this.#stand();
      case "SIGNAL_RECEIVED":
        this.#takeSignal(event);
        break;
      default:
        if (event.path === "" || this.#result !== undefined) return;
        await this.#takeAt(event);
    }
    if (this.#moves !== moves) await this.#stand();
  }

  async #takeAt(event: JournalEvent): Promise<void> {
    if (this.#isSkipped(event.path)) return;
    const path = ownPath(event.path);
    for (let i = 0; !this.#operations.has(path); i++) {
      if (i === PATIENCE_TURNS || this.#result !== undefined) {
        return this.#end(changed(this.#options.workflow, event));
      }
      await turn();
    }
    const operation = this.#operations.get(path);
    if (operation === undefined || operation.isOver) return;
    // What was only begun is to be gone on with.
    if (!ENDS.has(event.type)) return;
    this.#moved();
    if (event.type === "TASK_RETRYING" || event.path !== path) {
      return this.#follow(operation, event);
    }
    this.#fresh.delete(keyOf(event));
    this.#issue(settle(operation, event));
    if (operation.isOver) this.#close();
  }

  /** What is not the operation's own end: its retry, and its time limit. */
  #follow(operation: Operation, event: JournalEvent): void {
    this.#fresh.delete(keyOf(event));
    if (event.type === "TASK_RETRYING") {
      this.#fresh.delete(`record ${keyOf(event)}`);
      return this.#issue([retryTimer(event)]);
    }
    if (event.type !== "TIMER_FIRED") return;
    if (event.path.endsWith("/retry")) {
      return this.#issue(nextTry(operation, event.attempt));
    }
    this.#withdraw(operation, event);
    operation.resolve(undefined);
  }

  #takeSignal(event: JournalEvent): void {
    const waiting = this.#signals.take(event);
    if (waiting === undefined) return;
    this.#moved();
    this.#giveSignal(waiting, event);
    // Whoever drives it takes all that wait for the name for served.
    for (const other of this.#signals.waiting(event.name)) {
      this.#issue(other.commands.slice(0, 1));
    }
  }

  #giveSignal(operation: Operation, event: JournalEvent): void {
    this.#withdraw(operation);
    operation.resolve(event.data);
  }

  /** Takes back what is being done for an operation, and lets it be over. */
  #withdraw(operation: Operation, fired?: JournalEvent): void {
    if (operation.isOver) return;
    operation.isOver = true;
    if (operation.kind === "signal") this.#signals.leave(operation);
    for (const command of withdrawals(operation)) {
      const key = keyOf(command);
      const isDone = fired !== undefined && keyOf(fired) === key;
      // What nobody was told of needs no taking back.
      if (!this.#fresh.delete(key) && !isDone) this.#fresh.set(key, command);
    }
    this.#close();
  }

  #close(): void {
    this.#open--;
    this.#moved();
  }

  #issue(commands: readonly Command[]): void {
    for (const command of commands) {
      const key = keyOf(command);
      // A try that is recorded and its event have one key in the journal.
      const isRecord = command.kind === "record";
      this.#fresh.set(isRecord ? `record ${key}` : key, command);
    }
  }

  #moved(): void {
    this.#moves++;
    this.#onMove?.();
    if (this.#settling !== undefined) return;
    // Something that is no event let it go on: it must be asked anew.
    this.#isUnsettled = true;
    this.#wake();
  }

  #isSkipped(path: string): boolean {
    const [, list = "", index = "", name = ""] = path.split("/");
    return this.#skipped.has(`/${list}/${index}/${name}`);
  }

  #end(failure: Failure): void {
    const shown = this.#mask?.failure(failure) ?? failure;
    this.#result ??= { kind: "failed", failure: shown };
    this.#moved();
  }

  /** Runs the tasks one after another; none whose end is in the journal. */
  async #run(): Promise<void> {
    const problem = this.#options.inputProblem(this.#input);
    if (problem !== undefined) {
      const detail = `The input of workflow "${this.#options.workflow}" does ` +
        `not fit its schema: ${problem}`;
      return this.#end(failureOf("validation", detail));
    }
    let value = this.#input;
    for (const [i, task] of this.#options.functions.entries()) {
      const path = pathOf(i, task.name);
      const given = this.#given.get(path);
      if (given !== undefined) {
        this.#skipped.add(path);
        value = given;
        continue;
      }
      const outcome = await this.#runTask(task, path, value);
      if (outcome.kind === "failed") return this.#end(outcome.failure);
      value = outcome.output;
    }
    this.#result ??= { kind: "done", output: value };
    this.#moved();
  }

  async #runTask(
    task: MachineTask,
    path: string,
    input: Json,
  ): Promise<Exclude<Decision, { kind: "blocked" }>> {
    try {
      const output = toJournal(await task.run(this.#scope(path), input));
      return { kind: "done", output: await this.#record(task, path, output) };
    } catch (error) {
      const failure = { ...failureOfError(error), instance: path };
      const shown = this.#mask?.failure(failure) ?? failure;
      await this.#record(task, path, failureToJson(shown), "TASK_FAILED");
      return { kind: "failed", failure: shown };
    }
  }

  /** Writes a task's end down; gives what the journal has of it. */
  async #record(
    { name }: MachineTask,
    path: string,
    data: Json,
    type: "TASK_COMPLETED" | "TASK_FAILED" = "TASK_COMPLETED",
  ): Promise<Json> {
    const hidden = this.#mask?.json(data) ?? data;
    const command: Command = {
      kind: "record",
      type,
      path,
      name,
      attempt: 1,
      data: hidden,
    };
    const commands = [command];
    const asked = { path, name, kind: "record" as const, commands };
    await this.#ask(asked).catch(() => undefined);
    return hidden;
  }

  #ask(asked: Parameters<typeof newOperation>[0]): Promise<Json | undefined> {
    const operation = newOperation(asked);
    this.#byPromise.set(operation.promise, operation);
    this.#operations.set(operation.path, operation);
    this.#open++;
    if (this.#operations.size > OPERATIONS_MAX) {
      this.#end(failureOf(
        "runtime",
        `Cannot go on: the function asked for ${OPERATIONS_MAX} things, split ` +
          "the work into workflows of their own",
      ));
    }
    for (const command of asked.commands) {
      // The event of a record is its own: it is taken as its end.
      this.#fresh.set(keyOf(command), command);
    }
    this.#moved();
    return operation.promise;
  }

  #askSignal(
    asked: Parameters<typeof newOperation>[0],
  ): Promise<Json | undefined> {
    const promise = this.#ask(asked);
    const operation = this.#byPromise.get(promise);
    if (operation === undefined) return promise;
    const early = this.#signals.wait(operation);
    if (early !== undefined) this.#giveSignal(operation, early);
    return promise;
  }

  async #aside<T>(work: Promise<T>): Promise<T> {
    this.#asides++;
    try {
      return await work;
    } finally {
      this.#asides--;
      this.#moved();
    }
  }

  #place(task: string, kind: ServedKind, name: string): string {
    if (name === "") {
      throw invalidArgument(`Cannot ask for a ${kind} without a name`);
    }
    const key = servedPath(task, { kind, name, visit: 1 });
    const visit = (this.#visits.get(key) ?? 0) + 1;
    this.#visits.set(key, visit);
    return servedPath(task, { kind, name, visit });
  }

  #scope(path: string): Scope {
    return {
      options: this.#options,
      path,
      nowMs: () => this.#nowMs,
      place: (kind, name) => this.#place(path, kind, name),
      ask: (operation) => this.#ask(operation),
      askSignal: (operation) => this.#askSignal(operation),
      stand: (promise, asked) => {
        const operation = this.#byPromise.get(asked);
        if (operation !== undefined) this.#byPromise.set(promise, operation);
        return promise;
      },
      withdraw: (promise) => {
        const operation = this.#byPromise.get(promise);
        if (operation !== undefined) this.#withdraw(operation);
      },
      aside: (work) => this.#aside(work),
      hide: (value) => this.#mask?.json(value) ?? value,
    };
  }
}
