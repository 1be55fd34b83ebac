/**
 * What a durable function asked for: the operations that it waits for, and the
 * commands that were not carried out yet.
 *
 * @module
 */

import type { Command, JournalEvent } from "../model/durable.ts";
import type { Json } from "../model/json.ts";
import {
  type AskedFor,
  copyOf,
  fail,
  misfitNote,
  newOperation,
  type Operation,
  settle,
  withdrawals,
} from "./_operation.ts";
import { keyOf, nextTry, retryTimer } from "./_places.ts";
import { Signals } from "./_signals.ts";

/** What one execution asked for. */
export class Asked {
  readonly #fresh: Map<string, Command> = new Map();
  readonly #operations: Map<string, Operation> = new Map();
  readonly #byPromise: WeakMap<object, Operation> = new WeakMap();
  readonly #signals: Signals = new Signals();
  /** Failed tries that are made again because the program says so alone. */
  #unproven: { operation: Operation; event: JournalEvent }[] = [];
  #open = 0;
  readonly #moved: () => void;

  /** Begins with nothing; `moved` is called whenever the function may go on. */
  constructor(moved: () => void) {
    this.#moved = moved;
  }

  /** How much was asked for. */
  get size(): number {
    return this.#operations.size;
  }

  /** Whether anything is waited for. */
  get isOpen(): boolean {
    return this.#open > 0;
  }

  /** What was asked for at a path. */
  at(path: string): Operation | undefined {
    return this.#operations.get(path);
  }

  /** What is waited for that the journal does not tell of. */
  unseen(): Operation | undefined {
    return this.#operations.values()
      .find(({ isSeen, isOver }) => !isSeen && !isOver);
  }

  /** Gives the commands that are to be carried out, once. */
  commands(): Command[] {
    const commands = [...this.#fresh.values()];
    this.#fresh.clear();
    return commands;
  }

  /** Asks for something. */
  ask(asked: AskedFor): Promise<Json | undefined> {
    const operation = newOperation(asked);
    this.#byPromise.set(operation.promise, operation);
    this.#operations.set(operation.path, operation);
    this.#open++;
    for (const command of asked.commands) {
      // The event of a record is its own: it is taken as its end.
      this.#fresh.set(keyOf(command), command);
    }
    this.#moved();
    return operation.promise;
  }

  /** Asks for a signal; one that came early is given at once. */
  askSignal(asked: AskedFor): Promise<Json | undefined> {
    const promise = this.ask(asked);
    const operation = this.#byPromise.get(promise);
    if (operation === undefined) return promise;
    const early = this.#signals.wait(operation);
    if (early === undefined) this.#noteMisfits(operation);
    else this.#giveSignal(operation, early);
    return promise;
  }

  /** Has a promise stand for another one that was asked for. */
  stand(promise: object, asked: object): void {
    const operation = this.#byPromise.get(asked);
    if (operation !== undefined) this.#byPromise.set(promise, operation);
  }

  /** Withdraws what a promise stands for, unless it is over. */
  withdraw(promise: object): void {
    const operation = this.#byPromise.get(promise);
    if (operation !== undefined) this.#withdraw(operation);
  }

  /** Withdraws all that is waited for beneath a path. */
  withdrawBeneath(path: string): void {
    const left = this.#operations.values().filter((it) =>
      !it.isOver && it.path.startsWith(`${path}/`)
    );
    for (const operation of left) this.#withdraw(operation);
  }

  /**
   * Takes an event of an operation.
   *
   * @param isRetried Whether the journal has it that a failed try is made again.
   */
  take(operation: Operation, event: JournalEvent, isRetried: boolean): void {
    this.#moved();
    this.#fresh.delete(keyOf(event));
    if (event.type === "TASK_RETRYING" || event.path !== operation.path) {
      return this.#follow(operation, event);
    }
    const instead = settle(operation, event, isRetried);
    if (instead.length > 0) this.#unproven.push({ operation, event });
    this.#issue(instead);
    if (operation.isOver) this.#close();
  }

  /** Takes a signal in, for whoever waits for it or will. */
  takeSignal(event: JournalEvent): void {
    const taker = this.#signals.take(event);
    const [first] = this.#signals.waiting(event.name);
    if (taker !== undefined) {
      this.#moved();
      this.#giveSignal(taker, event);
    } else if (first !== undefined) this.#noteMisfits(first);
    // Whoever drives it takes all that wait for the name for served.
    for (const other of this.#signals.waiting(event.name)) {
      this.#issue(other.commands.slice(0, 1));
    }
  }

  /**
   * Takes the oldest failed try for the last one: the journal goes on as if
   * it was, so that the program must have said so when it was written.
   *
   * @returns Whether there was one.
   */
  failOldest(): boolean {
    const first = this.#unproven.shift();
    if (first === undefined) return false;
    this.#fresh.delete(recordKey(first.event));
    fail(first.operation, first.event);
    this.#close();
    return true;
  }

  /** Notes that the whole journal was taken: from here on the program says. */
  isCaughtUp(): void {
    this.#unproven = [];
  }

  /** What is not an operation's own end: its retry, and its time limit. */
  #follow(operation: Operation, event: JournalEvent): void {
    if (event.type === "TASK_RETRYING") {
      this.#fresh.delete(recordKey(event));
      // It tells of a signal that was passed over: the wait goes on as it was.
      if (operation.kind === "signal") return;
      return this.#issue([retryTimer(event)]);
    }
    if (event.type !== "TIMER_FIRED") return;
    if (event.path.endsWith("/retry")) {
      return this.#issue(nextTry(operation, event.attempt));
    }
    this.#withdraw(operation, event);
    operation.resolve(undefined);
  }

  #giveSignal(operation: Operation, event: JournalEvent): void {
    this.#withdraw(operation);
    operation.resolve(copyOf(event.data));
  }

  #noteMisfits(operation: Operation): void {
    const misfits = this.#signals.misfits(operation);
    this.#issue(misfits.map((it) => misfitNote(operation, it)));
  }

  /** Takes back what is being done for an operation, and lets it be over. */
  #withdraw(operation: Operation, fired?: JournalEvent): void {
    if (operation.isOver) return;
    operation.isOver = true;
    operation.isWithdrawn = true;
    if (operation.kind === "signal") {
      this.#signals.leave(operation);
      this.#fresh.delete(recordKey({ path: operation.path, attempt: 1 }));
    }
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
      const isRecord = command.kind === "record";
      this.#fresh.set(isRecord ? recordKey(command) : keyOf(command), command);
    }
  }
}

/** The key of what is recorded: a try and its end have one in the journal. */
function recordKey(about: Parameters<typeof keyOf>[0]): string {
  return `record ${keyOf(about)}`;
}
