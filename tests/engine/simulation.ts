/**
 * Drives a machine in memory, with time and chance of its own: results come
 * in any order, and a crash throws the machine away at any moment.
 *
 * @module
 */

import assert from "node:assert/strict";
import { eventPath, listenPath } from "../../src/engine/listen_path.ts";
import type {
  ActivityOutcome,
  CloudEvent,
  Command,
  Decision,
  EventType,
  JournalEvent,
  Machine,
} from "../../src/model/durable.ts";
import { failureToJson } from "../../src/model/failure.ts";
import type { Json } from "../../src/model/json.ts";

/** An effect as the simulation sees it. */
export type Effect = Extract<Command, { kind: "run" | "child" }>;

/** A signal that is waited for. */
export type Signal = Extract<Command, { kind: "signal" }>;

/** How a simulation goes. */
export interface SimulationOptions {
  readonly input: Json;
  /** What effects give; `undefined` means that it never ends. */
  readonly answer?: (
    effect: Effect,
    nowMs: number,
  ) => ActivityOutcome | undefined;
  /** What signals carry; `undefined` means that it never comes. */
  readonly reply?: (signal: Signal, nowMs: number) => Json | undefined;
  /** Events that came before it began; those it emits come after them. */
  readonly events?: readonly CloudEvent[];
  /** Chance; default always the first that can happen. */
  readonly random?: () => number;
  /** How likely a crash is before each event, from 0 to 1. */
  readonly crash?: number;
}

/** What came of it. */
export interface SimulationResult {
  readonly decision: Decision;
  readonly journal: readonly JournalEvent[];
  readonly machine: Machine;
  /** Effects started, in order, those after a crash again. */
  readonly effects: readonly Effect[];
  /** Events kept, those that it emitted at the end. */
  readonly events: readonly CloudEvent[];
  readonly nowMs: number;
  readonly crashes: number;
}

const EVENTS_MAX = 200_000;
const START_MS = Date.UTC(2026, 0, 1);

