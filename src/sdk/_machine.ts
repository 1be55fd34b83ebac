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

import type { Decision, JournalEvent, Machine } from "../model/durable.ts";
import { invalidArgument } from "../model/error.ts";
import { type Failure, failureOf } from "../model/failure.ts";
import type { Json } from "../model/json.ts";
import type { Mask } from "../model/mask.ts";
import { type ServedKind, servedPath } from "../model/served.ts";
import { Asked } from "./_asked.ts";
import type { AskedFor } from "./_operation.ts";
import { changed, keyOf, ownPath, pathOf } from "./_places.ts";
import type { DurableMachineOptions, Scope } from "./_scope.ts";
import { type Result, runTasks } from "./_tasks.ts";
import { type AtWork, openAtWork, refuseWithin } from "./_within.ts";
import { failureOfError, ofContext, StepError } from "./step_error.ts";

/** Turns that a function has to come to what the journal says comes next. */
const PATIENCE_TURNS = 50;
/** What a function may ask for at the most. */
const OPERATIONS_MAX = 100_000;

/** Letters of a name at the most. */
const NAME_LENGTH_MAX = 1000;

/** Events that a command is over with. */
const ENDS: ReadonlySet<JournalEvent["type"]> = new Set<JournalEvent["type"]>([
  "TASK_COMPLETED",
  "TASK_FAILED",
  "TASK_RETRYING",
  "TIMER_FIRED",
]);

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
  readonly #asked: Asked = new Asked(() => this.#moved());
  readonly #visits: Map<string, number> = new Map();
  /** Tries of which the journal has it that another one was made. */
  readonly #retried: Set<string> = new Set();
  /** What tasks gave that ended before this machine was made. */
  readonly #given: Map<string, Json> = new Map();
  readonly #skipped: Set<string> = new Set();
  #input: Json = null;
  #nowMs = 0;
  #begun = false;
  #asides = 0;
  /** Counts what the function did. */
  #moves = 0;
  #onMove: (() => void) | undefined;
  #settling: Promise<void> | undefined;
  #isUnsettled = false;
  #mask: Mask | undefined;
  #atWork: AtWork | undefined;
  #result: Result | undefined;
  #wake: () => void = () => undefined;

  constructor(options: DurableMachineOptions) {
    this.#options = options;
  }

  apply(event: JournalEvent): void {
    this.#queue.push(event);
    if (event.type === "TASK_RETRYING") this.#retried.add(keyOf(event));
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
    // It is known to settle before it does: what it does may ask.
    return this.#settling = Promise.resolve()
      .then(() => this.#settle())
      .catch((error) => this.#end(failureOfError(error)))
      .then(() => {
        this.#settling = undefined;
      });
  }

  decide(): Decision {
    // Who failed has nothing more to be done.
    if (this.#result?.kind === "failed") return this.#result;
    const commands = this.#asked.commands();
    if (commands.length > 0) return { kind: "blocked", commands };
    return this.#result ?? { kind: "blocked", commands: [] };
  }

  tasks(): readonly [] {
    return [];
  }

  async #settle(): Promise<void> {
    this.#mask ??= await this.#options.secrets?.mask();
    this.#atWork ??= await openAtWork();
    if (this.#isUnsettled) await this.#stand();
    for (let i = 0; i < this.#queue.length; i++) {
      const event = this.#queue[i];
      if (event !== undefined) await this.#take(event);
    }
    this.#queue = [];
    this.#asked.isCaughtUp();
    this.#isUnsettled = false;
  }

  /** Lets the function go on until it stands still. */
  async #stand(): Promise<void> {
    while (true) {
      const moves = this.#moves;
      await turn();
      if (this.#moves !== moves) continue;
      const isWaiting = this.#asked.isOpen && this.#asides === 0;
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
        this.#asked.takeSignal(event);
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
    for (let turns = 0; this.#asked.at(path) === undefined; turns++) {
      if (this.#result !== undefined) return;
      if (turns === PATIENCE_TURNS) {
        if (!this.#asked.failOldest()) return this.#noteChange(event);
        turns = 0;
      }
      await turn();
    }
    const operation = this.#asked.at(path);
    if (operation === undefined) return;
    operation.isSeen = true;
    // What was only begun is to be gone on with.
    if (!ENDS.has(event.type) || operation.isWithdrawn) return;
    if (operation.isOver) return this.#noteChange(event);
    this.#asked.take(operation, event, this.#retried.has(keyOf(event)));
  }

  /** Fails: the journal is not one of this program. */
  #noteChange(event: JournalEvent): void {
    const { workflow } = this.#options;
    this.#end(changed(workflow, event, this.#asked.unseen()));
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

  async #run(): Promise<void> {
    const result = await runTasks({
      options: this.#options,
      input: this.#input,
      given: this.#given,
      skip: (path) => void this.#skipped.add(path),
      mask: this.#mask,
      scope: (path) => this.#scope(path),
    });
    if (result.kind === "failed") return this.#end(result.failure);
    this.#result ??= result;
    this.#moved();
  }

  #ask(asked: AskedFor): Promise<Json | undefined> {
    if (this.#asked.size >= OPERATIONS_MAX) {
      this.#end(failureOf(
        "runtime",
        `Cannot go on: the function asked for ${OPERATIONS_MAX} things, split ` +
          "the work into workflows of their own",
      ));
    }
    return asked.kind === "signal"
      ? this.#asked.askSignal(asked)
      : this.#asked.ask(asked);
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
    if (typeof name !== "string" || name === "") {
      throw invalidArgument(`Cannot ask for a ${kind} without a name`);
    }
    if (name.length > NAME_LENGTH_MAX || name.includes("\0")) {
      throw invalidArgument(
        `Cannot ask for ${kind} ${
          JSON.stringify(name.slice(0, 20))
        }…: a name ` +
          `has up to ${NAME_LENGTH_MAX} letters, and none is NUL`,
      );
    }
    if (this.#hide(name) !== name) {
      throw new StepError(failureOf(
        "configuration",
        `Cannot name a ${kind} after a secret: its name is written down`,
      ));
    }
    const asked = { machine: this, kind, name };
    refuseWithin(this.#atWork?.getStore(), asked);
    const key = servedPath(task, { kind, name, visit: 1 });
    const visit = (this.#visits.get(key) ?? 0) + 1;
    this.#visits.set(key, visit);
    return servedPath(task, { kind, name, visit });
  }

  #hide(value: Json): Json {
    return this.#mask?.json(value) ?? value;
  }

  #scope(path: string): Scope {
    return {
      options: this.#options,
      path,
      nowMs: () => this.#nowMs,
      place: (kind, name) => {
        try {
          return this.#place(path, kind, name);
        } catch (error) {
          throw error instanceof Error ? ofContext(error) : error;
        }
      },
      ask: (asked) => this.#ask(asked),
      stand: (promise, asked) => {
        this.#asked.stand(promise, asked);
        return promise;
      },
      withdraw: (promise) => this.#asked.withdraw(promise),
      giveUp: () => this.#asked.withdrawBeneath(path),
      aside: (work) => this.#aside(work),
      within: (name, run) =>
        this.#atWork === undefined
          ? run()
          : this.#atWork.run({ machine: this, name }, run),
      hide: (value) => this.#hide(value),
    };
  }
}
