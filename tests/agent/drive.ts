/**
 * Drives a machine in memory, as the engine does with a store: for tests of
 * agents that need no engine.
 *
 * @module
 */

import type {
  Activity,
  ActivityDelta,
  Command,
  Decision,
  EventType,
  JournalEvent,
  Machine,
} from "../../src/model/durable.ts";
import { failureToJson } from "../../src/model/failure.ts";
import type { Json } from "../../src/model/json.ts";
import type { RunSecrets } from "../../src/model/mask.ts";

/** How a machine is driven. */
export interface DriveOptions {
  readonly activities: Readonly<Record<string, Activity>>;
  /** What an earlier owner wrote; a new one begins after it. */
  readonly journal?: readonly JournalEvent[];
  readonly executionId?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** What the run may open, and what hides it, as the engine does both. */
  readonly secrets?: RunSecrets;
  readonly workingDirectory?: string;
  readonly signal?: AbortSignal;
  readonly onDelta?: (delta: ActivityDelta) => void;
  readonly now?: () => number;
}

/** What came of it. */
export interface Driven {
  readonly journal: readonly JournalEvent[];
  readonly end: Exclude<Decision, { kind: "blocked" }>;
  /** The paths that were carried out here. */
  readonly ran: readonly string[];
}

type Run = Extract<Command, { kind: "run" }>;

/** Drives a machine to its end. */
export async function drive(
  machine: Machine,
  options: DriveOptions,
): Promise<Driven> {
  const journal: JournalEvent[] = [];
  const ran: string[] = [];
  const inFlight = new Map<string, Promise<void>>();
  const now = options.now ?? Date.now;
  function append(
    type: EventType,
    task: { path: string; name: string; attempt: number },
    data: Json,
  ): void {
    const sequence = journal.length + 1;
    const { path, name, attempt } = task;
    add({ sequence, timeMs: now(), type, path, name, attempt, data });
  }
  function add(event: JournalEvent): void {
    journal.push(event);
    machine.apply(event);
  }
  async function carryOut(command: Run): Promise<void> {
    const activity = options.activities[command.request.activity];
    if (activity === undefined) throw new Error("no such activity");
    const { secrets } = options;
    const mask = await secrets?.mask();
    const given = await activity(command.request.input, {
      executionId: options.executionId ?? "aex-test",
      path: command.path,
      name: command.name,
      attempt: command.attempt,
      idempotencyKey: `aex-test${command.path}#${command.attempt}`,
      signal: options.signal ?? new AbortController().signal,
      variables: options.variables ?? {},
      workingDirectory: options.workingDirectory ?? Deno.cwd(),
      emit: (delta) => options.onDelta?.(delta),
      ...(secrets === undefined || mask === undefined ? {} : {
        secrets: {
          names: secrets.names,
          open: (names) => secrets.open(names, { path: command.path }),
          hide: mask.text,
        },
      }),
    });
    const outcome = mask?.outcome(given) ?? given;
    inFlight.delete(command.path);
    if (outcome.kind === "completed") {
      append("TASK_COMPLETED", command, outcome.output);
    } else {
      append("TASK_FAILED", command, failureToJson(outcome.failure));
    }
  }
  const run = { path: "", name: "", attempt: 0 };
  for (const event of options.journal ?? []) add(event);
  if (journal.length === 0) append("EXECUTION_CREATED", run, null);
  append("EXECUTION_STARTED", run, { epoch: 1 });
  for (;;) {
    const decision = machine.decide();
    if (decision.kind !== "blocked") {
      await Promise.all(inFlight.values());
      return { journal, end: decision, ran };
    }
    let recorded = false;
    for (const command of decision.commands) {
      if (command.kind === "record") {
        append(command.type, command, command.data);
        recorded = true;
      } else if (command.kind === "run") {
        ran.push(command.path);
        append("TASK_STARTED", command, null);
        inFlight.set(command.path, carryOut(command));
      }
    }
    if (recorded) continue;
    if (inFlight.size === 0) throw new Error("the machine is stuck");
    await Promise.race(inFlight.values());
  }
}