/** Runs a machine to its end, or to where nothing more can happen. */
export function simulate(
  createMachine: () => Machine,
  options: SimulationOptions,
): SimulationResult {
  const random = options.random ?? (() => 0);
  const journal: JournalEvent[] = [];
  const effects: Effect[] = [];
  const events: CloudEvent[] = [...options.events ?? []];
  const once = new Set<string>();
  const outstanding = new Map<string, Command>();
  const due = new Map<string, number>();
  let machine = createMachine();
  let nowMs = START_MS;
  let crashes = 0;

  function append(
    type: EventType,
    about: { path: string; name: string; attempt: number },
    data: Json,
  ): void {
    const { path, name, attempt } = about;
    const sequence = journal.length + 1;
    const event = { sequence, timeMs: nowMs, type, path, name, attempt, data };
    if (path !== "") {
      const key = `${type} ${attempt} ${path}`;
      assert.ok(!once.has(key), `recorded twice: ${key}`);
      once.add(key);
    }
    journal.push(event);
    machine.apply(event);
  }

  function carryOut(command: Command): void {
    const key = `${command.attempt} ${command.path}`;
    switch (command.kind) {
      case "record":
        return append(command.type, command, command.data);
      case "emit":
        events.push(command.event);
        return append("TASK_COMPLETED", command, command.event);
      case "cancel":
        assert.ok(outstanding.delete(key), `cancels what is not there: ${key}`);
        due.delete(key);
        return;
      case "timer": {
        const set = journal.find((it) =>
          it.type === "TIMER_SET" && it.path === command.path &&
          it.attempt === command.attempt
        );
        const known = command.dueAtMs ??
          (set === undefined ? undefined : set.timeMs + command.delayMs);
        if (known === undefined) {
          append("TIMER_SET", command, { dueAtMs: nowMs + command.delayMs });
        }
        due.set(key, known ?? nowMs + command.delayMs);
        break;
      }
      case "run":
      case "child":
        effects.push(command);
        break;
      case "listen":
      case "signal":
        break;
    }
    assert.ok(!outstanding.has(key), `asked for twice: ${key}`);
    outstanding.set(key, command);
  }

  function settle(): Decision {
    for (let i = 0; i < EVENTS_MAX; i++) {
      const decision = machine.decide();
      if (decision.kind !== "blocked") return decision;
      if (decision.commands.length === 0) return decision;
      for (const command of decision.commands) carryOut(command);
    }
    throw new Error("the machine never settles");
  }

  function crash(): void {
    crashes++;
    machine = createMachine();
    for (const event of journal) machine.apply(event);
    outstanding.clear();
    due.clear();
    append("EXECUTION_STARTED", { path: "", name: "", attempt: 0 }, {
      epoch: crashes + 1,
    });
  }

  append(
    "EXECUTION_CREATED",
    { path: "", name: "", attempt: 0 },
    options.input,
  );
  append("EXECUTION_STARTED", { path: "", name: "", attempt: 0 }, { epoch: 1 });
  for (let i = 0; i < EVENTS_MAX; i++) {
    const decision = settle();
    if (decision.kind !== "blocked") {
      return { decision, journal, machine, effects, events, nowMs, crashes };
    }
    if (options.crash !== undefined && random() < options.crash) {
      crash();
      continue;
    }
    const ready = [...outstanding.values()].map((it) => ({
      it,
      outcome: outcomeOf(it),
    })).filter(({ outcome }) => outcome !== undefined);
    const timers = [...outstanding.values()].filter((it) => it.kind === "timer")
      .sort((a, b) => dueOf(a) - dueOf(b));
    const choices = [
      ...ready,
      ...timers.slice(0, 1).map((it) => ({ it, outcome: undefined })),
    ];
    const first = ready.length > 0 ? ready : choices;
    const choice = first[Math.floor(random() * first.length)];
    if (choice === undefined) {
      return { decision, journal, machine, effects, events, nowMs, crashes };
    }
    const { it, outcome } = choice;
    if (it.kind !== "listen") {
      outstanding.delete(`${it.attempt} ${it.path}`);
    }
    nowMs += 1;
    if (it.kind === "listen" && outcome?.kind === "completed") {
      const path = eventPath(it.path, takenBy(it));
      append("EVENT_RECEIVED", { ...it, path }, outcome.output);
    } else if (it.kind === "signal" && outcome?.kind === "completed") {
      const about = { path: "", name: it.name, attempt: 0 };
      append("SIGNAL_RECEIVED", about, outcome.output);
    } else if (outcome === undefined) {
      nowMs = Math.max(nowMs, dueOf(it));
      append("TIMER_FIRED", it, null);
    } else if (outcome.kind === "completed") {
      append("TASK_COMPLETED", it, outcome.output);
    } else {
      append("TASK_FAILED", it, failureToJson(outcome.failure));
    }
  }
  throw new Error("the run never ends");

  function outcomeOf(it: Command): ActivityOutcome | undefined {
    switch (it.kind) {
      case "run":
      case "child":
        return options.answer?.(it, nowMs);
      case "signal": {
        const payload = options.reply?.(it, nowMs);
        return payload === undefined
          ? undefined
          : { kind: "completed", output: payload };
      }
      case "listen": {
        const event = nextFor(it);
        return event === undefined
          ? undefined
          : { kind: "completed", output: event };
      }
      default:
        return undefined;
    }
  }

  /** How many events a task that listens took. */
  function takenBy({ path, attempt }: Omit<Listening, "kind">): number {
    return journal.filter((it) =>
      it.type === "EVENT_RECEIVED" && it.attempt === attempt &&
      listenPath(it.path) === path
    ).length;
  }

  /** The first event that it takes. */
  function nextFor(command: Listening): CloudEvent | undefined {
    return events.find((event) => command.accepts(event));
  }

  function dueOf(command: Command): number {
    return due.get(`${command.attempt} ${command.path}`) ?? nowMs;
  }
}

type Listening = Extract<Command, { kind: "listen" }>;

/** Chance from a seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
